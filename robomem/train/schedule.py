"""The learning rate over a run: warm-up, stable, decay."""

from __future__ import annotations

import math

__all__ = ["rate"]


def rate(step: int, steps: int, warmup: int, decay: float) -> float:
    """Return the share of the full learning rate that update ``step`` takes.

    The decay is 1 - sqrt, which Hägele et al. 2024 (arXiv 2405.18392, section 3) found to be better than a line. Up to
    it the schedule does not depend on ``steps``, so that a run goes on from there with more.

    Args:
        step: from 0.
        steps: of the whole run.
        warmup: steps in which it rises from 0 in a line.
        decay: share of ``steps``, at the end, in which it falls to 0.
    """
    rising = min(1.0, (step + 1) / (warmup + 1))
    length = decay * steps
    into = step - (steps - length)
    if length <= 0 or into <= 0:
        return rising
    return rising * (1.0 - math.sqrt(min(into / length, 1.0)))
