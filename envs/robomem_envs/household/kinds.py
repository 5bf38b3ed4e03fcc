"""What can be done to which category of things; a category that no list names can only be carried."""

from __future__ import annotations

from robomem_envs.household.names import plain

__all__ = ["KNIVES", "TRAITS", "has_trait"]

_FRUIT = {"apple", "banana", "orange", "lemon", "pear", "tomato"}
_VEGETABLES = {"potato", "lettuce", "carrot", "cucumber", "onion"}
_FOOD = {"bread", "egg", "cheese"}
_DRINKS = {"milk carton", "juice bottle", "soda can", "soup can", "lunch box"}
_CUPS = {"mug", "cup"}
_GLASSES = {"glass", "wine glass"}
_PLATES = {"plate", "bowl"}
_COOKWARE = {"pan", "pot"}
_POTS = {"kettle", "teapot"}
_CUTLERY = {"fork", "spoon", "knife", "spatula", "ladle", "whisk"}
_BOARDS = {"cutting board", "tray", "lunch box"}
_CLOTH = {"T-shirt", "trousers", "sweater", "scarf", "towel", "hand towel", "sock", "cap", "sponge"}
_DISHES = _CUPS | _GLASSES | _PLATES | _COOKWARE | _POTS | _CUTLERY | _BOARDS

KNIVES = frozenset({"knife"})
"""What slices."""

TRAITS: dict[str, frozenset[str]] = {
    "sliceable": frozenset((_FRUIT - {"banana"}) | _VEGETABLES | {"bread", "cheese"}),
    "heatable": frozenset(_VEGETABLES | _FOOD | {"apple", "tomato"} | _CUPS | _PLATES | _COOKWARE),
    "coolable": frozenset(_FRUIT | _VEGETABLES | _FOOD | _DRINKS | _CUPS | _GLASSES | _PLATES | _COOKWARE),
    "washable": frozenset(_FRUIT | _VEGETABLES | _DISHES | _CLOTH | {"toothbrush", "hairbrush"}),
    "dish": frozenset(_DISHES),
    "cloth": frozenset(_CLOTH - {"sponge", "cap"}),
    "fillable": frozenset(_CUPS | _GLASSES | _POTS | {"bowl", "pot", "vase"}),
    "drinkable from": frozenset(_CUPS),
    "toastable": frozenset({"bread"}),
}
"""Trait to categories, in words."""


def has_trait(category: str, trait: str) -> bool:
    """Return whether things of this category can be, for example, ``sliceable``."""
    return plain(category) in TRAITS[trait]
