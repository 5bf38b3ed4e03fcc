"""Whether the wanted actions are there, and in the wanted order, wherever they begin and end."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence

__all__ = ["in_order", "present"]

Spans = Mapping[tuple[int, int], Hashable]
Fits = Callable[[Hashable, Hashable], bool]


def present(wanted: Sequence[Hashable], spans: Spans, fits: Fits) -> int:
    """Return how many of the wanted actions some stretch shows.

    Args:
        wanted: what each segment should show.
        spans: frames [start, end) -> what is seen there.
        fits: whether what is seen is what was wanted.
    """
    seen = set(spans.values())
    return sum(any(fits(one, other) for other in seen) for one in wanted)


def in_order(wanted: Sequence[Hashable], spans: Spans, fits: Fits) -> int:
    """Return how many of the wanted actions can be found one after the other, in stretches that do not overlap.

    The longest common subsequence of the wanted actions and of what is seen, over all ways to cut the motion: the best
    of the first i actions within the frames up to a border is that without the i-th, that of an earlier border, or
    one more than that of the first i - 1 up to where a stretch begins that ends here and shows the i-th.
    """
    borders = sorted({frame for span in spans for frame in span})
    ending: dict[int, list[tuple[int, Hashable]]] = {end: [] for end in borders}
    for (start, end), seen in spans.items():
        ending[end].append((start, seen))
    before = dict.fromkeys(borders, 0)
    for one in wanted:
        best, reached = dict[int, int](), 0
        for end in borders:
            shown = [before[start] + 1 for start, seen in ending[end] if fits(one, seen)]
            reached = max([reached, before[end], *shown])
            best[end] = reached
        before = best
    return max(before.values(), default=0)
