"""The clips of a split as normalised features, in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from robomem.errors import DataError
from robomem.motion.motion_set import Entry, MotionSet

__all__ = ["Clips", "clips_of"]

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Clips:
    """Clips to learn from.

    Attributes:
        entries: words, segments and names.
        features: of each, [T, D], less the mean and over the deviation of the data set.
    """

    entries: tuple[Entry, ...]
    features: tuple[Float32, ...]

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """[clips] frames of each."""
        return np.array([len(each) for each in self.features], dtype=np.int64)


def clips_of(motion_set: MotionSet, split: str, mean: Float32, std: Float32) -> Clips:
    """Return the clips of a split.

    Args:
        motion_set: of which.
        split: which.
        mean: [D] of the features.
        std: [D] of the features.

    Raises:
        DataError: there is none to learn from.
    """
    entries = tuple(motion_set.of(split).entries)
    if split == "train" and not entries:
        raise DataError("The data set has no clip in its split train, so that there is nothing to learn.")
    encode = motion_set.features().encode
    return Clips(entries, tuple(((encode(entry.clip) - mean) / std).astype(np.float32) for entry in entries))
