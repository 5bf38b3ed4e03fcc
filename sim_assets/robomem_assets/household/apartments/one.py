"""Apartment 1: kitchen and living room side by side, bedroom and bath behind them."""

from robomem_assets.household.apartments.plan import Opening, Plan, Row, Rug, Stand, Window
from robomem_assets.household.furniture.site import Palette

__all__ = ["PLAN"]

PLAN = Plan(
    size=(10.0, 7.6),
    rooms={
        "kitchen": (0.0, 3.8, 4.6, 7.6),
        "living room": (4.6, 3.8, 10.0, 7.6),
        "bedroom": (0.0, 0.0, 5.4, 3.8),
        "bath": (5.4, 0.0, 10.0, 3.8),
    },
    openings=(Opening((4.6, 5.6), 0, 1.6), Opening((3.9, 3.8), 1), Opening((8.0, 3.8), 1)),
    windows=(
        Window((2.2, 7.6), 1, 1.5),
        Window((7.3, 7.6), 1, 2.2),
        Window((10.0, 5.6), 0, 1.6),
        Window((1.6, 0.0), 1, 1.6),
        Window((8.4, 0.0), 1, 1.0),
    ),
    units=(
        Row("kitchen", "N", 0.72, ("drawers", "sink", "stove", "dishwasher", "cabinet", "fridge"), hinge=-1),
        Row("kitchen", "W", 0.55, ("larder", "breakfast", "microwave")),
        Row("kitchen", "S", 2.0, ("trash_can",)),
        Row("living room", "N", 0.5, ("plant",)),
        Row("living room", "N", 1.0, ("tv_stand",)),
        Row("living room", "S", 0.45, ("sofa", "floor_lamp")),
        Stand("living room", "coffee_table", 6.4, 5.55, "N"),
        Stand("living room", "dining_table", 8.5, 5.3, "W", 1.3),
        Row("living room", "E", 2.4, ("bookshelf",)),
        Row("bedroom", "W", 0.35, ("nightstand", "bed", "nightstand")),
        Row("bedroom", "S", 3.2, ("wardrobe",), hinge=-1),
        Row("bedroom", "E", 1.3, ("dresser",)),
        Row("bedroom", "N", 1.2, ("shelf",)),
        Row("bath", "E", 0.3, ("bathtub", "laundry_basket")),
        Row("bath", "S", 0.3, ("vanity", "toilet")),
        Row("bath", "W", 1.8, ("washing_machine",)),
        Row("bath", "N", 3.3, ("bathroom_shelf",)),
    ),
    start=(5.3, 5.3, 0.0),
    palette=Palette(),
    floors={"bath": "tiles", "kitchen": "chequers"},
    rugs=(Rug(6.4, 5.8, (2.2, 1.5), "terracotta"), Rug(2.9, 1.6, (1.6, 2.0), "cream")),
)
