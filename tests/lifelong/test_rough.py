"""Comparing many vectors roughly first finds what comparing all of them exactly finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.lifelong.records import Namespace
from robomem.lifelong.store import vectors as vectors_module
from robomem.lifelong.store.database import Database
from robomem.lifelong.store.nodes import NewNode, add_nodes
from robomem.lifelong.store.rough import RoughVectors
from robomem.lifelong.store.transaction import Store
from robomem.lifelong.store.vectors import VectorIndex


def unit(draw: np.random.Generator, count: int, dimensions: int, spread: float) -> np.ndarray:
    """Vectors around one direction: the closer, the harder to tell apart."""
    found = draw.normal(size=dimensions) + spread * draw.normal(size=(count, dimensions))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([8, 33, 384]), st.sampled_from([1e-3, 0.1, 1.0, 30.0]))
def test_a_rough_product_is_off_by_less_than_it_says(seed: int, dimensions: int, spread: float) -> None:
    some = unit(np.random.default_rng(seed), 60, dimensions, spread)
    exact = some[:5].astype(np.float64) @ some.T.astype(np.float64)
    rough = RoughVectors(some[:30])
    for place in range(30, 60):
        rough.put(place, some[place])
    likeness, off = rough.likeness(some[:5], 60)
    assert np.abs(likeness - exact).max() < off < 0.05


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-3, 0.05, 1.0]), st.integers(1, 9))
def test_an_index_finds_the_same_with_and_without_it(seed: int, spread: float, count: int) -> None:
    draw = np.random.default_rng(seed)
    some = unit(draw, 120, 16, spread)
    some[draw.integers(0, 120, 30)] = some[draw.integers(0, 120, 30)]  # names come again
    store = Store(Database(":memory:"), Namespace())
    exactly, roughly = VectorIndex("node", 16), VectorIndex("node", 16)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RoughVectors, "able", staticmethod(lambda: True))
        for start, end in ((0, 60), (60, 120)):  # the copy is made in between, and grows
            with store.writing() as change:
                add_nodes(change, [NewNode(f"thing {row}", 0.0, embedding=some[row]) for row in range(start, end)])
            with store.reading() as view:
                patch.setattr(vectors_module, "_MANY", 10**9)
                wanted = exactly.search(view, some[:7], count)
                patch.setattr(vectors_module, "_MANY", 50)
                found = roughly.search(view, some[:7], count)
            likeness = some[:7].astype(np.float64) @ some.T.astype(np.float64)
            for query, row, other in zip(likeness, found, wanted, strict=True):
                # whose last digits differ may change places with one that is as like
                assert len({one.id for one in row}) == len(row) == len(other)
                assert np.allclose([query[one.id - 1] for one in row], [one.score for one in row], atol=2e-5)
                assert np.allclose([one.score for one in row], [one.score for one in other], atol=2e-5)
    assert roughly._rough is not None
    store.database.close()
