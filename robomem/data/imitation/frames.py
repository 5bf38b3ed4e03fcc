"""All frames of all demonstrations as arrays. Letters: E episodes, F frames of all of them, A numbers of an action."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.types import BoolArray, IntArray

__all__ = ["Frames"]


@dataclass(frozen=True)
class Frames:
    """Frames, episode after episode.

    Attributes:
        observation: by the environment's names, each [F, ...]: pictures uint8, perhaps in a file, numbers float32.
        action: [F, A] float32.
        time: [F] int64, steps since the episode began.
        task: [F] int64, number of what is to be done.
        texts: that in words.
        first, length: [E] int64, of each episode.
        cue: [F] int64, which thing is to be remembered, -1 where nobody knows; None if the data do not say.
        event: [F] bool, a cue is in sight or a decision is due; None if the data do not say.
        imitate: [F] bool, False where another than the one to be imitated acted.
        happening: [F] int64, what is going on, 0 for nothing; None if the data do not say.
        history: [F, E] int64, what had begun to go on before, oldest first, then zeros; None likewise.
    """

    observation: dict[str, npt.NDArray[Any]]
    action: npt.NDArray[np.float32]
    time: IntArray
    task: IntArray
    texts: tuple[str, ...]
    first: IntArray
    length: IntArray
    cue: IntArray | None
    event: BoolArray | None
    imitate: BoolArray
    happening: IntArray | None = None
    history: IntArray | None = None

    def __len__(self) -> int:
        return len(self.action)

    @property
    def episodes(self) -> int:
        """How many there are."""
        return len(self.first)

    @property
    def end(self) -> IntArray:
        """[F] the frame after the last one of each frame's episode."""
        return np.repeat(self.first + self.length, self.length)
