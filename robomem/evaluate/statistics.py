"""Intervals for what an evaluation measures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from robomem.errors import ConfigError
from robomem.seeding import generator
from robomem.types import FloatArray

__all__ = ["Interval", "bootstrap_difference", "bootstrap_mean", "wilson"]

RESAMPLES = 10_000


@dataclass(frozen=True)
class Interval:
    """An estimate and the confidence interval around it."""

    value: float
    low: float
    high: float

    def show(self, format: str = ".2f") -> str:
        """Return e.g. ``0.93 [0.88, 0.96]``."""
        return f"{self.value:{format}} [{self.low:{format}}, {self.high:{format}}]"


def wilson(successes: int, trials: int, confidence: float = 0.95) -> Interval:
    """Return the success rate with its Wilson score interval, which holds for few trials and for rates of 0 and 1.

    Args:
        successes: how many trials succeeded.
        trials: how many there were.
        confidence: of the interval, in (0, 1).

    Source:
        E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ConfigError(f"{successes} successes of {trials} trials is no proportion.")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    p, shrink = successes / trials, 1 + z * z / trials
    centre = (p + z * z / (2 * trials)) / shrink
    half = z / shrink * math.sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials))
    return Interval(p, max(0.0, min(p, centre - half)), min(1.0, max(p, centre + half)))


def bootstrap_mean(values: Sequence[float] | FloatArray, confidence: float = 0.95) -> Interval:
    """Return the mean with its percentile bootstrap interval; the same values always give the same interval.

    Source:
        B. Efron (1979), "Bootstrap methods: another look at the jackknife", Annals of Statistics 7.
    """
    sample = np.asarray(values, np.float64)
    if sample.size == 0:
        raise ConfigError("The mean of no values does not exist; evaluate at least one episode.")
    draws = generator(0, "bootstrap").integers(0, sample.size, (RESAMPLES, sample.size))
    low, high = np.quantile(sample[draws].mean(axis=1), [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(sample.mean()), float(low), float(high))


def bootstrap_difference(
    ours: Sequence[float] | FloatArray, theirs: Sequence[float] | FloatArray, confidence: float = 0.95
) -> Interval:
    """Return the mean of ``ours - theirs``, paired episode by episode, which the same seeds make possible."""
    if len(ours) != len(theirs):
        raise ConfigError(f"{len(ours)} and {len(theirs)} episodes cannot be paired; evaluate both on the same seeds.")
    return bootstrap_mean(np.asarray(ours, np.float64) - np.asarray(theirs, np.float64), confidence)
