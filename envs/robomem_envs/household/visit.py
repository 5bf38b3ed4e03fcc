"""One episode in a home: what the robot has seen so far, where it stands, and the states of things."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from robomem_envs.household.home import Home
from robomem_envs.household.names import plain, spoken
from robomem_envs.household.states import States

__all__ = ["Visit"]


class Visit:
    """What changes while a task is done.

    Args:
        home: the apartment.
        states: initial states of things, by name.

    Attributes:
        at: the fixture before which the robot stands; ``""`` if none.
        seen: things that have been visible at some time.
        visible: things and fixtures that are visible now.
    """

    def __init__(self, home: Home, states: Mapping[str, Iterable[str]]) -> None:
        self.home = home
        self.states = States(home, states)
        self.at = ""
        self.seen: set[str] = set()
        self.visible: frozenset[str] = frozenset()
        self.look()

    def look(self) -> None:
        """Take in what can be seen now, after whatever was done."""
        self.states.settle()
        self.visible = self.home.visible()
        self.seen |= {name for name in self.visible if name in self.home.things}

    def shut(self, fixture: str) -> bool:
        """Return whether it is closed, so that what is in it cannot be reached."""
        return self.home.fixtures[fixture].opens and not self.home.is_open(fixture)

    def scene(self, step: int) -> str:
        """Return what is seen now as a JSON text, for agents without vision."""
        home, held = self.home, self.home.holding
        visible = sorted(self.visible | ({held} if held else set()))
        return json.dumps(
            {
                "room": home.room,
                "at": spoken(self.at) if self.at else None,
                "holding": spoken(held) if held else None,
                "step": step,
                "fixtures": [self._fixture(name) for name in visible if name in home.fixtures],
                "objects": [self._thing(name) for name in visible if name in home.things],
            },
            separators=(",", ":"),
        )

    def _fixture(self, name: str) -> dict[str, Any]:
        fixture = self.home.fixtures[name]
        return {
            "name": spoken(name),
            "category": plain(fixture.category),
            "room": fixture.room,
            "holds": fixture.holds,
            "opens": fixture.opens,
            "open": self.home.is_open(name) if fixture.opens else None,
            "on": self.home.is_on(name) if fixture.switches else None,
            "position": [round(float(part), 2) for part in fixture.position],
            "colour": fixture.colour,
        }

    def _thing(self, name: str) -> dict[str, Any]:
        thing = self.home.things[name]
        relation, place = self.home.where(name)
        return {
            "name": spoken(name),
            "category": plain(thing.category),
            "colour": thing.colour,
            "size": thing.size,
            "material": thing.material,
            "shape": thing.shape,
            "states": sorted(self.states.of(name)),
            "relation": relation,
            "place": spoken(place) if relation in ("in", "on") else place,
            "position": [round(float(part), 2) for part in self.home.position(name)],
        }
