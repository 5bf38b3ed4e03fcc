"""What is on the table, as text: coordinates of anonymous objects, as EB-Manipulation gives them, and what they are."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from robomem_envs.manipulate.bench import Bench
from robomem_envs.manipulate.frame import DOWN, turns, voxels
from robomem_envs.manipulate.layout import AREA_M, PERIOD

__all__ = ["Names", "describe", "gripper", "yaw_of"]


class Names:
    """Anonymous names of what is on a table: ``object 1`` is the leftmost when the episode begins.

    Args:
        bench: at the beginning.
    """

    def __init__(self, bench: Bench) -> None:
        spots = {name: tuple(voxels(bench.position(name))[[1, 0]].tolist()) for name in bench.things}
        inside = [name for name, thing in bench.things.items() if thing.shape != "sorter"]
        ordered = sorted(inside, key=lambda name: (spots[name], name))
        self.spoken = {name: f"object {number}" for number, name in enumerate(ordered, 1)}

    def say(self, body: str) -> str:
        """Return how a body of the scene is called."""
        return self.spoken.get(body, f"the {body.replace('_', ' ')}")


def gripper(bench: Bench) -> list[int]:
    """Return the pose of the gripper as the seven integers of an action that would hold it."""
    point, matrix = bench.tool
    return [*voxels(point).tolist(), *turns(matrix), int(bench.open)]


def yaw_of(bench: Bench, name: str) -> int:
    """Return the gripper's third rotation number at which the jaws fit a thing as it lies now, nearest to 60."""
    thing = bench.things[name]
    if not thing.movable:
        return thing.yaw
    matrix = bench.matrix(name)
    heading = round(np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0])) / 3.0)
    period = PERIOD[thing.shape]
    turned = heading + (0 if thing.shape == "sponge" else 30)
    return DOWN[2] + int((turned + period // 2) % period) - period // 2


def describe(bench: Bench, names: Names, step: int, *, described: bool) -> str:
    """Return the scene as JSON.

    Args:
        bench: as it is now.
        names: of its things.
        step: of the episode.
        described: whether to say what each object is; coordinates and the gripper's pose are always given.
    """
    held = bench.held
    scene: dict[str, Any] = {
        "step": step,
        "gripper": gripper(bench),
        "holding": names.spoken[held] if held else None,
        "coordinates": {spoken: voxels(bench.position(name)).tolist() for name, spoken in names.spoken.items()},
    }
    if described:
        scene["objects"] = [_entry(bench, name, spoken) for name, spoken in names.spoken.items()]
    return json.dumps(scene)


def _entry(bench: Bench, name: str, spoken: str) -> dict[str, Any]:
    thing = bench.things[name]
    entry: dict[str, Any] = {"name": spoken, "shape": "hole" if thing.shape == "pit" else thing.shape}
    if thing.shape == "pit":
        entry["fits"] = thing.hole
    else:
        entry["colour"] = thing.colour
    entry["position"] = voxels(bench.position(name)).tolist()
    if thing.shape == "area":
        axis = np.array([np.cos(thing.heading), np.sin(thing.heading), 0.0]) * AREA_M[0] / 2
        entry["ends"] = [voxels(bench.position(name) + sign * axis).tolist() for sign in (-1, 1)]
        entry["dirty_spots"] = int((bench.wiping.last[name] < 0).sum())
    elif thing.shape != "container":
        entry["yaw"] = yaw_of(bench, name)
    return entry
