"""Words of people for categories: classes, uses, plurals, and where a person would want things to be."""

from __future__ import annotations

from robomem_envs.household.home import Fixture
from robomem_envs.household.names import plain

__all__ = ["CLASSES", "FIXTURE_USES", "PLACES", "THING_USES", "belongs", "class_of", "is_plural", "plural"]

CLASSES: dict[str, tuple[str, frozenset[str]]] = {
    "fruit": ("piece of fruit", frozenset("apple banana orange lemon pear peach avocado lime mango kiwi".split())),
    "vegetable": (
        "vegetable",
        frozenset("potato tomato lettuce carrot cucumber onion pepper broccoli mushroom corn eggplant".split())
        | {"bell pepper"},
    ),
    "food": (
        "piece of food",
        frozenset("bread egg cheese bagel croissant cake pizza muffin donut cookie sandwich sausage butter".split())
        | {"soup can", "cereal box"},
    ),
    "drink": ("drink", frozenset({"milk carton", "wine bottle", "juice box", "water bottle", "soda can", "juice carton"})),
    "dish": ("dish", frozenset("mug cup glass plate bowl saucer jug teapot".split()) | {"wine glass"}),
    "cookware": ("piece of cookware", frozenset("pan pot kettle".split())),
    "cutlery": ("piece of cutlery", frozenset("fork spoon knife spatula ladle whisk".split()) | {"butter knife"}),
    "tool": ("tool", frozenset("screwdriver hammer wrench pliers tape flashlight scissors".split()) | {"tape measure"}),
    "toy": (
        "toy",
        frozenset("ball dinosaur doll puzzle robot train boat".split())
        | {"toy car", "teddy bear", "toy block", "toy train", "toy plane", "rubber duck", "toy robot", "toy boat"}
        | {"toy truck", "rubik's cube", "spinning top", "building block", "toy dinosaur"},
    ),
    "reading": ("thing to read", frozenset("book magazine notebook newspaper".split())),
    "office": ("thing from the desk", frozenset("pen pencil stapler eraser ruler".split())),
    "electronics": (
        "gadget",
        frozenset("phone laptop tablet camera headphones".split()) | {"remote control", "game controller", "remote"},
    ),
    "decoration": ("decoration", frozenset("vase candle figurine".split()) | {"picture frame", "photo frame"}),
    "clothes": (
        "piece of clothing",
        frozenset("shirt sock cap hat trousers jeans sweater scarf t-shirt shoe glove".split()),
    ),
    "bathroom": (
        "bathroom thing",
        frozenset("towel soap shampoo toothbrush toothpaste comb hairbrush sponge".split())
        | {"toilet paper", "toilet roll", "soap bar", "shampoo bottle", "soap dispenser", "hand towel", "lotion bottle"},
    ),
}
"""Class to what one of it is called and its categories."""

PLACES: dict[str, frozenset[str]] = {
    "fruit": frozenset({"fridge", "counter", "dining table", "table", "coffee table", "kitchen island"}),
    "vegetable": frozenset({"fridge", "counter", "dining table", "table", "sink", "kitchen island"}),
    "food": frozenset({"fridge", "counter", "dining table", "table", "cabinet", "kitchen island"}),
    "drink": frozenset({"fridge", "counter", "dining table", "coffee table", "table", "kitchen island"}),
    "dish": frozenset({"cabinet", "sink", "counter", "dining table", "coffee table", "table", "dishwasher", "desk"}),
    "cookware": frozenset({"cabinet", "stove", "counter", "sink", "dishwasher", "dining table", "table"}),
    "cutlery": frozenset({"drawer", "sink", "counter", "dining table", "table", "dishwasher"}),
    "tool": frozenset({"drawer", "shelf", "desk", "cabinet", "dresser", "bookshelf", "counter", "coffee table"}),
    "toy": frozenset({"shelf", "bed", "sofa", "wardrobe", "coffee table", "armchair", "bookshelf", "desk", "dresser"}),
    "reading": frozenset(
        {"shelf", "desk", "nightstand", "sofa", "coffee table", "bed", "armchair", "bookshelf", "tv stand", "dresser"}
    ),
    "office": frozenset({"desk", "drawer", "shelf", "nightstand", "bookshelf", "dresser", "coffee table"}),
    "electronics": frozenset(
        {"tv stand", "desk", "sofa", "coffee table", "nightstand", "shelf", "bed", "drawer", "bookshelf", "armchair"}
    ),
    "decoration": frozenset(
        {"shelf", "coffee table", "dining table", "tv stand", "nightstand", "desk", "bookshelf", "table", "dresser"}
    ),
    "clothes": frozenset({"wardrobe", "laundry basket", "bed", "drawer", "armchair", "dresser", "washing machine"}),
    "bathroom": frozenset({"bathtub", "toilet tank", "laundry basket", "cabinet", "shelf", "sink", "drawer"}),
}
"""Class to the categories of fixtures where it may be wanted."""

_EVERYWHERE = frozenset({"cabinet", "drawer", "sink", "shelf", "counter", "table"})
"""Fixtures of which several rooms have some."""
_KITCHEN = frozenset({"kitchen"})
_ROOMS = {name: _KITCHEN for name in ("fruit", "vegetable", "food", "drink", "dish", "cookware", "cutlery")}
_ROOMS |= {"clothes": frozenset({"bedroom"}), "bathroom": frozenset({"bath"}), "reading": frozenset({"living room", "bedroom"})}
_ROOMS |= {"toy": frozenset({"living room", "bedroom"}), "office": frozenset({"living room", "bedroom"})}
_ROOMS |= {"decoration": frozenset({"living room", "bedroom"}), "electronics": frozenset({"living room", "bedroom"})}

THING_USES: dict[str, frozenset[str]] = {
    "something to read": frozenset({"book", "magazine", "newspaper", "notebook"}),
    "something to eat soup with": frozenset({"spoon"}),
    "something to flip pancakes with": frozenset({"spatula"}),
    "something to slice vegetables with": frozenset({"knife"}),
    "something to drink my coffee from": frozenset({"mug", "cup"}),
    "something to eat cereal out of": frozenset({"bowl"}),
    "something to brush my teeth with": frozenset({"toothbrush"}),
    "something to dry myself with": frozenset({"towel", "hand towel"}),
    "something to wash my hair with": frozenset({"shampoo", "shampoo bottle"}),
    "something to drive a nail into the wall with": frozenset({"hammer"}),
    "something to tighten a screw with": frozenset({"screwdriver"}),
    "something to write with": frozenset({"pen", "pencil"}),
    "something to change the channel with": frozenset({"remote control", "remote"}),
    "something to call my mother with": frozenset({"phone"}),
    "something that wakes me in the morning": frozenset({"alarm clock"}),
    "something to put flowers in": frozenset({"vase"}),
    "something to fry an egg in": frozenset({"pan"}),
    "something to boil water for tea in": frozenset({"kettle"}),
    "something to keep the sun off my face": frozenset({"cap", "hat"}),
    "something soft for my child to cuddle": frozenset({"teddy bear"}),
    "something to cut paper with": frozenset({"scissors"}),
    "something to scrub dishes with": frozenset({"sponge"}),
    "something to pour over cereal": frozenset({"milk carton"}),
    "the fruit that monkeys like best": frozenset({"banana"}),
    "the vegetable that rabbits like best": frozenset({"carrot"}),
    "something to make french fries from": frozenset({"potato"}),
    "something to squeeze into my tea": frozenset({"lemon"}),
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
    "within reach of my bed": frozenset({"nightstand"}),
}
"""How places are asked for by what they are for."""

_PLURALS = {"knife": "knives", "butter knife": "butter knives", "shelf": "shelves", "bookshelf": "bookshelves"}
_MASS = frozenset({"bread", "lettuce", "milk", "toilet paper", "soap", "tape", "shampoo", "corn", "broccoli", "butter"})
_PLURALIA = frozenset({"trousers", "jeans", "scissors", "headphones", "pliers", "glasses", "chopsticks", "sunglasses"})


def class_of(category: str) -> str:
    """Return the class of a category, ``other`` if it has none."""
    return next((name for name, (_, members) in CLASSES.items() if plain(category) in members), "other")


def belongs(category: str, fixture: Fixture) -> bool:
    """Return whether a person may want such a thing in or on such a fixture."""
    kind = class_of(category)
    room = _ROOMS.get(kind) if plain(fixture.category) in _EVERYWHERE else None
    if room and fixture.room not in room:
        return False
    return plain(fixture.category) in PLACES.get(kind, frozenset({"shelf", "desk", "coffee table", "cabinet"}))


def is_plural(words: str) -> bool:
    """Return whether the thing is spoken of as "them"."""
    return words.split()[-1] in _PLURALIA


def plural(category: str) -> str:
    """Return the plural of a category, in words; ``""`` where people do not count it."""
    words = plain(category)
    if words in _MASS or is_plural(words):
        return ""
    if words in _PLURALS:
        return _PLURALS[words]
    if words.endswith(("s", "x", "sh", "ch", "tomato", "potato", "mango")):
        return words + "es"
    return words[:-1] + "ies" if words.endswith("y") and words[-2] not in "aeiou" else words + "s"
