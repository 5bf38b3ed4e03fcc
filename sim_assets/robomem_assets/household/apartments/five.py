"""Apartment 5: a small kitchen by the door, and long rooms to the east."""

from robomem_assets.household.apartments.plan import Opening, Plan, Row, Rug, Stand, Window
from robomem_assets.household.furniture.site import Palette

__all__ = ["PLAN"]

PLAN = Plan(
    size=(10.4, 7.4),
    rooms={
        "kitchen": (0.0, 0.0, 4.2, 3.8),
        "living room": (4.2, 0.0, 10.4, 4.0),
        "bedroom": (4.2, 4.0, 10.4, 7.4),
        "bath": (0.0, 3.8, 4.2, 7.4),
    },
    openings=(Opening((4.2, 2.4), 0, 1.6), Opening((2.6, 3.8), 1), Opening((4.2, 5.4), 0, 0.9), Opening((8.7, 4.0), 1)),
    windows=(
        Window((2.2, 0.0), 1, 1.4),
        Window((7.2, 0.0), 1, 2.0),
        Window((10.4, 1.4), 0, 1.4),
        Window((6.8, 7.4), 1, 2.0),
        Window((0.0, 6.6), 0, 0.8),
    ),
    units=(
        Row("kitchen", "S", 0.75, ("microwave", "sink", "stove", "cabinet")),
        Row("kitchen", "W", 0.8, ("dishwasher", "breakfast", "larder", "fridge")),
        Row("kitchen", "N", 3.4, ("trash_can",)),
        Row("living room", "S", 0.8, ("sofa", "side_table")),
        Stand("living room", "coffee_table", 5.95, 1.55, "N"),
        Row("living room", "N", 1.0, ("tv_stand",)),
        Stand("living room", "dining_table", 8.9, 1.1, "N", 1.3),
        Row("living room", "E", 2.3, ("bookshelf",)),
        Row("living room", "N", 2.8, ("floor_lamp",)),
        Row("living room", "S", 5.5, ("plant",)),
        Row("bedroom", "N", 1.4, ("nightstand", "bed", "nightstand")),
        Row("bedroom", "E", 0.7, ("wardrobe",), hinge=-1),
        Row("bedroom", "S", 0.5, ("dresser",)),
        Row("bedroom", "S", 2.0, ("desk",)),
        Row("bedroom", "E", 2.3, ("shelf",)),
        Row("bath", "N", 0.4, ("bathtub",)),
        Row("bath", "N", 2.3, ("washing_machine", "laundry_basket")),
        Row("bath", "W", 0.5, ("vanity",)),
        Row("bath", "W", 1.6, ("toilet",)),
        Row("bath", "S", 0.7, ("bathroom_shelf",)),
    ),
    start=(5.2, 2.7, 0.0),
    palette=Palette(
        walls="white",
        bath_walls="light blue",
        fronts="yellow",
        uppers="white",
        worktop="birch",
        splash="white",
        wood="birch",
        fabric="blue",
        bedding="light green",
        rug="yellow",
        accent="blue",
        fridge="red",
    ),
    floors={"bath": "chequers", "kitchen": "tiles"},
    rugs=(Rug(5.95, 1.9, (2.2, 1.5), "yellow"), Rug(6.9, 5.5, (2.6, 1.0), "light blue")),
)
