"""What people call things on the table, and how else they may speak of shapes and colours."""

from __future__ import annotations

from typing import Final

from robomem_assets.workbench import PALETTE

__all__ = ["ALIKE", "COLOUR_OF", "LOOKS", "NOUNS", "USES", "brightness"]

NOUNS: Final = {
    "cube": ("cube",),
    "cylinder": ("cylinder",),
    "triangle": ("triangular prism",),
    "star": ("star",),
    "moon": ("moon",),
    "container": ("container", "box"),
    "area": ("area", "strip"),
}
USES: Final = {
    "cube": ("shaped like a die", "shaped like a sugar lump"),
    "cylinder": ("shaped like a tin can", "that would roll away if it fell over"),
    "triangle": ("shaped like a slice of pizza", "shaped like a wedge of cheese"),
    "star": ("that belongs on top of a Christmas tree", "shaped like a sheriff's badge"),
    "moon": ("shaped like a croissant", "that shines in the sky at night and waxes and wanes"),
}
"""Shapes by what everybody knows."""
LOOKS: Final = {
    "cube": ("with six square faces", "that is as long as it is wide and high"),
    "cylinder": ("that is round from above", "without any corners"),
    "triangle": ("with three sides", "with three corners"),
    "star": ("with five points", "with spikes all around"),
    "moon": ("with a round hollow in its side", "with two horns"),
}
"""Shapes by what one sees."""
COLOUR_OF: Final = {
    "red": ("a ripe tomato", "a fire engine"),
    "maroon": ("red wine",),
    "orange": ("a carrot",),
    "yellow": ("a lemon", "a ripe banana"),
    "green": ("fresh spinach", "a fir tree"),
    "azure": ("the sky on a clear day",),
    "violet": ("lavender in bloom",),
    "purple": ("an aubergine",),
    "rose": ("a flamingo",),
    "silver": ("a new coin",),
    "grey": ("an elephant",),
    "black": ("a lump of coal",),
}
"""Colours by what has them."""
_FAMILIES: Final = (
    {"red", "maroon", "orange"},
    {"orange", "yellow"},
    {"rose", "magenta", "red"},
    {"magenta", "violet", "purple", "maroon"},
    {"blue", "navy", "azure", "cyan", "teal", "violet"},
    {"green", "lime", "olive", "teal"},
    {"grey", "silver", "black"},
    {"black", "navy"},
)
ALIKE: Final = {colour: set().union(*(one for one in _FAMILIES if colour in one)) | {colour} for colour in PALETTE}
"""Colours that a person might take for one another."""


def brightness(colour: str) -> float:
    """Return how bright a colour looks, from 0 to 1 (Rec. 601 luma)."""
    red, green, blue = PALETTE[colour]
    return 0.299 * red + 0.587 * green + 0.114 * blue
