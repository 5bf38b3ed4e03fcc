"""What is seen of motions against what was wanted of them, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from robomem.evaluate.motion.looking import Eyes, Seen, shown
from robomem.motion import Clip
from robomem.motion.metrics.distribution import diversity, frechet_distance
from robomem.motion.metrics.meaning import meaning as meaning_of
from robomem.motion.metrics.meaning import pieces
from robomem.motion.metrics.order import in_order, present
from robomem.motion.metrics.retrieval import mm_distance, r_precision
from robomem.motion.metrics.smoothness import area_under_jerk, peak_jerk
from robomem.types import FloatArray

__all__ = ["BATCH", "LABELS", "Confusion", "Wanted", "confusion"]

BATCH = 32
"""Of R-precision; with fewer segments there is none."""
LABELS = ("verb", "side", "direction", "height", "speed", "repetition")
DIRECTIONS = ("left", "right", "up", "down", "forward", "back")
Confusion = dict[str, dict[str, int]]
"""Wanted -> seen -> how often."""
_OPPOSITE = {"left": "right", "right": "left"}


class Wanted:
    """The clips of a group of texts, and what every motion made for these texts is measured against.

    Args:
        clips: real ones, with segments.
        texts: of the segments, one clip's after the other's.
        eyes: with which all is seen.
        reference: [n, d] real segments in the embedding, which a distribution is compared with.
    """

    def __init__(self, clips: Sequence[Clip], texts: Sequence[str], eyes: Eyes, reference: FloatArray) -> None:
        self.eyes, self.reference = eyes, reference
        self.labels = [segment.labels for clip in clips for segment in clip.segments]
        self.actions = [[shown(segment.labels) for segment in clip.segments] for clip in clips]
        self.meanings = [meaning_of(piece) for clip in clips for piece in pieces(clip)]
        self.texts = eyes.embedding.embed_texts(texts)

    def scores(self, seen: Seen, rng: np.random.Generator) -> dict[str, float]:
        """Return all that can be measured, by name."""
        found = {"FID": frechet_distance(self.reference, seen.points), "diversity": diversity(seen.points, rng)}
        found["MM-distance"] = mm_distance(self.texts, seen.points)
        if len(seen.points) >= BATCH:
            precision = r_precision(self.texts, seen.points, self.meanings, rng, batch=BATCH)
            found |= {f"R-precision {k}": float(value) for k, value in enumerate(precision, 1)}
        found |= self._verdicts(seen)
        if seen.found:
            found |= self._order(seen)
        if seen.curve is not None:
            found["peak jerk"] = peak_jerk(seen.curve)
            found["area under jerk"] = area_under_jerk(seen.curve, self.eyes.usual_jerk)
        return found

    def _verdicts(self, seen: Seen) -> dict[str, float]:
        if not seen.verdicts:
            return {}
        pairs = list(zip(self.labels, seen.verdicts))
        found = {}
        for name in LABELS:
            told = [one.get(name) == wanted[name] for wanted, one in pairs if wanted.get(name, "none") != "none"]
            if told:
                found[name] = float(np.mean(told))
        for name in ("side", "direction"):
            asked = [(wanted[name], one) for wanted, one in pairs if wanted.get(name, "none") != "none"]
            if asked:
                found[f"{name} by rule"] = float(np.mean([one.get(f"rule.{name}") == want for want, one in asked]))
            either = [(want, one) for want, one in asked if want in _OPPOSITE]
            if either:
                swapped = [one.get(f"rule.{name}") == _OPPOSITE[want] for want, one in either]
                found[f"left and right of {name} confused"] = float(np.mean(swapped))
        found["action"] = float(np.mean([shown(wanted) == shown(one) for wanted, one in pairs]))
        return found

    def _order(self, seen: Seen) -> dict[str, float]:
        there = sum(present(wanted, spans, _equal) for wanted, spans in zip(self.actions, seen.found))
        ordered = sum(in_order(wanted, spans, _equal) for wanted, spans in zip(self.actions, seen.found))
        count = sum(map(len, self.actions))
        return {"coverage": there / count, "coverage in order": ordered / count}


def confusion(wanted: Wanted, seen: Seen) -> Confusion:
    """Return how often which direction was seen, by rule, where one was wanted."""
    counts: dict[str, Counter[str]] = {}
    for labels, one in zip(wanted.labels, seen.verdicts):
        want = labels.get("direction", "none")
        if want in DIRECTIONS:
            counts.setdefault(want, Counter())[one.get("rule.direction", "none")] += 1
    return {want: dict(counts[want]) for want in DIRECTIONS if want in counts}


def _equal(one: object, other: object) -> bool:
    return one == other
