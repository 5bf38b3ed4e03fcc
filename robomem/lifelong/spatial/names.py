"""What a name tells of the thing: what kind it is, and whether two names can mean one thing."""

from __future__ import annotations

from robomem.lifelong.store.names import normal

__all__ = ["FIRST_PERSON", "contrast", "fits", "kind_of"]

FIRST_PERSON = frozenset(("i", "me", "myself", "my hand", "hand", "gripper", "my gripper"))
_ROOMS = frozenset(
    [
        "kitchen",
        "bedroom",
        "bathroom",
        "hall",
        "hallway",
        "corridor",
        "office",
        "garage",
        "cellar",
        "basement",
        "attic",
        "balcony",
        "garden",
        "pantry",
        "studio",
        "lounge",
        "nursery",
        "laundry",
        "lobby",
        "workshop",
        "bath",
        "toilet",
    ]
)
_AGENTS = frozenset(["robot", "person", "human", "man", "woman", "child", "user", "cat", "dog"])
_PLACES = frozenset(
    [
        "counter",
        "countertop",
        "table",
        "desk",
        "drawer",
        "cabinet",
        "cupboard",
        "shelf",
        "fridge",
        "refrigerator",
        "freezer",
        "oven",
        "stove",
        "sink",
        "sofa",
        "couch",
        "bed",
        "dresser",
        "wardrobe",
        "closet",
        "rack",
        "microwave",
        "dishwasher",
        "nightstand",
        "windowsill",
        "floor",
        "bench",
    ]
)
_CONTRASTS = (
    "left right middle centre center",
    "upper lower top bottom middle",
    "front back rear",
    "first second third fourth fifth last",
    "small large big little medium",
    "red green blue yellow white black brown orange purple pink grey gray silver gold",
    "north south east west",
    "full empty",
    "one two three four five six seven eight nine ten",
)
_GROUPS: dict[str, set[int]] = {}
for _number, _line in enumerate(_CONTRASTS):
    for _word in _line.split():
        _GROUPS.setdefault(_word, set()).add(_number)


def kind_of(name: str, *, holds_things: bool = False) -> str:
    """Return the kind that a name suggests; ``holds_things`` if something is said to be in or on it."""
    words = normal(name).split()
    last = words[-1] if words else ""
    if last in _ROOMS or (last == "room" and len(words) > 1):
        return "room"
    if last in _AGENTS:
        return "agent"
    return "place" if holds_things or last in _PLACES else "object"


def contrast(one: str, other: str) -> bool:
    """Whether names tell two things apart: ``"left drawer"`` and ``"right drawer"``, ``"mug 1"`` and ``"mug 2"``."""
    mine, theirs = set(normal(one).split()), set(normal(other).split())
    left, right = mine - theirs, theirs - mine
    if {word for word in left if _counts(word)} != {word for word in right if _counts(word)}:
        return True
    return any(_GROUPS.get(a, set()) & _GROUPS.get(b, set()) for a in left for b in right)


def fits(short: str, long: str) -> bool:
    """Whether ``short`` calls a thing by some of the words of its name, the last one too: ``"mug"``, ``"red mug"``."""
    mine, theirs = normal(short).split(), normal(long).split()
    return bool(mine) and bool(theirs) and mine[-1] == theirs[-1] and set(mine) <= set(theirs)


def _counts(word: str) -> bool:
    return any(sign.isdigit() for sign in word) or len(word) == 1
