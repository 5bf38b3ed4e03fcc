"""Paths of the arm to a pose of its gripper: straight where that is free, else over the top."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import mink
import numpy as np

from robomem.types import FloatArray
from robomem_envs.arm.kinematics import shared
from robomem_envs.manipulate.bench import ROBOT

__all__ = ["UnreachableError", "find_path", "pose"]

_TURN_COST = 0.3
_STRIDE_M, _STRIDE_RAD, _JUMP_RAD = 0.03, 0.25, 0.7
_NEAR_M, _ALIGNED_RAD = 0.004, 0.05
_HEIGHTS_M = (0.2, 0.32)
"""Heights of the gripper at which the arm goes over things."""

Blocked = Callable[[FloatArray, bool], str | None]


class UnreachableError(Exception):
    """The gripper cannot be brought there.

    Attributes:
        obstacle: what is in the way; empty if the arm is too short.
    """

    def __init__(self, obstacle: str = "") -> None:
        super().__init__(obstacle)
        self.obstacle = obstacle


def pose(point: FloatArray, matrix: FloatArray) -> mink.SE3:
    """Return a pose from a point [3] and a rotation [3, 3]."""
    return mink.SE3.from_rotation_and_translation(mink.SO3.from_matrix(matrix), point)


def find_path(start: FloatArray, goal: mink.SE3, blocked: Blocked) -> list[FloatArray]:
    """Return joint positions [J] on the way from ``start`` [J] to a pose of the gripper.

    Args:
        start: where the joints are.
        goal: in the arm's base frame.
        blocked: names what is in the way of joint positions, or None; it is told whether they are the last.

    Raises:
        UnreachableError: the pose cannot be held, or every way that was tried runs into something.
    """
    solver = shared(ROBOT, _TURN_COST)
    end = _posture(goal, start)
    if end is None:
        raise UnreachableError
    begin = solver.pose(start)
    obstacle = blocked(end, True)
    for way in _ways(begin, goal):
        path = _along(way, start)
        if path is None:
            continue
        hit = _first(path, start, blocked)
        if not hit:
            return path
        obstacle = obstacle or hit
    hit = _first(_between(start, end), start, blocked)
    if not hit:
        return _between(start, end)
    raise UnreachableError(obstacle or hit)


def _ways(begin: mink.SE3, goal: mink.SE3) -> Iterator[list[mink.SE3]]:
    yield [begin, goal]
    for height in _HEIGHTS_M:
        lifted = [_at_height(one, max(height, float(one.translation()[2]))) for one in (begin, goal)]
        yield [begin, *lifted, goal]


def _at_height(one: mink.SE3, height: float) -> mink.SE3:
    x, y, _ = one.translation()
    return mink.SE3.from_rotation_and_translation(one.rotation(), np.array([x, y, height]))


def _posture(target: mink.SE3, start: FloatArray) -> FloatArray | None:
    """Return joints that hold a pose, near ``start`` if there are such; None if the arm cannot hold it."""
    solver = shared(ROBOT, _TURN_COST)
    for guess in (start, solver.rest):
        joints, left, turn = solver.solve_pose(target, guess)
        if left < _NEAR_M and turn < _ALIGNED_RAD:
            return joints
    return None


def _along(way: list[mink.SE3], start: FloatArray) -> list[FloatArray] | None:
    """Return joints that follow straight lines between poses; None where the arm cannot, or would have to swing."""
    solver, path, joints = shared(ROBOT, _TURN_COST), [], start
    for one, two in itertools.pairwise(way):
        length = float(np.linalg.norm(two.translation() - one.translation()))
        angle = float(np.linalg.norm(one.rotation().inverse().multiply(two.rotation()).log()))
        number = max(1, round(max(length / _STRIDE_M, angle / _STRIDE_RAD)))
        for k in range(1, number + 1):
            target = one.interpolate(two, k / number) if k < number else two
            target = _straight(one, two, target, k / number)
            found, left, turn = solver.solve_pose(target, joints)
            if left > _NEAR_M or turn > _ALIGNED_RAD or np.abs(found - joints).max() > _JUMP_RAD:
                return None
            joints = found
            path.append(joints)
    return path


def _straight(one: mink.SE3, two: mink.SE3, target: mink.SE3, share: float) -> mink.SE3:
    """Return ``target`` moved onto the straight line: interpolation of poses follows a screw."""
    point = (1.0 - share) * one.translation() + share * two.translation()
    return mink.SE3.from_rotation_and_translation(target.rotation(), point)


def _between(start: FloatArray, end: FloatArray) -> list[FloatArray]:
    number = max(1, round(float(np.abs(end - start).max()) / _STRIDE_RAD))
    return [start + (k / number) * (end - start) for k in range(1, number + 1)]


def _first(path: list[FloatArray], start: FloatArray, blocked: Blocked) -> str | None:
    """Return the first thing in the way of a path, looked at every centimetre or so."""
    before = start
    for number, joints in enumerate(path, 1):
        for share in (1 / 3, 2 / 3, 1.0):
            hit = blocked(before + share * (joints - before), share == 1.0 and number == len(path))
            if hit:
                return hit
        before = joints
    return None
