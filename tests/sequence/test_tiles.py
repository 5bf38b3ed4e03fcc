"""The building blocks of windows and chosen chunks against the plain formulas, values and gradients."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.sequence.dispatch import Tiles
from robomem.sequence.gather import Places
from robomem.sequence.tile_attention import attend_tiles, overlapping_tiles


def normal(*shape: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64, requires_grad=True)


def same_gradients(ours: torch.Tensor, plain: torch.Tensor, leaves: list[torch.Tensor]) -> None:
    torch.testing.assert_close(ours, plain, rtol=1e-12, atol=1e-12)
    weigh = torch.randn_like(ours)
    for a, b in zip(
        torch.autograd.grad((ours * weigh).sum(), leaves),
        torch.autograd.grad((plain * weigh).sum(), leaves),
        strict=True,
    ):
        torch.testing.assert_close(a, b, rtol=1e-10, atol=1e-10)


@settings(max_examples=10)
@given(
    seed=st.integers(0, 2**20),
    groups=st.integers(1, 3),
    heads=st.integers(1, 3),
    queries=st.integers(1, 5),
    keys=st.integers(1, 6),
    biased=st.booleans(),
    masked=st.booleans(),
)
def test_tiles_attend_as_the_formula_says(seed, groups, heads, queries, keys, biased, masked):
    tiles = groups * heads
    query, key, value = (normal(tiles, n, 4, seed=seed + i) for i, n in enumerate((queries, keys, keys)))
    bias = normal(heads, queries, keys, seed=seed + 3) if biased else None
    mask = None
    if masked:
        hidden = torch.rand(groups, 1, queries, keys, generator=torch.Generator().manual_seed(seed)) < 0.4
        hidden[..., 0] = False
        mask = torch.zeros(hidden.shape, dtype=torch.float64).masked_fill(hidden, -torch.inf)
    scores = (query @ key.mT / 2).view(groups, heads, queries, keys)
    scores = scores + (0 if bias is None else bias) + (0 if mask is None else mask)
    plain = scores.flatten(0, 1).softmax(-1) @ value
    leaves = [query, key, value] + ([] if bias is None else [bias])
    same_gradients(attend_tiles(query, key, value, bias, mask), plain, leaves)


@settings(max_examples=10)
@given(
    seed=st.integers(0, 2**20),
    tiles=st.integers(1, 4),
    size=st.integers(1, 5),
    before=st.integers(0, 7),
    rows=st.integers(1, 2),
)
def test_overlapping_tiles_are_slices(seed, tiles, size, before, rows):
    before = before if tiles == 1 else min(before, size)
    heads = 2
    x = normal(rows, before + tiles * size, 6, seed=seed)
    plain = torch.stack([x[:, n * size : n * size + before + size] for n in range(tiles)], 1)
    plain = plain.unflatten(-1, (heads, -1)).transpose(2, 3).flatten(0, 2)
    same_gradients(overlapping_tiles(x, size, before, heads), plain, [x])


@settings(max_examples=10)
@given(seed=st.integers(0, 2**20), counts=st.lists(st.integers(0, 3), min_size=1, max_size=5), spare=st.integers(0, 2))
def test_collecting_sums_what_was_dealt(seed, counts, spare):
    """Against one-hot matrices: rows without a place, and places that nobody reads, included."""
    owner = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))
    if len(owner) == 0:
        return
    used = torch.randperm(len(owner) + spare, generator=torch.Generator().manual_seed(seed))[: len(owner)]
    source = torch.full((len(owner) + spare,), int(owner[0]))
    source[used] = owner
    places = Places(source, used, torch.tensor([0, *counts[:-1]]).cumsum(0))
    rows, weight = normal(len(counts), 3, seed=seed), normal(len(owner), seed=seed + 1)
    read = torch.zeros(len(source), 1, dtype=torch.float64)
    read[used] = 1

    same_gradients(places.deal(rows) * read, rows[source] * read, [rows])
    placed = normal(len(source), 3, seed=seed + 2)
    plain = torch.zeros(len(counts), 3, dtype=torch.float64).index_add(0, owner, placed[used] * weight[:, None])
    same_gradients(places.collect(placed, weight), plain, [placed, weight])


def test_an_empty_seat_holds_a_query_of_its_own_chunk():
    """So that a row that diverged stays out of the tiles, hence out of the gradients, of the others."""
    chosen = torch.tensor([[[3, 5], [5, 3]], [[9, 7], [7, 9]]])  # chunks 3 and 5 are row 0's, 7 and 9 row 1's
    real = torch.tensor([[[True, True], [True, False]], [[True, False], [True, True]]])
    tiles = Tiles.sort(chosen, real)
    row = tiles.source.view(len(tiles.chunk), -1) // 2
    assert torch.equal(row, (tiles.chunks[tiles.chunk] > 5).long()[:, None].expand_as(row))
    assert torch.equal(tiles.source[tiles.seat], real.flatten(0, 1).nonzero()[:, 0])
