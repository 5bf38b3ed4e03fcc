"""``robomem.lifelong`` as it comes, with rules instead of language models, through its public methods alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from robomem.evaluate.memory.questions import Question
from robomem.evaluate.memory.statement import Statement
from robomem.evaluate.memory.system import Beliefs, Recalled, Setting
from robomem.lifelong import Entity, Fact, LifelongMemory, Observation, Trust

__all__ = ["LifelongSystem"]


class LifelongSystem:
    """``LifelongMemory`` on a SQLite file, fully synchronous, with the rules of every role."""

    def __init__(self, setting: Setting) -> None:
        self._file = Path(setting.folder) / "memory.db"
        self._now = 0.0
        self._memory = LifelongMemory(self._file, encoder=setting.encoder, clock=lambda: self._now)

    def observe(self, observation: Observation) -> Sequence[int]:
        """Take a step in; return the ids of the entities that the sightings are taken for."""
        self._now = observation.time
        return self._memory.observe(observation).changes["spatial"].seen

    def recall(self, question: Question) -> Recalled:
        """Recall by the question's text: of the present, of the time asked about, or when it was last seen."""
        if question.form == "last seen":
            return self._last_seen(question.name)
        view = self._memory if question.time is None else self._memory.as_of(valid=question.time)
        found = view.recall([question.text])
        known = {one.id: one for one in found.entities}
        statements = tuple(
            _doubted(fact, _statement(fact, known.get(fact.subject), question.time)) for fact in found.spatial
        )
        return Recalled(statements, len(found.as_text()))

    def beliefs(self) -> Beliefs:
        """Return every fact, with what it was ended for."""
        known = {one.id: one for one in self._memory.entities()}
        facts: dict[int, Fact] = {}
        for name in sorted({one.name for one in known.values()}):
            facts |= {fact.id: fact for fact in self._memory.history(name)}
        told = [_statement(fact, known.get(fact.subject), None) for fact in facts.values()]
        return Beliefs(
            tuple(one for one in told if one.until is None and not one.disputed),
            tuple(one for one in told if one.until is not None and not one.disputed),
        )

    def close(self) -> int:
        """Return the size of the database's files once they are closed."""
        self._memory.close()
        return sum(path.stat().st_size for path in self._file.parent.glob("memory.db*"))

    def _last_seen(self, name: str) -> Recalled:
        seen = self._memory.last_seen(name)
        facts = [fact for fact in self._memory.history(name) if fact.object is not None and not fact.disputed]
        statements, lines = [], []
        for one in seen:
            lines.append(f"{one} at {one.time:.0f}")
            told = [fact for fact in facts if fact.subject == one.entity.id and fact.valid_from <= one.time]
            statements += [
                replace(_statement(fact, one.entity, None), time=one.time, trust=Trust.SENSOR)
                for fact in _newest_first(told)[:1]
            ]
        lines += [str(one.text) for one in statements]
        return Recalled(tuple(statements), sum(len(line) + 1 for line in lines))


def _newest_first(facts: Iterable[Fact]) -> list[Fact]:
    return sorted(facts, key=lambda one: (-one.valid_from, -one.id))


def _doubted(fact: Fact, one: Statement) -> Statement:
    """Return a statement as the reader takes it: what was not found where it was is not known to be there."""
    return one if one.until is not None or fact.missed_at is None else replace(one, until=fact.missed_at)


def _statement(fact: Fact, subject: Entity | None, when: float | None) -> Statement:
    """Return a fact as a statement; it was last seen to be so when its subject was last seen, if it held then."""
    names = (fact.subject_name,) if subject is None else (fact.subject_name, subject.name, *subject.aliases)
    seen = subject.last_seen if subject is not None else fact.valid_from
    holds = fact.valid_to is None or seen < fact.valid_to
    time = max(fact.valid_from, seen) if holds and (when is None or seen <= when) else fact.valid_from
    return Statement(
        tuple(dict.fromkeys(names)),
        fact.relation,
        fact.object_name or str(fact.value),
        time,
        fact.valid_from,
        fact.valid_to if when is None or fact.valid_to is None or fact.valid_to <= when else None,
        fact.trust,
        fact.disputed,
        fact.subject,
    )
