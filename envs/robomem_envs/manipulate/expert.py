"""The ceiling: actions found with hidden state."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from robomem.types import FloatArray
from robomem_assets.props.sorter import SORTER_HEIGHT_M
from robomem_envs.manipulate.bench import CONTAINER_M, PRISM_M, Bench
from robomem_envs.manipulate.frame import DOWN, FEWEST_VOXEL, VOXEL_M, metres, rotation, voxels
from robomem_envs.manipulate.goals import TOWARDS, AreaGoal, Goal, ThingGoal, lies_in
from robomem_envs.manipulate.layout import PERIOD
from robomem_envs.manipulate.obstacles import Obstacles
from robomem_envs.manipulate.reach import UnreachableError, find_path, pose
from robomem_envs.manipulate.scene import gripper, yaw_of

__all__ = ["plan"]

_OVER = 12
"""Voxels over a grasp from which the gripper comes down."""
_FINGER_M = 0.0115
"""From the point between the jaws to the end of the fingers, and a little."""

_ASIDE_M = 0.03
"""How far from a container's middle its corners' middles are."""

Action = list[int]


def plan(bench: Bench, goals: Iterable[Goal]) -> list[Action]:
    """Return actions towards the first goal that does not hold, as far as they can be foreseen; none if all hold."""
    missing = [goal for goal in goals if not goal.met(bench)]
    if not missing:
        return []
    first = missing[0]
    if isinstance(first, AreaGoal):
        same = [goal for goal in missing if isinstance(goal, AreaGoal) and goal.areas == first.areas]
        return _wipe(bench, first, max(goal.towards for goal in same))
    return _transfer(bench, first)


def _transfer(bench: Bench, goal: ThingGoal) -> list[Action]:
    held = bench.held
    if held is not None and held not in goal.things:
        return _release(bench)
    if held is None:
        return _grasp(bench, min(goal.things, key=lambda name: (bench.position(name)[2], name)))
    if goal.relation == "lifted":
        return [_raised(gripper(bench))]
    return _place(bench, held, min(goal.places, key=lambda name: math.dist(bench.position(name), bench.position(held))))


def _raised(now: Action) -> Action:
    return [*now[:2], min(now[2] + _OVER, 60), *DOWN[:2], now[5], now[6]]


def _release(bench: Bench) -> list[Action]:
    return [[*gripper(bench)[:6], 1]]


def _grasp(bench: Bench, name: str) -> list[Action]:
    """Come from above, open, and close around it; then lift it."""
    x, y, z = voxels(bench.position(name)).tolist()
    z = max(z, FEWEST_VOXEL + 1)
    yaws = list(_fitting(bench, name))
    yaw = next((yaw for yaw in yaws if _free(bench, [x, y, z, *DOWN[:2], yaw])), yaws[0])
    over, at = [x, y, z + _OVER, *DOWN[:2], yaw], [x, y, z, *DOWN[:2], yaw]
    return [[*over, 1], [*at, 1], [*at, 0], [*over, 0]]


def _fitting(bench: Bench, name: str) -> Iterator[int]:
    """Yield rotation numbers at which the jaws fit a thing, nearest to straight first."""
    shape, yaw = bench.things[name].shape, yaw_of(bench, name)
    period = math.gcd(PERIOD[shape], 60)
    turned = range(yaw % period, 121, period) if period > 1 else (60, 45, 75, 30, 90)
    yield from sorted(turned, key=lambda number: (abs(number - DOWN[2]), number))


def _free(bench: Bench, numbers: Action) -> bool:
    try:
        find_path(bench.joints, pose(metres(numbers[:3]), rotation(numbers[3:]).as_matrix()), Obstacles(bench))
    except UnreachableError:
        return False
    return True


def _place(bench: Bench, held: str, place: str) -> list[Action]:
    """Carry what is held to a place, which goes over the top, and open the jaws."""
    now, kind = gripper(bench), bench.things[place].shape
    target, yaw = bench.position(place), now[5]
    if kind == "pit":
        target[2] = SORTER_HEIGHT_M - 0.01 + PRISM_M / 2
        yaw += _turn(bench.things[place].yaw - yaw_of(bench, held), PERIOD[bench.things[held].shape])
        least = SORTER_HEIGHT_M + _FINGER_M
    elif kind == "container":
        least = CONTAINER_M[2] + _FINGER_M
        target[2], target[:2] = PRISM_M, _room(bench, held, place)
    else:
        target[2], least = target[2] + PRISM_M, 0.0
    point = target - _offset(bench, held, yaw)
    x, y, _ = voxels(point).tolist()
    z = math.ceil((max(point[2] - 0.001, least) - float(metres((0, 0, 0))[2])) / VOXEL_M - 1e-6)
    at = [x, y, z, *DOWN[:2], yaw]
    return [[*at, 0], [*at, 1]]


def _room(bench: Bench, held: str, container: str) -> FloatArray:
    """Return the spot [2] of a container that is farthest from what lies in it already."""
    middle = bench.position(container)[:2]
    inside = [name for name, thing in bench.things.items() if thing.movable and name != held]
    inside = [name for name in inside if lies_in(bench, name, container)]
    spots = middle + _ASIDE_M * np.array([[1, 1], [-1, -1], [1, -1], [-1, 1]])
    room = [min([math.dist(spot, bench.position(name)[:2]) for name in inside], default=0.0) for spot in spots]
    best: FloatArray = spots[int(np.argmax(room))]
    return best


def _turn(by: int, period: int) -> int:
    """Return the smallest turn that looks like ``by``."""
    return (by + period // 2) % period - period // 2 if period > 1 else 0


def _offset(bench: Bench, held: str, yaw: int) -> FloatArray:
    """Return where a held thing will be from the point between the jaws, with the gripper down at ``yaw``."""
    point, turn = bench.tool
    ahead: FloatArray = rotation((*DOWN[:2], yaw)).as_matrix() @ turn.T @ (bench.position(held) - point)
    return ahead


def _wipe(bench: Bench, goal: AreaGoal, towards: str) -> list[Action]:
    """Take the sponge, lower it at one end of the area and drag it to the other."""
    held = bench.held
    if held != "sponge":
        return _release(bench) if held else _grasp(bench, "sponge")
    spots = bench.wiping.spots(goal.areas[0])
    if towards and (spots[-1] - spots[0]) @ np.array(TOWARDS[towards]) < 0:
        spots = spots[::-1]
    yaw = gripper(bench)[5]
    offset = _offset(bench, held, yaw)
    ends = [voxels(np.array([*spot, bench.position("sponge")[2]]) - offset).tolist()[:2] for spot in spots[[0, -1]]]
    z = int(voxels(np.array([0.0, 0.0, PRISM_M / 2]) - offset)[2])
    down = [[*end, z, *DOWN[:2], yaw, 0] for end in ends]
    return [_raised(down[0]), *down]
