"""Order and presence of actions against a search through all cuts; borders where a motion rests."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from motion_language import clip

from robomem.motion.metrics.order import in_order, present
from robomem.motion.metrics.segmentation import borders, spans_between

letters = st.sampled_from("abc")


def equal(one: object, other: object) -> bool:
    return one == other


@given(
    st.lists(letters, min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4), letters), max_size=6),
)
def test_in_order_is_the_best_of_all_choices_of_stretches(wanted: list[str], drawn: list[tuple[int, int, str]]) -> None:
    spans = {(start, start + size): letter for start, size, letter in drawn}
    best = 0
    for count in range(1, len(wanted) + 1):
        for chosen in combinations(sorted(spans), count):
            apart = all(one[1] <= other[0] for one, other in pairwise(chosen))
            said = any(
                [wanted[at] for at in rows] == [spans[span] for span in chosen]
                for rows in combinations(range(len(wanted)), count)
            )
            best = max(best, count if apart and said else 0)
    assert in_order(wanted, spans, equal) == best
    assert best <= present(wanted, spans, equal) == sum(letter in spans.values() for letter in wanted)


def test_the_borders_of_segments_are_among_the_borders() -> None:
    gaps = []
    for seed in range(100):
        one, _ = clip(np.random.default_rng(seed), 1 + seed % 5)
        found = borders(one)
        assert found == sorted(set(found))
        assert (found[0], found[-1]) == (0, len(one))
        gaps += [min(abs(at - segment.end) for at in found) for segment in one.segments]
        spans = spans_between(found, 5, 200)
        assert all(start in found and end in found and 5 <= end - start <= 200 for start, end in spans)
    assert np.mean(np.array(gaps) <= 4) > 0.95  # 0.2 s
