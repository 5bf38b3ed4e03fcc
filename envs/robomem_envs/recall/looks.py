"""The colours of what lies on the table: the usual ones, and others, to see whether a policy goes by colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import mujoco

from robomem.errors import ConfigError, suggest
from robomem_envs.recall.palette import COLOURS

__all__ = ["Palette", "palette_of"]

_Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class Palette:
    """Colours, RGB in [0, 1].

    Args:
        things: of the cube (the first), or of up to five objects that are told apart.
        cup: of the cups.
        box, lid: of the boxes.
        places: of up to four discs that are places.
        goal: of a disc or stand that is the goal.
        table: of the table top; None leaves it as it is.
    """

    things: Sequence[_Rgb]
    cup: _Rgb
    box: _Rgb
    lid: _Rgb
    places: Sequence[_Rgb]
    goal: _Rgb
    table: _Rgb | None

    def paint_table(self, spec: mujoco.MjSpec) -> None:
        """Give the scene's table its colour."""
        if self.table is not None:
            spec.geom("table").rgba = [*self.table, 1.0]


_PALETTES = {
    "usual": Palette(
        things=COLOURS[:5],
        cup=(0.25, 0.42, 0.62),
        box=(0.72, 0.58, 0.42),
        lid=(0.62, 0.49, 0.34),
        places=((0.30, 0.55, 0.85), (0.35, 0.70, 0.45), (0.90, 0.60, 0.25), (0.70, 0.45, 0.75)),
        goal=(0.35, 0.55, 0.75),
        table=None,
    ),
    "new": Palette(
        things=(*(COLOURS[i] for i in (6, 7, 5, 8)), (0.55, 0.85, 0.20)),  # first what stands out from the arm
        cup=(0.52, 0.34, 0.30),
        box=(0.42, 0.50, 0.62),
        lid=(0.33, 0.40, 0.52),
        places=((0.86, 0.80, 0.40), (0.55, 0.40, 0.28), (0.80, 0.38, 0.46), (0.38, 0.36, 0.62)),
        goal=(0.66, 0.68, 0.30),
        table=(0.66, 0.74, 0.70),
    ),
}


def palette_of(name: str) -> Palette:
    """Return the palette of that name; raises ConfigError when there is none."""
    if name not in _PALETTES:
        raise ConfigError(f"palette {name!r} does not exist. {suggest(name, _PALETTES)}")
    return _PALETTES[name]
