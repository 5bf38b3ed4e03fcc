"""The lamp that turns green when the arm may move: the go signal for whoever sees pictures."""

from __future__ import annotations

import mujoco

from robomem_assets import props
from robomem_assets.arms import Arm
from robomem_envs.arm import layout

__all__ = ["add_go_lamp", "paint_go_lamp"]

_GREEN = (0.25, 0.85, 0.35, 1.0)
_RADIUS_M = 0.012


def add_go_lamp(spec: mujoco.MjSpec, arm: Arm) -> None:
    """Put the lamp in the far right corner of the arm's workspace."""
    x, right = arm.workspace[1][0], arm.workspace[0][1]
    props.add_lamp(spec, "go", (0.97 * x, 0.95 * right), _RADIUS_M * layout.scale(arm))


def paint_go_lamp(model: mujoco.MjModel, *, on: bool) -> None:
    """Light the lamp or turn it off."""
    props.set_lamp(model, "go", _GREEN if on else None)
