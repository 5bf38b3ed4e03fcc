"""Food: what slices, and what does not."""

from __future__ import annotations

from robomem_assets.household.objects.category import Category
from robomem_assets.household.parts import Part, ball, box, capsule, cylinder, egg

__all__ = ["FOOD"]

_COLD, _SHELF = ("fridge", "counter", "dining_table"), ("cabinet", "wall_cabinet", "counter")


def _discs(radius: float, colour: str, rim: str = "", n: int = 4, thick: float = 0.012) -> tuple[Part, ...]:
    """Return slices that lean on each other: rounds of flesh in a rim of peel."""
    parts: list[Part] = []
    for k in range(n):
        y = (k - (n - 1) / 2) * 2.0 * thick
        flat = (90.0, 0.0, 0.0)
        at = (0.0, y, radius)
        parts.append(Part("cylinder", (radius, radius, thick / 2), at, rim, 1.0, flat))
        parts.append(Part("cylinder", (0.88 * radius, 0.88 * radius, thick / 2 + 0.0008), at, colour, 1.0, flat))
    return tuple(parts)


def _loaf(width: float, height: float, colour: str, n: int = 4) -> tuple[Part, ...]:
    return tuple(
        part
        for k in range(n)
        for part in (
            box(width, 0.014, height, (0, (k - (n - 1) / 2) * 0.028, 0)),
            box(0.86 * width, 0.0155, 0.9 * height, (0, (k - (n - 1) / 2) * 0.028, 0.05 * height), colour),
        )
    )


_STALK = box(0.005, 0.005, 0.02, (0, 0, 0.068), "brown")

FOOD = (
    Category(
        "apple",
        "food",
        (egg(0.037, 0.037, 0.035), _STALK, egg(0.012, 0.006, 0.003, (0.011, 0, 0.08), "green")),
        ("red", "light green", "yellow"),
        "organic",
        "round",
        "small",
        0.18,
        ("fridge", "counter", "dining_table"),
        _discs(0.035, "cream"),
    ),
    Category(
        "tomato",
        "food",
        (egg(0.036, 0.036, 0.03), egg(0.016, 0.016, 0.004, (0, 0, 0.055), "green")),
        ("red",),
        "organic",
        "round",
        "small",
        0.12,
        _COLD,
        _discs(0.033, "orange"),
    ),
    Category(
        "potato",
        "food",
        (egg(0.035, 0.048, 0.03), egg(0.006, 0.006, 0.003, (0.016, 0.015, 0.052), "brown")),
        ("tan",),
        "organic",
        "oval",
        "small",
        0.2,
        ("cabinet", "counter", "fridge"),
        _discs(0.033, "cream"),
    ),
    Category(
        "lettuce",
        "food",
        (
            egg(0.06, 0.06, 0.052),
            egg(0.045, 0.05, 0.045, (0.016, 0.01, 0.016), "green"),
            egg(0.05, 0.04, 0.04, (-0.014, -0.012, 0.02), "light green", tint=1.3),
        ),
        ("light green",),
        "organic",
        "round",
        "medium",
        0.4,
        _COLD,
        _discs(0.05, "light green", "green"),
    ),
    Category(
        "bread",
        "food",
        (box(0.085, 0.16, 0.055), capsule(0.043, 0.16, (0, 0, 0.018))),
        ("oak",),
        "organic",
        "loaf-shaped",
        "medium",
        0.5,
        ("counter", "cabinet", "dining_table"),
        _loaf(0.085, 0.08, "cream"),
    ),
    Category(
        "onion",
        "food",
        (egg(0.034, 0.034, 0.03), egg(0.008, 0.008, 0.012, (0, 0, 0.053), "tan")),
        ("copper", "purple"),
        "organic",
        "round",
        "small",
        0.15,
        ("cabinet", "counter", "fridge"),
        _discs(0.031, "white"),
    ),
    Category(
        "carrot",
        "food",
        (
            capsule(0.016, 0.13),
            capsule(0.011, 0.17, (0, -0.01, 0.004)),
            egg(0.014, 0.02, 0.012, (0, 0.08, 0.004), "green"),
        ),
        ("orange",),
        "organic",
        "long",
        "small",
        0.08,
        _COLD,
        _discs(0.018, "orange", n=5),
    ),
    Category(
        "cucumber",
        "food",
        (capsule(0.022, 0.19), capsule(0.019, 0.2, (0, 0, 0.004), tint=0.8)),
        ("green",),
        "organic",
        "long",
        "medium",
        0.3,
        _COLD,
        _discs(0.023, "light green", n=5),
        0.05,
    ),
    Category(
        "orange",
        "food",
        (ball(0.038), egg(0.006, 0.006, 0.002, (0, 0, 0.074), "green")),
        ("orange",),
        "organic",
        "round",
        "small",
        0.2,
        _COLD,
        _discs(0.035, "yellow"),
    ),
    Category(
        "lemon",
        "food",
        (egg(0.026, 0.035, 0.026), egg(0.008, 0.043, 0.008, (0, 0, 0.018))),
        ("yellow",),
        "organic",
        "oval",
        "small",
        0.1,
        _COLD,
        _discs(0.026, "cream"),
    ),
    Category(
        "pear",
        "food",
        (
            egg(0.034, 0.034, 0.033),
            egg(0.02, 0.02, 0.03, (0, 0, 0.038)),
            box(0.004, 0.004, 0.016, (0, 0, 0.096), "brown"),
        ),
        ("light green", "mustard"),
        "organic",
        "pear-shaped",
        "small",
        0.18,
        _COLD,
        _discs(0.03, "cream"),
    ),
    Category(
        "banana",
        "food",
        (
            capsule(0.017, 0.09, (0.006, 0, 0)),
            capsule(0.015, 0.07, (-0.005, 0.055, 0), euler=(90, 0, 25)),
            capsule(0.015, 0.07, (-0.005, -0.055, 0), euler=(90, 0, -25)),
            box(0.008, 0.014, 0.01, (-0.018, 0.09, 0.012), "brown"),
        ),
        ("yellow",),
        "organic",
        "long",
        "small",
        0.12,
        ("counter", "dining_table"),
    ),
    Category(
        "egg",
        "food",
        (egg(0.022, 0.022, 0.029),),
        ("cream", "tan"),
        "organic",
        "oval",
        "small",
        0.06,
        _COLD,
        slippery=0.05,
    ),
    Category(
        "cheese",
        "food",
        (cylinder(0.05, 0.04), cylinder(0.046, 0.041, (0, 0, 0), "cream")),
        ("mustard",),
        "organic",
        "round",
        "small",
        0.3,
        _COLD,
        _loaf(0.06, 0.05, "yellow"),
    ),
    Category(
        "milk_carton",
        "food",
        (
            box(0.07, 0.07, 0.16),
            box(0.071, 0.071, 0.05, (0, 0, 0.05), "light blue"),
            box(0.06, 0.03, 0.03, (0, 0, 0.16)),
            cylinder(0.012, 0.014, (0, 0.02, 0.175), "blue"),
        ),
        ("white",),
        "cardboard",
        "box-shaped",
        "medium",
        1.0,
        _COLD,
    ),
    Category(
        "juice_bottle",
        "food",
        (
            cylinder(0.034, 0.14),
            cylinder(0.0345, 0.05, (0, 0, 0.045), "cream"),
            cylinder(0.02, 0.045, (0, 0, 0.14)),
            cylinder(0.018, 0.02, (0, 0, 0.185), "green"),
        ),
        ("orange", "red"),
        "plastic",
        "cylindrical",
        "medium",
        0.9,
        _COLD,
        slippery=0.04,
    ),
    Category(
        "soda_can",
        "food",
        (cylinder(0.033, 0.105), cylinder(0.029, 0.112, (0, 0, 0), "silver", material="metal")),
        ("red", "blue", "green"),
        "metal",
        "cylindrical",
        "small",
        0.35,
        _COLD,
        slippery=0.04,
    ),
    Category(
        "soup_can",
        "food",
        (
            cylinder(0.036, 0.1),
            cylinder(0.0365, 0.01, (0, 0, 0), "silver"),
            cylinder(0.0365, 0.01, (0, 0, 0.092), "silver"),
        ),
        ("red", "green"),
        "metal",
        "cylindrical",
        "small",
        0.4,
        _SHELF,
    ),
    Category(
        "cereal_box",
        "food",
        (
            box(0.065, 0.15, 0.22),
            box(0.066, 0.1, 0.07, (0, 0, 0.11), "cream"),
            box(0.0665, 0.06, 0.03, (0, 0, 0.04), "red"),
        ),
        ("yellow", "blue"),
        "cardboard",
        "box-shaped",
        "large",
        0.45,
        ("wall_cabinet", "cabinet", "counter"),
    ),
    Category(
        "honey_jar",
        "food",
        (
            cylinder(0.035, 0.07),
            cylinder(0.0355, 0.03, (0, 0, 0.02), "cream"),
            cylinder(0.033, 0.018, (0, 0, 0.07), "brown"),
        ),
        ("gold",),
        "glass",
        "cylindrical",
        "small",
        0.4,
        _SHELF,
        slippery=0.04,
    ),
)
