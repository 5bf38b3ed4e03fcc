"""A reader that answers from statements by rules: the same for every system, so that memories are compared alone."""

from __future__ import annotations

from collections.abc import Sequence

from robomem.evaluate.memory.questions import Answer, Question
from robomem.evaluate.memory.statement import WHOLE, Statement
from robomem.lifelong import Trust
from robomem.lifelong.store.names import normal
from robomem.lifelong.store.relations import BUILT_IN, PLACE

__all__ = ["read"]

_PLACES = {name for name, kind in BUILT_IN.items() if kind.grouping == PLACE}


def read(question: Question, statements: Sequence[Statement]) -> Answer:
    """Return the answer to a question: of what bears on it, the newest wins.

    Statements of strangers, and disputed ones, count only where there is nothing else. That something is at a place
    does not count where a later statement says that the place was seen whole.
    """
    if question.form == "value":
        values = [one for one in statements if _prefers(question, one)]
        newest = _newest(_current(values, None))
        return Answer(value=newest.target) if newest else Answer()
    named = {normal(question.name)}
    about = [one for one in statements if one.relation in _PLACES and named & set(map(normal, one.names))]
    whole = [one for one in statements if one.relation == WHOLE]
    if question.form == "last seen":
        newest = _newest([one for one in about if one.trust >= Trust.SENSOR and one.trust != Trust.USER])
        return Answer(frozenset((newest.target,)), time=newest.time) if newest else Answer()
    there = [one for one in _current(about, question.time) if not _left(one, whole, question.time)]
    if question.form == "where all":
        return Answer(frozenset(one.target for one in _each(_best(there))))
    newest = _newest(there)
    return Answer(frozenset((newest.target,))) if newest else Answer()


def _prefers(question: Question, one: Statement) -> bool:
    whole = normal(f"{question.name}'s {question.relation}")
    names = set(map(normal, one.names))
    said = normal(question.name) in names and normal(one.relation) == normal(question.relation)
    return said or whole in names  # "Anna's favourite drink is tea", whatever relation that is read as


def _current(statements: Sequence[Statement], time: float | None) -> list[Statement]:
    """Return what holds at a time, now if None, as far as the statements say."""
    if time is None:
        return [one for one in statements if one.until is None]
    return [one for one in statements if one.since <= time and (one.until is None or one.until > time)]


def _left(one: Statement, whole: Sequence[Statement], time: float | None) -> bool:
    """Whether a place was seen whole after something was last said to be there."""
    return any(
        normal(look.names[0]) == normal(one.target) and look.time > one.time and (time is None or look.time <= time)
        for look in whole
    )


def _best(statements: Sequence[Statement]) -> list[Statement]:
    """Return the statements of the best standing that there are: undisputed, of sources that are believed."""
    ranks = [(one.disputed, one.trust == Trust.LOW) for one in statements]
    return [one for one, rank in zip(statements, ranks) if rank == min(ranks)]


def _newest(statements: Sequence[Statement]) -> Statement | None:
    return max(_best(statements), key=lambda one: (one.time, one.since), default=None)


def _each(statements: Sequence[Statement]) -> list[Statement]:
    """Return the newest of each thing; where things are not told apart, of each place."""
    newest: dict[object, Statement] = {}
    for one in statements:
        key = one.entity if one.entity is not None else normal(one.target)
        if key not in newest or newest[key].time < one.time:
            newest[key] = one
    return list(newest.values())
