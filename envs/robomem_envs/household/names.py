"""What things and fixtures are called in skills, scenes and sentences: ``mug_1`` is "mug", ``mug_2`` is "mug_2"."""

from __future__ import annotations

from robomem_envs.household.home import Fixture

__all__ = ["article", "plain", "spoken", "switch_name", "with_article"]


def plain(category: str) -> str:
    """Return a category in words: ``coffee_machine`` is "coffee machine"."""
    return category.replace("_", " ").replace("t shirt", "T-shirt").replace("tv", "TV")


def spoken(name: str) -> str:
    """Return the name of an instance as EmbodiedBench writes it: the first one bare, the others with a number."""
    category, _, number = name.rpartition("_")
    if not number.isdigit() or not category:
        return plain(name)
    return plain(category) if number == "1" else f"{plain(category)}_{number}"


def switch_name(fixture: Fixture) -> str:
    """Return what is turned on: of a sink or bathtub it is the faucet."""
    name = spoken(fixture.name)
    if plain(fixture.category).endswith("sink"):
        return name.replace("sink", "faucet", 1)
    return f"{name} faucet" if plain(fixture.category) == "bathtub" else name


def article(words: str) -> str:
    """Return "a" or "an", whichever goes before the words."""
    vowel = words[:1].lower() in "aeio" or words.lower().startswith(("un", "um"))
    return "an" if vowel and not words.lower().startswith(("one", "uni")) else "a"


def with_article(words: str) -> str:
    """Return "a mug" or "an apple"."""
    return f"{article(words)} {words}"
