"""Experience by rules: what an attempt teaches, and what a draft changes in what is known."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from robomem.errors import DataError
from robomem.lifelong.attempts import Attempt, shortened
from robomem.lifelong.module import Vector
from robomem.lifelong.polarity import contradict, normal, numbers
from robomem.lifelong.records import Item, Source, check_text, clean, finite_time
from robomem.lifelong.roles import Decision, Draft

__all__ = ["SAME", "Candidate", "cosine", "decide", "lessons"]

SAME = 0.95
"""From this cosine on, two texts are taken to say the same, unless one negates the other or their numbers differ."""


@dataclass(frozen=True)
class Candidate:
    """A draft with what rules go by.

    Attributes:
        draft: kind and text.
        source: where it comes from.
        time: when it was learnt.
        key: two with the same key are about the same; ``""`` where the text says what it is about.
        count: how often it happened; of the same key the one with the larger count stays.
        vector: unit vector [D] of the text, if there is one.
    """

    draft: Draft
    source: Source
    time: float
    key: str = ""
    count: int = 0
    vector: Vector | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        check_text(self.draft.text)
        if not clean(self.draft.text):
            raise DataError("Experience needs a text; this one has no printable character.")
        finite_time(self.time)


def decide(candidate: Candidate, similar: Sequence[Item]) -> Decision:
    """Return what a candidate changes, given the known items most like it with their scores.

    Said already: nothing, or an update where it is said with more trust now. The opposite of the same thing: an update.
    Anything else is added.
    """
    said = [one for one in similar if _same(candidate, one)]
    trust = candidate.source.trust
    if said:
        held = max(said, key=lambda one: (one.trust, -one.id))
        more = int(held.details.get("count", 0)) < candidate.count and held.trust <= trust
        return Decision("update" if held.trust < trust or more else "noop", held.id)
    if not candidate.key:
        # what may be replaced comes first, so that one that may not does not stand in its way
        against = sorted((one for one in similar if _opposite(candidate, one)), key=lambda one: one.trust > trust)
        if against:
            return Decision("update", against[0].id)
    return Decision("add")


def lessons(attempt: Attempt) -> list[Candidate]:
    """Return what an attempt teaches.

    Of actions: which failed, how often, and what was done before one worked that had failed. Of the task: the actions
    that solved it.
    """
    return [*_failures(attempt), *_preparations(attempt), *_solution(attempt)]


def _same(candidate: Candidate, item: Item) -> bool:
    key = str(item.details.get("key", ""))
    if candidate.key and key:
        return candidate.key == key
    text = candidate.draft.text
    if normal(text) == normal(item.text) and (normal(text) or text == item.text):
        return True
    return item.score >= SAME and numbers(text) == numbers(item.text) and not contradict(text, item.text)


def _opposite(candidate: Candidate, item: Item) -> bool:
    return not item.details.get("key") and contradict(candidate.draft.text, item.text)


def _failures(attempt: Attempt) -> list[Candidate]:
    failed: dict[tuple[str, str], tuple[int, str, str]] = {}
    for one in attempt.actions:
        if one.success is False:
            feedback = clean(one.feedback)[:300].rstrip(" .")
            about = normal(one.action), normal(feedback)
            times = failed.get(about, (0, "", ""))[0] + 1
            failed[about] = times, clean(one.action)[:300], feedback
    result = []
    for about, (times, action, feedback) in failed.items():
        text = f"{action} failed {times} time{'s' if times > 1 else ''}{f': {feedback}' if feedback else ''}"
        result.append(_candidate(attempt, "action", text, ("failed", *about), times))
    return result


def _preparations(attempt: Attempt) -> list[Candidate]:
    result: dict[tuple[str, str], Candidate] = {}
    failed_at: dict[str, int] = {}
    for index, one in enumerate(attempt.actions):
        name = normal(one.action)
        if one.success is False:
            failed_at[name] = index
        elif one.success and name in failed_at:
            between = [
                other
                for other in attempt.actions[failed_at.pop(name) + 1 : index]
                if other.success and normal(other.action) != name
            ]
            opened = [other for other in between if normal(other.action).startswith(("open ", "unlock "))]
            if between:
                first = (opened or between)[-1].action
                about = name, normal(first)
                text = f"to {clean(one.action)[:300]}, {clean(first)[:300]} first"
                result.setdefault(about, _candidate(attempt, "action", text, ("first", *about), 0))
    return list(result.values())


def _solution(attempt: Attempt) -> list[Candidate]:
    done = [clean(one.action) for one in attempt.actions if one.success is not False]
    steps = [action for index, action in enumerate(done) if index == 0 or action != done[index - 1]]
    if attempt.outcome != "success" or not steps:
        return []
    text = f"{clean(attempt.task)}: solved by {shortened(steps, 1500)}"
    return [_candidate(attempt, "task", text, ("solved", normal(attempt.task), *map(normal, steps)), 0)]


def _candidate(attempt: Attempt, kind: str, text: str, about: tuple[str, ...], count: int) -> Candidate:
    key = hashlib.sha256("\n".join(about).encode()).hexdigest()[:32]
    draft = Draft("task" if kind == "task" else "action", text)
    return Candidate(draft, attempt.source, attempt.time, key, count)


def cosine(one: Vector | None, other: Vector | None) -> float:
    """Return the cosine of two unit vectors; -1 where one is missing."""
    return -1.0 if one is None or other is None else float(np.dot(one, other))
