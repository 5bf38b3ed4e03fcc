"""What stands in a bedroom."""

from __future__ import annotations

from robomem_assets.household.colours import shade
from robomem_assets.household.furniture.site import Site
from robomem_assets.household.touching import Group

__all__ = ["BEDROOM"]


def bed(site: Site, width: float = 1.5) -> None:
    """A double bed, its head to the wall."""
    piece, long = site.piece("bed", site.palette.bedding), 2.0
    piece.block((0.06, width + 0.06, 1.0), (0.03, 0, 0), site.palette.wood)
    piece.block((long - 0.06, width, 0.3), (0.06 + (long - 0.06) / 2, 0, 0.02), site.palette.wood)
    piece.block((long - 0.1, width - 0.04, 0.2), (0.07 + (long - 0.1) / 2, 0, 0.3), "white", material="matt")
    piece.block((long - 0.55, width + 0.02, 0.05), (0.55 + (long - 0.58) / 2, 0, 0.47), material="matt")
    piece.block((0.22, width + 0.03, 0.056), (0.66, 0, 0.47), shade(piece.colour, 1.4), solid=False, material="matt")
    for y in (-1, 1):
        piece.block(
            (0.4, 0.58, 0.16), (0.32, y * width / 4, 0.46), "white", kind="ellipsoid", solid=False, material="matt"
        )
    surface = piece.surface(0.8, long - 0.06, -width / 2 + 0.05, width / 2 - 0.05, 0.52)
    site.furnish(piece, "on", (surface,), (0, long, -width / 2, width / 2), sides="around")


def nightstand(site: Site, width: float = 0.46) -> None:
    """A nightstand with a drawer and a lamp."""
    piece = site.piece("nightstand_drawer", site.palette.wood)
    piece.shell(width, 0.4, 0.1, 0.53)
    for y in (-1, 1):
        for x in (0.03, 0.37):
            piece.block((0.03, 0.03, 0.1), (x, y * (width / 2 - 0.03), 0), shade(piece.colour, 0.8))
    piece.front(width, 0.2, 0.4, 0.12)
    door, floor = piece.drawer(width, 0.34, 0.4, 0.33, 0.19, travel=0.28)
    site.furnish(piece, "in", (floor,), (0, 0.42, -width / 2, width / 2), door=door)

    top = site.piece("nightstand", site.palette.wood)
    top.block((0.43, width + 0.02, 0.025), (0.215, 0, 0.53))
    surface = top.surface(0.16, 0.42, -width / 2 + 0.01, width / 2 - 0.01, 0.555)
    site.furnish(top, "on", (surface,), (0, 0.43, -width / 2, width / 2))

    lamp = site.piece("table_lamp", "gold", z=0.555)
    lamp.block((0.11, 0.11, 0.02), (0.09, 0, 0), kind="cylinder", solid=False, material="metal")
    lamp.block((0.016, 0.016, 0.2), (0.09, 0, 0), kind="cylinder", solid=False, material="metal")
    shade_ = lamp.block((0.2, 0.2, 0.15), (0.1, 0, 0.2), "cream", kind="cylinder", solid=False, material="matt")
    lamp.block((0.09, 0.09, 0.34), (0.09, 0, 0), [0, 0, 0, 0], kind="cylinder")
    switch = lamp.press((0.15, 0, 0.12), ((shade_, (1.0, 0.88, 0.6, 1.0), 0.9),))
    site.furnish(lamp, "", (), (0, 0.2, -0.1, 0.1), switch=switch)


def wardrobe(site: Site, width: float = 1.1) -> None:
    """A wardrobe: one door swings, the other half is fixed."""
    piece, depth, high = site.piece("wardrobe", site.palette.uppers), 0.58, 1.95
    half = width / 2
    piece.shell(width, depth - 0.02, 0.06, high, shelves=(0.42, 0.8, 1.18))
    piece.block((depth, width, 0.06), (depth / 2, 0, 0), shade(piece.colour, 0.8))
    piece.block((0.018, half - 0.006, high - 0.07), (depth - 0.011, -site.hinge * half / 2, 0.063))
    piece.block((0.03, 0.03, 0.03), (depth + 0.01, -site.hinge * 0.06, 1.0), "gold", kind="ellipsoid", solid=False)
    door = piece.swing(half, high - 0.06, depth - 0.02, 0.06, hinge=site.hinge, y=site.hinge * half / 2, handle="knob")
    y0, y1 = sorted((site.hinge * 0.03, site.hinge * (half - 0.04)))
    surfaces = tuple(piece.surface(0.14, depth - 0.06, y0, y1, z, 0.32) for z in (0.8, 0.42, 1.18))
    site.furnish(piece, "in", surfaces, (0, depth, -half, half), door=door)


def dresser(site: Site, width: float = 0.9) -> None:
    """A chest of drawers; the uppermost opens."""
    piece, depth = site.piece("dresser_drawer", site.palette.wood), 0.48
    piece.shell(width, depth - 0.02, 0.08, 0.84)
    piece.front(width, 0.27, depth - 0.02, 0.08)
    piece.front(width, 0.26, depth - 0.02, 0.35)
    door, floor = piece.drawer(width, 0.4, depth - 0.02, 0.62, 0.21, travel=0.32)
    site.furnish(piece, "in", (floor,), (0, depth, -width / 2, width / 2), door=door)
    top = site.piece("dresser", site.palette.wood)
    top.block((depth + 0.02, width + 0.03, 0.03), ((depth + 0.02) / 2, 0, 0.84))
    mirror = site.decor("mirror", "gold")
    mirror.block((0.025, 0.62, 0.62), (0.013, 0, 1.05), kind="ellipsoid", solid=False, group=Group.WALL_TOP)
    mirror.block(
        (0.027, 0.56, 0.56),
        (0.016, 0, 1.08),
        "light blue",
        kind="ellipsoid",
        solid=False,
        material="gloss",
        group=Group.WALL_TOP,
    )
    surface = top.surface(0.08, depth, -width / 2 + 0.02, width / 2 - 0.02, 0.87)
    site.furnish(top, "on", (surface,), (0, depth + 0.02, -width / 2, width / 2))


BEDROOM = {
    "bed": (bed, 1.6),
    "nightstand": (nightstand, 0.5),
    "wardrobe": (wardrobe, 1.1),
    "dresser": (dresser, 0.95),
}
"""Builders with the width that each takes along the wall."""
