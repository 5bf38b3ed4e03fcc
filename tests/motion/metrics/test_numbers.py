"""Metrics against independent references: scipy, closed forms, brute force, polynomials."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm
from scipy.spatial.transform import Rotation

from robomem.errors import DataError
from robomem.motion.metrics.distribution import diversity, frechet_distance, multimodality
from robomem.motion.metrics.retrieval import mm_distance, r_precision
from robomem.motion.metrics.smoothness import jerk

seeds = st.integers(0, 10_000)


@given(seeds, st.integers(2, 12))
def test_frechet_distance_is_that_of_scipys_square_root(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    real = rng.normal(size=(60, size)) @ rng.normal(size=(size, size))
    made = rng.normal(size=(50, size)) @ rng.normal(size=(size, size)) + rng.normal(size=size)
    first, second, gap = np.cov(real.T), np.cov(made.T), real.mean(0) - made.mean(0)
    expected = gap @ gap + np.trace(first + second - 2 * np.real(sqrtm(first @ second)))
    assert frechet_distance(real, made) == pytest.approx(expected, rel=1e-6)
    assert frechet_distance(made, real) == pytest.approx(expected, rel=1e-6)


@given(seeds)
def test_frechet_distance_of_gaussians_has_a_closed_form(seed: int) -> None:
    rng = np.random.default_rng(seed)
    white = rng.normal(size=(40, 5))
    white = (white - white.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(white.T)).T)  # exactly N(0, 1)
    scale, other, shift = rng.uniform(0.1, 3, 5), rng.uniform(0.1, 3, 5), rng.normal(size=5)
    turn = Rotation.random(rng=rng).as_matrix()
    basis = np.eye(5)
    basis[:3, :3] = turn
    expected = (shift**2).sum() + ((scale - other) ** 2).sum()
    assert frechet_distance(white * scale @ basis, (white * other + shift) @ basis) == pytest.approx(expected, rel=1e-9)


@given(seeds)
def test_frechet_distance_of_few_rows_is_real_and_zero_for_equals(seed: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(6, 40))  # the covariance is singular
    assert frechet_distance(rows, rows) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(rows, rows[::-1] + 2) == pytest.approx(160, rel=1e-6)


@pytest.mark.parametrize("bad", [np.zeros((1, 3)), np.zeros(3), np.full((4, 3), np.nan), np.zeros((4, 2))])
def test_frechet_distance_refuses_what_has_no_distribution(bad: np.ndarray) -> None:
    with pytest.raises(DataError):
        frechet_distance(np.random.default_rng(0).normal(size=(4, 3)), bad)


@given(seeds, st.integers(1, 9))
def test_r_precision_is_that_of_brute_force(seed: int, meanings: int) -> None:
    rng = np.random.default_rng(seed)
    texts, motions = rng.normal(size=(2, 75, 4))
    means = rng.integers(meanings, size=75).tolist()
    order = np.random.default_rng(seed + 1).permutation(75)
    hits = np.zeros(3)
    for batch in (order[:32], order[32:64]):
        for row in batch:
            nearest = sorted(batch, key=lambda other: float(((texts[row] - motions[other]) ** 2).sum()))
            for k in range(3):
                hits[k] += means[row] in [means[other] for other in nearest[: k + 1]]
    found = r_precision(texts, motions, means, np.random.default_rng(seed + 1))
    np.testing.assert_allclose(found, hits / 64)


def test_r_precision_of_embeddings_in_one_point_is_zero_and_of_a_match_one() -> None:
    rng, rows = np.random.default_rng(0), np.random.default_rng(1).normal(size=(64, 5))
    np.testing.assert_array_equal(r_precision(rows, rows, range(64), rng), 1)
    np.testing.assert_array_equal(r_precision(0 * rows, 0 * rows, range(64), rng), 0)
    np.testing.assert_array_equal(r_precision(0 * rows, 0 * rows, [0] * 64, rng), 1)
    with pytest.raises(DataError, match="at least 32"):
        r_precision(rows[:31], rows[:31], range(31), rng)
    with pytest.raises(DataError, match="not finite"):
        r_precision(rows, rows * np.inf, range(64), rng)


@given(seeds)
def test_distances_of_pairs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    texts, motions = rng.normal(size=(2, 9, 3))
    assert mm_distance(texts, motions) == pytest.approx(
        np.mean([np.sqrt(((a - b) ** 2).sum()) for a, b in zip(texts, motions)])
    )
    two = rng.normal(size=(2, 3))
    gap = np.linalg.norm(two[0] - two[1])
    assert diversity(two, rng) == pytest.approx(gap)
    assert multimodality(np.stack([two, two + 5, np.zeros((2, 3))]), rng) == pytest.approx(2 / 3 * gap)
    assert diversity(np.tile(two, (400, 1)), rng) == pytest.approx(gap / 2, rel=0.35)


@given(seeds)
def test_diversity_uses_no_motion_twice(seed: int) -> None:
    rows = np.zeros((21, 1))
    rows[0] = 1  # in one of ten pairs, or the one that is left over
    assert diversity(rows, np.random.default_rng(seed)) in (0.0, pytest.approx(0.1))


@settings(max_examples=50)
@given(seeds)
def test_jerk_is_the_third_derivative_of_polynomials(seed: int) -> None:
    rng = np.random.default_rng(seed)
    powers = rng.normal(size=(4, 5, 3))
    time = np.arange(12.0)
    places = np.einsum("pt,pjx->tjx", time ** np.arange(4)[:, None], powers)
    expected = np.abs(6 * powers[3]).sum(-1).max()
    np.testing.assert_allclose(jerk(places), expected, rtol=1e-6)
    with pytest.raises(DataError):
        jerk(places[:3])


def test_jerk_is_the_finite_difference_written_out() -> None:
    places = np.random.default_rng(3).normal(size=(9, 2, 3))
    expected = [
        max(np.abs(places[t + 3, j] - 3 * places[t + 2, j] + 3 * places[t + 1, j] - places[t, j]).sum() for j in (0, 1))
        for t in range(6)
    ]
    np.testing.assert_allclose(jerk(places), expected)
