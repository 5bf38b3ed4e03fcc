"""A privileged plan for laying a thing somewhere: grasp from above where it is thin, carry it over, let go.

It knows the goals ``in`` a basket and ``on`` a thing or region that is free from above; drawers, doors, stoves and
racks it does not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.errors import ConfigError
from robomem_envs.external.libero.poses import yawed
from robomem_envs.external.libero.scene import Scene

__all__ = ["plan"]

Vector = npt.NDArray[np.float64]

WIDEST_M = 0.072
"""What fits between the fingers, which open 8 cm."""
FINGER_M = 0.045
"""How deep a thing may reach between the fingers."""
ABOVE_M = 0.12
CLEAR_M = 0.03


def plan(scene: Scene) -> list[list[int]]:
    """Return actions that bring about the first goal that does not hold yet; none when all hold.

    Raises:
        ConfigError: no expert knows how to bring it about.
    """
    for goal, holds in zip(scene.problem.goals, scene.holding_goals()):
        if not holds:
            return _lay(scene, goal)
    return []


def _lay(scene: Scene, goal: tuple[str, ...]) -> list[list[int]]:
    name, thing, *rest = goal
    corners = scene.corners(thing)
    if name not in ("in", "on") or not rest or corners is None:
        raise _unknown(scene, goal)
    target, support = _target(scene, goal, rest[0])
    grip, angle = _grasp(corners)
    offset = grip - _middle(corners)
    below = grip[2] - corners[:, 2].min()
    over = np.array([target[0] + offset[0], target[1] + offset[1], support + below + CLEAR_M])
    high = max(over[2], grip[2] + ABOVE_M) + 0.02
    turn = yawed(angle)

    def act(place: Vector, height: float, gripper: int) -> list[int]:
        return [*scene.workspace.voxel([place[0], place[1], height]), *turn, gripper]

    return [
        act(grip, grip[2] + ABOVE_M, 1),
        act(grip, grip[2], 1),
        act(grip, grip[2], 0),
        act(grip, high, 0),
        act(over, high, 0),
        act(over, over[2], 0),
        act(over, over[2], 1),
        act(over, high, 1),
    ]


def _target(scene: Scene, goal: tuple[str, ...], name: str) -> tuple[Vector, float]:
    """Return where to lay a thing, m, and the height of what it comes down on or must pass."""
    region = scene.region(name)
    owner = name if region is None else region[0]
    corners = scene.corners(owner)
    if goal[0] == "in" and (corners is None or "basket" not in owner):
        raise _unknown(scene, goal)
    if corners is not None:
        return _middle(corners), float(corners[:, 2].max())
    if region is None or not owner.startswith("flat_stove"):
        raise _unknown(scene, goal)
    return region[1], float(region[1][2])


def _grasp(corners: Vector) -> tuple[Vector, float]:
    """Return where to close the fingers, m, and how to turn them, rad: across the least width, nearest to straight.

    What is too wide everywhere, such as a bowl, is taken by its rim.
    """
    middle, top, bottom = _middle(corners), corners[:, 2].max(), corners[:, 2].min()
    angles = np.deg2rad(np.arange(-87, 91, 3))
    axes = np.stack([-np.sin(angles), np.cos(angles)])
    widths = np.ptp((corners[:, :2] - middle[:2]) @ axes, axis=0)
    best = np.lexsort((np.abs(angles), np.rint(widths * 250)))[0]
    if widths[best] <= WIDEST_M:
        height = max((top + bottom) / 2, top - FINGER_M, bottom + 0.01)
        return np.array([middle[0], middle[1], height]), float(angles[best])
    straight = int(np.argmin(np.abs(angles)))
    rim = middle[:2] + axes[:, straight] * (widths[straight] / 2 - 0.008)
    return np.array([rim[0], rim[1], top - 0.015]), float(angles[straight])


def _middle(corners: Vector) -> Vector:
    return np.asarray((corners.min(0) + corners.max(0)) / 2)


def _unknown(scene: Scene, goal: tuple[str, ...]) -> ConfigError:
    told: Any = " ".join(goal)
    return ConfigError(
        f"The oracle has no plan for the goal {told!r} of {scene.problem.suite}, task-{scene.problem.number} "
        f"({scene.problem.instruction!r}): it can lay things into baskets and onto things, as in libero_object. Choose "
        "such a task, or another agent."
    )
