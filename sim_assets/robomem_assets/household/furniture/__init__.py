"""Furniture: each builder adds one unit to a spec and says what a robot can do with it."""

from collections.abc import Callable
from typing import Any

from robomem_assets.household.furniture.bath import BATH
from robomem_assets.household.furniture.bedroom import BEDROOM
from robomem_assets.household.furniture.furnishing import Door, Furnishing, Surface, Switch
from robomem_assets.household.furniture.kitchen import UNITS
from robomem_assets.household.furniture.living import LIVING
from robomem_assets.household.furniture.site import Palette, Site

__all__ = ["BUILDERS", "Door", "Furnishing", "Palette", "Site", "Surface", "Switch"]

BUILDERS: dict[str, tuple[Callable[..., Any], float]] = {**UNITS, **LIVING, **BEDROOM, **BATH}
"""Builders by name, with the width that each takes along a wall."""
