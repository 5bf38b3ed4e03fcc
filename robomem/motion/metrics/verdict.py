"""What a stretch of motion shows, told from kinematics alone, in the words of a data set's labels.

Two kinds of words are told apart. Side and direction follow from rules that nobody fitted (`side`, `direction`).
The rest has no rule that holds for every body (what is a wave, how fast is fast): `Judge` compares what was measured
with the means of real labelled stretches of the split "train". No network is asked and no text is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from robomem.errors import DataError
from robomem.motion.clip import Clip
from robomem.motion.metrics.centroids import Centroids
from robomem.motion.metrics.measures import LimbMeasures, Measures, measures
from robomem.types import FloatArray

__all__ = ["Judge", "direction", "side"]

_MOVED_M, _IDLE = 0.06, 0.7
_SHAPE, _MANNER = ("verb", "side", "direction", "height"), ("speed", "repetition")
_AXES = (("forward", "back"), ("left", "right"), ("up", "down"))


def side(seen: Measures) -> str:
    """Return the hand that acted: left, right or both; none where the head went farther, or there are no two hands.

    Both did if neither stayed within seven tenths of the other's distance from where it began.
    """
    far = {name: limb.far for name, limb in seen.limbs.items() if "left" in name or "right" in name}
    if len(far) != 2 or acting(seen) not in [seen.limbs[name] for name in far] or max(far.values()) < _MOVED_M:
        return "none"
    more, less = sorted(far, key=lambda name: -far[name])
    return "both" if far[less] > _IDLE * far[more] else "left" if "left" in more else "right"


def direction(seen: Measures) -> str:
    """Return where the limb that acted went: the largest part of its way to where it was farthest; none below 6 cm."""
    limb = acting(seen)
    if limb.far < _MOVED_M:
        return "none"
    axis = int(np.abs(limb.reach).argmax())
    return _AXES[axis][0 if limb.reach[axis] > 0 else 1]


def acting(seen: Measures) -> LimbMeasures:
    """Return the limb that came farthest from where it began."""
    return max(seen.limbs.values(), key=lambda limb: limb.far)


@dataclass(frozen=True, eq=False)
class Judge:
    """Tells the labels of stretches.

    Attributes:
        shapes: by measured numbers, of tuples of verb, side, direction and height.
        manners: by verb, of tuples of speed and repetition.
        shortest: frames than which one real stretch in forty is shorter.
        longest: frames than which one in forty is longer.
    """

    shapes: Centroids
    manners: Mapping[str, Centroids]
    shortest: float
    longest: float

    @classmethod
    def fit(cls, clips: Sequence[Clip]) -> Judge:
        """Return one that learnt from the labelled segments of real clips.

        Raises:
            DataError: no segment has a verb as label.
        """
        vectors, labels, frames = [], [], []
        for clip in clips:
            told = [one for one in clip.segments if "verb" in one.labels and one.end - one.start > 1]
            for segment, seen in zip(told, measures(clip, [(one.start, one.end) for one in told])):
                vectors.append(seen.numbers())
                labels.append(segment.labels)
                frames.append(segment.end - segment.start)
        if not vectors:
            raise DataError("No segment of these clips has a verb among its labels, so no verdict can be learnt.")
        rows = np.stack(vectors)
        manners = {}
        for verb in {one["verb"] for one in labels}:
            of_verb = [at for at, one in enumerate(labels) if one["verb"] == verb]
            manners[verb] = Centroids.fit(rows[of_verb], [_values(labels[at], _MANNER) for at in of_verb])
        shapes = Centroids.fit(rows, [_values(one, _SHAPE) for one in labels])
        shortest, longest = np.quantile(frames, [0.025, 0.975])
        return cls(shapes, manners, float(shortest), float(longest))

    def __call__(self, clip: Clip, spans: Sequence[tuple[int, int]]) -> list[dict[str, str]]:
        """Return the labels that stretches [start, end) of a clip seem to have; empty for one of a single frame."""
        long_enough = [span for span in spans if span[1] - span[0] > 1]
        told = iter(self.of(measures(clip, long_enough)))
        return [next(told) if span[1] - span[0] > 1 else {} for span in spans]

    def of(self, seen: Sequence[Measures]) -> list[dict[str, str]]:
        """Return the labels of what was measured."""
        if not seen:
            return []
        rows: FloatArray = np.stack([one.numbers() for one in seen])
        found = []
        for row, shape in zip(rows, self.shapes(rows)):
            labels = dict(zip(_SHAPE, shape))  # type: ignore[call-overload]
            (manner,) = self.manners[labels["verb"]](row[None])
            found.append(labels | dict(zip(_MANNER, manner)))  # type: ignore[call-overload]
        return found


def _values(labels: Mapping[str, str], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(labels.get(name, "none") for name in names)
