"""Where one action may end and the next begin, told from the motion alone."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks
from scipy.spatial.transform import Rotation

from robomem.motion.clip import Clip
from robomem.motion.metrics.smoothness import positions
from robomem.types import FloatArray

__all__ = ["borders", "spans_between"]

_SMOOTH_S, _DEPTH, _REST = 0.1, 0.1, 0.02


def borders(clip: Clip) -> list[int]:
    """Return the frames at which an action may begin or end, first and last frame among them.

    There the body is slow, or near the posture in which the clip began: actions follow one another with a rest, or
    flow into each other on the way back to it. Both are smoothed over a tenth of a second and count as low where what
    surrounds them is higher by a tenth, so that slow actions have borders as well as fast ones.
    """
    places = positions(clip)
    if len(places) < 3:
        return [0, len(places)]
    speed = np.linalg.norm(np.diff(places, axis=0), axis=-1).max(1)
    turned = Rotation.from_quat(clip.root_rotation, scalar_first=True).as_matrix()
    seen = np.einsum("tij,tki->tkj", turned, places - clip.root_position[:, None])  # from the root, turned back
    away = np.linalg.norm(seen - seen[0], axis=-1).max(1)
    found = {*_low(speed, clip.fps), *_low(away, clip.fps)}
    return [0, *sorted(at for at in found if 1 < at < len(clip) - 1), len(clip)]


def spans_between(borders: list[int], shortest: float, longest: float) -> list[tuple[int, int]]:
    """Return all stretches between two borders that last from ``shortest`` to ``longest`` frames, in order."""
    return [
        (start, end)
        for at, start in enumerate(borders)
        for end in borders[at + 1 :]
        if shortest <= end - start <= longest
    ]


def _low(values: FloatArray, fps: float) -> list[int]:
    """Return where values [T] have a valley; what is below a fiftieth of their 95 % quantile is all the same."""
    smooth = gaussian_filter1d(values, _SMOOTH_S * fps)
    rest = max(_REST * float(np.quantile(smooth, 0.95)), 1e-6)
    found, _ = find_peaks(-np.log(smooth + rest), prominence=-np.log(1 - _DEPTH))
    return [int(at) for at in found]
