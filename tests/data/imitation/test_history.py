"""What had begun to go on before a frame, against a loop over the frames."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from robomem.data.imitation.history import distinct, histories


def walked(episodes):
    rows = []
    for episode in episodes:
        known, last = [], 0
        for now in episode:
            rows.append(tuple(known))
            if now not in (0, last):
                known.append(now)
            last = now
    return rows


@given(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=12), min_size=1, max_size=5))
def test_it_is_what_a_walk_finds(episodes):
    first = np.cumsum([0, *map(len, episodes)])[:-1]
    found = histories(np.concatenate(episodes).astype(np.int64), first)
    expected = walked(episodes)
    assert found.shape == (len(expected), max(map(len, expected)))
    assert [tuple(row[row > 0].tolist()) for row in found] == expected
    assert not (found[:, :-1] == 0)[found[:, 1:] > 0].any(), "zeros come last"
    assert set(distinct(found)) == set(expected)
