"""Words of people for categories: classes, uses, plurals, and where a person would want things to be."""

from __future__ import annotations

from robomem_envs.household.home import Fixture
from robomem_envs.household.names import plain

__all__ = [
    "CLASSES",
    "FIXTURE_USES",
    "THING_USES",
    "belongs",
    "class_of",
    "is_a",
    "is_plural",
    "is_uncounted",
    "named_so",
    "plural",
]

CLASSES: dict[str, tuple[str, frozenset[str]]] = {
    "fruit": ("piece of fruit", frozenset({"apple", "banana", "orange", "lemon", "pear"})),
    "vegetable": ("vegetable", frozenset({"potato", "tomato", "lettuce", "carrot", "cucumber", "onion"})),
    "food": ("piece of food", frozenset({"bread", "egg", "cheese", "soup can", "cereal box", "honey jar"})),
    "drink": ("drink", frozenset({"milk carton", "juice bottle", "soda can"})),
    "dish": (
        "dish",
        frozenset(
            {"mug", "cup", "glass", "wine glass", "plate", "bowl", "teapot", "tray", "cutting board", "salt shaker"}
            | {"lunch box"}
        ),
    ),
    "cookware": ("piece of cookware", frozenset({"pan", "pot", "kettle"})),
    "cutlery": ("kitchen utensil", frozenset({"fork", "spoon", "knife", "spatula", "ladle", "whisk"})),
    "tool": (
        "tool",
        frozenset({"screwdriver", "hammer", "wrench", "pliers", "flashlight", "scissors", "tape measure"}),
    ),
    "toy": (
        "toy",
        frozenset({"teddy bear", "toy car", "building block", "football", "rubber duck", "puzzle cube", "basketball"}),
    ),
    "reading": ("thing to read", frozenset({"novel", "cookbook", "magazine", "notebook"})),
    "electronics": ("gadget", frozenset({"phone", "laptop", "remote control", "headphones", "alarm clock"})),
    "personal": ("thing", frozenset({"watch", "wallet", "glasses case"})),
    "decoration": ("decoration", frozenset({"vase", "candle"})),
    "clothes": (
        "piece of clothing",
        frozenset({"T-shirt", "trousers", "sweater", "scarf", "sock", "cap", "slipper"}),
    ),
    "bathroom": (
        "thing",
        frozenset({"towel", "hand towel", "soap bar", "shampoo bottle", "toothbrush", "toothpaste", "toilet paper"})
        | {"hairbrush"},
    ),
    "cleaning": ("thing", frozenset({"sponge", "dish soap", "spray bottle"})),
}
"""Class to what one of it is called and its categories."""

_SURFACES = frozenset({"counter", "dining table", "kitchen island"})
_LOUNGE = frozenset({"coffee table", "sofa", "armchair", "TV stand", "bookshelf", "shelf"})
_BEDROOM = frozenset({"bed", "desk", "nightstand", "dresser"})
_PLACES: dict[str, frozenset[str]] = {
    "fruit": _SURFACES | {"fridge", "coffee table"},
    "vegetable": _SURFACES | {"fridge", "sink"},
    "food": _SURFACES | {"fridge", "cabinet", "wall cabinet"},
    "drink": _SURFACES | {"fridge", "coffee table"},
    "dish": _SURFACES | {"cabinet", "wall cabinet", "sink", "dishwasher", "coffee table", "desk"},
    "cookware": _SURFACES | {"cabinet", "stove", "sink", "dishwasher"},
    "cutlery": _SURFACES | {"drawer", "sink", "dishwasher"},
    "tool": frozenset({"drawer", "shelf", "desk", "bookshelf", "dresser drawer", "coffee table"}),
    "toy": (_LOUNGE - {"TV stand"}) | {"bed", "wardrobe", "desk"},
    "reading": _LOUNGE | _BEDROOM,
    "electronics": _LOUNGE | _BEDROOM,
    "personal": _BEDROOM | {"coffee table", "dresser drawer", "TV stand"},
    "decoration": (_LOUNGE - {"sofa", "armchair"}) | {"dining table", "nightstand", "dresser", "desk"},
    "clothes": frozenset({"wardrobe", "laundry basket", "bed", "dresser drawer", "armchair", "dresser"}),
    "bathroom": frozenset(
        {
            "bathtub",
            "toilet",
            "laundry basket",
            "bathroom cabinet",
            "bathroom shelf",
            "bathroom sink",
            "cabinet",
            "shelf",
        }
    ),
    "cleaning": frozenset({"sink", "counter", "cabinet", "bathroom cabinet", "bathroom shelf", "bathtub"}),
}
"""Class to the categories of fixtures where it may be wanted."""
_KITCHEN = ("fruit", "vegetable", "food", "drink", "dish", "cookware", "cutlery")
_ANY_ROOM = frozenset({"cabinet", "drawer", "sink", "shelf", "counter"})
"""Fixtures that several rooms may have."""

THING_USES: dict[str, frozenset[str]] = {
    "something to read": frozenset({"novel", "cookbook", "magazine", "notebook"}),
    "something to eat soup with": frozenset({"spoon"}),
    "something to flip pancakes with": frozenset({"spatula"}),
    "something to serve soup with": frozenset({"ladle"}),
    "something to beat eggs with": frozenset({"whisk", "fork"}),
    "something to slice vegetables with": frozenset({"knife"}),
    "something to drink my coffee from": frozenset({"mug", "cup"}),
    "something to eat cereal out of": frozenset({"bowl"}),
    "something to pour wine into": frozenset({"wine glass"}),
    "something to brush my teeth with": frozenset({"toothbrush"}),
    "something to comb my hair with": frozenset({"hairbrush"}),
    "something to dry myself with": frozenset({"towel", "hand towel"}),
    "something to wash my hair with": frozenset({"shampoo bottle"}),
    "something to drive a nail into the wall with": frozenset({"hammer"}),
    "something to tighten a screw with": frozenset({"screwdriver"}),
    "something to cut paper with": frozenset({"scissors"}),
    "something to measure the table with": frozenset({"tape measure"}),
    "something to light my way in the dark": frozenset({"flashlight"}),
    "something to change the channel with": frozenset({"remote control"}),
    "something to call my mother with": frozenset({"phone"}),
    "something to listen to music with": frozenset({"headphones"}),
    "something that wakes me in the morning": frozenset({"alarm clock"}),
    "something to put flowers in": frozenset({"vase"}),
    "something to fry an egg in": frozenset({"pan"}),
    "something to boil water for tea in": frozenset({"kettle"}),
    "something to keep the sun off my face": frozenset({"cap"}),
    "something to keep my neck warm": frozenset({"scarf"}),
    "something soft for my child to cuddle": frozenset({"teddy bear"}),
    "something to scrub dishes with": frozenset({"sponge"}),
    "something to pour over cereal": frozenset({"milk carton"}),
    "something to season my food with": frozenset({"salt shaker"}),
    "the fruit that monkeys like best": frozenset({"banana"}),
    "the vegetable that rabbits like best": frozenset({"carrot"}),
    "something to make french fries from": frozenset({"potato"}),
    "something to squeeze into my tea": frozenset({"lemon"}),
    "something to make an omelette from": frozenset({"egg"}),
}
"""How things are asked for by what they are for, and the categories that would all do."""

FIXTURE_USES: dict[str, frozenset[str]] = {
    "where food stays cold": frozenset({"fridge"}),
    "where I sleep": frozenset({"bed"}),
    "where the clothes hang": frozenset({"wardrobe"}),
    "where we throw things away": frozenset({"bin", "trash bin", "trash can"}),
    "where the dirty laundry is collected": frozenset({"laundry basket"}),
    "where I sit and work": frozenset({"desk"}),
    "where we all eat": frozenset({"dining table"}),
    "where I take my bath": frozenset({"bathtub"}),
    "where several people can sit side by side": frozenset({"sofa"}),
    "where the dishes get washed by themselves": frozenset({"dishwasher"}),
    "within reach of my bed": frozenset({"nightstand", "nightstand drawer"}),
}
"""How places are asked for by what they are for."""

_PLURALS = {"knife": "knives", "shelf": "shelves", "bookshelf": "bookshelves"}
_UNCOUNTED = frozenset({"bread", "toilet paper", "toothpaste", "cheese", "dish soap"})
_PLURALIA = frozenset({"trousers", "scissors", "headphones", "pliers"})


def named_so(kind: str) -> frozenset[str]:
    """Return every category that people would call what one of a class is called: fruit is food, too."""
    members = CLASSES[kind][1] | ({"tomato"} if kind == "fruit" else frozenset())
    return members | CLASSES["fruit"][1] | CLASSES["vegetable"][1] if kind == "food" else members


def class_of(category: str) -> str:
    """Return the class of a category, ``other`` if it has none."""
    return next((name for name, (_, members) in CLASSES.items() if plain(category) in members), "other")


def is_a(category: str, noun: str) -> bool:
    """Return whether people would call such a thing by this noun: a wine glass is a glass."""
    words, noun = plain(category), plain(noun)
    return words == noun or words.endswith(f" {noun}")


def belongs(category: str, fixture: Fixture) -> bool:
    """Return whether a person may want such a thing in or on such a fixture."""
    kind, place = class_of(category), plain(fixture.category)
    if place in _ANY_ROOM and (kind in _KITCHEN) != (fixture.room == "kitchen") and kind not in ("tool", "cleaning"):
        return False
    if kind == "bathroom" and place in ("cabinet", "shelf") and fixture.room != "bath":
        return False
    return place in _PLACES.get(kind, frozenset({"shelf", "desk", "coffee table"}))


def is_plural(words: str) -> bool:
    """Return whether the thing is spoken of as "them"."""
    return words.split()[-1] in _PLURALIA


def is_uncounted(words: str) -> bool:
    """Return whether one speaks of some of it, rather than of one."""
    return any(words == one or words.endswith(f" {one}") for one in _UNCOUNTED)


def plural(category: str) -> str:
    """Return the plural of a category, in words; ``""`` where people do not count it."""
    words = plain(category)
    if words in _UNCOUNTED or is_plural(words):
        return ""
    if words in _PLURALS:
        return _PLURALS[words]
    if words.endswith(("s", "x", "sh", "ch", "tomato", "potato")):
        return words + "es"
    return words[:-1] + "ies" if words.endswith("y") and words[-2] not in "aeiou" else words + "s"
