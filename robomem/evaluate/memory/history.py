"""The other usual baseline: everything that was ever said, in the prompt, as far as it fits."""

from __future__ import annotations

from collections.abc import Sequence

from robomem.evaluate.memory.questions import Question
from robomem.evaluate.memory.statement import Statement, statements_of
from robomem.evaluate.memory.system import Recalled, Setting
from robomem.lifelong import Observation
from robomem.lifelong.store.names import normal

__all__ = ["HistorySystem"]

_STAMP = len("2023-11-14 22:13 ")


class HistorySystem:
    """The whole history in context: the newest statements that fit into a budget of characters."""

    def __init__(self, setting: Setting) -> None:
        self._budget = setting.budget
        self._statements: list[Statement] = []

    def observe(self, observation: Observation) -> Sequence[str]:
        """Write down what is said; things are told apart by their names."""
        self._statements += statements_of(observation)
        return [normal(one.name) for one in observation.sightings]

    def recall(self, question: Question) -> Recalled:
        """Return the newest statements, whatever is asked."""
        found, characters = [], 0
        for one in reversed(self._statements):
            length = _STAMP + len(one.text) + 1
            if characters + length > self._budget:
                break
            found.append(one)
            characters += length
        return Recalled(tuple(found), characters)

    def beliefs(self) -> None:
        """Nothing is ever ended."""

    def close(self) -> int:
        """Return the bytes of texts with their times."""
        return sum(_STAMP + len(one.text.encode()) + 1 for one in self._statements)
