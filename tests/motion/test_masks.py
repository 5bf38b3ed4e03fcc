"""Masks hide exactly as many tokens as asked for, never padding; density peaks are what the paper's equations say."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.errors import ConfigError, DataError, UnknownNameError
from robomem.motion.masks import choose, density_peaks, masks

NAMES = tuple(masks)


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _latents(seed: int, rows: int = 3, tokens: int = 13, width: int = 5, scale: float = 1.0) -> torch.Tensor:
    return scale * torch.randn(rows, tokens, width, generator=_generator(seed))


def _slowly(row: torch.Tensor) -> list[float]:
    """Equations 4, 9 and 10 of KMM, sum by sum, with distances over their median."""
    points = row.double().tolist()
    count = len(points)
    apart = [[math.dist(a, b) for b in points] for a in points]
    pairs = sorted(apart[i][j] for i in range(count) for j in range(count) if i != j)
    middle = pairs[(len(pairs) - 1) // 2] or max(pairs)
    apart = [[d / middle for d in line] for line in apart]
    density = [sum(math.exp(-d * d) for d in line) for line in apart]
    gamma = []
    for i in range(count):
        denser = [apart[i][j] for j in range(count) if density[j] > density[i]]
        gamma.append(density[i] * (min(denser) if denser else max(apart[i])))
    return gamma


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 20), st.floats(1e-6, 1e6))
def test_density_peaks_are_the_papers_at_any_scale(seed, tokens, scale):
    latents = _latents(seed, 1, tokens, scale=scale)
    gamma = density_peaks(latents, torch.ones(1, tokens, dtype=torch.bool))
    assert torch.allclose(gamma[0], torch.tensor(_slowly(latents[0]), dtype=torch.float64), rtol=1e-4, atol=1e-6)


def test_peaks_of_far_clusters_are_their_centres():
    centres = torch.tensor([[0.0, 0], [50, 0], [0, 50]])
    latents = torch.cat([c + 0.5 * torch.randn(9, 2, generator=_generator(index)) for index, c in enumerate(centres)])
    gamma = density_peaks(latents[None], torch.ones(1, 27, dtype=torch.bool))[0]
    assert sorted(int(place) // 9 for place in gamma.topk(3).indices) == [0, 1, 2]


@pytest.mark.parametrize("latents", [torch.zeros(1, 6, 4), torch.full((1, 6, 4), 1e18), torch.zeros(1, 1, 4)])
def test_twins_and_loners_have_finite_peaks(latents):
    gamma = density_peaks(latents, torch.ones(latents.shape[:2], dtype=torch.bool))
    assert gamma.isfinite().all()
    assert (gamma >= 0).all()


def test_of_two_twins_one_stands_out():
    latents = torch.cat([torch.zeros(2, 3), torch.eye(3)])[None]
    gamma = density_peaks(latents, torch.ones(1, 5, dtype=torch.bool))[0]
    assert gamma[0] > 0
    assert gamma[1] == 0


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 1), st.integers(1, 13))
def test_exactly_so_many_are_masked_and_none_of_the_padding(name, seed, ratio, count):
    valid = torch.zeros(3, 13, dtype=torch.bool)
    valid[0], valid[1, :count], valid[2, 13 - count :] = True, True, True
    mask = choose(name, _latents(seed), valid, ratio, _generator(seed))
    assert not (mask & ~valid).any()
    assert mask.sum(1).tolist() == [math.ceil(ratio * n - 1e-6) for n in valid.sum(1).tolist()]


@pytest.mark.parametrize("name", NAMES)
def test_a_row_has_its_own_ratio(name):
    mask = choose(name, _latents(1), torch.ones(3, 13, dtype=torch.bool), torch.tensor([0.0, 0.5, 1.0]), _generator())
    assert mask.sum(1).tolist() == [0, 7, 13]


def test_padding_does_not_move_peaks():
    latents, valid = _latents(3, 1, 9), torch.ones(1, 9, dtype=torch.bool)
    longer = torch.cat([latents, torch.full((1, 5, 5), 7e3)], 1)
    padded = density_peaks(longer, torch.cat([valid, torch.zeros(1, 5, dtype=torch.bool)], 1))
    assert torch.allclose(padded[:, :9], density_peaks(latents, valid), rtol=1e-6, atol=1e-9)
    assert (padded[:, 9:] == 0).all()


def test_strides_are_even():
    mask = choose("stride", torch.zeros(4, 40, 2), torch.ones(4, 40, dtype=torch.bool), 0.25, _generator(2))
    for row in mask:
        assert (row.nonzero()[:, 0].diff() == 4).all()


def test_velocity_finds_the_jump():
    latents = torch.zeros(1, 12, 2)
    latents[:, 7:] = 5.0
    mask = choose("velocity", latents, torch.ones(1, 12, dtype=torch.bool), 2 / 12, _generator())
    assert mask[0].nonzero()[:, 0].tolist() == [6, 7]


def test_what_cannot_be_masked_is_said():
    latents, valid = _latents(0), torch.ones(3, 13, dtype=torch.bool)
    with pytest.raises(UnknownNameError, match="density"):
        choose("densty", latents, valid, 0.5, _generator())
    with pytest.raises(ConfigError, match="0 to 1"):
        choose("random", latents, valid, 1.5, _generator())
    with pytest.raises(ConfigError, match="0 to 1"):
        choose("random", latents, valid, math.nan, _generator())
    with pytest.raises(DataError, match="not finite"):
        choose("density", latents / 0, valid, 0.5, _generator())
    with pytest.raises(DataError, match="asked for"):
        choose("density", latents, valid[:2], 0.5, _generator())
