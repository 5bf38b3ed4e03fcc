"""What stands and lies in the symbolic apartments of the tests."""

from __future__ import annotations

import numpy as np

from robomem_envs.household.home import Fixture, Thing

ROOMS = {"kitchen": (0.0, 0.0), "living room": (5.0, 0.0), "bedroom": (0.0, 5.0), "bath": (5.0, 5.0)}
FIXTURES = (  # category, room, how many, holds, opens, switches
    ("fridge", "kitchen", 1, "in", True, False),
    ("cabinet", "kitchen", 4, "in", True, False),
    ("drawer", "kitchen", 3, "in", True, False),
    ("microwave", "kitchen", 1, "in", True, True),
    ("oven", "kitchen", 1, "in", True, True),
    ("dishwasher", "kitchen", 1, "in", True, True),
    ("sink", "kitchen", 1, "in", False, True),
    ("stove", "kitchen", 1, "on", False, True),
    ("toaster", "kitchen", 1, "in", False, True),
    ("coffee_machine", "kitchen", 1, "in", False, True),
    ("counter", "kitchen", 2, "on", False, False),
    ("dining_table", "kitchen", 1, "on", False, False),
    ("bin", "kitchen", 1, "in", False, False),
    ("sofa", "living room", 1, "on", False, False),
    ("armchair", "living room", 1, "on", False, False),
    ("coffee_table", "living room", 1, "on", False, False),
    ("tv_stand", "living room", 1, "on", False, False),
    ("tv", "living room", 1, "", False, True),
    ("floor_lamp", "living room", 1, "", False, True),
    ("shelf", "living room", 2, "on", False, False),
    ("bed", "bedroom", 1, "on", False, False),
    ("desk", "bedroom", 1, "on", False, False),
    ("desk_lamp", "bedroom", 1, "", False, True),
    ("wardrobe", "bedroom", 1, "in", True, False),
    ("drawer", "bedroom", 2, "in", True, False),
    ("nightstand", "bedroom", 1, "on", False, False),
    ("sink", "bath", 1, "in", False, True),
    ("bathtub", "bath", 1, "in", False, True),
    ("toilet_tank", "bath", 1, "on", False, False),
    ("laundry_basket", "bath", 1, "in", False, False),
    ("cabinet", "bath", 1, "in", True, False),
)
COLOURS = ("white", "black", "red", "blue", "green", "yellow", "orange", "brown", "grey", "pink")
THINGS = {  # category: (colours, sizes, materials, shapes, how many at most, where it starts)
    "apple": (("red", "green"), ("small",), ("organic",), ("round",), 2, ("counter", "fridge", "dining_table")),
    "banana": (("yellow",), ("medium",), ("organic",), ("long",), 1, ("counter", "dining_table")),
    "orange": (("orange",), ("small",), ("organic",), ("round",), 1, ("counter", "fridge")),
    "lemon": (("yellow",), ("small",), ("organic",), ("round",), 1, ("counter", "fridge")),
    "potato": (("brown",), ("small",), ("organic",), ("round",), 2, ("counter", "cabinet", "fridge")),
    "tomato": (("red",), ("small",), ("organic",), ("round",), 2, ("counter", "fridge")),
    "lettuce": (("green",), ("large",), ("organic",), ("round",), 1, ("fridge", "counter")),
    "carrot": (("orange",), ("small",), ("organic",), ("long",), 1, ("fridge",)),
    "bread": (("brown",), ("large",), ("organic",), ("box-shaped",), 1, ("counter", "cabinet")),
    "egg": (("white",), ("small",), ("organic",), ("round",), 2, ("fridge", "counter")),
    "milk_carton": (("white", "blue"), ("medium",), ("cardboard",), ("box-shaped",), 1, ("fridge",)),
    "cereal_box": (("yellow", "red"), ("large",), ("cardboard",), ("box-shaped",), 1, ("cabinet", "shelf")),
    "soup_can": (("red", "grey"), ("small",), ("metal",), ("cylindrical",), 2, ("cabinet",)),
    "wine_bottle": (("green",), ("large",), ("glass",), ("cylindrical",), 1, ("cabinet", "fridge")),
    "mug": (COLOURS, ("small", "medium"), ("ceramic",), ("cylindrical",), 3, ("counter", "cabinet", "desk")),
    "glass": (("white",), ("small",), ("glass",), ("cylindrical",), 2, ("counter", "cabinet", "coffee_table")),
    "plate": (("white", "blue"), ("medium",), ("ceramic",), ("flat",), 2, ("cabinet", "dining_table", "dishwasher")),
    "bowl": (("white", "green"), ("medium",), ("ceramic",), ("round",), 2, ("cabinet", "counter")),
    "fork": (("grey",), ("small",), ("metal",), ("long",), 2, ("drawer", "dining_table")),
    "spoon": (("grey",), ("small",), ("metal",), ("long",), 2, ("drawer", "counter")),
    "knife": (("grey",), ("small",), ("metal",), ("long",), 1, ("drawer", "counter")),
    "spatula": (("black",), ("medium",), ("plastic",), ("long",), 1, ("drawer",)),
    "pan": (("black",), ("large",), ("metal",), ("round",), 1, ("stove", "cabinet")),
    "pot": (("grey",), ("large",), ("metal",), ("cylindrical",), 1, ("stove", "cabinet")),
    "kettle": (("white", "black"), ("medium",), ("metal",), ("round",), 1, ("counter", "stove")),
    "sponge": (("yellow",), ("small",), ("foam",), ("box-shaped",), 1, ("sink",)),
    "screwdriver": (("red", "yellow"), ("small",), ("metal",), ("long",), 1, ("drawer", "shelf")),
    "hammer": (("brown",), ("medium",), ("metal",), ("long",), 1, ("drawer", "shelf")),
    "tape": (("grey",), ("small",), ("plastic",), ("round",), 1, ("drawer", "desk")),
    "toy_car": (("red", "blue"), ("small",), ("plastic",), ("box-shaped",), 2, ("shelf", "bed", "sofa")),
    "ball": (("green", "orange"), ("medium",), ("rubber",), ("round",), 1, ("bed", "sofa", "shelf")),
    "teddy_bear": (("brown", "pink"), ("large",), ("fabric",), ("round",), 1, ("bed", "sofa")),
    "toy_block": (COLOURS, ("small",), ("wood",), ("cubic",), 3, ("shelf", "coffee_table", "bed")),
    "book": (COLOURS, ("medium",), ("paper",), ("flat",), 4, ("shelf", "desk", "nightstand", "coffee_table")),
    "magazine": (("white", "pink"), ("medium",), ("paper",), ("flat",), 1, ("coffee_table", "sofa")),
    "notebook": (("black", "blue"), ("small",), ("paper",), ("flat",), 1, ("desk",)),
    "pen": (("blue", "black"), ("small",), ("plastic",), ("long",), 2, ("desk", "drawer")),
    "remote_control": (("black",), ("small",), ("plastic",), ("box-shaped",), 1, ("sofa", "coffee_table")),
    "phone": (("black",), ("small",), ("glass",), ("flat",), 1, ("desk", "nightstand", "sofa")),
    "laptop": (("grey",), ("large",), ("metal",), ("flat",), 1, ("desk", "bed")),
    "vase": (("blue", "white"), ("medium",), ("ceramic",), ("cylindrical",), 1, ("coffee_table", "shelf")),
    "candle": (("white", "red"), ("small",), ("wax",), ("cylindrical",), 1, ("shelf", "coffee_table")),
    "alarm_clock": (("black", "red"), ("small",), ("plastic",), ("round",), 1, ("nightstand",)),
    "shirt": (("white", "blue"), ("medium",), ("fabric",), ("flat",), 2, ("wardrobe", "bed", "laundry_basket")),
    "sock": (("black", "white"), ("small",), ("fabric",), ("long",), 2, ("bed", "laundry_basket", "drawer")),
    "cap": (("red",), ("small",), ("fabric",), ("round",), 1, ("wardrobe", "bed")),
    "towel": (("white", "pink"), ("large",), ("fabric",), ("flat",), 2, ("bathtub", "laundry_basket")),
    "soap": (("green", "white"), ("small",), ("soap",), ("box-shaped",), 1, ("sink", "bathtub")),
    "shampoo": (("orange",), ("medium",), ("plastic",), ("cylindrical",), 1, ("bathtub", "cabinet")),
    "toothbrush": (("blue", "pink"), ("small",), ("plastic",), ("long",), 1, ("sink", "cabinet")),
    "toilet_paper": (("white",), ("small",), ("paper",), ("cylindrical",), 2, ("toilet_tank", "cabinet")),
}


def fixtures(rng: np.random.Generator) -> dict[str, Fixture]:
    """Draw where the furniture stands."""
    made: dict[str, Fixture] = {}
    counts: dict[str, int] = {}
    for category, room, number, holds, opens, switches in FIXTURES:
        for _ in range(number):
            counts[category] = counts.get(category, 0) + 1
            name = f"{category}_{counts[category]}"
            x, y = ROOMS[room]
            position = (x + rng.uniform(0, 4.0), y + rng.uniform(0, 4.0), rng.uniform(0.3, 1.4))
            colour = str(rng.choice(("white", "brown", "grey", "black")))
            made[name] = Fixture(name, category, room, position, holds, opens, switches, colour)
    return made


def things(rng: np.random.Generator) -> dict[str, Thing]:
    """Draw what lies around; two of a category differ in something where they can."""
    made: dict[str, Thing] = {}
    for category, (colours, sizes, materials, shapes, most, _) in THINGS.items():
        order = rng.permutation(len(colours))
        for number in range(int(rng.integers(1, most + 1))):
            name = f"{category}_{number + 1}"
            colour = colours[order[number % len(colours)]]
            size, material, shape = (str(rng.choice(options)) for options in (sizes, materials, shapes))
            made[name] = Thing(name, category, colour, size, material, shape, float(rng.uniform(0.05, 1.0)))
    return made
