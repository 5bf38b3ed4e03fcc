from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.errors import ConfigError
from robomem.evaluate.statistics import (
    Interval,
    bootstrap_difference,
    bootstrap_mean,
    newcombe,
    paired_rates,
    wilson,
)


@settings(max_examples=60)
@given(st.integers(1, 400), st.data())
def test_wilson_inverts_the_score_test(trials: int, data: st.DataObject) -> None:
    """Its ends are the rates p0 for which |p - p0| is z standard errors of p0: the definition, not the formula."""
    successes = data.draw(st.integers(0, trials))
    interval = wilson(successes, trials)
    z = 1.959963984540054
    for end in (interval.low, interval.high):
        if 1e-12 < end < 1 - 1e-12:
            assert abs(interval.value - end) == pytest.approx(z * math.sqrt(end * (1 - end) / trials), rel=1e-9)
    assert 0 <= interval.low <= interval.value <= interval.high <= 1


def test_wilson_agrees_with_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    for successes, trials, confidence in [(0, 10, 0.95), (10, 10, 0.95), (37, 50, 0.9), (199, 200, 0.99)]:
        expected = stats.binomtest(successes, trials).proportion_ci(confidence, method="wilson")
        ours = wilson(successes, trials, confidence)
        assert (ours.low, ours.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (-1, 5), (6, 5)])
def test_wilson_refuses_what_is_no_proportion(successes: int, trials: int) -> None:
    with pytest.raises(ConfigError, match="no proportion"):
        wilson(successes, trials)


def test_bootstrap_is_repeatable_and_near_the_normal_interval() -> None:
    values = np.random.default_rng(3).normal(2.0, 3.0, 400)
    interval = bootstrap_mean(values)
    assert interval == bootstrap_mean(values)
    half = 1.96 * values.std() / math.sqrt(400)
    assert interval.value == pytest.approx(values.mean())
    assert interval.low == pytest.approx(values.mean() - half, abs=0.03)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.03)


def test_bootstrap_covers_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    hits = 0
    for _ in range(60):
        interval = bootstrap_mean(random.exponential(1.0, 60), 0.9)
        hits += interval.low <= 1.0 <= interval.high
    assert 46 <= hits <= 60


def test_differences_are_paired() -> None:
    base = np.random.default_rng(1).normal(0, 10, 50)
    interval = bootstrap_difference(base + 1.0, base)
    assert (interval.low, interval.value, interval.high) == pytest.approx((1.0, 1.0, 1.0))
    with pytest.raises(ConfigError, match="cannot be paired"):
        bootstrap_difference(base, base[:-1])


def test_no_values_have_no_mean() -> None:
    with pytest.raises(ConfigError, match="no values"):
        bootstrap_mean([])


def test_interval_reads_well() -> None:
    assert Interval(0.5, 0.25, 0.75).show(".2f") == "0.50 [0.25, 0.75]"


def verdicts(both: int, first: int, second: int, neither: int) -> tuple[list[bool], list[bool]]:
    """Two columns with so many rows of each kind."""
    ours = [True] * (both + first) + [False] * (second + neither)
    return ours, [True] * both + [False] * first + [True] * second + [False] * neither


def test_differences_of_rates_agree_with_newcombe_s_published_examples() -> None:
    """Statistics in Medicine 17 (1998): 56/70 against 48/80, and the paired table 36, 12, 2, 0."""
    independent = newcombe(wilson(56, 70), wilson(48, 80))
    assert (independent.low, independent.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    paired = paired_rates(*verdicts(36, 12, 2, 0))
    assert (paired.low, paired.high) == pytest.approx((0.0569, 0.3404), abs=5e-5)


@given(st.tuples(*[st.integers(0, 60)] * 4).filter(any))
def test_paired_rates_are_antisymmetric_and_never_certain(counts: tuple[int, int, int, int]) -> None:
    ours, theirs = verdicts(*counts)
    there, back = paired_rates(ours, theirs), paired_rates(theirs, ours)
    assert (there.value, there.low, there.high) == pytest.approx((-back.value, -back.high, -back.low))
    assert -1 <= there.low <= there.value <= there.high <= 1
    assert there.high - there.low > 0, "also where all verdicts agree"


def test_rates_that_cannot_be_paired_are_refused() -> None:
    with pytest.raises(ConfigError, match="cannot be paired"):
        paired_rates([True], [True, False])
