"""Apartment 3: four rooms around a corner, terracotta and teal."""

from robomem_assets.household.apartments.plan import Opening, Plan, Row, Rug, Stand, Window
from robomem_assets.household.furniture.site import Palette

__all__ = ["PLAN"]

PLAN = Plan(
    size=(9.6, 8.4),
    rooms={
        "kitchen": (5.4, 0.0, 9.6, 4.4),
        "living room": (0.0, 0.0, 5.4, 4.4),
        "bedroom": (4.4, 4.4, 9.6, 8.4),
        "bath": (0.0, 4.4, 4.4, 8.4),
    },
    openings=(Opening((5.4, 2.7), 0, 1.6), Opening((2.4, 4.4), 1), Opening((4.9, 4.4), 1, 0.9)),
    windows=(
        Window((7.2, 0.0), 1, 1.6),
        Window((1.5, 0.0), 1, 1.8),
        Window((0.0, 2.4), 0, 1.6),
        Window((9.6, 7.4), 0, 1.0),
        Window((6.9, 8.4), 1, 1.8),
        Window((0.0, 7.4), 0, 0.8),
    ),
    units=(
        Row("kitchen", "S", 0.2, ("drawers", "sink", "stove", "dishwasher", "cabinet", "fridge")),
        Row("kitchen", "E", 1.6, ("larder", "breakfast", "microwave"), hinge=-1),
        Row("kitchen", "N", 0.8, ("trash_can",)),
        Row("living room", "S", 0.7, ("tv_stand",)),
        Stand("living room", "sofa", 1.45, 3.1, "S"),
        Stand("living room", "coffee_table", 1.45, 1.65, "S"),
        Stand("living room", "dining_table", 4.0, 1.0, "N", 1.2),
        Row("living room", "N", 0.3, ("bookshelf",)),
        Row("living room", "N", 3.2, ("floor_lamp", "plant")),
        Row("bedroom", "N", 1.2, ("nightstand", "bed", "nightstand")),
        Row("bedroom", "E", 0.5, ("wardrobe",)),
        Row("bedroom", "S", 2.2, ("dresser",)),
        Row("bedroom", "W", 2.3, ("desk",)),
        Row("bath", "N", 0.4, ("bathtub",)),
        Row("bath", "N", 2.6, ("bathroom_shelf",)),
        Row("bath", "W", 0.8, ("vanity",)),
        Row("bath", "W", 1.9, ("toilet",)),
        Row("bath", "E", 1.6, ("washing_machine",)),
        Row("bath", "E", 2.5, ("laundry_basket",)),
    ),
    start=(4.6, 2.7, 0.0),
    palette=Palette(
        walls="beige",
        bath_walls="teal",
        fronts="terracotta",
        uppers="cream",
        worktop="walnut",
        splash="cream",
        wood="walnut",
        fabric="teal",
        bedding="terracotta",
        rug="teal",
        accent="mustard",
        fridge="cream",
    ),
    floors={"bath": "tiles", "kitchen": "tiles", "living room": "dark planks", "bedroom": "dark planks"},
    rugs=(Rug(1.45, 1.9, (2.2, 1.9), "teal"), Rug(6.9, 6.0, (2.6, 1.2), "beige")),
)
