"""Where things lie when the robot comes in: a function of the apartment and the seed."""

from __future__ import annotations

import numpy as np

from robomem_assets.household.furniture import Furnishing
from robomem_assets.household.objects import Category

__all__ = ["candidates"]

_USUAL = 0.8


def candidates(category: Category, furniture: dict[str, Furnishing], rng: np.random.Generator) -> list[Furnishing]:
    """Return furniture that can hold a thing, in the order in which to try it: mostly where one expects it."""
    holding = [piece for piece in furniture.values() if piece.surfaces]
    usual = [piece for piece in holding if piece.category in category.places]
    weights = [1.0 / (1 + category.places.index(piece.category)) for piece in usual]
    order: list[Furnishing] = []
    if usual:
        keys = rng.exponential(size=len(usual)) / np.array(weights)
        order = [usual[k] for k in np.argsort(keys, kind="stable")]
    rest = [holding[k] for k in rng.permutation(len(holding)) if holding[k] not in usual]
    return order + rest if rng.random() < _USUAL or not order else rest[:3] + order + rest[3:]
