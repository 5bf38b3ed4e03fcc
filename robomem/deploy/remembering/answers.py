"""A question in plain words, and what a memory knows of it, best first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from robomem.lifelong import LifelongView, Recollection

__all__ = ["Answer", "answers"]


@dataclass(frozen=True)
class Answer:
    """Something that is remembered.

    Attributes:
        text: in words, on one line.
        score: likeness to the question, within -1 and 1.
    """

    text: str
    score: float


def answers(memory: LifelongView, query: str, limit: int, *, deadline_s: float) -> tuple[list[Answer], str]:
    """Return what a memory knows of a question, best first, and which of its parts could not be heard.

    Args:
        memory: to ask.
        query: in plain words.
        limit: at most so many answers.
        deadline_s: after which the parts that are late are left out.
    """
    recollection = memory.recall([query], deadline_s=deadline_s)
    missing = "; ".join(f"{name}: {why}" for name, why in recollection.missing.items())
    found = dict(_statements(recollection))  # the same said twice counts once
    if not found:
        return [], missing
    vectors = memory.encoder.encode([query, *found.values()])
    scores = vectors[1:] @ vectors[0]
    ranked = sorted(zip(found, scores.tolist()), key=lambda pair: -pair[1])  # stable: the memory's order decides ties
    return [Answer(text, score) for text, score in ranked[:limit]], missing


def _statements(recollection: Recollection) -> Iterator[tuple[str, str]]:
    """Yield what is said, and what of it is compared with the question."""
    for statement in recollection.statements():
        yield statement, statement
    for entity in recollection.entities:
        if entity.pose is not None:
            x, y, z = entity.pose.position
            at = f"at ({x:.2f}, {y:.2f}, {z:.2f}) m in {entity.pose.frame}"
            yield f"{entity.name} {at}, seen at {entity.last_seen:.1f} s", f"where is {entity.name}"
