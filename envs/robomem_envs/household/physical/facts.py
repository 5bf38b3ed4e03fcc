"""What the suites are told of furniture and things: words, numbers, and where furniture stands."""

from __future__ import annotations

import numpy as np

from robomem_assets.household.apartments.stock import Item
from robomem_assets.household.furniture import Furnishing
from robomem_envs.household.home import Fixture, Thing
from robomem_envs.household.physical.world import World

__all__ = ["fixture", "thing"]


def fixture(world: World, piece: Furnishing) -> Fixture:
    """Describe a piece of furniture; poses must be up to date, and its door closed."""
    return Fixture(
        piece.name,
        piece.category,
        piece.room,
        _middle(world, piece.name),
        piece.holds,
        piece.door is not None,
        piece.switch is not None,
        piece.colour,
    )


def thing(item: Item) -> Thing:
    """Describe a thing."""
    kind = item.category
    return Thing(item.name, kind.name, item.colour, kind.size, kind.material, kind.shape, kind.mass)


def _middle(world: World, name: str) -> tuple[float, float, float]:
    """Return the middle of the box around a piece of furniture."""
    model, data = world.model, world.data
    own = np.flatnonzero(world.owner == world.index[name])
    turn = data.geom_xmat[own].reshape(-1, 3, 3)
    centre = data.geom_xpos[own] + np.einsum("nij,nj->ni", turn, model.geom_aabb[own, :3])
    half = np.einsum("nij,nj->ni", np.abs(turn), model.geom_aabb[own, 3:])
    x, y, z = ((centre - half).min(axis=0) + (centre + half).max(axis=0)) / 2
    return float(x), float(y), float(z)
