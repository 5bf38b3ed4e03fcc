"""Motions as they are seen: where an embedding puts them, what kinematics says of them, how they jerk."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from robomem.errors import DataError
from robomem.motion import Clip
from robomem.motion.metrics.door import Embedding
from robomem.motion.metrics.meaning import cut
from robomem.motion.metrics.measures import measures
from robomem.motion.metrics.segmentation import borders, spans_between
from robomem.motion.metrics.smoothness import transition_curve, usual_jerk
from robomem.motion.metrics.verdict import Judge, direction, side
from robomem.motion.motion_set import MotionSet
from robomem.types import FloatArray

__all__ = ["Action", "Eyes", "Seen", "shown"]

TRANSITION_S = 1.0
"""Seconds around the beginning of a segment in which jerk is measured."""
Action = tuple[str, str, str]
"""Verb, side and direction, as a judge tells them."""


@dataclass(frozen=True, eq=False)
class Seen:
    """Of some clips; their segments, one clip's after the other's, are rows s.

    Attributes:
        points: [s, d] where the segments lie in the embedding.
        verdicts: [s] the labels that each seems to have; "rule.side" and "rule.direction" by the rules that nobody
            fitted. Empty without a judge.
        found: for each clip what its stretches between any two borders show; empty without a judge.
        curve: [frames] mean jerk around the transitions; None where there are none.
    """

    points: FloatArray
    verdicts: tuple[Mapping[str, str], ...]
    found: tuple[Mapping[tuple[int, int], Hashable], ...]
    curve: FloatArray | None

    def shuffled(self, rng: np.random.Generator) -> Seen:
        """Return the same motions under each other's texts: none keeps its place."""
        rows, clips = _moved(len(self.points), rng), _moved(len(self.found), rng)
        return replace(
            self,
            points=self.points[rows],
            verdicts=tuple(self.verdicts[row] for row in rows) if self.verdicts else (),
            found=tuple(self.found[clip] for clip in clips),
        )


@dataclass(frozen=True, eq=False)
class Eyes:
    """What motions of one body are seen with.

    Attributes:
        embedding: learnt from real clips.
        judge: learnt from real labelled clips; None where a data set has no labels.
        usual_jerk: of real clips, m / frame^3.
    """

    embedding: Embedding
    judge: Judge | None
    usual_jerk: float

    @classmethod
    def of(cls, motion_set: MotionSet, embedding: Embedding) -> Eyes:
        """Return those that a data set's split "train" gives."""
        clips = [entry.clip for entry in motion_set.of("train").entries]
        labelled = any("verb" in segment.labels for clip in clips for segment in clip.segments)
        return cls(embedding, Judge.fit(clips) if labelled else None, usual_jerk(clips))

    def look(self, clips: Sequence[Clip], *, search: bool = False) -> Seen:
        """Return what is seen of clips with segments.

        Args:
            clips: of the body.
            search: also look at all stretches between borders, wherever segments are said to be.
        """
        pieces = [cut(clip, one.start, one.end) for clip in clips for one in clip.segments]
        verdicts: list[dict[str, str]] = []
        found: list[Mapping[tuple[int, int], Hashable]] = []
        for clip in clips if self.judge else ():
            verdicts += self._verdicts(clip, [(one.start, one.end) for one in clip.segments])
            if search:
                found.append(self._search(clip))
        try:
            curve = transition_curve(clips, round(TRANSITION_S * clips[0].fps))
        except DataError:  # none has a transition
            curve = None
        return Seen(self.embedding.embed_clips(pieces), tuple(verdicts), tuple(found), curve)

    def _verdicts(self, clip: Clip, spans: Sequence[tuple[int, int]]) -> list[dict[str, str]]:
        assert self.judge is not None
        told: list[dict[str, str]] = [{} for _ in spans]
        rows = [row for row, (start, end) in enumerate(spans) if end - start > 1]
        seen = measures(clip, [spans[row] for row in rows])
        for row, one, labels in zip(rows, seen, self.judge.of(seen)):
            told[row] = labels | {"rule.side": side(one), "rule.direction": direction(one)}
        return told

    def _search(self, clip: Clip) -> dict[tuple[int, int], Hashable]:
        assert self.judge is not None
        spans = spans_between(borders(clip), 0.8 * self.judge.shortest, 1.2 * self.judge.longest)
        return {span: shown(labels) for span, labels in zip(spans, self.judge(clip, spans))}


def shown(labels: Mapping[str, str]) -> Action:
    """Return the labels that make an action, however high, fast and often it is done."""
    return labels.get("verb", "none"), labels.get("side", "none"), labels.get("direction", "none")


def _moved(count: int, rng: np.random.Generator) -> list[int]:
    """Return a permutation in which nothing keeps its place, if there are two things at least."""
    order = rng.permutation(count)
    places = np.empty(count, dtype=np.int64)
    places[order] = np.roll(order, 1)
    return [int(place) for place in places]
