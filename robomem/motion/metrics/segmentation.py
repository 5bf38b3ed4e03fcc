"""Where one action ends and the next begins, told from the motion alone: where everything is slow."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from robomem.motion.clip import Clip
from robomem.motion.metrics.smoothness import positions

__all__ = ["spans_between", "valleys"]

_SMOOTH_S, _DEPTH, _REST = 0.1, 0.1, 0.02


def valleys(clip: Clip) -> list[int]:
    """Return frames of least speed, first and last frame among them.

    The speed is that of the fastest joint or point, smoothed over a tenth of a second; a valley is slower than what
    surrounds it by a tenth, so that slow actions have valleys as well as fast ones. Below a fiftieth of the clip's usual
    peak speed (its 95 % quantile) everything is at rest.
    """
    places = positions(clip)
    if len(places) < 3:
        return [0, len(places)]
    speed = np.linalg.norm(np.diff(places, axis=0), axis=-1).max(1)
    speed = gaussian_filter1d(speed, _SMOOTH_S * clip.fps)
    rest = max(_REST * float(np.quantile(speed, 0.95)), 1e-6)
    found, _ = find_peaks(-np.log(speed + rest), prominence=-np.log(1 - _DEPTH))
    return [0, *(int(at) for at in found if 1 < at < len(clip) - 1), len(clip)]


def spans_between(borders: list[int], shortest: float, longest: float) -> list[tuple[int, int]]:
    """Return all stretches between two borders that last from ``shortest`` to ``longest`` frames, in order."""
    return [
        (start, end)
        for at, start in enumerate(borders)
        for end in borders[at + 1 :]
        if shortest <= end - start <= longest
    ]
