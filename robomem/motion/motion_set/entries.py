"""Clips of one body at one rate, each with its words and its split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.errors import DataError, UnknownNameError
from robomem.motion.body import Body
from robomem.motion.clip import Clip
from robomem.motion.features import Features
from robomem.motion.motion_set.packing import fingerprint
from robomem.types import FloatArray

__all__ = ["SPLITS", "Entry", "MotionSet"]

SPLITS = ("train", "val", "test")
_LEAST_STD = 1e-2
_AT_ONCE = 256  # clips whose features are in memory together


@dataclass(frozen=True)
class Entry:
    """One clip of a data set.

    Attributes:
        id: its name; no other clip of the set has it.
        texts: the clip's text, then other ways to say it.
        split: "train", "val" or "test".
        clip: the motion.

    Raises:
        DataError: no words, or the clip says others than the first of them.
    """

    id: str
    texts: tuple[str, ...]
    split: str
    clip: Clip

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise UnknownNameError("split", self.split, SPLITS)
        if not self.id or not self.texts or not all(text.strip() for text in self.texts):
            raise DataError(f"Clip {self.id!r} needs a name and words; its texts are {self.texts}.")
        if self.clip.text != self.texts[0]:
            raise DataError(f"Clip {self.id!r} says {self.clip.text!r}, but its first text is {self.texts[0]!r}.")


@dataclass(frozen=True, eq=False)
class MotionSet:
    """Clips of one body at one rate; nothing in it changes.

    Attributes:
        body: who moves in every clip.
        fps: frames a second of every clip.
        entries: the clips; may be none, as a split's.
        about: where they are from: generator, seed, version, licence; anything JSON can say.

    Raises:
        DataError: a clip of another body or rate, or two clips of one name.
    """

    body: Body
    fps: float
    entries: tuple[Entry, ...]
    about: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", tuple(self.entries))
        object.__setattr__(self, "about", MappingProxyType(dict(self.about)))
        same, seen = {id(self.body)}, set()
        for entry in self.entries:
            if id(entry.clip.body) not in same:
                if entry.clip.body.to_json() != self.body.to_json():
                    raise DataError(
                        f"Clip {entry.id!r} is of another {entry.clip.body.name} than the set's {self.body.name}; "
                        "retarget it, or make a set of its own."
                    )
                same.add(id(entry.clip.body))
            if abs(entry.clip.fps - self.fps) > 1e-6:
                raise DataError(
                    f"Clip {entry.id!r} has {entry.clip.fps:g} frames a second, the set {self.fps:g}; resample it."
                )
            if entry.id in seen:
                raise DataError(f"Two clips of the set are called {entry.id!r}; give each a name of its own.")
            seen.add(entry.id)

    def __len__(self) -> int:
        return len(self.entries)

    def of(self, split: str) -> MotionSet:
        """Return the clips of a split; UnknownNameError if there is none of this name."""
        if split not in SPLITS:
            raise UnknownNameError("split", split, SPLITS)
        return replace(self, entries=tuple(entry for entry in self.entries if entry.split == split))

    def features(self) -> Features:
        """Return what turns these clips into numbers."""
        return Features(self.body, self.fps)

    def statistics(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return mean [D] and standard deviation [D] of the features over all frames of the split "train".

        Numbers of one part share the part's average deviation, as HumanML3D's do (Guo et al. 2022): it is what keeps a
        number that hardly ever changes from being blown up. The root's turn, velocity, height and tilt are parts of
        their own here, since their units differ. No deviation is below 0.01.

        Raises:
            DataError: the set has no clips to train on.
        """
        features, clips = self.features(), [entry.clip for entry in self.entries if entry.split == "train"]
        if not clips:
            raise DataError('This set has no clip in split "train", so nothing to take mean and deviation of.')
        total, squares, frames = np.zeros(features.size), np.zeros(features.size), 0
        shift: FloatArray = features.encode(clips[0])[0].astype(np.float64)  # squares of what is small keep more digits
        for start in range(0, len(clips), _AT_ONCE):
            numbers = np.concatenate(features.encode_all(clips[start : start + _AT_ONCE])) - shift
            total, squares, frames = total + numbers.sum(0), squares + (numbers**2).sum(0), frames + len(numbers)
        mean = total / frames
        std = np.sqrt(np.maximum(squares / frames - mean**2, 0))
        taken = 0
        for _, names in groupby(features.names, key=_part):
            size = len(list(names))
            std[taken : taken + size] = std[taken : taken + size].mean()
            taken += size
        return (mean + shift).astype(np.float32), np.maximum(std, _LEAST_STD).astype(np.float32)

    def fingerprint(self) -> str:
        """Return the SHA-256 of body, rate, clips, words and splits as a folder stores them; `about` does not count."""
        return fingerprint(self)


def _part(name: str) -> str:
    words = name.split(".")
    return ".".join(words[:2]) if words[0] == "root" else words[0]
