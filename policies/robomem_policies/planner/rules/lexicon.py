"""Words of everyday English that the grammar knows, beside the names that the skills give."""

from __future__ import annotations

__all__ = [
    "AFFORDANCES",
    "APPLIANCES",
    "HABITS",
    "IGNORED",
    "LANDMARKS",
    "NUMBERS",
    "PLACE_USES",
    "PREPOSITIONS",
    "RELATIONS",
    "ROOMS",
    "STATES",
    "SYNONYMS",
    "TAXONOMY",
    "VERBS",
]

VERBS: dict[str, str] = {
    **dict.fromkeys(
        ("put", "place", "set", "move", "bring", "store", "leave", "lay", "carry", "transfer", "stow"), "put"
    ),
    **dict.fromkeys(("put away", "deliver", "return", "drop off", "throw", "hang"), "put"),
    **dict.fromkeys(("get", "fetch", "find", "take", "grab", "locate", "bring me"), "get"),
    **dict.fromkeys(("pick up", "hold", "examine", "look at", "inspect"), "hold"),
    **dict.fromkeys(("wash", "clean", "rinse", "rinse off", "wash up", "wipe"), "clean"),
    **dict.fromkeys(("heat", "heat up", "warm", "warm up", "cook", "microwave", "boil", "toast"), "hot"),
    **dict.fromkeys(("chill", "cool", "cool down", "refrigerate"), "cold"),
    **dict.fromkeys(("slice", "cut", "cut up", "chop"), "sliced"),
    **dict.fromkeys(("fill",), "fill"),
    **dict.fromkeys(("make", "prepare", "brew"), "make"),
    **dict.fromkeys(("turn on", "switch on"), "turn on"),
    **dict.fromkeys(("turn off", "switch off"), "turn off"),
    "open": "open",
    **dict.fromkeys(("close", "shut"), "close"),
}
"""How an action is called, to what it does."""

STATES = {
    **dict.fromkeys(("clean", "washed", "rinsed"), "clean"),
    **dict.fromkeys(("hot", "warm", "heated", "cooked", "warmed"), "hot"),
    **dict.fromkeys(("cold", "chilled", "cool", "cooled"), "cold"),
    **dict.fromkeys(("sliced", "cut", "chopped"), "sliced"),
    "filled with water": "full of water",
    "full of water": "full of water",
    "filled with coffee": "full of coffee",
}
NUMBERS = {"two": 2, "both": 2, "three": 3, "2": 2, "3": 3, "all": 99, "every": 99, "all the": 99, "both the": 2}
PREPOSITIONS = ("in", "on", "into", "onto", "inside", "at", "to", "in the", "on top of", "from", "under", "of", "with")
RELATIONS = {
    **dict.fromkeys(("next to", "beside", "near", "by", "together with", "with"), "with"),
    **dict.fromkeys(("closest to", "nearest to", "nearest", "closer to"), "closest"),
    **dict.fromkeys(("farthest from", "furthest from", "farthest away from"), "farthest"),
}
ROOMS = {
    "kitchen": "kitchen",
    "bath": "bath",
    "bathroom": "bath",
    "bedroom": "bedroom",
    "living room": "living room",
    "lounge": "living room",
}
IGNORED = frozenset(
    {"please", "kindly", "then", "first", "finally", "also", "now", "just", "up", "down", "away", "there"}
) | {
    "back",
    "and",
}

SYNONYMS: dict[str, tuple[str, ...]] = {
    "refrigerator": ("fridge",),
    "couch": ("sofa",),
    "settee": ("sofa",),
    "television": ("TV",),
    "cupboard": ("cabinet", "wall cabinet"),
    "trash": ("bin", "trash can"),
    "trash can": ("bin",),
    "garbage": ("bin", "trash can"),
    "stovetop": ("stove",),
    "burner": ("stove",),
    "table": ("dining table", "coffee table"),
    "closet": ("wardrobe",),
    "hamper": ("laundry basket",),
    "basin": ("bathroom sink", "sink"),
    "night table": ("nightstand",),
    "bedside table": ("nightstand",),
    "worktop": ("counter",),
    "lamp": ("floor lamp", "desk lamp", "table lamp", "lamp", "bedside lamp"),
    "faucet": ("sink",),
    "tap": ("sink",),
    "cell phone": ("phone",),
    "telephone": ("phone",),
    "remote": ("remote control",),
    "soap": ("soap bar", "soap"),
    "shampoo": ("shampoo bottle", "shampoo"),
    "milk": ("milk carton", "milk"),
    "juice": ("juice bottle", "juice"),
    "soda": ("soda can",),
    "soup": ("soup can",),
    "cereal": ("cereal box",),
    "honey": ("honey jar",),
    "torch": ("flashlight",),
    "shirt": ("T-shirt", "shirt"),
    "pants": ("trousers",),
    "hat": ("cap", "hat"),
    "clock": ("alarm clock",),
    "plush": ("teddy bear",),
    "frying pan": ("pan",),
    "skillet": ("pan",),
    "salt": ("salt shaker",),
}
"""Other words for the same things; only what exists counts."""

TAXONOMY: dict[str, tuple[str, ...]] = {
    "fruit": ("apple", "banana", "orange", "lemon", "pear", "peach"),
    "vegetable": ("potato", "tomato", "lettuce", "carrot", "cucumber", "onion"),
    "food": (
        "bread",
        "egg",
        "cheese",
        "soup can",
        "cereal box",
        "honey jar",
        "apple",
        "banana",
        "orange",
        "lemon",
        "pear",
    ),
    "drink": ("milk carton", "juice bottle", "soda can", "wine bottle", "water bottle"),
    "dish": ("plate", "bowl", "mug", "cup", "glass", "wine glass", "teapot", "tray", "cutting board", "salt shaker"),
    "cookware": ("pan", "pot", "kettle"),
    "utensil": ("fork", "spoon", "knife", "spatula", "ladle", "whisk"),
    "cutlery": ("fork", "spoon", "knife"),
    "tool": ("hammer", "screwdriver", "wrench", "pliers", "scissors", "flashlight", "tape measure"),
    "toy": ("teddy bear", "toy car", "building block", "football", "basketball", "rubber duck", "puzzle cube", "ball"),
    "gadget": ("phone", "laptop", "remote control", "headphones", "alarm clock", "tablet", "camera"),
    "clothing": ("T-shirt", "trousers", "sweater", "scarf", "sock", "cap", "slipper"),
    "accessory": ("watch", "wallet", "glasses case"),
    "decoration": ("vase", "candle", "figurine"),
    "book": ("novel", "cookbook", "magazine", "notebook", "book"),
    "bath": (
        "towel",
        "hand towel",
        "soap bar",
        "shampoo bottle",
        "toothbrush",
        "toothpaste",
        "toilet paper",
        "hairbrush",
    ),
}
"""Kinds of things and what belongs to them."""

AFFORDANCES: dict[str, tuple[str, ...]] = {
    "read": ("novel", "cookbook", "magazine", "notebook", "book", "newspaper"),
    "drink": ("mug", "cup", "glass"),
    "soup": ("spoon",),
    "cereal": ("bowl",),
    "wine": ("wine glass",),
    "paper": ("scissors",),
    "slice": ("knife",),
    "cut": ("knife", "scissors"),
    "teeth": ("toothbrush",),
    "comb": ("hairbrush",),
    "dry": ("towel", "hand towel"),
    "wash my hair": ("shampoo bottle",),
    "nail": ("hammer",),
    "screw": ("screwdriver",),
    "measure": ("tape measure",),
    "write": ("pen", "pencil"),
    "channel": ("remote control",),
    "call": ("phone",),
    "music": ("headphones",),
    "flowers": ("vase",),
    "fry": ("pan",),
    "boil water": ("kettle", "pot"),
    "pancakes": ("spatula",),
    "time": ("alarm clock", "watch"),
    "cuddle": ("teddy bear",),
    "scrub": ("sponge",),
    "monkeys": ("banana",),
    "rabbits": ("carrot",),
    "fries": ("potato",),
    "omelette": ("egg",),
}
"""What one does with things: the first of these words that is in a description decides."""

PLACE_USES: dict[str, tuple[str, ...]] = {
    "sleep": ("bed",),
    "work": ("desk",),
    "eat": ("dining table",),
    "food stays cold": ("fridge",),
    "stays cold": ("fridge",),
    "clothes hang": ("wardrobe",),
    "laundry": ("laundry basket",),
    "bath": ("bathtub",),
    "throw": ("bin", "trash can"),
    "washed": ("dishwasher",),
    "cook": ("stove",),
    "watch tv": ("sofa",),
}
"""What one does at places."""

LANDMARKS = ("tv", "floor lamp", "desk lamp", "table lamp", "bedside lamp")
"""Furniture that is no use for putting things, so that no skill may name it."""

APPLIANCES: dict[str, tuple[str, ...]] = {
    "clean": ("sink", "bathroom sink", "bathtub"),
    "full of water": ("sink", "bathroom sink", "bathtub"),
    "full of coffee": ("coffee machine",),
    "hot": ("microwave", "stove", "oven"),
    "cold": ("fridge",),
}
"""What changes the state of things, the handiest first."""

HABITS: dict[str, tuple[str, ...]] = {
    "fruit": ("counter", "dining table", "fridge", "kitchen island"),
    "vegetable": ("counter", "fridge", "dining table", "cabinet"),
    "food": ("counter", "dining table", "cabinet", "wall cabinet", "fridge"),
    "drink": ("fridge", "counter", "dining table", "coffee table"),
    "dish": ("counter", "dining table", "cabinet", "wall cabinet", "sink", "dishwasher", "coffee table"),
    "cookware": ("stove", "counter", "cabinet"),
    "utensil": ("counter", "dining table", "drawer", "sink"),
    "tool": ("shelf", "desk", "drawer"),
    "toy": ("bed", "sofa", "shelf", "coffee table", "armchair", "bathtub"),
    "gadget": ("desk", "coffee table", "nightstand", "sofa", "tv stand", "bookshelf"),
    "clothing": ("bed", "laundry basket", "wardrobe", "dresser drawer", "armchair"),
    "accessory": ("nightstand", "desk", "coffee table"),
    "decoration": ("coffee table", "bookshelf", "dining table", "tv stand"),
    "book": ("desk", "bookshelf", "nightstand", "coffee table"),
    "bath": ("bathroom sink", "bathroom shelf", "bathtub", "bathroom cabinet", "laundry basket"),
}
"""Where people keep what."""
