"""Apartment 2: a kitchen in one long line that opens to the living room."""

from robomem_assets.household.apartments.plan import Opening, Plan, Row, Rug, Stand, Window
from robomem_assets.household.furniture.site import Palette

__all__ = ["PLAN"]

PLAN = Plan(
    size=(11.2, 7.4),
    rooms={
        "kitchen": (4.2, 3.6, 11.2, 7.4),
        "living room": (4.2, 0.0, 11.2, 3.6),
        "bedroom": (0.0, 3.2, 4.2, 7.4),
        "bath": (0.0, 0.0, 4.2, 3.2),
    },
    openings=(
        Opening((6.2, 3.6), 1, 2.8),
        Opening((4.2, 1.6), 0),
        Opening((4.2, 4.6), 0),
        Opening((3.3, 3.2), 1, 0.95),
    ),
    windows=(
        Window((7.6, 7.4), 1, 2.0),
        Window((11.2, 1.8), 0, 1.6),
        Window((6.4, 0.0), 1, 1.8),
        Window((0.0, 5.3), 0, 1.4),
        Window((0.0, 1.2), 0, 0.8),
    ),
    units=(
        Row(
            "kitchen",
            "N",
            0.5,
            ("fridge", "larder", "drawers", "sink", "stove", "dishwasher", "breakfast", "microwave"),
        ),
        Row("kitchen", "S", 6.4, ("trash_can",)),
        Stand("kitchen", "dining_table", 9.0, 4.1, "N", 1.4),
        Row("living room", "E", 1.0, ("tv_stand",)),
        Stand("living room", "sofa", 7.9, 1.75, "E"),
        Stand("living room", "coffee_table", 9.4, 1.75, "E"),
        Row("living room", "S", 0.5, ("bookshelf",)),
        Row("living room", "S", 2.0, ("armchair", "floor_lamp")),
        Row("living room", "N", 5.0, ("shelf",)),
        Row("living room", "N", 6.5, ("plant",)),
        Row("bedroom", "W", 0.5, ("nightstand", "bed", "nightstand")),
        Row("bedroom", "N", 1.6, ("wardrobe",)),
        Row("bedroom", "E", 2.4, ("dresser",)),
        Row("bath", "W", 0.3, ("bathtub",)),
        Row("bath", "W", 2.2, ("laundry_basket",)),
        Row("bath", "S", 1.2, ("vanity", "toilet")),
        Row("bath", "N", 1.0, ("washing_machine",)),
        Row("bath", "S", 2.9, ("bathroom_shelf",)),
    ),
    start=(6.2, 2.6, 0.0),
    palette=Palette(
        walls="white",
        bath_walls="sage",
        fronts="navy",
        uppers="white",
        worktop="white",
        splash="light blue",
        wood="birch",
        fabric="grey",
        bedding="mustard",
        rug="navy",
        accent="mustard",
        fridge="white",
    ),
    floors={"bath": "slate", "kitchen": "pale planks", "living room": "pale planks", "bedroom": "pale planks"},
    rugs=(Rug(9.3, 1.75, (1.9, 2.2), "light blue"), Rug(2.9, 5.3, (1.3, 2.0), "mustard")),
)
