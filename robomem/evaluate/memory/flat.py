"""The usual baseline: a vector store of statements, found by likeness; nothing is ever ended."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from robomem.evaluate.memory.questions import Question
from robomem.evaluate.memory.statement import Statement, statements_of
from robomem.evaluate.memory.system import Recalled, Setting
from robomem.lifelong import Observation
from robomem.lifelong.store.names import normal

__all__ = ["FlatSystem"]


class FlatSystem:
    """A flat vector store over what observations say, a text for each statement; exact search, top-k.

    Texts are embedded without times, which sentence encoders do not compare; the reader gets the times.
    """

    def __init__(self, setting: Setting) -> None:
        self._encoder, self._top = setting.encoder, setting.top
        self._statements: list[Statement] = []
        self._vectors = np.zeros((0, setting.encoder.dimensions), np.float32)
        self._count = 0

    def observe(self, observation: Observation) -> Sequence[str]:
        """Store what is said; things are told apart by their names."""
        statements = statements_of(observation)
        if statements:
            self._append(self._encoder.encode([one.text for one in statements]))
            self._statements += statements
        return [normal(one.name) for one in observation.sightings]

    def recall(self, question: Question) -> Recalled:
        """Return the statements most like the question; of equally alike ones the newest first."""
        scores = self._vectors[: self._count] @ self._encoder.encode([question.text])[0]
        times = np.array([one.time for one in self._statements])
        order = np.lexsort((np.arange(self._count), -times, -np.round(scores, 5)))[: self._top]
        found = tuple(self._statements[index] for index in order)
        return Recalled(found, sum(len(one.text) + 1 for one in found))

    def beliefs(self) -> None:
        """Nothing is ever ended."""

    def close(self) -> int:
        """Return the bytes of vectors, texts and times."""
        return self._count * (self._vectors.shape[1] * 4 + 8) + sum(len(one.text.encode()) for one in self._statements)

    def _append(self, vectors: npt.NDArray[np.float32]) -> None:
        needed = self._count + len(vectors)
        if needed > len(self._vectors):
            grown = np.zeros((max(needed, 2 * len(self._vectors), 256), vectors.shape[1]), np.float32)
            grown[: self._count] = self._vectors[: self._count]
            self._vectors = grown
        self._vectors[self._count : needed] = vectors
        self._count = needed
