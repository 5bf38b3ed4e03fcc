"""Apartment 4: a kitchen across the east end, and a wide living room."""

from robomem_assets.household.apartments.plan import Opening, Plan, Row, Rug, Stand, Window
from robomem_assets.household.furniture.site import Palette

__all__ = ["PLAN"]

PLAN = Plan(
    size=(11.0, 7.4),
    rooms={
        "kitchen": (7.6, 0.0, 11.0, 7.4),
        "living room": (0.0, 0.0, 7.6, 4.0),
        "bedroom": (3.4, 4.0, 7.6, 7.4),
        "bath": (0.0, 4.0, 3.4, 7.4),
    },
    openings=(Opening((7.6, 2.2), 0, 1.8), Opening((1.2, 4.0), 1), Opening((5.6, 4.0), 1)),
    windows=(
        Window((11.0, 2.4), 0, 1.8),
        Window((9.4, 7.4), 1, 1.4),
        Window((2.8, 0.0), 1, 2.2),
        Window((6.0, 0.0), 1, 1.4),
        Window((5.5, 7.4), 1, 1.6),
        Window((1.2, 7.4), 1, 0.8),
    ),
    units=(
        Row("kitchen", "E", 0.5, ("fridge", "drawers", "sink", "stove", "dishwasher", "larder"), hinge=-1),
        Row("kitchen", "E", 4.6, ("cabinet", "cabinet"), hinge=-1),
        Row("kitchen", "W", 4.4, ("breakfast", "microwave")),
        Row("kitchen", "N", 1.6, ("trash_can",)),
        Row("living room", "W", 1.0, ("tv_stand",)),
        Stand("living room", "sofa", 3.7, 1.75, "W"),
        Stand("living room", "coffee_table", 2.2, 1.75, "W"),
        Row("living room", "S", 0.6, ("armchair",)),
        Row("living room", "S", 3.5, ("floor_lamp",)),
        Stand("living room", "dining_table", 5.5, 1.1, "N", 1.3),
        Row("living room", "N", 2.5, ("bookshelf",)),
        Row("living room", "S", 6.6, ("shelf",)),
        Row("living room", "N", 6.8, ("plant",)),
        Row("bedroom", "N", 0.8, ("nightstand", "bed", "nightstand")),
        Row("bedroom", "E", 0.5, ("wardrobe",), hinge=-1),
        Row("bedroom", "W", 0.5, ("dresser",)),
        Row("bath", "N", 0.3, ("bathtub",)),
        Row("bath", "N", 2.2, ("bathroom_shelf",)),
        Row("bath", "W", 0.9, ("vanity",)),
        Row("bath", "W", 1.95, ("laundry_basket",)),
        Row("bath", "E", 0.5, ("washing_machine", "toilet")),
    ),
    start=(6.6, 2.4, 0.0),
    palette=Palette(
        walls="cream",
        bath_walls="pink",
        fronts="white",
        uppers="white",
        worktop="dark grey",
        splash="sage",
        wood="oak",
        fabric="sage",
        bedding="pink",
        rug="sage",
        accent="pink",
        fridge="silver",
    ),
    floors={"bath": "tiles", "kitchen": "slate"},
    rugs=(Rug(2.3, 1.75, (1.8, 2.4), "cream"), Rug(5.5, 5.4, (2.8, 1.2), "pink")),
)
