"""Clothes, and what belongs in the bathroom."""

from __future__ import annotations

from robomem_assets.household.objects.category import Category
from robomem_assets.household.parts import Part, box, capsule, cylinder, egg

__all__ = ["WASHING"]

_CLOTHES, _BATH = ("wardrobe", "bed", "laundry_basket"), ("bathroom_shelf", "bathroom_sink", "bathroom_cabinet")


def _folded(
    name: str,
    size: tuple[float, float, float],
    colours: tuple[str, ...],
    mass: float,
    places: tuple[str, ...],
    words: str,
) -> Category:
    x, y, z = size
    parts = (
        box(x, y, 0.5 * z),
        box(0.96 * x, 0.97 * y, 0.5 * z, (0.01 * x, 0, 0.5 * z), tint=1.25),
        box(0.3 * x, 0.985 * y, z + 0.001, (0, 0, 0), tint=0.8),
    )
    kind = "bathroom" if name.endswith("towel") else "clothing"
    return Category(name, kind, parts, colours, "fabric", "folded", words, mass, places)


WASHING = (
    _folded("t_shirt", (0.18, 0.2, 0.04), ("white", "red", "blue"), 0.2, _CLOTHES, "medium"),
    _folded("trousers", (0.16, 0.24, 0.05), ("navy", "tan"), 0.5, _CLOTHES, "large"),
    _folded("sweater", (0.2, 0.22, 0.07), ("mustard", "purple", "sage"), 0.5, _CLOTHES, "large"),
    _folded("scarf", (0.12, 0.18, 0.05), ("terracotta", "teal"), 0.2, _CLOTHES, "small"),
    _folded(
        "towel",
        (0.18, 0.22, 0.06),
        ("white", "sage", "light blue"),
        0.4,
        ("bathroom_shelf", "laundry_basket", "bathroom_cabinet"),
        "medium",
    ),
    _folded("hand_towel", (0.13, 0.15, 0.04), ("pink", "teal"), 0.2, ("bathroom_shelf", "bathroom_sink"), "small"),
    Category(
        "sock",
        "clothing",
        (
            capsule(0.024, 0.12),
            capsule(0.022, 0.07, (0.02, 0.035, 0), euler=(0, 90, 0)),
            box(0.05, 0.016, 0.05, (0, -0.05, 0), tint=0.7),
        ),
        ("grey", "red", "light blue"),
        "fabric",
        "long",
        "small",
        0.05,
        ("laundry_basket", "dresser_drawer", "bed"),
    ),
    Category(
        "cap",
        "clothing",
        (egg(0.075, 0.075, 0.05, (0, 0, -0.0)), box(0.1, 0.07, 0.008, (0, -0.1, 0.02), tint=0.8)),
        ("red", "navy", "green"),
        "fabric",
        "round",
        "medium",
        0.1,
        ("wardrobe", "bed", "armchair"),
    ),
    Category(
        "slipper",
        "clothing",
        (box(0.085, 0.2, 0.018), Part("ellipsoid", (0.042, 0.06, 0.035), (0, -0.035, 0.036), "", 1.2)),
        ("brown", "pink", "grey"),
        "fabric",
        "long",
        "medium",
        0.15,
        ("wardrobe", "shelf"),
    ),
    Category(
        "soap_bar",
        "bathroom",
        (egg(0.03, 0.042, 0.014), box(0.036, 0.054, 0.022, (0, 0, 0.003), tint=1.2)),
        ("green", "pink", "cream"),
        "soap",
        "oval",
        "small",
        0.1,
        ("bathroom_sink", "bathtub", "bathroom_shelf"),
        slippery=0.12,
    ),
    Category(
        "shampoo_bottle",
        "bathroom",
        (
            cylinder(0.03, 0.14),
            cylinder(0.0305, 0.06, (0, 0, 0.04), "white"),
            cylinder(0.014, 0.03, (0, 0, 0.14), "white"),
        ),
        ("purple", "blue", "orange"),
        "plastic",
        "cylindrical",
        "medium",
        0.4,
        ("bathtub", "bathroom_shelf", "bathroom_cabinet"),
        slippery=0.06,
    ),
    Category(
        "toothbrush",
        "bathroom",
        (box(0.012, 0.15, 0.012, (0, -0.01, 0)), box(0.012, 0.028, 0.022, (0, 0.065, 0), "white")),
        ("blue", "pink", "green"),
        "plastic",
        "long",
        "small",
        0.03,
        ("bathroom_sink", "bathroom_cabinet"),
    ),
    Category(
        "toothpaste",
        "bathroom",
        (
            box(0.04, 0.12, 0.026),
            Part("cylinder", (0.013, 0.013, 0.014), (0, 0.072, 0.013), "blue", euler=(90.0, 0.0, 0.0)),
            box(0.041, 0.05, 0.027, (0, 0, 0), "red"),
        ),
        ("white",),
        "plastic",
        "long",
        "small",
        0.1,
        ("bathroom_cabinet", "bathroom_sink"),
    ),
    Category(
        "toilet_paper",
        "bathroom",
        (cylinder(0.052, 0.1), cylinder(0.02, 0.101, (0, 0, 0), "tan")),
        ("white",),
        "paper",
        "cylindrical",
        "medium",
        0.12,
        ("bathroom_shelf", "bathroom_cabinet", "toilet"),
    ),
    Category(
        "hairbrush",
        "bathroom",
        (
            box(0.02, 0.11, 0.018, (0, -0.06, 0)),
            box(0.055, 0.09, 0.02, (0, 0.04, 0)),
            box(0.045, 0.08, 0.035, (0, 0.04, 0), "black"),
        ),
        ("pink", "brown", "teal"),
        "wood",
        "long",
        "small",
        0.12,
        ("bathroom_sink", "bathroom_shelf", "dresser"),
    ),
    Category(
        "sponge",
        "bathroom",
        (box(0.06, 0.09, 0.025), box(0.06, 0.09, 0.012, (0, 0, 0.025), "green")),
        ("yellow",),
        "foam",
        "box-shaped",
        "small",
        0.03,
        ("sink", "counter", "bathtub"),
    ),
    Category(
        "dish_soap",
        "bathroom",
        (box(0.05, 0.07, 0.13), cylinder(0.014, 0.04, (0, 0, 0.13), "white")),
        ("green", "blue"),
        "plastic",
        "box-shaped",
        "medium",
        0.5,
        ("counter", "cabinet"),
        slippery=0.05,
    ),
    Category(
        "spray_bottle",
        "bathroom",
        (
            cylinder(0.036, 0.12),
            cylinder(0.014, 0.04, (0, 0, 0.12), "white"),
            box(0.03, 0.075, 0.028, (0, -0.015, 0.155), "red"),
        ),
        ("light blue",),
        "plastic",
        "cylindrical",
        "medium",
        0.5,
        ("bathroom_cabinet", "cabinet"),
    ),
)
