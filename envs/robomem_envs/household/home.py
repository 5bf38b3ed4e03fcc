"""What the suites know of a home: names, where things are, and the motions that a robot can carry out in it.

Units: metres, radians; frame: the map, z up, origin at a corner of the apartment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

__all__ = ["Fixture", "Home", "Outcome", "Thing"]


@dataclass(frozen=True)
class Fixture:
    """A piece of furniture or an appliance: it stays where it is.

    Attributes:
        name: unique, e.g. ``cabinet_2``.
        category: e.g. ``cabinet``.
        room: kitchen, living room, bedroom or bath.
        position: [3] of its centre.
        holds: ``in`` or ``on``: how things lie in it; ``""`` if nothing can (a lamp).
        opens: whether it has a door, lid or drawer that must be open to reach what is inside.
        switches: whether it can be turned on and off.
        colour: in words.
    """

    name: str
    category: str
    room: str
    position: tuple[float, float, float]
    holds: str
    opens: bool = False
    switches: bool = False
    colour: str = ""


@dataclass(frozen=True)
class Thing:
    """An object that can be carried.

    Attributes:
        name: unique, e.g. ``mug_1``.
        category: e.g. ``mug``.
        colour, size, material, shape: in words.
        mass: kg.
    """

    name: str
    category: str
    colour: str
    size: str
    material: str
    shape: str
    mass: float


@dataclass(frozen=True)
class Outcome:
    """How a motion went.

    Attributes:
        ok: whether it did what was asked.
        reason: ``""`` or one word for programs: unreachable, occluded, hand_full, hand_empty, closed, full, slipped,
            blocked, not_openable, not_switchable, far.
        text: the same for people, e.g. "The fridge is closed."
        seconds: simulated, that it took.
    """

    ok: bool
    reason: str = ""
    text: str = ""
    seconds: float = 0.0


class Home(Protocol):
    """An apartment with a robot in it. Motions are carried out in physics, and can fail; a failure says why."""

    @property
    def fixtures(self) -> Mapping[str, Fixture]:
        """All furniture, by name."""
        ...

    @property
    def things(self) -> Mapping[str, Thing]:
        """All things that can be carried, by name."""
        ...

    def where(self, thing: str) -> tuple[str, str]:
        """Return (relation, place): ("in", "fridge_1"), ("on", "table_1"), ("hand", ""), ("floor", "kitchen")."""
        ...

    def position(self, name: str) -> np.ndarray[Any, Any]:
        """Return the position [3] of a thing, a fixture or ``robot`` (its base)."""
        ...

    def is_open(self, fixture: str) -> bool:
        """Return whether it is open."""
        ...

    def is_on(self, fixture: str) -> bool:
        """Return whether it is turned on."""
        ...

    @property
    def holding(self) -> str | None:
        """The thing in the gripper."""
        ...

    @property
    def room(self) -> str:
        """The room that the robot is in."""
        ...

    def visible(self) -> frozenset[str]:
        """Return the things and fixtures that the robot sees from where it stands, looking around; not through walls,
        closed doors or other things.
        """
        ...

    def go(self, name: str) -> Outcome:
        """Drive along a free path to where the robot can reach a fixture or thing."""
        ...

    def near(self, name: str) -> bool:
        """Return whether the arm can reach it from here."""
        ...

    def grasp(self, thing: str) -> Outcome:
        """Close the hand around a thing within reach."""
        ...

    def put(self, fixture: str) -> Outcome:
        """Set what is held down in or on a fixture within reach."""
        ...

    def drop(self) -> Outcome:
        """Open the hand where it is."""
        ...

    def set_open(self, fixture: str, open_: bool) -> Outcome:
        """Open or close a door, lid or drawer within reach."""
        ...

    def switch(self, fixture: str, on: bool) -> Outcome:
        """Press the switch of a fixture within reach."""
        ...

    def move(self, forward: float, left: float, turn: float, tilt: float) -> Outcome:
        """Drive by metres in the robot's own frame, turn, tilt the head, by radians; ``blocked`` by obstacles."""
        ...

    def relocate(self, thing: str, fixture: str) -> Outcome:
        """Move a thing as a person would between visits; not an action of the robot."""
        ...

    def replace(self, thing: str, look: str) -> None:
        """Change how a thing looks after its state changed: sliced, clean, dirty."""
        ...

    def picture(self, width: int, height: int, camera: str = "head") -> np.ndarray[Any, Any]:
        """Return a picture [height, width, 3] uint8 from ``head``, ``hand``, ``top`` or ``person``."""
        ...

    def depth(self, width: int, height: int, camera: str = "head") -> np.ndarray[Any, Any]:
        """Return distances [height, width] float32 along the optical axis, metres; inf where there is nothing."""
        ...

    def segmentation(self, width: int, height: int, camera: str = "head") -> tuple[np.ndarray[Any, Any], list[str]]:
        """Return indices [height, width] int32 into the returned names; -1 where there is neither thing nor fixture."""
        ...

    def close(self) -> None:
        """Free the simulator and the renderer."""
        ...
