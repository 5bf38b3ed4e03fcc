"""What the robot's camera sees, told in words and numbers, for agents without vision."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from robomem_envs.household.names import plain, spoken
from robomem_envs.household.physical import PhysicalHome
from robomem_envs.navigate.moves import MOVES, STRIDE_M

__all__ = ["in_view", "scene"]

_VIEW = 500
_FELT = 6
"""Strides that the robot feels ahead, in each direction."""


def in_view(home: PhysicalHome) -> list[str]:
    """Return the things and fixtures that are seen and whose middle is in the picture, sorted."""
    lens, pose = home.lens(_VIEW, _VIEW), home.camera_pose()
    found = []
    for name in sorted(home.visible()):
        x, y, z = (home.position(name) - pose.origin) @ pose.rotation
        if z > 0 and max(abs(x), abs(y)) * lens.focal <= z * _VIEW / 2:
            found.append(name)
    return found


def scene(home: PhysicalHome, step: int, tilt: float) -> str:
    """Return a JSON text: the room, how far the way is clear, and what is in view, from where the robot stands.

    ``ahead`` and ``left`` are metres in the robot's frame, ``height`` above the floor; ``clear`` is how far, in metres
    and up to 1.5, the robot could drive in each direction.
    """
    seen = in_view(home)
    return json.dumps(
        {
            "room": home.room,
            "step": step,
            "camera_tilt": round(math.degrees(tilt)),
            "clear": _clear(home),
            "fixtures": [_fixture(home, name) for name in seen if name in home.fixtures],
            "objects": [_thing(home, name) for name in seen if name in home.things],
        },
        separators=(",", ":"),
    )


def _clear(home: PhysicalHome) -> dict[str, float]:
    base, heading = home.position("robot")[:2], home.heading
    found = {}
    for word, move in zip(("forward", "backward", "right", "left"), MOVES):
        c, s = math.cos(heading), math.sin(heading)
        stride = np.array([c * move.forward - s * move.left, s * move.forward + c * move.left])
        free = next((n for n in range(_FELT) if not home.passable(base + n * stride, base + (n + 1) * stride)), _FELT)
        found[word] = free * STRIDE_M
    return found


def _where(home: PhysicalHome, name: str) -> dict[str, float]:
    at = home.position(name)
    x, y = at[:2] - home.position("robot")[:2]
    c, s = math.cos(home.heading), math.sin(home.heading)
    ahead, left = c * x + s * y, c * y - s * x
    return {key: round(float(value), 2) for key, value in (("ahead", ahead), ("left", left), ("height", at[2]))}


def _fixture(home: PhysicalHome, name: str) -> dict[str, Any]:
    one = home.fixtures[name]
    words = {"name": spoken(name), "category": plain(one.category), "room": one.room, "colour": one.colour}
    return words | _where(home, name)


def _thing(home: PhysicalHome, name: str) -> dict[str, Any]:
    one = home.things[name]
    relation, place = home.where(name)
    words = {"name": spoken(name), "category": plain(one.category), "colour": one.colour, "size": one.size}
    words |= {"material": one.material, "shape": one.shape, "relation": relation}
    words["place"] = spoken(place) if relation in ("in", "on") else place
    return words | _where(home, name)
