"""Wishes that take thought to read: second thoughts, conditions, and what is not meant."""

from __future__ import annotations

from dataclasses import replace

from robomem_envs.household.generation import wish as wishes
from robomem_envs.household.generation.vocabulary import belongs, is_a, is_plural
from robomem_envs.household.generation.wish import Choice, Kind, Wish
from robomem_envs.household.names import plain

__all__ = ["TWISTS"]


def second_thought(choice: Choice) -> Wish | None:
    """Name a place, then another one: the last word counts."""
    pair = choice.pair()
    if pair is None:
        return None
    x, y = pair
    likely = _likely(choice, x.names[0])
    other = choice.place(choice.speaker.pick(likely))
    if other is None or not other.preposition:
        return None
    if set(y.names) & set(other.names):
        return None
    first, second = f"put {x} {other.where}", f"{y.where} instead"
    words = choice.say(
        f"{first}. No, wait, I have changed my mind: put {x.it} {second}",
        f"{first}. On second thought, put {x.it} {second}",
    )
    goal = {"things": list(x.names), "at": list(y.names)}
    return Wish(words, (goal,), frozenset(x.names), topic=plain(choice.home.things[x.names[0]].category), whole=True)


def _likely(choice: Choice, thing: str) -> list[str]:
    """Where a person may expect it."""
    category = choice.home.things[thing].category
    return [name for name, one in choice.home.fixtures.items() if one.holds and belongs(category, one)]


def condition(choice: Choice) -> Wish | None:
    """Ask for one thing if something is where it may be, and for another thing if not."""
    home, pair = choice.home, choice.pair()
    if pair is None or len(pair[0].names) != 1 or pair[0].whole:
        return None
    x, y = pair
    relation, place = home.where(x.names[0])
    truly = choice.rng.random() < 0.5
    options = [place] if truly else [name for name in _likely(choice, x.names[0]) if name != place]
    supposed = choice.speaker.place(choice.speaker.pick(options)) if options and relation in ("in", "on") else None
    if supposed is None or not supposed.definite or set(supposed.names) & set(y.names):
        return None
    otherwise = wishes.place(choice)
    if otherwise is None or otherwise.uses & set(x.names) or (place in supposed.names) != truly:
        return None
    are = "are" if x.it == "them" else "is"
    words = f"if {x} {are} {supposed.where}, put {x.it} {y.where}; otherwise, {otherwise.words}"
    goals = ({"things": list(x.names), "at": list(y.names)},) if truly else otherwise.goals
    return Wish(words, goals, otherwise.uses | set(x.names), topic="", whole=True)


def exception(choice: Choice) -> Wish | None:
    """Ask for any of a kind but a certain one."""
    pair = choice.pair()
    if pair is None:
        return None
    x, y = pair
    things = choice.home.things
    category = plain(things[x.names[0]].category)
    kin = [name for name, one in things.items() if is_a(one.category, category)]
    spared = choice.speaker.pick(kin)
    colours = [things[name].colour for name in kin]
    if (
        len(kin) < 2
        or is_plural(category)
        or colours.count(things[spared].colour) != 1
        or choice.home.where(spared)[1] in y.names
    ):
        return None
    others = [name for name in kin if name != spared and choice.home.where(name)[1] not in y.names]
    if len(others) < len(kin) - 1:
        return None
    phrase = replace(x, words=category, definite=False)
    words = choice.say(
        f"put {phrase} {y.where}, but not the {things[spared].colour} one",
        f"put {phrase} {y.where}; the {things[spared].colour} one has to stay where it is",
    )
    untouched = {"things": [spared], "at": [choice.home.where(spared)[1]], "keep": True}
    if choice.home.where(spared)[0] not in ("in", "on"):
        return None
    goals = ({"things": others, "at": list(y.names)}, untouched)
    return Wish(words, goals, frozenset(kin), topic=category, whole=True)


TWISTS: tuple[Kind, ...] = (second_thought, condition, exception)
