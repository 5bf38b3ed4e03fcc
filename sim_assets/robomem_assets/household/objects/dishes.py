"""What one cooks in, eats from and drinks from."""

from __future__ import annotations

from robomem_assets.household.objects.category import Category
from robomem_assets.household.parts import Part, box, capsule, cylinder

__all__ = ["DISHES"]

_SHELF, _DRAWER = ("cabinet", "wall_cabinet", "counter"), ("drawer", "counter", "dining_table")


def _ear(x: float, z: float, height: float, colour: str = "") -> tuple[Part, ...]:
    return (
        box(0.024, 0.01, 0.009, (x, 0, z), colour),
        box(0.009, 0.01, height, (x + 0.01, 0, z), colour),
        box(0.024, 0.01, 0.009, (x, 0, z + height - 0.009), colour),
    )


def _cutlery(name: str, head: tuple[Part, ...], material: str = "metal", mass: float = 0.06) -> Category:
    handle = box(0.012, 0.1, 0.008, (0, -0.045, 0), tint=0.8, material="metal")
    return Category(
        name, "cutlery", (handle, *head), ("silver", "gold"), material, "long", "small", mass, _DRAWER, slippery=0.02
    )


DISHES = (
    Category(
        "mug",
        "dish",
        (
            cylinder(0.038, 0.09),
            cylinder(0.033, 0.0905, (0, 0, 0.0005), "dark grey", tint=0.6),
            *_ear(0.043, 0.02, 0.05),
        ),
        ("white", "red", "blue", "yellow", "teal"),
        "ceramic",
        "cylindrical",
        "small",
        0.3,
        ("wall_cabinet", "cabinet", "counter", "coffee_table"),
    ),
    Category(
        "cup",
        "dish",
        (cylinder(0.03, 0.03), cylinder(0.036, 0.04, (0, 0, 0.03)), cylinder(0.031, 0.0705, (0, 0, 0.0005), "cream")),
        ("light blue", "pink", "green"),
        "porcelain",
        "round",
        "small",
        0.2,
        ("wall_cabinet", "cabinet", "counter"),
    ),
    Category(
        "glass",
        "dish",
        (cylinder(0.032, 0.11, material="gloss"), cylinder(0.028, 0.1105, (0, 0, 0.0), "white", material="gloss")),
        ("light blue",),
        "glass",
        "cylindrical",
        "small",
        0.25,
        ("wall_cabinet", "cabinet", "dining_table"),
        slippery=0.05,
    ),
    Category(
        "wine_glass",
        "dish",
        (cylinder(0.032, 0.005), cylinder(0.005, 0.075), cylinder(0.036, 0.075, (0, 0, 0.075), material="gloss")),
        ("light blue", "pink"),
        "glass",
        "round",
        "small",
        0.18,
        ("wall_cabinet", "dining_table", "cabinet"),
        slippery=0.05,
    ),
    Category(
        "plate",
        "dish",
        (
            cylinder(0.07, 0.008),
            cylinder(0.105, 0.012, (0, 0, 0.006)),
            cylinder(0.078, 0.0125, (0, 0, 0.006), tint=0.88),
        ),
        ("white", "light blue", "terracotta"),
        "ceramic",
        "round",
        "medium",
        0.45,
        ("cabinet", "wall_cabinet", "dining_table"),
        slippery=0.02,
    ),
    Category(
        "bowl",
        "dish",
        (
            cylinder(0.035, 0.015),
            cylinder(0.06, 0.02, (0, 0, 0.014)),
            cylinder(0.073, 0.024, (0, 0, 0.033)),
            cylinder(0.064, 0.0245, (0, 0, 0.033), tint=0.7),
        ),
        ("white", "blue", "green", "red"),
        "ceramic",
        "round",
        "medium",
        0.35,
        ("cabinet", "wall_cabinet", "counter"),
    ),
    Category(
        "pan",
        "dish",
        (
            cylinder(0.1, 0.035, material="metal"),
            cylinder(0.092, 0.0355, (0, 0, 0), "black", tint=1.1),
            capsule(0.011, 0.11, (0, -0.14, 0.016), "brown"),
        ),
        ("dark grey", "copper"),
        "metal",
        "round",
        "large",
        0.9,
        ("stove", "cabinet", "counter"),
    ),
    Category(
        "pot",
        "dish",
        (
            cylinder(0.085, 0.1, material="metal"),
            cylinder(0.078, 0.1005, (0, 0, 0), "dark grey"),
            box(0.22, 0.03, 0.012, (0, 0, 0.08), "black"),
        ),
        ("silver", "red"),
        "metal",
        "cylindrical",
        "large",
        1.1,
        ("stove", "cabinet", "counter"),
    ),
    Category(
        "kettle",
        "dish",
        (
            cylinder(0.075, 0.09, material="gloss"),
            cylinder(0.055, 0.03, (0, 0, 0.09), material="gloss"),
            cylinder(0.012, 0.02, (0, 0, 0.12), "black"),
            box(0.02, 0.045, 0.02, (0, 0.085, 0.08)),
        ),
        ("red", "teal", "silver"),
        "metal",
        "round",
        "large",
        0.9,
        ("stove", "counter"),
    ),
    Category(
        "teapot",
        "dish",
        (
            cylinder(0.05, 0.03),
            cylinder(0.06, 0.04, (0, 0, 0.02)),
            cylinder(0.045, 0.03, (0, 0, 0.055)),
            cylinder(0.009, 0.02, (0, 0, 0.085)),
            box(0.016, 0.04, 0.016, (0, 0.07, 0.05)),
            *_ear(0.06, 0.025, 0.045),
        ),
        ("teal", "white", "mustard"),
        "ceramic",
        "round",
        "medium",
        0.6,
        ("cabinet", "counter", "dining_table"),
    ),
    Category(
        "cutting_board",
        "dish",
        (box(0.15, 0.22, 0.016), box(0.02, 0.05, 0.0165, (0, 0.08, 0), "brown")),
        ("birch", "walnut"),
        "wood",
        "flat",
        "large",
        0.7,
        ("counter", "cabinet"),
    ),
    Category(
        "tray",
        "dish",
        (
            box(0.18, 0.26, 0.008),
            box(0.18, 0.012, 0.028, (0, 0.124, 0)),
            box(0.18, 0.012, 0.028, (0, -0.124, 0)),
            box(0.012, 0.26, 0.028, (0.084, 0, 0)),
            box(0.012, 0.26, 0.028, (-0.084, 0, 0)),
        ),
        ("walnut", "white"),
        "wood",
        "flat",
        "large",
        0.6,
        ("counter", "coffee_table", "dining_table"),
    ),
    _cutlery("knife", (box(0.018, 0.11, 0.004, (0, 0.06, 0.002), "silver", material="metal"),), mass=0.12),
    _cutlery(
        "fork",
        (
            box(0.008, 0.05, 0.005, (0, 0.025, 0.001), material="metal"),
            box(0.022, 0.02, 0.005, (0, 0.055, 0.001), material="metal"),
            *(box(0.004, 0.03, 0.004, (x, 0.078, 0.001), material="metal") for x in (-0.009, 0.0, 0.009)),
        ),
    ),
    _cutlery(
        "spoon",
        (
            box(0.008, 0.05, 0.005, (0, 0.02, 0.001), material="metal"),
            cylinder(0.017, 0.006, (0, 0.06, 0), material="metal"),
        ),
    ),
    Category(
        "spatula",
        "cutlery",
        (box(0.014, 0.14, 0.012, (0, -0.05, 0), "black"), box(0.05, 0.07, 0.006, (0, 0.06, 0.002))),
        ("red", "teal"),
        "plastic",
        "long",
        "medium",
        0.09,
        ("drawer", "counter"),
    ),
    Category(
        "ladle",
        "cutlery",
        (
            box(0.012, 0.17, 0.01, (0, -0.03, 0.008), material="metal"),
            cylinder(0.033, 0.03, (0, 0.075, 0), material="metal"),
        ),
        ("silver", "black"),
        "metal",
        "long",
        "medium",
        0.12,
        ("drawer", "counter"),
    ),
    Category(
        "whisk",
        "cutlery",
        (box(0.014, 0.09, 0.014, (0, -0.06, 0), "brown"), capsule(0.02, 0.11, (0, 0.04, 0), material="metal")),
        ("silver",),
        "metal",
        "long",
        "medium",
        0.1,
        ("drawer", "counter"),
    ),
    Category(
        "salt_shaker",
        "dish",
        (cylinder(0.022, 0.06), cylinder(0.018, 0.018, (0, 0, 0.06), "silver", material="metal")),
        ("white", "black"),
        "ceramic",
        "cylindrical",
        "small",
        0.12,
        ("counter", "dining_table", "wall_cabinet"),
    ),
    Category(
        "lunch_box",
        "dish",
        (box(0.12, 0.16, 0.06), box(0.124, 0.164, 0.015, (0, 0, 0.055), tint=1.3)),
        ("blue", "pink", "green"),
        "plastic",
        "box-shaped",
        "medium",
        0.2,
        ("cabinet", "fridge", "counter"),
    ),
)
