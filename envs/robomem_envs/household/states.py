"""States of things beyond physics: a table of what a fixture does to what lies in it, applied after every action."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from robomem.errors import ConfigError, suggest
from robomem_envs.household.home import Fixture, Home, Thing
from robomem_envs.household.kinds import has_trait
from robomem_envs.household.names import plain

__all__ = ["NEEDS_SHUT", "RULES", "STATES", "Rule", "States"]

STATES = ("clean", "dirty", "hot", "cold", "sliced", "full of water", "full of coffee")
NEEDS_SHUT = frozenset({"microwave", "oven", "dishwasher", "washing machine"})
"""Appliances that run only with the door closed."""
_LOOKS = frozenset({"clean", "dirty", "sliced"})


@dataclass(frozen=True)
class Rule:
    """What happens to a thing in or on a fixture.

    Attributes:
        fixtures: categories, in words.
        trait: that the thing must have.
        adds, removes: states.
        on: whether the fixture must be turned on.
        shut: whether its door must be closed.
    """

    fixtures: frozenset[str]
    trait: str
    adds: tuple[str, ...]
    removes: tuple[str, ...] = ()
    on: bool = False
    shut: bool = False

    def concerns(self, fixture: Fixture, thing: Thing) -> bool:
        """Return whether this fixture could do this to this thing."""
        return plain(fixture.category) in self.fixtures and has_trait(thing.category, self.trait)


_COFFEE = frozenset({"coffee machine"})
_WATER = frozenset({"sink", "bathroom sink", "bathtub"})
RULES = (
    Rule(_WATER, "washable", ("clean",), ("dirty",), on=True),
    Rule(_WATER, "fillable", ("full of water",), ("full of coffee",), on=True),
    Rule(frozenset({"dishwasher"}), "dish", ("clean",), ("dirty",), on=True, shut=True),
    Rule(frozenset({"washing machine"}), "cloth", ("clean",), ("dirty",), on=True, shut=True),
    Rule(frozenset({"microwave", "oven"}), "heatable", ("hot",), ("cold",), on=True, shut=True),
    Rule(frozenset({"stove"}), "heatable", ("hot",), ("cold",), on=True),
    Rule(frozenset({"toaster"}), "toastable", ("hot",), ("cold",), on=True),
    Rule(
        frozenset({"coffee machine"}), "drinkable from", ("full of coffee", "hot"), ("full of water", "cold"), on=True
    ),
    Rule(frozenset({"fridge"}), "coolable", ("cold",), ("hot",), shut=True),
)


class States:
    """The states of every thing of a home.

    Args:
        home: whose things they are.
        initial: thing to states at the beginning.

    Raises:
        ConfigError: a thing or a state does not exist.
    """

    def __init__(self, home: Home, initial: Mapping[str, Iterable[str]]) -> None:
        self._home = home
        self._states: dict[str, set[str]] = {name: set() for name in home.things}
        for name, states in initial.items():
            if name not in self._states:
                raise ConfigError(f"The states name a thing {name!r}. {suggest(name, self._states)}")
            for state in states:
                if state not in STATES:
                    raise ConfigError(f"{name} cannot be {state!r}. {suggest(state, STATES)}")
                self._add(name, state)
        self.settle()

    def of(self, thing: str) -> frozenset[str]:
        """Return the states of a thing."""
        return frozenset(self._states[thing])

    def slice(self, thing: str) -> None:
        """Cut it up."""
        self._add(thing, "sliced")

    def spill(self, thing: str) -> None:
        """Empty it, as when it falls."""
        self._states[thing] -= {"full of water", "full of coffee"}

    def settle(self) -> None:
        """Let every fixture do what it does to what lies in it."""
        for name, thing in self._home.things.items():
            relation, place = self._home.where(name)
            if relation not in ("in", "on"):
                continue
            fixture = self._home.fixtures[place]
            for rule in RULES:
                if rule.concerns(fixture, thing) and self._works(rule, place):
                    self._states[name] -= set(rule.removes)
                    for state in rule.adds:
                        self._add(name, state)

    def _works(self, rule: Rule, place: str) -> bool:
        shut = not self._home.fixtures[place].opens or not self._home.is_open(place)
        return (not rule.on or self._home.is_on(place)) and (not rule.shut or shut)

    def _add(self, thing: str, state: str) -> None:
        if state not in self._states[thing]:
            self._states[thing].add(state)
            if state in _LOOKS:
                self._home.replace(thing, state)
