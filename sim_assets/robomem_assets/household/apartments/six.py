"""Apartment 6: an L of rooms, dark wood and purple."""

from robomem_assets.household.apartments.plan import Opening, Plan, Row, Rug, Stand, Window
from robomem_assets.household.furniture.site import Palette

__all__ = ["PLAN"]

PLAN = Plan(
    size=(8.8, 9.2),
    rooms={
        "kitchen": (4.6, 0.0, 8.8, 4.4),
        "living room": (0.0, 0.0, 4.6, 5.4),
        "bedroom": (0.0, 5.4, 4.6, 9.2),
        "bath": (4.6, 4.4, 8.8, 7.8),
    },
    openings=(
        Opening((4.6, 2.9), 0, 1.6),
        Opening((1.3, 5.4), 1),
        Opening((4.6, 6.4), 0),
        Opening((4.6, 4.9), 0, 0.85),
    ),
    windows=(
        Window((6.4, 0.0), 1, 1.4),
        Window((8.8, 3.9), 0, 0.7),
        Window((0.0, 3.0), 0, 1.8),
        Window((2.2, 0.0), 1, 1.6),
        Window((0.0, 7.6), 0, 1.4),
        Window((7.9, 7.8), 1, 0.8),
    ),
    units=(
        Row("kitchen", "S", 0.2, ("fridge", "drawers", "sink", "stove", "dishwasher"), hinge=-1),
        Row("kitchen", "E", 1.3, ("larder", "breakfast", "microwave"), hinge=-1),
        Row("kitchen", "N", 1.4, ("trash_can",)),
        Row("living room", "W", 0.4, ("sofa", "floor_lamp")),
        Stand("living room", "coffee_table", 1.55, 1.35, "E"),
        Row("living room", "E", 0.3, ("tv_stand",)),
        Stand("living room", "dining_table", 2.7, 4.6, "S", 1.3),
        Row("living room", "W", 3.2, ("bookshelf",)),
        Row("living room", "S", 1.7, ("armchair",)),
        Row("living room", "S", 3.0, ("plant",)),
        Row("bedroom", "W", 0.8, ("nightstand", "bed", "nightstand")),
        Row("bedroom", "N", 3.2, ("wardrobe",), hinge=-1),
        Row("bedroom", "E", 1.8, ("dresser",)),
        Row("bedroom", "S", 2.4, ("desk",)),
        Row("bath", "E", 0.4, ("bathtub",)),
        Row("bath", "E", 2.3, ("laundry_basket",)),
        Row("bath", "N", 0.5, ("vanity", "toilet")),
        Row("bath", "S", 0.9, ("washing_machine",)),
        Row("bath", "S", 1.9, ("bathroom_shelf",)),
    ),
    start=(3.8, 3.0, 0.0),
    palette=Palette(
        walls="beige",
        bath_walls="purple",
        fronts="walnut",
        uppers="walnut",
        worktop="cream",
        splash="light green",
        wood="walnut",
        fabric="purple",
        bedding="purple",
        rug="pink",
        accent="light green",
        fridge="dark grey",
    ),
    floors={"bath": "slate", "kitchen": "dark planks", "living room": "dark planks", "bedroom": "dark planks"},
    rugs=(Rug(1.9, 1.35, (1.7, 2.2), "pink"), Rug(2.8, 7.4, (1.3, 2.2), "cream")),
)
