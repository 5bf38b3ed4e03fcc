"""Apartment 8: a kitchen to dine in, grey and green."""

from robomem_assets.household.apartments.plan import Opening, Plan, Row, Rug, Stand, Window
from robomem_assets.household.furniture.site import Palette

__all__ = ["PLAN"]

PLAN = Plan(
    size=(9.8, 8.2),
    rooms={
        "kitchen": (0.0, 0.0, 5.6, 3.8),
        "living room": (0.0, 3.8, 5.6, 8.2),
        "bedroom": (5.6, 3.4, 9.8, 8.2),
        "bath": (5.6, 0.0, 9.8, 3.4),
    },
    openings=(Opening((3.6, 3.8), 1, 1.8), Opening((5.6, 6.0), 0), Opening((5.6, 2.5), 0), Opening((6.4, 3.4), 1, 0.9)),
    windows=(
        Window((2.6, 0.0), 1, 1.8),
        Window((0.0, 6.6), 0, 1.6),
        Window((4.2, 8.2), 1, 1.6),
        Window((9.8, 4.0), 0, 0.8),
        Window((8.6, 8.2), 1, 1.4),
        Window((6.8, 0.0), 1, 0.8),
    ),
    units=(
        Row("kitchen", "S", 0.8, ("drawers", "sink", "stove", "dishwasher", "larder", "fridge")),
        Row("kitchen", "W", 1.3, ("breakfast", "microwave")),
        Row("kitchen", "S", 4.9, ("trash_can",)),
        Stand("kitchen", "dining_table", 2.6, 2.8, "S", 1.2),
        Row("living room", "N", 0.3, ("sofa", "floor_lamp")),
        Stand("living room", "coffee_table", 1.25, 6.7, "S"),
        Row("living room", "S", 0.4, ("tv_stand",)),
        Stand("living room", "armchair", 4.6, 7.6, "S"),
        Row("living room", "W", 1.1, ("bookshelf",)),
        Row("living room", "E", 0.3, ("plant",)),
        Stand("living room", "side_table", 3.6, 7.6, "S"),
        Row("bedroom", "E", 1.5, ("nightstand", "bed", "nightstand")),
        Row("bedroom", "N", 0.5, ("wardrobe",), hinge=-1),
        Row("bedroom", "S", 2.2, ("dresser",)),
        Row("bedroom", "W", 0.9, ("shelf",)),
        Row("bath", "S", 0.4, ("bathtub",)),
        Row("bath", "S", 2.3, ("bathroom_shelf",)),
        Row("bath", "E", 0.5, ("vanity", "toilet", "laundry_basket")),
        Row("bath", "N", 1.8, ("washing_machine",)),
    ),
    start=(3.6, 4.9, 0.0),
    palette=Palette(
        walls="light blue",
        bath_walls="white",
        fronts="grey",
        uppers="light green",
        worktop="birch",
        splash="light green",
        wood="birch",
        fabric="green",
        bedding="navy",
        rug="green",
        accent="orange",
        fridge="silver",
    ),
    floors={"bath": "chequers", "kitchen": "slate"},
    rugs=(Rug(1.25, 6.4, (2.2, 1.6), "green"), Rug(7.0, 5.6, (1.2, 2.2), "orange")),
)
