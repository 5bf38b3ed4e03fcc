"""Standing: ankles and hips lean against where the centre of mass goes."""

from __future__ import annotations

import mujoco
import numpy as np

from robomem.motion import Body
from robomem.types import FloatArray

__all__ = ["AnkleAndHip"]

_ANKLE, _ANKLE_RATE, _HIP = 0.6, 0.25, 0.4
"""rad a metre, rad a metre per second, and the hip's share of the ankle's correction: tuned for the humanoid."""
_MOST_RAD = 0.2
_SMOOTH = 0.3


class AnkleAndHip:
    """Adds to ankle and hip set-points what moves the centre of mass back over the feet (Horak and Nashner 1986).

    Args:
        body: of the humanoid.
        ahead: m, how far before the ankles the middle of the soles is.
        rate_hz: calls a second.
    """

    def __init__(self, body: Body, ahead: float, rate_hz: float) -> None:
        self._ahead, self._rate = ahead, rate_hz
        self._at = {name: [body.joint(f"{side}_{name}") for side in ("left", "right")] for name in _SIGNS}
        self._size = len(body.joints)
        self._before: FloatArray | None = None
        self._velocity: FloatArray = np.zeros(2)

    def __call__(self, model: mujoco.MjModel, data: mujoco.MjData) -> FloatArray:
        """Return the correction [J] in rad."""
        left, right = data.site("left_foot"), data.site("right_foot")
        forward = left.xmat[::3] + right.xmat[::3]
        forward = forward[:2] / max(float(np.hypot(*forward[:2])), 1e-6)
        middle = (left.xpos[:2] + right.xpos[:2]) / 2 + self._ahead * forward
        off = data.subtree_com[0][:2] - middle
        off = np.array([forward @ off, forward[0] * off[1] - forward[1] * off[0]])
        if self._before is not None:
            self._velocity += _SMOOTH * ((off - self._before) * self._rate - self._velocity)
        self._before = off
        correction = np.clip(_ANKLE * off + _ANKLE_RATE * self._velocity, -_MOST_RAD, _MOST_RAD)
        added: FloatArray = np.zeros(self._size)
        for name, (axis, share) in _SIGNS.items():
            added[self._at[name]] = share * correction[axis]
        return added


_SIGNS = {"ankle_pitch": (0, 1.0), "hip_pitch": (0, -_HIP), "ankle_roll": (1, -1.0), "hip_roll": (1, _HIP)}
