"""Kitchen units: they stand side by side with their backs to a wall, and their tops are level."""

from __future__ import annotations

from robomem_assets.household.colours import shade
from robomem_assets.household.furniture.furnishing import Furnishing
from robomem_assets.household.furniture.site import Site

__all__ = ["UNITS"]

DEPTH, TOP, BODY = 0.6, 0.9, 0.86
_STEEL = "silver"
_LEAF = 0.5
"""Wider cupboards have one door of this width, and a fixed front."""


def _worktop(site: Site, width: float, free: tuple[float, float] | None = None) -> Furnishing:
    """Add a worktop; ``free`` is the part of its width where nothing stands."""
    piece = site.piece("counter", site.palette.worktop)
    piece.block((DEPTH + 0.02, width, TOP - BODY), ((DEPTH + 0.02) / 2, 0, BODY), material="gloss")
    if site.splash:
        piece.block((0.008, width, 0.3), (0.004, 0, TOP), site.palette.splash, solid=False, material="gloss")
    y0, y1 = free or (-width / 2, width / 2)
    surface = piece.surface(0.06, DEPTH - 0.01, y0 + 0.02, y1 - 0.02, TOP, site.headroom)
    return site.furnish(piece, "on", (surface,), (0, DEPTH + 0.02, -width / 2, width / 2))


def _plinth(piece: object, width: float) -> None:
    piece.block((DEPTH - 0.06, width, 0.09), ((DEPTH - 0.06) / 2, 0, 0), "dark grey")  # type: ignore[attr-defined]


def cabinet(site: Site, width: float = 0.5, free: tuple[float, float] | None = None) -> None:
    """A cupboard with a door under a worktop."""
    piece = site.piece("cabinet", site.palette.fronts)
    _plinth(piece, width)
    piece.shell(width, DEPTH - 0.02, 0.09, BODY, shelves=(0.48,))
    wide, fixed = min(width, _LEAF), width - min(width, _LEAF)
    door = piece.swing(wide, BODY - 0.09, DEPTH - 0.02, 0.09, hinge=site.hinge, y=site.hinge * fixed / 2, grip_at=0.8)
    if fixed > 0:
        piece.block((0.018, fixed - 0.006, BODY - 0.1), (DEPTH - 0.011, -site.hinge * wide / 2, 0.093))
    y0, y1 = sorted((site.hinge * (width / 2 - 0.03), site.hinge * (width / 2 - wide + 0.03)))
    surfaces = (
        piece.surface(0.14, DEPTH - 0.05, y0, y1, 0.48, 0.3),
        piece.surface(0.14, DEPTH - 0.05, y0, y1, 0.108, 0.3),
    )
    site.furnish(piece, "in", surfaces, (0, DEPTH, -width / 2, width / 2), door=door)
    _worktop(site, width, free)


def drawers(site: Site, width: float = 0.5, free: tuple[float, float] | None = None) -> None:
    """Three drawers under a worktop; the uppermost opens."""
    piece = site.piece("drawer", site.palette.fronts)
    _plinth(piece, width)
    piece.shell(width, DEPTH - 0.02, 0.09, BODY)
    piece.front(width, 0.3, DEPTH - 0.02, 0.09)
    piece.front(width, 0.27, DEPTH - 0.02, 0.39)
    door, floor = piece.drawer(width, 0.5, DEPTH - 0.02, 0.66, 0.19)
    site.furnish(piece, "in", (floor,), (0, DEPTH, -width / 2, width / 2), door=door)
    _worktop(site, width, free)


def sink(site: Site, width: float = 0.8) -> None:
    """A basin with a tap in a worktop."""
    piece = site.piece("sink", _STEEL)
    top, fronts = site.palette.worktop, site.palette.fronts
    _plinth(piece, width)
    for y in (-width / 4, width / 4):
        piece.block((0.018, width / 2 - 0.006, BODY - 0.1), (DEPTH - 0.011, y, 0.093), fronts)
        piece.block(
            (0.012, 0.014, 0.2),
            (DEPTH + 0.02, y - (0.14 if y > 0 else -0.14), 0.55),
            _STEEL,
            solid=False,
            material="metal",
        )
    for y in (-1, 1):
        piece.block((DEPTH - 0.02, 0.018, BODY - 0.09), ((DEPTH - 0.02) / 2, y * (width / 2 - 0.009), 0.09), fronts)
    x0, x1, half, floor = 0.13, 0.52, 0.27, 0.76
    piece.block((x0, width, 0.04), (x0 / 2, 0, BODY), top, material="gloss")
    piece.block((DEPTH + 0.02 - x1, width, 0.04), ((DEPTH + 0.02 + x1) / 2, 0, BODY), top, material="gloss")
    for y in (-1, 1):
        side = width / 2 - half
        piece.block((x1 - x0, side, 0.04), ((x0 + x1) / 2, y * (half + side / 2), BODY), top, material="gloss")
        piece.block((x1 - x0, 0.008, BODY - floor + 0.03), ((x0 + x1) / 2, y * half, floor), material="metal")
    for x in (x0, x1):
        piece.block((0.008, 2 * half, BODY - floor + 0.03), (x, 0, floor), material="metal")
    piece.block((x1 - x0, 2 * half, 0.012), ((x0 + x1) / 2, 0, floor - 0.012), material="metal")
    piece.block((0.04, 0.04, 0.002), (0.32, 0, floor), "dark grey", kind="cylinder", solid=False)
    piece.block((0.03, 0.03, 0.24), (0.08, 0, TOP), kind="cylinder", solid=False, material="metal")
    piece.block((0.15, 0.024, 0.024), (0.15, 0, TOP + 0.22), solid=False, material="metal")
    piece.block((0.05, 0.02, 0.02), (0.08, 0.06, TOP + 0.02), solid=False, material="metal")
    if site.splash:
        piece.block((0.008, width, 0.3), (0.004, 0, TOP), site.palette.splash, solid=False, material="gloss")
    water = piece.block((0.016, 0.016, 0.36), (0.215, 0, floor), [0.6, 0.8, 0.95, 0.0], kind="cylinder", solid=False)
    switch = piece.press((0.08, 0.06, TOP + 0.06), ((water, (0.6, 0.8, 0.95, 0.75), 0.2),))
    surface = piece.surface(x0 + 0.09, x1 - 0.01, -half + 0.015, half - 0.015, floor)
    site.furnish(piece, "in", (surface,), (0, DEPTH + 0.02, -width / 2, width / 2), switch=switch)


def stove(site: Site, width: float = 0.6) -> None:
    """A hob over an oven."""
    oven = site.piece("oven", "dark grey")
    _plinth(oven, width)
    oven.shell(width, DEPTH - 0.02, 0.09, 0.78)
    oven.front(width, 0.25, DEPTH - 0.02, 0.09, site.palette.fronts)
    oven.block((DEPTH - 0.06, width - 0.04, 0.02), ((DEPTH - 0.06) / 2 + 0.02, 0, 0.36), "black")
    oven.block((0.3, 0.45, 0.004), (0.25, 0, 0.379), "grey", solid=False, material="metal")
    glow = oven.block((0.01, 0.42, 0.03), (0.03, 0, 0.7), "black", solid=False)
    knob = oven.block(
        (0.04, 0.04, 0.02), (DEPTH - 0.005, -0.2, 0.8), "silver", kind="cylinder", solid=False, euler=(0, 90, 0)
    )
    door = oven.drop(width, 0.4, DEPTH - 0.02, 0.36)
    inner = width / 2 - 0.04
    surface = oven.surface(0.26, DEPTH - 0.05, -inner, inner, 0.383, 0.3)
    lit = ((glow, (1.0, 0.45, 0.15, 1.0), 1.0), (knob, "red", 0.5))
    switch = oven.press((DEPTH + 0.03, -0.2, 0.82), lit)
    site.furnish(oven, "in", (surface,), (0, DEPTH, -width / 2, width / 2), door=door, switch=switch)

    hob = site.piece("stove", "black")
    hob.block((DEPTH, width, 0.1), (DEPTH / 2, 0, 0.78), "dark grey")
    hob.block((DEPTH + 0.02, width, 0.025), ((DEPTH + 0.02) / 2, 0, 0.88), material="gloss")
    if site.splash:
        hob.block((0.008, width, 0.3), (0.004, 0, TOP), site.palette.splash, solid=False, material="gloss")
    rings = []
    for x, y, r in ((0.2, 0.14, 0.16), (0.2, -0.14, 0.19), (0.44, 0.14, 0.19), (0.44, -0.14, 0.16)):
        rings.append(hob.block((r, r, 0.003), (x, y, 0.905), "dark grey", kind="cylinder", solid=False))
    for y in (-0.1, 0.0, 0.1, 0.2):
        hob.block(
            (0.036, 0.036, 0.02), (DEPTH + 0.005, y, 0.81), "silver", kind="cylinder", solid=False, euler=(0, 90, 0)
        )
    switch = hob.press((DEPTH + 0.03, 0.1, 0.83), tuple((ring, (1.0, 0.3, 0.1, 1.0), 0.9) for ring in rings[2:3]))
    surface = hob.surface(0.08, DEPTH - 0.02, -width / 2 + 0.02, width / 2 - 0.02, 0.908)
    site.furnish(hob, "on", (surface,), (0, DEPTH + 0.02, -width / 2, width / 2), switch=switch)


def dishwasher(site: Site, width: float = 0.6) -> None:
    """A dishwasher under a worktop."""
    piece = site.piece("dishwasher", "silver")
    _plinth(piece, width)
    piece.shell(width, DEPTH - 0.02, 0.09, BODY, "grey")
    piece.front(width, 0.28, DEPTH - 0.02, 0.09, site.palette.fronts)
    piece.block((DEPTH - 0.06, width - 0.04, 0.012), ((DEPTH - 0.06) / 2 + 0.02, 0, 0.4), "grey")
    light = piece.block((0.01, 0.03, 0.01), (DEPTH - 0.012, 0.2, 0.825), "dark grey", solid=False)
    piece.block((0.02, width - 0.01, 0.05), (DEPTH - 0.025, 0, 0.81), "dark grey")
    door = piece.drop(width, 0.42, DEPTH - 0.02, 0.38, glass=False)
    inner = width / 2 - 0.04
    surface = piece.surface(0.26, DEPTH - 0.05, -inner, inner, 0.412, 0.35)
    switch = piece.press((DEPTH + 0.01, 0.2, 0.835), ((light, "green", 1.0),))
    site.furnish(piece, "in", (surface,), (0, DEPTH, -width / 2, width / 2), door=door, switch=switch)
    _worktop(site, width)


def fridge(site: Site, width: float = 0.62) -> None:
    """A tall fridge over a freezer."""
    piece, depth, z0, z1 = site.piece("fridge", site.palette.fridge), 0.64, 0.36, 1.72
    piece.block((depth - 0.02, width, z0), ((depth - 0.02) / 2, 0, 0))
    piece.front(width, z0 - 0.04, depth - 0.02, 0.03)
    piece.shell(width, depth - 0.02, z0, z1, shelves=(0.74, 1.04, 1.34))
    piece.block((0.02, 0.1, 0.02), (0.06, 0, z1 - 0.05), "yellow", solid=False)
    door = piece.swing(width, z1 - z0, depth - 0.02, z0, hinge=site.hinge)
    inner = width / 2 - 0.035
    surfaces = tuple(piece.surface(0.16, depth - 0.06, -inner, inner, z, 0.26) for z in (0.74, 1.04, z0 + 0.018))
    site.furnish(piece, "in", surfaces, (0, depth, -width / 2, width / 2), door=door)


def larder(site: Site, width: float = 0.5) -> None:
    """A worktop with cupboard below and a cabinet on the wall above it."""
    cabinet(site, width)
    wall_cabinet(site, width)


def wall_cabinet(site: Site, width: float = 0.5) -> None:
    """A cabinet on the wall."""
    piece, depth, z0, z1 = site.piece("wall_cabinet", site.palette.uppers), 0.34, 1.2, 1.76
    piece.shell(width, depth - 0.02, z0, z1, shelves=(1.48,))
    door = piece.swing(width, z1 - z0, depth - 0.02, z0, hinge=site.hinge, grip_at=0.15)
    inner = width / 2 - 0.03
    surface = piece.surface(0.06, depth - 0.04, -inner, inner, z0 + 0.018, 0.24)
    site.furnish(piece, "in", (surface,), (0, depth, -width / 2, width / 2), door=door)


def microwave(site: Site, width: float = 0.9) -> None:
    """Drawers under a worktop with a microwave on it."""
    drawers(site, width, free=(-width / 2, width / 2 - 0.52))
    piece = site.piece("microwave", "dark grey", y=width / 2 - 0.27, z=TOP)
    wide, depth, high = 0.48, 0.38, 0.28
    piece.shell(wide, depth - 0.02, 0.012, high)
    piece.block((depth - 0.04, 0.1, high - 0.04), ((depth - 0.04) / 2, -wide / 2 + 0.06, 0.03))
    panel = piece.block((0.006, 0.07, 0.03), (depth - 0.016, -wide / 2 + 0.06, 0.2), "black", solid=False)
    for k in range(3):
        piece.block((0.006, 0.05, 0.02), (depth - 0.016, -wide / 2 + 0.06, 0.06 + 0.04 * k), "grey", solid=False)
    door = piece.swing(wide - 0.12, high - 0.02, depth - 0.02, 0.012, hinge=1, y=0.06, glass=True)
    surface = piece.surface(0.1, depth - 0.05, -0.1, wide / 2 - 0.04, 0.032, 0.21)
    piece.block((depth - 0.06, wide - 0.16, 0.004), ((depth - 0.06) / 2 + 0.02, 0.06, 0.028), "white")
    switch = piece.press((depth + 0.02, -wide / 2 + 0.06, 0.16), ((panel, (0.3, 0.95, 0.5, 1.0), 1.0),))
    site.furnish(piece, "in", (surface,), (0, depth, -wide / 2, wide / 2), door=door, switch=switch)


def breakfast(site: Site, width: float = 0.9) -> None:
    """A cupboard under a worktop with a toaster and a coffee machine on it."""
    cabinet(site, width, free=(-0.14, 0.16))
    toaster = site.piece("toaster", site.palette.accent, y=width / 2 - 0.16, z=TOP)
    toaster.block((0.16, 0.26, 0.08), (0.2, 0, 0.01))
    for x in (0.13, 0.27):
        toaster.block((0.02, 0.26, 0.08), (x, 0, 0.09))
    for y in (-0.12, 0.12):
        toaster.block((0.12, 0.02, 0.08), (0.2, y, 0.09))
    toaster.block((0.12, 0.22, 0.004), (0.2, 0, 0.09), "black", solid=False)
    lever = toaster.block((0.02, 0.05, 0.016), (0.29, 0, 0.11), "black", solid=False)
    switch = toaster.press((0.31, 0, 0.12), ((lever, (1.0, 0.4, 0.1, 1.0), 1.0),))
    slot = toaster.surface(0.145, 0.255, -0.105, 0.105, 0.09)
    site.furnish(toaster, "in", (slot,), (0.1, 0.3, -0.13, 0.13), switch=switch)

    coffee = site.piece("coffee_machine", "black", y=-width / 2 + 0.17, z=TOP)
    coffee.block((0.12, 0.24, 0.34), (0.12, 0, 0), material="gloss")
    coffee.block((0.32, 0.24, 0.025), (0.22, 0, 0), "dark grey")
    coffee.block((0.16, 0.24, 0.1), (0.26, 0, 0.24), material="gloss")
    coffee.block((0.04, 0.04, 0.03), (0.28, 0, 0.21), "silver", kind="cylinder", solid=False, material="metal")
    light = coffee.block((0.006, 0.03, 0.03), (0.342, 0.07, 0.28), "dark grey", solid=False)
    switch = coffee.press((0.37, 0.07, 0.29), ((light, (0.3, 0.9, 1.0, 1.0), 1.0),))
    surface = coffee.surface(0.19, 0.37, -0.1, 0.1, 0.025, 0.18)
    site.furnish(coffee, "on", (surface,), (0, 0.4, -0.12, 0.12), switch=switch)


def trash_can(site: Site, width: float = 0.34) -> None:
    """A bin with a lid."""
    piece, high = site.piece("trash_can", "grey"), 0.5
    for y in (-1, 1):
        piece.block((0.3, 0.012, high), (0.17, y * (width / 2 - 0.006), 0))
    for x in (0.026, 0.314):
        piece.block((0.012, width, high), (x, 0, 0))
    piece.block((0.29, width, 0.02), (0.17, 0, 0), shade("grey", 0.7))
    door = piece.lid(0.31, width, high, x0=0.015, colour="dark grey")
    surface = piece.surface(0.04, 0.3, -width / 2 + 0.02, width / 2 - 0.02, 0.02)
    site.furnish(piece, "in", (surface,), (0, 0.33, -width / 2, width / 2), door=door)


UNITS = {
    "cabinet": (cabinet, 0.5),
    "drawers": (drawers, 0.5),
    "sink": (sink, 0.8),
    "stove": (stove, 0.6),
    "dishwasher": (dishwasher, 0.6),
    "fridge": (fridge, 0.64),
    "larder": (larder, 0.5),
    "microwave": (microwave, 0.9),
    "breakfast": (breakfast, 0.9),
    "trash_can": (trash_can, 0.36),
}
"""Builders with the width that each takes along the wall."""
