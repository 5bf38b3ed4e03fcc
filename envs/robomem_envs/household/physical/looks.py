"""How things look after their state changed, and what a switch lights."""

from __future__ import annotations

import numpy as np

from robomem.errors import UnknownNameError
from robomem.types import FloatArray, IntArray
from robomem_assets.household.furniture import Switch
from robomem_envs.household.physical.world import World

__all__ = ["LOOKS", "Looks"]

LOOKS = ("clean", "dirty", "sliced", "whole", "cooked")
_MUD, _CRUST = np.array([0.34, 0.25, 0.16]), np.array([0.36, 0.2, 0.1])


class Looks:
    """Paints the geoms of one home."""

    def __init__(self, world: World) -> None:
        self._world = world
        model = world.model
        self._rgba: FloatArray = model.geom_rgba.copy()
        self._parts: dict[str, dict[str, IntArray]] = {name: {} for name in world.apartment.items}
        for geom in range(model.ngeom):
            stem, _, part = model.geom(geom).name.partition(":")
            if stem in self._parts and part != "touch":
                look = part.rsplit("_", 1)[0]
                self._parts[stem][look] = np.append(self._parts[stem].get(look, np.zeros(0, np.int64)), geom)
        self._sliced: set[str] = set()
        self._tone: dict[str, str] = {}

    def set(self, thing: str, look: str) -> None:
        """Show a thing sliced or whole, clean, dirty or cooked; a look stays until its opposite comes.

        Raises:
            UnknownNameError: there is no such look.
        """
        if look not in LOOKS:
            raise UnknownNameError("look", look, LOOKS)
        if look in ("sliced", "whole"):
            (self._sliced.add if look == "sliced" else self._sliced.discard)(thing)
        else:
            self._tone[thing] = look
        self._paint(thing)

    def _paint(self, thing: str) -> None:
        parts, shown = self._parts[thing], self._world.model.geom_rgba
        cut = thing in self._sliced and "sliced" in parts
        for look, geoms in parts.items():
            visible = (look == "sliced") == cut
            tone = self._rgba[geoms, :3]
            if self._tone.get(thing) == "dirty":
                tone = 0.45 * tone + 0.55 * _MUD
            elif self._tone.get(thing) == "cooked":
                tone = 0.5 * tone + 0.5 * _CRUST
            shown[geoms, :3], shown[geoms, 3] = tone, float(visible)

    def light(self, switch: Switch, on: bool) -> None:
        """Show a fixture turned on or off."""
        model = self._world.model
        for name, colour, glow in switch.lights:
            geom = model.geom(name)
            model.geom_rgba[geom.id] = colour if on else self._rgba[geom.id]
            model.mat_emission[model.geom_matid[geom.id]] = glow if on else 0.0
