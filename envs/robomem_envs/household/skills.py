"""The skills that each suite offers in a home, and their ids: names as EB-ALFRED and EB-Habitat have them."""

from __future__ import annotations

from dataclasses import dataclass

from robomem_envs.household.home import Home
from robomem_envs.household.kinds import has_trait
from robomem_envs.household.names import spoken, switch_name, with_article

__all__ = ["Skill", "household_skills", "rearrange_skills"]


@dataclass(frozen=True)
class Skill:
    """A verb, the thing or fixture that it is done to (``""`` if none), and how it is called."""

    verb: str
    target: str
    text: str


def household_skills(home: Home) -> tuple[Skill, ...]:
    """Return the skills of the suite household."""
    fixtures, things = home.fixtures.values(), home.things.values()
    skills = [Skill("find", name, f"find {with_article(spoken(name))}") for name in (*home.things, *home.fixtures)]
    skills += [Skill("pick up", name, f"pick up the {spoken(name)}") for name in home.things]
    skills += [Skill("put down", "", "put down the object in hand"), Skill("drop", "", "drop the object in hand")]
    skills += _doors(home)
    for verb in ("turn on", "turn off"):
        skills += [Skill(verb, one.name, f"{verb} the {switch_name(one)}") for one in fixtures if one.switches]
    cut = (one for one in things if has_trait(one.category, "sliceable"))
    return tuple(skills + [Skill("slice", one.name, f"slice the {spoken(one.name)}") for one in cut])


def rearrange_skills(home: Home) -> tuple[Skill, ...]:
    """Return the skills of the suite rearrange."""
    holders = [name for name, fixture in home.fixtures.items() if fixture.holds]
    skills = [Skill("find", name, f"navigate to the {spoken(name)}") for name in holders]
    skills += [Skill("pick up", name, f"pick up the {spoken(name)}") for name in home.things]
    skills += [Skill("place at", name, f"place at the {spoken(name)}") for name in holders]
    return tuple(skills + _doors(home))


def _doors(home: Home) -> list[Skill]:
    doors = [name for name, fixture in home.fixtures.items() if fixture.opens]
    return [Skill(verb, name, f"{verb} the {spoken(name)}") for verb in ("open", "close") for name in doors]
