"""The texts of a data set, grouped by how many actions they ask for, and a model asked for motions of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from robomem.errors import DataError
from robomem.motion import Clip, Segment
from robomem.motion.motion_set import MotionSet

__all__ = ["GROUPS", "Generates", "ask", "grouped"]

GROUPS = {"actions": (1, 1), "compositions": (2, 5), "long": (6, 20)}
"""Group -> least and most actions of its clips."""


class Generates(Protocol):
    """What is measured: see `robomem.motion.learners.MotionLearner.generate`."""

    def generate(self, texts: Sequence[str], *, seconds: Sequence[Sequence[float]], seed: int) -> list[Clip]:
        """Return one clip a text; ``seconds`` is for each text a list, of each segment."""
        ...


def grouped(
    sets: Sequence[MotionSet], most: int, rng: np.random.Generator, most_long: int | None = None
) -> dict[str, list[Clip]]:
    """Return the clips of the split "test" by group, each with segments, drawn at random.

    Args:
        sets: to take from.
        most: clips of each group.
        rng: that draws.
        most_long: clips of the group "long", whose making takes the longest; ``most`` if None.

    Raises:
        DataError: there is none.
    """
    found: dict[str, list[Clip]] = {name: [] for name in GROUPS}
    for entry in (entry for one in sets for entry in one.of("test").entries):
        clip = _with_segments(entry.clip)
        for name, (least, largest) in GROUPS.items():
            if least <= len(clip.segments) <= largest:
                found[name].append(clip)
    chosen = {}
    for name, clips in found.items():
        if clips:
            count = most if name != "long" or most_long is None else most_long
            rows = sorted(int(row) for row in rng.permutation(len(clips))[:count])
            chosen[name] = [clips[row] for row in rows]
    if not chosen:
        raise DataError('There is no clip in the split "test"; nothing can be measured.')
    return chosen


def ask(model: Generates, clips: Sequence[Clip], seed: int) -> list[Clip]:
    """Return what a model makes of the texts of real clips, each segment as long as the real one.

    Raises:
        DataError: it made other clips than were asked for.
    """
    texts = ["; ".join(segment.text for segment in clip.segments) for clip in clips]
    seconds = [[(one.end - one.start) / clip.fps for one in clip.segments] for clip in clips]
    made = [_with_segments(clip) for clip in model.generate(texts, seconds=seconds, seed=seed)]
    for text, wanted, clip in zip(texts, clips, made):
        if len(clip.segments) != len(wanted.segments):
            raise DataError(f"The model made {len(clip.segments)} segments of {text!r}, not {len(wanted.segments)}.")
    if len(made) != len(clips):
        raise DataError(f"The model made {len(made)} clips of {len(clips)} texts.")
    return made


def _with_segments(clip: Clip) -> Clip:
    return clip if clip.segments else replace(clip, segments=(Segment(0, len(clip), clip.text),))
