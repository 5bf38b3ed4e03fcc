"""What stands in a bathroom."""

from __future__ import annotations

from robomem_assets.household.colours import shade
from robomem_assets.household.furniture.site import Site
from robomem_assets.household.touching import Group

__all__ = ["BATH"]


def vanity(site: Site, width: float = 0.8) -> None:
    """A wash basin with a tap over a cupboard, and a mirror."""
    below, depth = site.piece("bathroom_cabinet", site.palette.wood), 0.48
    below.shell(width, depth - 0.02, 0.16, 0.68)
    door = below.swing(width / 2, 0.52, depth - 0.02, 0.16, hinge=site.hinge, y=site.hinge * width / 4, handle="knob")
    below.block((0.018, width / 2 - 0.006, 0.514), (depth - 0.011, -site.hinge * width / 4, 0.163))
    y0, y1 = sorted((-site.hinge * 0.06, site.hinge * (width / 2 - 0.04)))
    floor = below.surface(0.12, depth - 0.06, y0, y1, 0.178, 0.45)
    site.furnish(below, "in", (floor,), (0, depth, -width / 2, width / 2), door=door)

    piece = site.piece("bathroom_sink", "white")
    z, top, x0, x1, half = 0.7, 0.85, 0.12, 0.44, 0.24
    piece.block((depth, width, 0.02), (depth / 2, 0, z - 0.02), material="gloss")
    piece.block((x0, width, top - z), (x0 / 2, 0, z), material="gloss")
    piece.block((depth - x1, width, top - z), ((depth + x1) / 2, 0, z), material="gloss")
    for side in (-1, 1):
        piece.block(
            (x1 - x0, width / 2 - half, top - z), ((x0 + x1) / 2, side * (half + width / 2) / 2, z), material="gloss"
        )
    piece.block((0.04, 0.04, 0.002), (0.28, 0, z), "silver", kind="cylinder", solid=False)
    piece.block((0.026, 0.026, 0.16), (0.07, 0, top), "silver", kind="cylinder", solid=False, material="metal")
    piece.block((0.12, 0.02, 0.02), (0.13, 0, top + 0.14), "silver", solid=False, material="metal")
    water = piece.block(
        (0.012, 0.012, top - z + 0.14), (0.185, 0, z), [0.6, 0.8, 0.95, 0.0], kind="cylinder", solid=False
    )
    switch = piece.press((0.07, 0, top + 0.2), ((water, (0.6, 0.8, 0.95, 0.75), 0.2),))
    basin = piece.surface(0.22, x1 - 0.01, -half + 0.01, half - 0.01, z)
    site.furnish(piece, "in", (basin,), (0, depth, -width / 2, width / 2), switch=switch)

    mirror = site.decor("mirror", "silver")
    mirror.block((0.02, width - 0.1, 0.7), (0.01, 0, 1.15), solid=False, group=Group.WALL_TOP)
    mirror.block(
        (0.022, width - 0.14, 0.66), (0.012, 0, 1.17), "light blue", solid=False, material="gloss", group=Group.WALL_TOP
    )


def toilet(site: Site, width: float = 0.5) -> None:
    """A toilet with its lid down."""
    piece = site.piece("toilet", "white")
    piece.block((0.18, 0.4, 0.36), (0.1, 0, 0.42), material="gloss")
    piece.block((0.3, 0.24, 0.36), (0.24, 0, 0), material="gloss")
    piece.block((0.42, 0.36, 0.08), (0.4, 0, 0.34), material="gloss")
    piece.block((0.4, 0.35, 0.025), (0.4, 0, 0.42), shade("white", 0.95), material="gloss")
    piece.block((0.03, 0.05, 0.008), (0.1, 0, 0.78), "silver", kind="cylinder", solid=False)
    surface = piece.surface(0.24, 0.58, -0.16, 0.16, 0.445)
    site.furnish(piece, "on", (surface,), (0, 0.62, -0.2, 0.2))


def bathtub(site: Site, width: float = 1.6) -> None:
    """A bathtub along the wall."""
    piece, depth, high, floor = site.piece("bathtub", "white"), 0.72, 0.46, 0.22
    for x in (0.035, depth - 0.035):
        piece.block((0.07, width, high), (x, 0, 0), material="gloss")
    for y in (-1, 1):
        piece.block((depth - 0.14, 0.08, high), (depth / 2, y * (width / 2 - 0.04), 0), material="gloss")
    piece.block((depth - 0.14, width - 0.16, floor), (depth / 2, 0, 0), material="gloss")
    piece.block(
        (0.03, 0.03, 0.2), (0.04, -width / 2 + 0.4, high), "silver", kind="cylinder", solid=False, material="metal"
    )
    surface = piece.surface(0.3, depth - 0.08, -width / 2 + 0.1, width / 2 - 0.1, floor)
    site.furnish(piece, "in", (surface,), (0, depth, -width / 2, width / 2))


def laundry_basket(site: Site, width: float = 0.46) -> None:
    """A wicker basket with a lid."""
    piece, depth, high = site.piece("laundry_basket", "tan"), 0.42, 0.52
    for y in (-1, 1):
        piece.block((depth - 0.04, 0.014, high), (depth / 2, y * (width / 2 - 0.007), 0), material="matt")
    for x in (0.027, depth - 0.013):
        piece.block((0.014, width, high), (x, 0, 0), material="matt")
    for z in (0.1, 0.25, 0.4):
        piece.block((0.004, width - 0.02, 0.02), (depth - 0.004, 0, z), shade("tan", 0.8), solid=False)
    piece.block((depth - 0.03, width - 0.02, 0.02), (depth / 2, 0, 0), shade("tan", 0.8))
    door = piece.lid(depth - 0.02, width, high, x0=0.02)
    surface = piece.surface(0.05, depth - 0.03, -width / 2 + 0.02, width / 2 - 0.02, 0.02)
    site.furnish(piece, "in", (surface,), (0, depth, -width / 2, width / 2), door=door)


def washing_machine(site: Site, width: float = 0.6) -> None:
    """A washing machine that loads from the front."""
    piece, depth, high = site.piece("washing_machine", "white"), 0.56, 0.85
    piece.block((depth - 0.02, width, 0.28), ((depth - 0.02) / 2, 0, 0))
    piece.shell(width, depth - 0.02, 0.28, 0.72, "white")
    piece.block((depth - 0.02, width, high - 0.72), ((depth - 0.02) / 2, 0, 0.72))
    for y in (-1, 1):
        piece.block((0.018, 0.1, 0.44), (depth - 0.011, y * (width / 2 - 0.05), 0.28))
    knob = piece.block(
        (0.07, 0.07, 0.02), (depth - 0.01, -0.1, 0.755), "silver", kind="cylinder", solid=False, euler=(0, 90, 0)
    )
    panel = piece.block((0.006, 0.16, 0.06), (depth - 0.018, 0.14, 0.76), "black", solid=False)
    door = piece.swing(width - 0.18, 0.42, depth, 0.29, hinge=site.hinge, glass=True)
    surface = piece.surface(0.2, depth - 0.06, -width / 2 + 0.1, width / 2 - 0.1, 0.298, 0.38)
    switch = piece.press((depth + 0.03, -0.1, 0.79), ((panel, (0.3, 0.7, 1.0, 1.0), 1.0), (knob, "blue", 0.6)))
    site.furnish(piece, "in", (surface,), (0, depth, -width / 2, width / 2), door=door, switch=switch)


def bathroom_shelf(site: Site, width: float = 0.6) -> None:
    """A shelf for towels."""
    piece, depth = site.piece("bathroom_shelf", site.palette.wood), 0.34
    levels = (0.3, 0.68, 1.06)
    for side in (-1, 1):
        piece.block((depth, 0.022, 1.3), (depth / 2, side * (width / 2 - 0.011), 0))
    for z in levels:
        piece.block((depth, width - 0.044, 0.02), (depth / 2, 0, z - 0.02))
    surfaces = tuple(
        piece.surface(0.05, depth - 0.01, -width / 2 + 0.03, width / 2 - 0.03, z, 0.32) for z in (0.68, 1.06, 0.3)
    )
    site.furnish(piece, "on", surfaces, (0, depth, -width / 2, width / 2))


BATH = {
    "vanity": (vanity, 0.85),
    "toilet": (toilet, 0.55),
    "bathtub": (bathtub, 1.6),
    "laundry_basket": (laundry_basket, 0.5),
    "washing_machine": (washing_machine, 0.64),
    "bathroom_shelf": (bathroom_shelf, 0.65),
}
"""Builders with the width that each takes along the wall."""
