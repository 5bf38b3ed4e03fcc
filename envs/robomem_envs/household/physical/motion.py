"""Motions of base, arm and doors in big strides: the state that follows each is the one that slow motion ends in."""

from __future__ import annotations

import math

import numpy as np

from robomem.types import BoolArray, FloatArray
from robomem_assets.household.furniture import Furnishing
from robomem_assets.household.robot import SPEED
from robomem_envs.household.physical.approach import PITCHES, Approach, Found, Target
from robomem_envs.household.physical.body import CARRY_LIFT, RobotBody
from robomem_envs.household.physical.contents import Contents
from robomem_envs.household.physical.reach import solve
from robomem_envs.household.physical.route import length
from robomem_envs.household.physical.world import World

__all__ = ["FastMotion"]

_SWING_STRIDES = 8
_SETTLING_ROUNDS, _SETTLING_STEPS = 40, 8
_STILL = 0.02
"""m/s or rad/s at which a thing is called at rest."""


class FastMotion:
    """Sets joints instead of driving them, and reckons the time that the real robot's speeds would take."""

    def __init__(self, world: World, body: RobotBody, approach: Approach, contents: Contents) -> None:
        self._world, self._body, self._approach, self._contents = world, body, approach, contents
        self._trunk = _trunk(world)

    def _pose(self) -> None:
        self._world.refresh()
        if self._body.grip is not None:
            self._body.carry()
            self._world.refresh()

    def drive(self, path: FloatArray, yaw: float) -> float:
        """Follow a path [n, 2] with the arm folded and turn to ``yaw`` at its end; return seconds."""
        self._body.stow()
        turned = abs(math.remainder(yaw - self._body.yaw, math.tau))
        end = (float(path[-1, 0]), float(path[-1, 1]))
        self._body.stand(end, yaw)
        self._pose()
        return length(path) / SPEED["base"] + turned / SPEED["turn"]

    def reach(self, found: Found, target: Target) -> tuple[float, float]:
        """Bring the hand to a target; return how far it is from it, metres, and seconds."""
        seconds = abs(found.reach.lift - CARRY_LIFT) / SPEED["lift"] + found.reach.extend / SPEED["extend"] + 1.0
        seconds += abs(math.remainder(found.reach.yaw - self._body.yaw, math.tau)) / SPEED["turn"]
        self._body.set(finger=target.width / 2)
        error = self._approach.arrive(found, target)
        self._pose()
        return error, seconds

    def stow(self) -> float:
        """Fold the arm; return seconds."""
        self._body.stow()
        self._pose()
        return 3.0

    def release(self) -> None:
        """Open the hand, and let what was in it come to rest."""
        grip = self._body.grip
        self._body.let_go()
        if grip is None:
            return
        world = self._world
        robot = world.model.geom_contype[world.robot].copy()
        world.model.geom_contype[world.robot] = 0
        for _ in range(_SETTLING_ROUNDS):
            world.settle(_SETTLING_STEPS)
            if world.speed(grip.thing) < _STILL:
                break
        world.model.geom_contype[world.robot] = robot

    def swing(self, piece: Furnishing, opened: bool, base: tuple[float, float]) -> str:
        """Move a door with the hand at its handle; return what stopped it, or "" when it got there.

        What lies in a drawer moves with it. A door that is stopped goes back to where it was.
        """
        assert piece.door is not None
        world, leaf, door = self._world, self._world.leaf[piece.name], piece.door
        inside = {t for s in piece.surfaces if s.body == door.body for t in self._contents.on(piece.name)}
        before = world.data.qpos.copy()
        own = (world.owner == world.index[piece.name]) & (world.model.geom_bodyid == world.model.body(door.body).id)
        spare = {piece.name, *self._contents.on(piece.name)}
        start, end = (0.0, door.open) if opened else (door.open, 0.0)
        for share in np.linspace(0.0, 1.0, _SWING_STRIDES + 1)[1:]:
            origin = world.frame(door.body)[0].copy()
            world.data.qpos[leaf] = start + share * (end - start)
            world.refresh()
            shift = world.frame(door.body)[0] - origin
            for thing in inside:
                position, quat = world.pose(thing)
                world.set_pose(thing, position + shift, quat)
            self._follow(piece, base)
            stopped = self._stopped(own, spare)
            if stopped:
                world.data.qpos[:] = before
                self._pose()
                return stopped
        return ""

    def _follow(self, piece: Furnishing, base: tuple[float, float]) -> None:
        """Keep the hand at the handle as far as the arm reaches; further on the door swings by itself."""
        assert piece.door is not None
        handle = self._world.data.site(piece.door.handle).xpos.copy()
        for pitch in PITCHES:
            reach = solve(base, handle, pitch)
            if reach is not None:
                self._body.take(base, reach)
                break
        self._pose()

    def _stopped(self, leaf: BoolArray, spare: set[str]) -> str:
        world = self._world
        for geom in world.contacts(leaf, 0.008):
            if world.robot[geom]:
                if self._trunk[geom]:
                    return "robot"
            elif world.owner[geom] >= 0 and world.names[world.owner[geom]] not in spare | {self._held()}:
                return str(world.names[world.owner[geom]])
        return ""

    def _held(self) -> str:
        return self._body.grip.thing if self._body.grip else ""


def _trunk(world: World) -> BoolArray:
    """Return [geoms] which belong to the base, the mast and the head: what cannot be swung out of a door's way."""
    model = world.model
    rigid = [int(model.body(name).id) for name in ("robot", "head_pan", "head_tilt")]
    trunk: BoolArray = np.isin(model.geom_bodyid, rigid)
    return trunk
