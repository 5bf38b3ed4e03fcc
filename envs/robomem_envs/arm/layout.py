"""Where things lie on the table, for arms of any size: given for the SO-101, scaled by how far an arm reaches."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from robomem.errors import ConfigError
from robomem.types import FloatArray
from robomem_assets import arms

__all__ = ["arc", "base_axis", "scale"]


def scale(arm: arms.Arm) -> float:
    """Return the arm's reach over the SO-101's."""
    return float(arm.workspace[1][0] / arms.load("so101").workspace[1][0])


def base_axis(arm: arms.Arm) -> FloatArray:
    """Return where the axis of the arm's first joint meets the table, [2] metres.

    Raises:
        ConfigError: the first joint does not turn about the vertical.
    """
    model = arm.spec().compile()
    joint = model.joint(arm.joints[0])
    if abs(joint.axis[2]) < 0.99:
        raise ConfigError(f"the first joint of {arm.name} does not turn about the vertical, as this task needs.")
    axis: FloatArray = model.body(int(joint.bodyid[0])).pos[:2].copy()
    return axis


def arc(count: int, radius: float, half_angle: float, height: float) -> FloatArray:
    """Return points [count, 3] on an arc around the arm's base, from right to left (a single one straight ahead).

    Args:
        count: how many.
        radius: from the base, in metres.
        half_angle: of the arc's ends from straight ahead, in radians.
        height: above the table, in metres.
    """
    angles: npt.NDArray[np.float64] = np.linspace(-half_angle, half_angle, count) if count > 1 else np.zeros(1)
    return np.stack([radius * np.cos(angles), radius * np.sin(angles), np.full(count, height)], axis=1)
