"""Deep equality of what environments return, with dtypes and masks."""

from __future__ import annotations

from typing import Any

import numpy as np


def assert_same(ours: Any, theirs: Any, where: str = "") -> None:
    """Fail unless both are equal in structure, shape, dtype and every bit of value."""
    if isinstance(theirs, dict):
        assert isinstance(ours, dict), where
        assert set(ours) == set(theirs), f"{where}: {sorted(ours)} != {sorted(theirs)}"
        for name in theirs:
            assert_same(ours[name], theirs[name], f"{where}/{name}")
        return
    if isinstance(theirs, tuple):
        assert len(ours) == len(theirs), where
        for i, (mine, other) in enumerate(zip(ours, theirs)):
            assert_same(mine, other, f"{where}[{i}]")
        return
    if theirs is None:
        assert ours is None, where
        return
    mine, other = np.asarray(ours), np.asarray(theirs)
    assert mine.shape == other.shape, f"{where}: {mine.shape} != {other.shape}"
    assert mine.dtype == other.dtype, f"{where}: {mine.dtype} != {other.dtype}"
    if other.dtype == object:
        for i, (a, b) in enumerate(zip(mine, other)):
            assert_same(a, b, f"{where}[{i}]")
        return
    np.testing.assert_array_equal(mine, other, err_msg=where)
