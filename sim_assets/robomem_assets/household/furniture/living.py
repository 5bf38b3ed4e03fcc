"""Seats, tables, shelves and screens."""

from __future__ import annotations

from robomem_assets.household.colours import shade
from robomem_assets.household.furniture.site import Site

__all__ = ["LIVING"]


def sofa(site: Site, width: float = 1.9) -> None:
    """A sofa for three."""
    piece, depth = site.piece("sofa", site.palette.fabric), 0.85
    piece.block((depth - 0.05, width - 0.04, 0.26), (depth / 2, 0, 0.08))
    for y in (-1, 1):
        piece.block((depth, 0.18, 0.5), (depth / 2, y * (width / 2 - 0.09), 0.08), shade(piece.colour, 1.08))
        piece.block((0.05, 0.05, 0.08), (0.1, y * (width / 2 - 0.1), 0), "walnut")
        piece.block((0.05, 0.05, 0.08), (depth - 0.1, y * (width / 2 - 0.1), 0), "walnut")
    piece.block((0.22, width - 0.04, 0.74), (0.11, 0, 0.08), shade(piece.colour, 0.92))
    seat = (width - 0.4) / 3
    for k in (-1, 0, 1):
        piece.block(
            (depth - 0.26, seat - 0.02, 0.09), (0.24 + (depth - 0.26) / 2, k * seat, 0.34), shade(piece.colour, 1.2)
        )
        piece.block(
            (0.13, seat - 0.03, 0.34), (0.28, k * seat, 0.44), shade(piece.colour, 1.3), euler=(0, -12, 0), solid=False
        )
    piece.block((0.13, 0.36, 0.34), (0.4, width / 2 - 0.36, 0.45), site.palette.accent, euler=(0, -25, 0), solid=False)
    surface = piece.surface(0.42, depth - 0.04, -width / 2 + 0.22, width / 2 - 0.56, 0.43)
    site.furnish(piece, "on", (surface,), (0, depth, -width / 2, width / 2))


def armchair(site: Site, width: float = 0.85) -> None:
    """An armchair."""
    piece, depth = site.piece("armchair", site.palette.accent), 0.8
    piece.block((depth - 0.05, width - 0.04, 0.26), (depth / 2, 0, 0.1))
    for y in (-1, 1):
        piece.block((depth - 0.05, 0.15, 0.46), (depth / 2, y * (width / 2 - 0.075), 0.1), shade(piece.colour, 1.08))
        for x in (0.1, depth - 0.1):
            piece.block((0.04, 0.04, 0.1), (x, y * (width / 2 - 0.1), 0), "oak")
    piece.block((0.2, width - 0.04, 0.74), (0.1, 0, 0.1), shade(piece.colour, 0.9))
    piece.block((depth - 0.24, width - 0.32, 0.08), (0.2 + (depth - 0.24) / 2, 0, 0.35), shade(piece.colour, 1.25))
    surface = piece.surface(0.3, depth - 0.06, -width / 2 + 0.18, width / 2 - 0.18, 0.43)
    site.furnish(piece, "on", (surface,), (0, depth, -width / 2, width / 2))


def _table(
    site: Site,
    category: str,
    length: float,
    depth: float,
    height: float,
    colour: str,
    sides: str = "around",
    legs: float = 0.05,
) -> None:
    piece = site.piece(category, colour)
    piece.block((depth, length, 0.035), (depth / 2, 0, height - 0.035), material="gloss")
    piece.block((depth - 0.12, length - 0.12, 0.05), (depth / 2, 0, height - 0.085), shade(colour, 0.9), solid=False)
    for x in (0.05, depth - 0.05):
        for y in (-length / 2 + 0.05, length / 2 - 0.05):
            piece.block((legs, legs, height - 0.035), (x, y, 0), shade(colour, 0.8))
    surface = piece.surface(0.03, depth - 0.03, -length / 2 + 0.03, length / 2 - 0.03, height)
    site.furnish(piece, "on", (surface,), (0, depth, -length / 2, length / 2), sides=sides)


def coffee_table(site: Site, width: float = 1.0) -> None:
    """A low table."""
    _table(site, "coffee_table", width, 0.55, 0.42, site.palette.wood)


def dining_table(site: Site, width: float = 1.4) -> None:
    """A table with chairs on its far side."""
    _table(site, "dining_table", width, 0.8, 0.74, site.palette.wood, legs=0.07)
    for k in (-0.35, 0.35):
        chair = site.decor("chair", site.palette.accent, x=-0.22, y=k * width / 1.4)
        chair.block((0.42, 0.42, 0.04), (0.2, 0, 0.44), material="matt")
        chair.block((0.03, 0.4, 0.4), (0.015, 0, 0.5), site.palette.wood)
        for x in (0.03, 0.38):
            for y in (-0.18, 0.18):
                chair.block((0.035, 0.035, 0.44), (x, y, 0), shade(site.palette.wood, 0.85))


def desk(site: Site, width: float = 1.2) -> None:
    """A desk with a lamp of its own."""
    _table(site, "desk", width, 0.62, 0.74, site.palette.wood, sides="front")


def side_table(site: Site, width: float = 0.5) -> None:
    """A small round table."""
    piece = site.piece("side_table", site.palette.wood)
    piece.block((width, width, 0.03), (width / 2, 0, 0.52), kind="cylinder")
    piece.block((0.05, 0.05, 0.52), (width / 2, 0, 0), "dark grey", kind="cylinder")
    piece.block((0.3, 0.3, 0.02), (width / 2, 0, 0), "dark grey", kind="cylinder")
    half = 0.35 * width
    surface = piece.surface(width / 2 - half, width / 2 + half, -half, half, 0.55)
    site.furnish(piece, "on", (surface,), (0, width, -width / 2, width / 2), sides="around")


def tv_stand(site: Site, width: float = 1.5) -> None:
    """A low board with a television on it."""
    piece = site.piece("tv_stand", site.palette.wood)
    piece.block((0.4, width, 0.42), (0.2, 0, 0.08))
    for k in (-1, 0, 1):
        piece.block(
            (0.006, width / 3 - 0.02, 0.34), (0.402, k * width / 3, 0.12), shade(piece.colour, 1.2), solid=False
        )
        piece.block((0.02, 0.02, 0.02), (0.41, k * width / 3 + 0.15, 0.28), "gold", kind="ellipsoid", solid=False)
    for y in (-width / 2 + 0.1, width / 2 - 0.1):
        piece.block((0.3, 0.04, 0.08), (0.2, y, 0), "dark grey")
    surface = piece.surface(0.19, 0.39, -width / 2 + 0.03, width / 2 - 0.03, 0.5)
    site.furnish(piece, "on", (surface,), (0, 0.41, -width / 2, width / 2))

    tv = site.piece("tv", "black", z=0.5)
    tv.block((0.12, 0.4, 0.02), (0.1, 0, 0))
    tv.block((0.03, 0.06, 0.1), (0.09, 0, 0.02))
    tv.block((0.04, 1.1, 0.64), (0.09, 0, 0.1), material="gloss")
    screen = tv.block((0.004, 1.06, 0.6), (0.112, 0, 0.12), [0.03, 0.03, 0.04, 1], solid=False)
    switch = tv.press((0.14, -0.45, 0.13), ((screen, (0.25, 0.55, 0.85, 1.0), 0.9),))
    site.furnish(tv, "", (), (0, 0.16, -0.55, 0.55), switch=switch)


def _tiers(
    site: Site, category: str, width: float, depth: float, levels: tuple[float, ...], top: float, books: bool
) -> None:
    piece = site.piece(category, site.palette.wood)
    piece.shell(width, depth, 0.04, top, shelves=levels[1:])
    surfaces = []
    for k, z in enumerate((levels[0], *levels[1:])):
        above = (*levels, top)[k + 1] - z - 0.03
        left = -width / 2 + 0.03
        if books:
            left = _row_of_books(piece, k, z, left, min(above, 0.24))
        surfaces.append(piece.surface(0.06, depth - 0.01, left, width / 2 - 0.03, z, above))
    reachable = tuple(surface for surface in surfaces if 0.15 < surface.centre[2] < 1.25)
    site.furnish(piece, "on", reachable, (0, depth, -width / 2, width / 2))


def _row_of_books(piece: object, row: int, z: float, y: float, high: float) -> float:
    tones = ("red", "navy", "mustard", "sage", "cream", "teal", "terracotta", "brown", "white", "purple")
    for k in range(3 + (row * 2) % 4):
        thick = 0.022 + 0.008 * ((3 * k + row) % 3)
        tall = high * (0.72 + 0.07 * ((k * 5 + row) % 4))
        piece.block((0.16, thick, tall), (0.11, y + thick / 2, z), tones[(4 * row + 3 * k) % 10], solid=False)  # type: ignore[attr-defined]
        y += thick + 0.002
    return y + 0.03


def bookshelf(site: Site, width: float = 0.9) -> None:
    """A tall shelf with some books in it."""
    _tiers(site, "bookshelf", width, 0.32, (0.06, 0.42, 0.78, 1.14, 1.5), 1.85, books=True)


def shelf(site: Site, width: float = 0.8) -> None:
    """A low open shelf."""
    _tiers(site, "shelf", width, 0.36, (0.06, 0.4, 0.74), 1.06, books=False)


def floor_lamp(site: Site, width: float = 0.36) -> None:
    """A lamp on a stand."""
    piece = site.piece("floor_lamp", "dark grey")
    piece.block((0.28, 0.28, 0.025), (0.18, 0, 0), kind="cylinder", material="metal")
    piece.block((0.026, 0.026, 1.35), (0.18, 0, 0), kind="cylinder", material="metal")
    shade_ = piece.block((0.34, 0.34, 0.26), (0.18, 0, 1.3), "cream", kind="cylinder", solid=False, material="matt")
    switch = piece.press((0.2, 0, 1.0), ((shade_, (1.0, 0.9, 0.62, 1.0), 0.9),))
    site.furnish(piece, "", (), (0.02, 0.34, -0.16, 0.16), switch=switch, sides="around")


def plant(site: Site, width: float = 0.45) -> None:
    """A plant in a pot: it is only looked at."""
    piece = site.decor("plant", "green")
    piece.block((0.3, 0.3, 0.3), (0.22, 0, 0), site.palette.rug, kind="cylinder", material="matt")
    piece.block((0.26, 0.26, 0.01), (0.22, 0, 0.295), "brown", kind="cylinder", solid=False)
    piece.block((0.03, 0.03, 0.5), (0.22, 0, 0.3), "brown", kind="cylinder", solid=False)
    for x, y, z, r in (
        (0.22, 0, 0.75, 0.36),
        (0.12, 0.1, 0.6, 0.26),
        (0.33, -0.08, 0.62, 0.28),
        (0.24, 0.14, 0.9, 0.22),
        (0.2, -0.12, 0.85, 0.24),
    ):
        piece.block(
            (r, r, 1.15 * r), (x, y, z), shade("green", 0.8 + r), kind="ellipsoid", solid=False, material="matt"
        )


LIVING = {
    "sofa": (sofa, 1.9),
    "armchair": (armchair, 0.85),
    "coffee_table": (coffee_table, 1.0),
    "dining_table": (dining_table, 1.4),
    "desk": (desk, 1.2),
    "side_table": (side_table, 0.5),
    "tv_stand": (tv_stand, 1.5),
    "bookshelf": (bookshelf, 0.9),
    "shelf": (shelf, 0.8),
    "floor_lamp": (floor_lamp, 0.36),
    "plant": (plant, 0.45),
}
"""Builders with the width that each takes along the wall."""
