"""What can be done to which category of things; a category that no list names can only be carried."""

from __future__ import annotations

from robomem_envs.household.names import plain

__all__ = ["KNIVES", "TRAITS", "has_trait"]

_FRUIT = {"apple", "banana", "orange", "lemon", "pear", "peach", "avocado", "strawberry", "lime", "mango", "kiwi"}
_VEGETABLES = {
    "potato",
    "tomato",
    "lettuce",
    "carrot",
    "cucumber",
    "onion",
    "pepper",
    "bell pepper",
    "eggplant",
    "broccoli",
    "mushroom",
    "corn",
    "zucchini",
    "garlic",
    "pumpkin",
    "cabbage",
}
_DISHES = {"mug", "cup", "glass", "wine glass", "plate", "bowl", "pan", "pot", "kettle", "jug", "saucer", "teapot"}
_TABLEWARE = {"fork", "spoon", "knife", "butter knife", "spatula", "ladle", "whisk", "chopsticks", "tongs"}
_BAKED = {"bread", "bagel", "toast", "croissant", "cake", "pizza", "muffin", "bun", "donut", "cookie", "sandwich"}
_OTHER_FOOD = {"egg", "cheese", "sausage", "steak", "fish", "meat", "chicken", "butter", "sushi"}
_DRINKS = {"milk carton", "wine bottle", "juice", "juice box", "water bottle", "bottle", "soda can", "milk", "beer bottle"}
_DRINKS |= {"juice carton", "wine", "can", "soup can", "yogurt", "ketchup", "yoghurt", "yogurt cup", "jam jar"}
_CLOTHES = {"shirt", "t-shirt", "sock", "towel", "cap", "hat", "trousers", "jeans", "sweater", "scarf", "cloth"}
_CLOTHES |= {"hand towel", "dishcloth", "dish cloth", "napkin", "glove", "shoe"}

KNIVES = frozenset({"knife", "bread knife", "kitchen knife"})
"""What slices."""

TRAITS: dict[str, frozenset[str]] = {
    "sliceable": frozenset(_FRUIT | _VEGETABLES | _BAKED | {"cheese", "sausage", "steak", "butter"}),
    "heatable": frozenset(_VEGETABLES | _BAKED | _OTHER_FOOD | {"apple", "mug", "cup", "plate", "bowl", "pan", "pot"}),
    "coolable": frozenset(_FRUIT | _VEGETABLES | _BAKED | _OTHER_FOOD | _DISHES | _DRINKS) - {"kettle", "teapot"},
    "washable": frozenset(_FRUIT | _VEGETABLES | _DISHES | _TABLEWARE | _CLOTHES | {"sponge", "toothbrush"}),
    "dish": frozenset(_DISHES | _TABLEWARE),
    "fillable": frozenset(_DISHES - {"plate", "pan", "saucer"}) | {"vase", "watering can", "bucket", "water bottle"},
    "drinkable from": frozenset({"mug", "cup"}),
    "toastable": frozenset({"bread", "bagel", "toast", "bun"}),
}
"""Trait to categories, in words."""


def has_trait(category: str, trait: str) -> bool:
    """Return whether things of this category can be, for example, ``sliceable``."""
    return plain(category) in TRAITS[trait]
