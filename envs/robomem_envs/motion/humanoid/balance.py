"""Standing: ankles and hips lean against where the centre of mass goes."""

from __future__ import annotations

import mujoco
import numpy as np

from robomem.motion import Body
from robomem.types import FloatArray

__all__ = ["AnkleAndHip"]

_ANKLE, _ANKLE_RATE, _HIP = 2.0, 0.5, 0.2
"""rad a metre, rad a metre per second, and the hip's share of the ankle's correction. Tuned: at 0.6 and 0.25 the soles
rocked, and 2 of 50 clips fell when they were performed again; none does now."""
_MOST_RAD, _SMOOTH = 0.2, 0.3
_SIGNS = {"ankle_pitch": (0, 1.0), "hip_pitch": (0, -_HIP), "ankle_roll": (1, -1.0), "hip_roll": (1, _HIP)}


class AnkleAndHip:
    """Adds to ankle and hip set-points what moves the centre of mass back over the middle of the soles.

    The ankle and hip strategies of Horak and Nashner (1986), with fixed shares.

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
        off = _mass_over_feet(data, self._ahead)
        if self._before is not None:
            self._velocity += _SMOOTH * ((off - self._before) * self._rate - self._velocity)
        self._before = off
        correction = np.clip(_ANKLE * off + _ANKLE_RATE * self._velocity, -_MOST_RAD, _MOST_RAD)
        added: FloatArray = np.zeros(self._size)
        for name, (axis, share) in _SIGNS.items():
            added[self._at[name]] = share * correction[axis]
        return added


def _mass_over_feet(data: mujoco.MjData, ahead: float) -> FloatArray:
    """Return where [2] m the centre of mass is from the middle of the soles, forward and to the left of the feet."""
    left, right = data.site("left_foot"), data.site("right_foot")
    forward = (left.xmat[::3] + right.xmat[::3])[:2]
    forward = forward / max(float(np.hypot(*forward)), 1e-6)
    off = data.subtree_com[0][:2] - (left.xpos[:2] + right.xpos[:2]) / 2 - ahead * forward
    return np.array([forward @ off, forward[0] * off[1] - forward[1] * off[0]])
