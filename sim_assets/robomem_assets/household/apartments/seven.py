"""Apartment 7: a long flat with the bath in its middle."""

from robomem_assets.household.apartments.plan import Opening, Plan, Row, Rug, Stand, Window
from robomem_assets.household.furniture.site import Palette

__all__ = ["PLAN"]

PLAN = Plan(
    size=(12.0, 6.9),
    rooms={
        "kitchen": (7.4, 3.5, 12.0, 6.9),
        "living room": (4.2, 0.0, 12.0, 3.5),
        "bedroom": (0.0, 1.2, 4.2, 6.9),
        "bath": (4.2, 3.5, 7.4, 6.9),
    },
    openings=(Opening((4.2, 2.3), 0), Opening((5.3, 3.5), 1), Opening((9.5, 3.5), 1, 2.0)),
    windows=(
        Window((9.3, 6.9), 1, 1.8),
        Window((12.0, 1.0), 0, 1.2),
        Window((7.2, 0.0), 1, 2.2),
        Window((0.0, 5.2), 0, 1.4),
        Window((2.0, 6.9), 1, 1.2),
        Window((6.8, 6.9), 1, 0.7),
    ),
    units=(
        Row("kitchen", "N", 0.2, ("larder", "drawers", "sink", "stove", "dishwasher", "fridge")),
        Row("kitchen", "E", 0.3, ("breakfast", "microwave")),
        Row("kitchen", "W", 0.6, ("trash_can",)),
        Row("living room", "N", 2.0, ("tv_stand",)),
        Row("living room", "S", 2.0, ("sofa", "floor_lamp")),
        Stand("living room", "coffee_table", 7.15, 1.55, "N"),
        Stand("living room", "dining_table", 10.2, 0.9, "N", 1.4),
        Row("living room", "E", 2.0, ("bookshelf",)),
        Row("living room", "S", 0.4, ("armchair",)),
        Row("living room", "S", 7.2, ("plant",)),
        Row("bedroom", "N", 0.7, ("nightstand", "bed", "nightstand")),
        Row("bedroom", "W", 0.5, ("wardrobe",)),
        Row("bedroom", "S", 1.7, ("dresser",)),
        Row("bedroom", "E", 2.3, ("desk",)),
        Row("bedroom", "W", 2.2, ("shelf",)),
        Row("bath", "N", 0.3, ("bathtub",)),
        Row("bath", "W", 0.8, ("vanity", "laundry_basket")),
        Row("bath", "E", 0.6, ("toilet", "washing_machine")),
        Row("bath", "S", 2.2, ("bathroom_shelf",)),
    ),
    start=(5.4, 2.5, 0.0),
    palette=Palette(
        walls="white",
        bath_walls="mustard",
        fronts="teal",
        uppers="white",
        worktop="oak",
        splash="mustard",
        wood="oak",
        fabric="terracotta",
        bedding="sage",
        rug="mustard",
        accent="terracotta",
        fridge="teal",
    ),
    floors={"bath": "tiles", "kitchen": "chequers", "living room": "planks", "bedroom": "pale planks"},
    rugs=(Rug(7.15, 1.9, (2.4, 1.5), "mustard"), Rug(2.0, 4.3, (2.4, 1.0), "sage")),
)
