"""What stands and lies in the symbolic apartments of the tests."""

from __future__ import annotations

import numpy as np

from robomem_envs.household.home import Fixture, Thing

ROOMS = {"kitchen": (0.0, 0.0), "living room": (5.0, 0.0), "bedroom": (0.0, 5.0), "bath": (5.0, 5.0)}
FIXTURES = (  # category, room, how many, holds, opens, switches
    ("fridge", "kitchen", 1, "in", True, False),
    ("cabinet", "kitchen", 2, "in", True, False),
    ("wall_cabinet", "kitchen", 3, "in", True, False),
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
    ("bookshelf", "living room", 1, "on", False, False),
    ("shelf", "living room", 2, "on", False, False),
    ("bed", "bedroom", 1, "on", False, False),
    ("desk", "bedroom", 1, "on", False, False),
    ("desk_lamp", "bedroom", 1, "", False, True),
    ("wardrobe", "bedroom", 1, "in", True, False),
    ("dresser", "bedroom", 1, "on", False, False),
    ("dresser_drawer", "bedroom", 2, "in", True, False),
    ("nightstand", "bedroom", 1, "on", False, False),
    ("bathroom_sink", "bath", 1, "in", False, True),
    ("bathtub", "bath", 1, "in", False, True),
    ("toilet", "bath", 1, "on", False, False),
    ("bathroom_shelf", "bath", 1, "on", False, False),
    ("laundry_basket", "bath", 1, "in", False, False),
    ("washing_machine", "bath", 1, "in", True, True),
    ("bathroom_cabinet", "bath", 1, "in", True, False),
)
_TABLE = """
apple|red,light green,yellow|small|organic|round|fridge,counter,dining_table
tomato|red|small|organic|round|fridge,counter,dining_table
potato|tan|small|organic|oval|cabinet,counter,fridge
lettuce|light green|medium|organic|round|fridge,counter,dining_table
bread|oak|medium|organic|loaf-shaped|counter,cabinet,dining_table
onion|copper,purple|small|organic|round|cabinet,counter,fridge
carrot|orange|small|organic|long|fridge,counter,dining_table
cucumber|green|medium|organic|long|fridge,counter,dining_table
orange|orange|small|organic|round|fridge,counter,dining_table
lemon|yellow|small|organic|oval|fridge,counter,dining_table
pear|light green,mustard|small|organic|pear-shaped|fridge,counter,dining_table
banana|yellow|small|organic|long|counter,dining_table
egg|cream,tan|small|organic|oval|fridge,counter,dining_table
cheese|mustard|small|organic|round|fridge,counter,dining_table
milk_carton|white|medium|cardboard|box-shaped|fridge,counter,dining_table
juice_bottle|orange,red|medium|plastic|cylindrical|fridge,counter,dining_table
soda_can|red,blue,green|small|metal|cylindrical|fridge,counter,dining_table
soup_can|red,green|small|metal|cylindrical|cabinet,wall_cabinet,counter
cereal_box|yellow,blue|large|cardboard|box-shaped|wall_cabinet,cabinet,counter
honey_jar|gold|small|glass|cylindrical|cabinet,wall_cabinet,counter
mug|white,red,blue,yellow,teal|small|ceramic|cylindrical|wall_cabinet,cabinet,counter,coffee_table
cup|light blue,pink,green|small|porcelain|round|wall_cabinet,cabinet,counter
glass|light blue|small|glass|cylindrical|wall_cabinet,cabinet,dining_table
wine_glass|light blue,pink|small|glass|round|wall_cabinet,dining_table,cabinet
plate|white,light blue,terracotta|medium|ceramic|round|cabinet,wall_cabinet,dining_table
bowl|white,blue,green,red|medium|ceramic|round|cabinet,wall_cabinet,counter
pan|dark grey,copper|large|metal|round|stove,cabinet,counter
pot|silver,red|large|metal|cylindrical|stove,cabinet,counter
kettle|red,teal,silver|large|metal|round|stove,counter
teapot|teal,white,mustard|medium|ceramic|round|cabinet,counter,dining_table
cutting_board|birch,walnut|large|wood|flat|counter,cabinet
tray|walnut,white|large|wood|flat|counter,coffee_table,dining_table
knife|silver,gold|small|metal|long|drawer,counter,dining_table
fork|silver,gold|small|metal|long|drawer,counter,dining_table
spoon|silver,gold|small|metal|long|drawer,counter,dining_table
spatula|red,teal|medium|plastic|long|drawer,counter
ladle|silver,black|medium|metal|long|drawer,counter
whisk|silver|medium|metal|long|drawer,counter
salt_shaker|white,black|small|ceramic|cylindrical|counter,dining_table,wall_cabinet
lunch_box|blue,pink,green|medium|plastic|box-shaped|cabinet,fridge,counter
novel|red,navy,sage,mustard|small|paper|flat|bookshelf,desk,nightstand,coffee_table
cookbook|terracotta,teal|large|paper|flat|bookshelf,desk,nightstand,coffee_table
notebook|black,pink,light blue|medium|paper|flat|bookshelf,desk,nightstand,coffee_table
magazine|purple,orange|large|paper|flat|bookshelf,desk,nightstand,coffee_table
hammer|dark grey|medium|metal|long|shelf,desk
screwdriver|red,yellow,blue|small|metal|long|shelf,desk,drawer
wrench|silver|small|metal|long|shelf,desk
pliers|red,blue|small|metal|long|shelf,desk
tape_measure|yellow|small|plastic|box-shaped|shelf,desk,drawer
flashlight|black,orange|small|plastic|cylindrical|shelf,drawer,nightstand
scissors|orange,blue|small|metal|flat|drawer,desk,shelf
teddy_bear|brown,tan,pink|medium|fabric|round|bed,sofa,shelf
toy_car|red,blue,yellow|small|plastic|box-shaped|shelf,bed,coffee_table
building_block|green,red,yellow|small|plastic|cube-shaped|shelf,bed,coffee_table
football|white|medium|leather|round|shelf,armchair,bed
rubber_duck|yellow|small|rubber|round|bathtub,bathroom_shelf
puzzle_cube|yellow|small|plastic|cube-shaped|shelf,desk,coffee_table
remote_control|black|small|plastic|long|coffee_table,sofa,tv_stand
phone|black,white|small|glass|flat|nightstand,desk,coffee_table
laptop|silver,dark grey|large|metal|flat|desk,coffee_table
glasses_case|navy,brown|small|leather|oval|nightstand,desk
alarm_clock|red,teal,gold|small|metal|round|nightstand,bookshelf,desk
vase|terracotta,blue,white|medium|ceramic|round|coffee_table,dining_table,bookshelf
candle|cream,red,sage|small|wax|cylindrical|coffee_table,nightstand,tv_stand
basketball|orange|medium|rubber|round|armchair,bed,shelf
watch|gold,silver|small|leather|flat|nightstand,desk
wallet|brown,black|small|leather|flat|nightstand,desk,coffee_table
headphones|white,black,red|medium|plastic|round|desk,nightstand
t_shirt|white,red,blue|medium|fabric|folded|wardrobe,bed,laundry_basket
trousers|navy,tan|large|fabric|folded|wardrobe,bed,laundry_basket
sweater|mustard,purple,sage|large|fabric|folded|wardrobe,bed,laundry_basket
scarf|terracotta,teal|small|fabric|folded|wardrobe,bed,laundry_basket
towel|white,sage,light blue|medium|fabric|folded|bathroom_shelf,laundry_basket,bathroom_cabinet
hand_towel|pink,teal|small|fabric|folded|bathroom_shelf,bathroom_sink
sock|grey,red,light blue|small|fabric|long|laundry_basket,dresser_drawer,bed
cap|red,navy,green|medium|fabric|round|wardrobe,bed,armchair
slipper|brown,pink,grey|medium|fabric|long|wardrobe,shelf
soap_bar|green,pink,cream|small|soap|oval|bathroom_sink,bathtub,bathroom_shelf
shampoo_bottle|purple,blue,orange|medium|plastic|cylindrical|bathtub,bathroom_shelf,bathroom_cabinet
toothbrush|blue,pink,green|small|plastic|long|bathroom_sink,bathroom_cabinet
toothpaste|white|small|plastic|long|bathroom_cabinet,bathroom_sink
toilet_paper|white|medium|paper|cylindrical|bathroom_shelf,bathroom_cabinet,toilet
hairbrush|pink,brown,teal|small|wood|long|bathroom_sink,bathroom_shelf,dresser
sponge|yellow|small|foam|box-shaped|sink,counter,bathtub
dish_soap|green,blue|medium|plastic|box-shaped|counter,cabinet
spray_bottle|light blue|medium|plastic|cylindrical|bathroom_cabinet,cabinet
"""  # category | colours | size | material | shape | where one expects it
THINGS = {row.split("|")[0]: row.split("|")[1:] for row in _TABLE.strip().splitlines()}


NEEDED = ("knife", "lemon", "mug", "novel", "vase", "bread")
"""There is always one of these."""


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
    """Draw what lies around: of most categories one, of some two or three in different colours."""
    made: dict[str, Thing] = {}
    for category, (colours, size, material, shape, _) in THINGS.items():
        options = colours.split(",")
        for number in range(int(rng.choice((0, 1, 2, 3), p=(0.2, 0.5, 0.2, 0.1))) or int(category in NEEDED)):
            name, colour = f"{category}_{number + 1}", options[number % len(options)]
            made[name] = Thing(name, category, colour, size, material, shape, float(rng.uniform(0.05, 1.0)))
    return made
