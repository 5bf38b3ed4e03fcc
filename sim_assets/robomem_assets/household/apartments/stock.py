"""Which things each apartment holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from robomem_assets.household.objects import CATEGORIES, Category

__all__ = ["Item", "stock"]

_ALWAYS = (
    "apple",
    "tomato",
    "potato",
    "bread",
    "lettuce",
    "egg",
    "mug",
    "mug",
    "cup",
    "bowl",
    "bowl",
    "plate",
    "plate",
    "pan",
    "pot",
    "kettle",
    "knife",
    "fork",
    "spoon",
    "sponge",
    "novel",
    "novel",
    "remote_control",
    "soap_bar",
    "towel",
    "t_shirt",
    "candle",
)
_MORE, _STRIDE = 15, 8


@dataclass(frozen=True)
class Item:
    """A thing of an apartment: its name, what it is, and its own colour."""

    name: str
    category: Category
    colour: str


def stock(apartment: str) -> dict[str, Item]:
    """Return the things of ``apartment-N`` by name: what every home has, and fifteen kinds that not every home has.

    Together the apartments hold every kind, and equal kinds in one apartment have different colours.
    """
    number = int(apartment.rsplit("-", 1)[1]) - 1
    rest = [name for name in CATEGORIES if name not in _ALWAYS]
    more = [rest[(_STRIDE * number + k) % len(rest)] for k in range(_MORE)]
    counts: Counter[str] = Counter()
    items = {}
    for name in (*_ALWAYS, *more):
        category = CATEGORIES[name]
        colour = category.colours[(number + counts[name]) % len(category.colours)]
        counts[name] += 1
        items[f"{name}_{counts[name]}"] = Item(f"{name}_{counts[name]}", category, colour)
    return items
