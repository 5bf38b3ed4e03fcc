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

__all__ = [
    "Interval",
    "bootstrap_difference",
    "bootstrap_mean",
    "newcombe",
    "over_repetitions",
    "paired_rates",
    "wilson",
]

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


def over_repetitions(values: Sequence[float] | FloatArray) -> Interval:
    """Return the mean of a measurement that was repeated, with its 95 % interval, 1.96 standard errors to each side.

    Of one repetition, or of equal ones, the interval is the value itself.

    Source:
        C. Guo et al. (2022), "Generating diverse and natural 3D human motions from text", CVPR, which has 20.
    """
    sample = np.asarray(values, np.float64)
    if sample.size == 0:
        raise ConfigError("The mean of no values does not exist; repeat the measurement at least once.")
    mean = float(sample.mean())
    half = 1.96 * float(sample.std(ddof=1)) / math.sqrt(sample.size) if sample.size > 1 else 0.0
    return Interval(mean, mean - half, mean + half)


def newcombe(ours: Interval, theirs: Interval, correlation: float = 0.0) -> Interval:
    """Return the difference ``ours - theirs`` of two success rates, given each with its Wilson interval.

    Args:
        ours: as ``wilson`` returns it.
        theirs: likewise.
        correlation: between the verdicts of pairs, in [-1, 1]; 0 for samples that are independent.

    Source:
        R. G. Newcombe (1998), "Interval estimation for the difference between independent proportions: comparison of
        eleven methods", method 10, and "Improved confidence intervals for the difference between binomial proportions
        based on paired data", method 10, Statistics in Medicine 17.
    """
    value = ours.value - theirs.value
    below = _combined(ours.value - ours.low, theirs.high - theirs.value, correlation)
    above = _combined(ours.high - ours.value, theirs.value - theirs.low, correlation)
    return Interval(value, max(-1.0, value - below), min(1.0, value + above))


def paired_rates(ours: Sequence[bool], theirs: Sequence[bool], confidence: float = 0.95) -> Interval:
    """Return the difference of two success rates over the same episodes, with Newcombe's interval for paired data."""
    if len(ours) != len(theirs):
        raise ConfigError(f"{len(ours)} and {len(theirs)} episodes cannot be paired; evaluate both on the same seeds.")
    both = sum(a and b for a, b in zip(ours, theirs))
    first, second = sum(ours), sum(theirs)
    a, b, c, n = both, first - both, second - both, len(ours)
    d = n - a - b - c
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    excess = float(a * d - b * c)
    if excess > 0:
        excess = max(0.0, excess - n / 2)  # Newcombe's continuity correction of phi
    correlation = excess / math.sqrt(margins) if margins else 0.0
    return newcombe(wilson(first, n, confidence), wilson(second, n, confidence), correlation)


def _combined(one: float, other: float, correlation: float) -> float:
    return math.sqrt(max(0.0, one * one - 2 * correlation * one * other + other * other))
