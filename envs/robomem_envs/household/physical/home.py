"""The Home protocol in MuJoCo."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from robomem.errors import ConfigError, UnknownNameError
from robomem.perception import CameraPose, Intrinsics
from robomem.seeding import generator
from robomem_assets.household.apartments import load
from robomem_assets.household.furniture import Furnishing
from robomem_envs.household.home import Outcome
from robomem_envs.household.physical import stands
from robomem_envs.household.physical.approach import TOLERANCE_M, Approach, Blocked, Found, Target
from robomem_envs.household.physical.body import CARRY_LIFT, Grip, RobotBody
from robomem_envs.household.physical.contents import Contents, yaw_of
from robomem_envs.household.physical.facts import fixture, thing
from robomem_envs.household.physical.floor_map import CELL_M, FloorMap, clear
from robomem_envs.household.physical.looks import Looks
from robomem_envs.household.physical.motion import FastMotion
from robomem_envs.household.physical.outcomes import name_of, no
from robomem_envs.household.physical.route import length, route
from robomem_envs.household.physical.sight import Sight
from robomem_envs.household.physical.slow_motion import SlowMotion
from robomem_envs.household.physical.views import Views
from robomem_envs.household.physical.world import World

__all__ = ["PhysicalHome"]

_BESIDE_M = 1.0
"""How far the base may shift while the hand goes for something."""
_ARM_M, _BEFORE_M = 1.35, 0.95
"""How far from the base's axis a thing, and the edge of a piece of furniture, can be to be called near."""
_TRIED_SPOTS = 10
_SPOTS_APART_M = 0.11
_FIRST_SETTLING = 40
_LOWEST_M = 0.018
"""The fingers are this thick: lower they would touch what the thing lies on."""


class PhysicalHome:
    """An apartment with a mobile manipulator in it.

    Where things lie at first is a function of ``world`` and ``seed``; what follows, of these and the motions.

    Args:
        world: a name from ``robomem_assets.household.apartments``.
        seed: of the arrangement, and of what slips.
        fast: strides instead of continuous motion, with the same preconditions, failures and effects.

    Raises:
        UnknownNameError: there is no such apartment.
    """

    def __init__(self, world: str, seed: int, *, fast: bool = True) -> None:
        self._world = World(load(world))
        self._seed, self.fast = int(seed), fast
        apartment = self._world.apartment
        self._furniture = apartment.furniture
        self._contents = Contents(self._world)
        self._body = RobotBody(self._world)
        x, y, yaw = apartment.plan.start
        self._body.stand((x, y), yaw)
        self._body.stow()
        self._world.refresh()
        self._map = FloorMap(self._world)
        self._approach = Approach(self._world, self._body)
        motion = FastMotion if self.fast else SlowMotion
        self._motion = motion(self._world, self._body, self._approach, self._contents)
        self._stands = stands.of(world)
        self._sight, self._views = Sight(self._world), Views(self._world)
        self._looks = Looks(self._world)
        self._on: set[str] = set()
        self._counts = {"grasp": 0, "relocate": 0}
        self._contents.arrange(self._seed, self._reachable)
        self._world.settle(_FIRST_SETTLING)
        self.fixtures = {name: fixture(self._world, piece) for name, piece in self._furniture.items()}
        self.things = {name: thing(item) for name, item in apartment.items.items()}

    # What is the case

    def where(self, thing: str) -> tuple[str, str]:
        """Return (relation, place)."""
        return self._contents.place[self._thing(thing)]

    def position(self, name: str) -> np.ndarray[Any, Any]:
        """Return the position [3] of a thing, a fixture or ``robot``."""
        if name == "robot":
            return np.array([*self._body.base, 0.0])
        if name in self.fixtures:
            return np.array(self.fixtures[name].position)
        position = self._world.pose(self._thing(name))[0]
        position[2] += self._contents.category(name).height / 2
        return position

    def is_open(self, fixture: str) -> bool:
        """Return whether it is open."""
        piece = self._piece(fixture)
        return piece.door is not None and bool(self._world.data.qpos[self._world.leaf[fixture]] > 0.5 * piece.door.open)

    def is_on(self, fixture: str) -> bool:
        """Return whether it is turned on."""
        return self._piece(fixture).name in self._on

    @property
    def holding(self) -> str | None:
        """The thing in the gripper."""
        return self._body.grip.thing if self._body.grip else None

    @property
    def room(self) -> str:
        """The room that the robot is in."""
        return self._contents.room_at(np.array([*self._body.base, 0.0]))

    @property
    def heading(self) -> float:
        """Where the robot faces, radians from the x axis of the map."""
        return self._body.yaw

    def room_at(self, point: np.ndarray[Any, Any]) -> str:
        """Return the room over which a point [2 or 3] of the map is."""
        return self._contents.room_at(point)

    def visible(self) -> frozenset[str]:
        """Return what is seen from here, looking around; what the hand holds is always seen."""
        seen = self._sight.seen()
        return seen if self.holding is None else seen | {self.holding}

    def near(self, name: str) -> bool:
        """Return whether the arm can reach it from here, the base shifting a little if need be."""
        if name == self.holding:
            return True
        if name in self._furniture:
            return self._before(self._furniture[name])
        fixture = self._contents.place[self._thing(name)][1]
        if math.dist(self._body.base, self.position(name)[:2]) > _ARM_M:
            return False
        if fixture in self._furniture:
            return self._before(self._furniture[fixture])
        return self._contents.room_at(self.position(name)) == self.room

    def _before(self, piece: Furnishing) -> bool:
        """Return whether the robot stands close to a piece of furniture, on a side from which it can be used."""
        origin, turn = self._world.frame(piece.name)
        at = turn.T @ (np.array([*self._body.base, 0.0]) - origin)
        x0, x1, y0, y1 = piece.footprint
        aside = math.hypot(max(x0 - at[0], 0.0, at[0] - x1), max(y0 - at[1], 0.0, at[1] - y1))
        return aside < _BEFORE_M and (piece.sides == "around" or at[0] > x0) and self.room == piece.room

    # Driving

    def go(self, name: str) -> Outcome:
        """Drive to where the robot can reach a fixture or thing."""
        if name == self.holding:
            return Outcome(True)
        free = self._map.free(self._contents.lying())
        fixture = name if name in self._furniture else self._contents.place[self._thing(name)][1]
        bases: list[tuple[float, float]] = []
        if name in self.things and not self._shut(fixture):
            found = self._approach.find(self._target(name), self._around(name, fixture, free))
            bases = [found.base] if isinstance(found, Found) else []
        if fixture in self._furniture:
            bases += self._stands.at(fixture)
        elif not bases:
            bases = list(self._approach.around(self._target(name), free, CELL_M))[:6]
        looking = self.position(name)
        for base in bases:
            yaw = math.atan2(looking[1] - base[1], looking[0] - base[0]) + math.pi / 2
            path = route(free, self._body.base, base)
            if path is not None and (free[self._map.cell(base)] or self._fits(path, yaw)):
                seconds = self._motion.drive(path, math.remainder(yaw, math.tau))
                self._look_at(looking)
                return self._done(seconds)
        return no("unreachable", f"There is no way for me to {name_of(name)}.")

    def _fits(self, path: np.ndarray[Any, Any], yaw: float) -> bool:
        """Return whether the last leg of a path is free for the robot as it is, beside an open door for instance."""
        last, end = path[-2], path[-1]
        return self._approach.slides((float(last[0]), float(last[1])), (float(end[0]), float(end[1])), yaw)

    def _around(self, thing: str, fixture: str, free: Any) -> Iterator[tuple[float, float]]:
        """Yield places to take a thing from: where the robot is, before its furniture, and around it."""
        target = self._target(thing)
        near = [self._body.base] if math.dist(self._body.base, target.point[:2]) < 1.0 else []
        yield from near
        if fixture in self._furniture:
            yield from sorted(self._stands.at(fixture), key=lambda at: math.dist(at, target.point[:2]))
        yield from self._approach.around(target, free, CELL_M)

    def passable(self, start: np.ndarray[Any, Any], end: np.ndarray[Any, Any]) -> bool:
        """Return whether the base can go straight from one point [2] of the map to another."""
        return clear(self._map.free(self._contents.lying()), start, end)

    def stand(self, base: tuple[float, float], yaw: float) -> None:
        """Put the robot somewhere, looking straight ahead; not an action of the robot.

        Raises:
            ConfigError: there is no room for it there.
        """
        if not (math.isfinite(yaw) and self.passable(np.array(base), np.array(base))):
            raise ConfigError(f"The robot cannot stand at {base}, facing {yaw} rad: something is there.")
        self._body.stand(base, math.remainder(yaw, math.tau))
        self._body.set(head_pan=0.0, head_tilt=0.0)
        self._world.refresh()

    def move(self, forward: float, left: float, turn: float, tilt: float) -> Outcome:
        """Drive by metres in the robot's own frame, turn and tilt the head."""
        base, yaw = np.array(self._body.base), self._body.yaw
        c, s = math.cos(yaw), math.sin(yaw)
        end = base + np.array([c * forward - s * left, s * forward + c * left])
        if (forward or left) and not self.passable(base, end):
            return no("blocked", "Something is in the way.")
        q, at = self._world.data.qpos, self._world.joint
        tilted = float(q[at["head_tilt"]]) + tilt
        seconds = self._motion.drive(np.array([base, end]), math.remainder(yaw + turn, math.tau))
        self._body.set(head_pan=0.0, head_tilt=tilted)
        self._world.refresh()
        return self._done(seconds + abs(tilt))

    def _look_at(self, point: np.ndarray[Any, Any]) -> None:
        """Turn the head to a point."""
        base, yaw = self._body.base, self._body.yaw
        aside = math.hypot(point[0] - base[0], point[1] - base[1])
        pan = math.remainder(math.atan2(point[1] - base[1], point[0] - base[0]) - yaw, math.tau)
        self._body.set(head_pan=pan if pan < 1.73 else pan - math.tau, head_tilt=math.atan2(point[2] - 1.3, aside))
        self._world.refresh()

    # Handling

    def grasp(self, thing: str) -> Outcome:
        """Close the hand around a thing within reach."""
        self._thing(thing)
        if self.holding is not None:
            return no("hand_full", f"My hand is full: I hold {name_of(self.holding)}.")
        if not self.near(thing):
            return no("far", f"{name_of(thing).capitalize()} is out of reach.")
        fixture = self._contents.place[thing][1]
        if self._shut(fixture):
            return no("closed", f"{name_of(fixture).capitalize()} is closed.")
        target = self._target(thing)
        found = self._seek(target, fixture)
        if isinstance(found, Blocked):
            return self._failed(thing, found)
        seconds = self._shift(found)
        error, took = self._motion.reach(found, target)
        seconds += took
        if error > TOLERANCE_M:
            return no("unreachable", f"My hand came no nearer to {name_of(thing)} than {100 * error:.0f} cm.", seconds)
        category = self._contents.category(thing)
        self._counts["grasp"] += 1
        draw = generator(self._seed, "household", "slip", self._counts["grasp"]).random()
        if draw < category.slippery:
            self._motion.release()
            seconds += self._motion.stow()
            return no("slipped", f"{name_of(thing).capitalize()} slipped out of my hand.", seconds)
        position, quat = self._world.pose(thing)
        grip = Grip(thing, float(target.point[2] - position[2]), target.beyond, yaw_of(quat) - self._body.heading)
        self._body.close_on(grip, target.width - 0.03)
        self._contents.place[thing] = ("hand", "")
        seconds += self._motion.stow()
        self._look_at(position)
        return self._done(seconds)

    def put(self, fixture: str) -> Outcome:
        """Set what is held down in or on a fixture within reach."""
        piece, held = self._piece(fixture), self._body.grip
        if held is None:
            return no("hand_empty", "My hand is empty.")
        if not piece.holds:
            return no("unreachable", f"Nothing can be put on {name_of(fixture)}.")
        if not self.near(fixture):
            return no("far", f"{name_of(fixture).capitalize()} is out of reach.")
        if self._shut(fixture):
            return no("closed", f"{name_of(fixture).capitalize()} is closed.")
        reason: Blocked | None = None
        tried: list[np.ndarray[Any, Any]] = []
        for spot in self._contents.spots(fixture, held.thing):
            if any(np.abs(spot.position - other).max() < _SPOTS_APART_M for other in tried):
                continue
            tried.append(spot.position)
            if len(tried) > _TRIED_SPOTS:
                break
            target = Target(
                spot.position + np.array([0.0, 0.0, held.below + 0.004]), held.beyond, frozenset({held.thing}), 0.08
            )
            found = self._seek(target, fixture)
            if isinstance(found, Found):
                return self._set_down(found, target, held)
            reason = reason or found
        if reason is None:
            return no("full", f"There is no room for {name_of(held.thing)} in {name_of(fixture)}.")
        return self._failed(fixture, reason)

    def _set_down(self, found: Found, target: Target, held: Grip) -> Outcome:
        seconds = self._shift(found)
        error, took = self._motion.reach(found, target)
        if error > TOLERANCE_M:
            return no("unreachable", f"My hand came no nearer than {100 * error:.0f} cm.", seconds + took)
        self._motion.release()
        self._contents.locate(held.thing)
        seconds += took + self._motion.stow()
        self._look_at(self.position(held.thing))
        return self._done(seconds)

    def drop(self) -> Outcome:
        """Open the hand beside the robot: the thing falls."""
        held = self._body.grip
        if held is None:
            return no("hand_empty", "My hand is empty.")
        self._body.set(wrist_yaw=0.0, extend=0.1, lift=CARRY_LIFT)
        self._world.refresh()
        self._body.carry()
        self._world.refresh()
        self._motion.release()
        self._contents.locate(held.thing)
        return self._done(1.0 + self._motion.stow())

    # Doors and switches

    def set_open(self, fixture: str, open_: bool) -> Outcome:
        """Open or close a door, lid or drawer within reach."""
        piece = self._piece(fixture)
        if piece.door is None:
            return no("not_openable", f"{name_of(fixture).capitalize()} does not open.")
        if not self.near(fixture):
            return no("far", f"{name_of(fixture).capitalize()} is out of reach.")
        if self.is_open(fixture) == open_:
            return Outcome(True)
        handle = self._world.data.site(piece.door.handle).xpos.copy()
        target = Target(handle, spare=frozenset({fixture, *self._contents.on(fixture), self.holding or ""}), width=0.04)
        stopped: str | None = None
        blocked = Blocked("")
        for base in self._bases(fixture):
            found = self._approach.find(target, [base])
            if isinstance(found, Blocked):
                blocked = blocked if blocked.name else found
                continue
            seconds = self._shift(found)
            seconds += self._motion.reach(found, target)[1]
            stopped = self._motion.swing(piece, open_, found.base)
            seconds += self._motion.stow()
            if not stopped:
                for thing in self._contents.on(fixture):
                    self._contents.locate(thing)
                self._look_at(self.position(fixture))
                return self._done(seconds + 3.0)
        if stopped:
            return no("blocked", f"{name_of(fixture).capitalize()} is stopped by {name_of(stopped)}.")
        return self._failed(fixture, blocked)

    def switch(self, fixture: str, on: bool) -> Outcome:
        """Press the switch of a fixture within reach."""
        piece = self._piece(fixture)
        if piece.switch is None:
            return no("not_switchable", f"{name_of(fixture).capitalize()} cannot be switched.")
        if not self.near(fixture):
            return no("far", f"{name_of(fixture).capitalize()} is out of reach.")
        point = self._world.data.site(piece.switch.site).xpos.copy()
        target = Target(point, spare=frozenset({fixture, self.holding or ""}), width=0.0)
        found = self._seek(target, fixture)
        if isinstance(found, Blocked):
            return self._failed(fixture, found)
        seconds = self._shift(found)
        error, took = self._motion.reach(found, target)
        if error > TOLERANCE_M:
            return no("unreachable", f"My hand came no nearer than {100 * error:.0f} cm.", seconds + took)
        (self._on.add if on else self._on.discard)(fixture)
        self._looks.light(piece.switch, on)
        seconds += took + self._motion.stow()
        return self._done(seconds)

    # What others do

    def relocate(self, thing: str, fixture: str) -> Outcome:
        """Move a thing as a person would between visits."""
        self._thing(thing)
        piece = self._piece(fixture)
        if thing == self.holding:
            return no("hand_full", f"I hold {name_of(thing)}.")
        self._counts["relocate"] += 1
        rng = generator(self._seed, "household", "relocate", self._counts["relocate"])
        every = list(self._contents.spots(fixture, thing))
        free = [spot for spot in every if not spot.hides] or every
        if not free:
            return no("full", f"There is no room for {name_of(thing)} in {name_of(fixture)}.")
        spot = free[int(rng.integers(0, max(1, len(free) // 2)))]
        self._world.place(thing, spot.position, spot.yaw)
        self._contents.place[thing] = (piece.holds, fixture)
        self._world.settle(10)
        return Outcome(True)

    def replace(self, thing: str, look: str) -> None:
        """Change how a thing looks."""
        self._looks.set(self._thing(thing), look)

    # Pictures

    def picture(self, width: int, height: int, camera: str = "head") -> np.ndarray[Any, Any]:
        """Return a picture [height, width, 3] uint8."""
        return self._views.render(width, height, camera)

    def depth(self, width: int, height: int, camera: str = "head") -> np.ndarray[Any, Any]:
        """Return distances [height, width] float32 along the optical axis, metres; inf where there is nothing."""
        return self._views.distances(width, height, camera)

    def segmentation(self, width: int, height: int, camera: str = "head") -> tuple[np.ndarray[Any, Any], list[str]]:
        """Return indices [height, width] int32 into the returned names; -1 where there is neither thing nor fixture."""
        return self._views.labels(width, height, camera), list(self._world.names)

    def state(self) -> np.ndarray[Any, Any]:
        """Return all joint positions and velocities and the time: two equal homes have equal states."""
        data = self._world.data
        return np.concatenate([data.qpos, data.qvel, [data.time]])

    def lens(self, width: int, height: int, camera: str = "head") -> Intrinsics:
        """Return the lens of the head's or the hand's camera for pictures of a size."""
        return self._views.lens(width, height, camera)

    def camera_pose(self, camera: str = "head") -> CameraPose:
        """Return where the head's or the hand's camera is, as odometry and the joints tell."""
        return self._views.pose(camera)

    def close(self) -> None:
        """Renderers are shared between homes and stay."""

    # Details

    def _reachable(self, thing: str, piece: Furnishing) -> bool:
        """Return whether the arm could take a thing from a piece of furniture, were its door open."""
        bases = self._stands.at(piece.name)
        with self._contents.opened(piece, also=thing):
            return isinstance(
                self._approach.find(self._target(thing), bases if piece.door is None else bases[:1]), Found
            )

    def _thing(self, name: str) -> str:
        if name not in self._world.apartment.items:
            raise UnknownNameError("thing", name, self._world.apartment.items)
        return name

    def _piece(self, name: str) -> Furnishing:
        if name not in self._furniture:
            raise UnknownNameError("fixture", name, self._furniture)
        return self._furniture[name]

    def _shut(self, fixture: str) -> bool:
        return fixture in self._furniture and self._furniture[fixture].door is not None and not self.is_open(fixture)

    def _target(self, thing: str) -> Target:
        """Return where to take hold of a thing: in its middle, or at its rim if it is wider than the hand."""
        category = self._contents.category(thing)
        x, y, height = category.half
        point, _ = self._world.pose(thing)
        point[2] += min(max(0.55 * height, _LOWEST_M), 0.1)
        across = 2 * min(x, y)
        beyond = max(0.0, max(x, y) - 0.03) if across > 0.11 else 0.0
        return Target(point, beyond, frozenset({thing}), min(0.12, across + 0.03))

    def _bases(self, fixture: str) -> Iterator[tuple[float, float]]:
        """Yield where the base could stand without driving far: here first, then where it can slide to."""
        here = self._body.base
        yield here
        for at in self._stands.at(fixture) if fixture in self._furniture else ():
            if math.dist(at, here) < _BESIDE_M and self._approach.slides(here, at):
                yield at

    def _seek(self, target: Target, fixture: str) -> Found | Blocked:
        """Find a posture for a target, from here or from a step aside."""
        free = self._map.free(self._contents.lying())
        here = np.array(self._body.base)
        aside = (
            at
            for at in self._approach.around(target, free, CELL_M)
            if math.dist(at, here) < _BESIDE_M and clear(free, here, np.array(at))
        )
        found = self._approach.find(target, self._bases(fixture))
        return found if isinstance(found, Found) else _better(self._approach.find(target, aside), found)

    def _shift(self, found: Found) -> float:
        """Step to where the arm reaches from; return seconds."""
        return length(np.array([self._body.base, found.base])) / 0.3

    def _failed(self, name: str, blocked: Blocked) -> Outcome:
        if blocked.name in self.things:
            return no("occluded", f"{name_of(blocked.name).capitalize()} is in the way of {name_of(name)}.")
        if blocked.name:
            return no("unreachable", f"{name_of(blocked.name).capitalize()} is in the way of {name_of(name)}.")
        return no("unreachable", f"My arm does not reach {name_of(name)} from here.")

    def _done(self, seconds: float) -> Outcome:
        self._world.data.time += seconds
        return Outcome(True, seconds=seconds)


def _better(second: Found | Blocked, first: Blocked) -> Found | Blocked:
    return first if isinstance(second, Blocked) and first.name else second
