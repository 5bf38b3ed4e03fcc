"""Dirt that a sponge takes away where it is dragged over the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from robomem.types import FloatArray, IntArray
from robomem_assets.props.sponge import SPONGE_M
from robomem_envs.manipulate.layout import AREA_M

if TYPE_CHECKING:
    from robomem_envs.manipulate.bench import Bench

__all__ = ["SPOTS", "Wiping"]

SPOTS: Final = 12
_EVERY = 4
"""Steps of physics between two looks."""
_CLOSE_M, _LEVEL = 0.005, 0.99
NEVER: Final = -1


class Wiping:
    """Watches the sponge.

    Args:
        bench: whose sponge and areas.

    Attributes:
        last: by area, when each spot was last under the sponge, [SPOTS] in looks; -1 if never. A spot that has been
            under it is gone.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        areas = [thing for thing in bench.layout if thing.shape == "area"]
        self.last: dict[str, IntArray] = {area.name: np.full(SPOTS, NEVER) for area in areas}
        self._spots: dict[str, FloatArray] = {}
        for area in areas:
            along = AREA_M[0] * ((np.arange(SPOTS) + 0.5) / SPOTS - 0.5)
            axis = np.array([np.cos(area.heading), np.sin(area.heading)])
            self._spots[area.name] = np.array(area.point) + along[:, None] * axis
        self._looks = self._steps = 0

    def spots(self, area: str) -> FloatArray:
        """Return where an area's spots of dirt are or were, [SPOTS, 2] metres."""
        return self._spots[area]

    def watch(self) -> None:
        """Look whether the sponge lies on dirt."""
        self._steps += 1
        if not self.last or self._steps % _EVERY:
            return
        self._looks += 1
        sponge = self._bench.data.body("sponge")
        turn = sponge.xmat.reshape(3, 3)
        if sponge.xpos[2] - SPONGE_M[2] / 2 > _CLOSE_M or turn[2, 2] < _LEVEL:
            return
        for name, spots in self._spots.items():
            aside = np.abs((spots - sponge.xpos[:2]) @ turn[:2, :2])
            self.last[name][(aside <= np.array(SPONGE_M[:2]) / 2).all(axis=1)] = self._looks
