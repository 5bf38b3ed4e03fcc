"""The statistics by which policies normalise are those of the frames."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from robomem.data.statistics import QUANTILES, PictureStats, aggregate, of_numbers

FLOATS = st.floats(-1e6, 1e6, width=32)


@given(values=hnp.arrays(np.float32, st.tuples(st.integers(2, 30), st.integers(1, 3)), elements=FLOATS), data=st.data())
def test_parts_together_are_the_whole(values, data):
    cut = data.draw(st.integers(1, len(values) - 1))
    parts = [{"action": of_numbers(part)} for part in (values[:cut], values[cut:])]
    together, whole = aggregate(parts)["action"], of_numbers(values)
    for stat in ("min", "max", "mean", "std", "count"):
        assert np.allclose(together[stat], whole[stat], rtol=1e-9, atol=1e-3)
    for stat in QUANTILES:  # averages, but within the range
        assert (whole["min"] - 1e-3 <= together[stat]).all()
        assert (together[stat] <= whole["max"] + 1e-3).all()


@given(pictures=hnp.arrays(np.uint8, st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 9), st.just(3))))
def test_pictures_are_counted_exactly(pictures):
    stats = PictureStats()
    for pixels in pictures:
        stats.add(pixels)
    found, flat = stats.result(), pictures.reshape(-1, 3) / 255.0
    assert found["count"] == [len(pictures)]
    for stat, value in {"min": flat.min(0), "max": flat.max(0), "mean": flat.mean(0), "std": flat.std(0)}.items():
        assert found[stat].shape == (3, 1, 1)
        assert np.allclose(found[stat].ravel(), value, atol=1e-6)
    for stat, share in QUANTILES.items():
        assert np.allclose(found[stat].ravel(), np.quantile(flat, share, axis=0, method="inverted_cdf"))


def test_large_pictures_are_sampled_evenly():
    pixels = np.random.default_rng(0).integers(0, 256, (480, 640, 3)).astype(np.uint8)
    stats = PictureStats()
    stats.add(pixels)
    assert stats.result()["mean"].ravel() == pytest.approx((pixels / 255).mean((0, 1)), abs=0.01)
