"""From a wish to actions of seven integers: X, Y, Z in voxels of 1 cm, roll, pitch, yaw in steps of 3 degrees, gripper.

Straight down is roll 0 and pitch 60; the scene tells at which yaw the jaws fit an object. Everything that can be picked
up is four and a half voxels high.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from robomem_policies.planner.rules.tabletop.request import MOVABLE, Wish
from robomem_policies.planner.rules.tactics import Stuck

__all__ = ["Scene", "done", "moves"]

Scene = Mapping[str, Any]
Move = tuple[int, ...]

_DOWN: Final = (0, 60)
_OVER, _LOWEST = 12, 16
_LAYER, _ON_TABLE = 5, 17
"""How far apart the middles of stacked things are, and where the middle of one is that stands on the table; voxels."""
_CONTAINER, _HOLE = 4, 3
"""How far over the middle of a container, or of a hole's block, the gripper lets go without touching."""
_CORNERS: Final = ((3, 3), (-3, -3), (3, -3), (-3, 3))
_WITHIN, _IN_HOLE, _ON = 7, 1.5, 2.3
_SAME_AFTER: Final = {"cube": 30, "cylinder": 1, "triangle": 40, "star": 24}
"""Turn, in rotation steps, after which a shape looks the same; others after a full one, 120."""
_AXIS: Final = {"left": (1, -1), "right": (1, 1), "front": (0, 1), "back": (0, -1)}


def moves(wish: Wish, scene: Scene, failures: int) -> list[Move]:
    """Return the next few actions towards a wish; ``failures`` of earlier ones make it try other ways.

    Raises:
        Stuck: what it needs for it is not there.
    """
    objects = _by_name(scene)
    held = scene["holding"]
    tool = _sponge(scene) if wish.deed == "wipe" else wish.thing
    now = list(scene["gripper"])
    if held is not None and held != tool:
        return [(*now[:6], 1)]
    if held is None:
        return _grasp(objects[tool], failures)
    if wish.deed == "lift":
        return [(*now[:2], now[2] + _OVER // 2, *_DOWN, now[5], 0)]
    if wish.deed == "wipe":
        return _stroke(wish, objects[wish.thing], objects[tool], now)
    return _set_down(wish, scene, objects, failures)


def done(wish: Wish, scene: Scene) -> bool:
    """Return whether a wish looks granted."""
    objects = _by_name(scene)
    thing = objects[wish.thing]
    if wish.deed == "wipe":
        return bool(thing["dirty_spots"] == 0)
    if wish.deed == "lift":
        return bool(scene["holding"] == wish.thing and thing["position"][2] > _ON_TABLE + _LAYER)
    if scene["holding"] == wish.thing:
        return False
    place = _hole(thing, scene) if wish.deed == "sort" else objects[wish.place]
    return _lies(thing, place)


def _by_name(scene: Scene) -> dict[str, Mapping[str, Any]]:
    return {one["name"]: one for one in scene["objects"]}


def _sponge(scene: Scene) -> str:
    """Return the name of the sponge."""
    sponges = [str(one["name"]) for one in scene["objects"] if one["shape"] == "sponge"]
    if not sponges:
        raise Stuck("I see no sponge.")
    return sponges[0]


def _hole(thing: Mapping[str, Any], scene: Scene) -> Mapping[str, Any]:
    holes: list[Mapping[str, Any]] = [
        one for one in scene["objects"] if one["shape"] == "hole" and one["fits"] == thing["shape"]
    ]
    if not holes:
        raise Stuck(f"I see no hole for a {thing['shape']}.")
    return holes[0]


def _lies(thing: Mapping[str, Any], place: Mapping[str, Any]) -> bool:
    (x, y, z), (px, py, pz) = thing["position"], place["position"]
    if place["shape"] == "container":
        return bool(max(abs(x - px), abs(y - py)) <= _WITHIN and z < pz + _LAYER - 1)
    if place["shape"] == "hole":
        return math.dist((x, y), (px, py)) <= _IN_HOLE and z <= pz
    return math.dist((x, y), (px, py)) <= _ON and z - pz in (_LAYER - 1, _LAYER)


def _grasp(thing: Mapping[str, Any], failures: int) -> list[Move]:
    x, y, z = thing["position"]
    z = max(z, _LOWEST)
    step = math.gcd(_SAME_AFTER.get(thing["shape"], 60), 60)
    step = step if step > 1 else 15
    options = sorted(range(thing["yaw"] % step, 121, step), key=lambda yaw: (abs(yaw - 60), yaw))
    yaw = options[failures % len(options)]
    over, at = (x, y, z + _OVER, *_DOWN, yaw), (x, y, z, *_DOWN, yaw)
    return [(*over, 1), (*at, 1), (*at, 0), (*over, 0)]


def _set_down(wish: Wish, scene: Scene, objects: Mapping[str, Mapping[str, Any]], failures: int) -> list[Move]:
    thing, now = objects[wish.thing], scene["gripper"]
    yaw = now[5]
    if wish.deed == "sort":
        place = _hole(thing, scene)
        x, y, z = place["position"]
        z += _HOLE
        same = _SAME_AFTER.get(thing["shape"], 120)
        yaw += (place["yaw"] - thing["yaw"] + same // 2) % same - same // 2 if same > 1 else 0
    elif wish.deed == "in":
        x, y, z = _room(objects[wish.place], scene)
    else:
        x, y, z = objects[wish.place]["position"]
        z += _LAYER + now[2] - thing["position"][2]
    dx, dy = thing["position"][0] - now[0], thing["position"][1] - now[1]
    turn = math.radians(3 * (yaw - now[5]))
    x -= round(dx * math.cos(turn) - dy * math.sin(turn))
    y -= round(dx * math.sin(turn) + dy * math.cos(turn))
    at = (x, y, min(z + failures, 100), *_DOWN, yaw % 121)
    return [(*at, 0), (*at, 1)]


def _room(container: Mapping[str, Any], scene: Scene) -> tuple[int, int, int]:
    """Return the spot of a container that is farthest from what lies in it already, and the height to let go at."""
    x, y, z = container["position"]
    others = [one for one in scene["objects"] if one["shape"] in MOVABLE and one["name"] != scene["holding"]]
    inside = [one["position"] for one in others if _lies(one, container)]
    spots = [(x + dx, y + dy) for dx, dy in _CORNERS]
    best = max(spots, key=lambda spot: min([math.dist(spot, one[:2]) for one in inside], default=0.0))
    return (*best, z + _CONTAINER)


def _stroke(wish: Wish, area: Mapping[str, Any], sponge: Mapping[str, Any], now: Sequence[int]) -> list[Move]:
    ends = [list(end) for end in area["ends"]]
    if wish.towards:
        axis, sign = _AXIS[wish.towards]
        ends.sort(key=lambda end: sign * end[axis])
    dx, dy, dz = (now[k] - sponge["position"][k] for k in range(3))
    down = [(x + dx, y + dy, _ON_TABLE + dz, *_DOWN, now[5], 0) for x, y, _ in ends]
    return [(*down[0][:2], _ON_TABLE + _OVER, *down[0][3:]), *down]
