"""What the apartments of the benchmark are furnished with, and what their people like."""

from __future__ import annotations

__all__ = ["DISTRACTORS", "NEVER", "PLACES", "PREFERENCES", "RENAMED", "SINGLE", "TWINS"]

PLACES = (
    ("kitchen counter", "kitchen", "on"),
    ("kitchen table", "kitchen", "on"),
    ("fridge", "kitchen", "in"),
    ("cutlery drawer", "kitchen", "in"),
    ("sofa", "living room", "on"),
    ("coffee table", "living room", "on"),
    ("bookshelf", "living room", "on"),
    ("tv bench", "living room", "on"),
    ("bed", "bedroom", "on"),
    ("nightstand", "bedroom", "on"),
    ("wardrobe", "bedroom", "in"),
    ("dresser", "bedroom", "on"),
    ("washbasin", "bathroom", "on"),
    ("bathroom cabinet", "bathroom", "in"),
    ("laundry basket", "bathroom", "in"),
    ("bath stool", "bathroom", "on"),
)
"""(name, room, how things are there)."""
SINGLE = (
    ("apple", "apple"),
    ("keys", "keys"),
    ("scissors", "scissors"),
    ("flower vase", "vase"),
    ("water bottle", "bottle"),
    ("newspaper", "newspaper"),
    ("cookbook", "book"),
    ("diary", "book"),
    ("teapot", "teapot"),
    ("frying pan", "pan"),
    ("hairbrush", "brush"),
    ("candle", "candle"),
    ("wool scarf", "scarf"),
    ("umbrella", "umbrella"),
    ("wallet", "wallet"),
    ("stapler", "stapler"),
    ("toy car", "toy"),
    ("teddy bear", "toy"),
    ("alarm clock", "clock"),
    ("water glass", "glass"),
)
"""(name, class)."""
RENAMED = (
    ("remote", "television remote control", "remote"),
    ("rucksack", "backpack", "bag"),
    ("spectacles", "reading glasses", "eyewear"),
    ("mobile phone", "smartphone", "phone"),
    ("laptop", "notebook computer", "computer"),
    ("cap", "baseball hat", "headwear"),
)
"""(first name, later name, class)."""
TWINS = (("mug", "mug"), ("towel", "towel"), ("pillow", "pillow"), ("bowl", "bowl"), ("slipper", "shoe"))
DISTRACTORS = (("soap", "soap"), ("banana", "fruit"), ("screwdriver", "tool"), ("plate", "plate"))
"""That the detector sometimes takes things for, though there are none."""
NEVER = (
    "telescope",
    "passport",
    "violin",
    "camera",
    "tennis racket",
    "pineapple",
    "chinese vase",
    "wine bottle",
    "silk scarf",
    "toy train",
)
"""That nothing in any world is called: the last five are near misses of what is there."""
PREFERENCES = (
    ("Anna", "favourite drink", ("tea", "coffee", "orange juice", "cocoa")),
    ("Anna", "favourite music", ("jazz", "opera", "folk")),
    ("Ben", "favourite breakfast", ("porridge", "toast", "pancakes", "muesli")),
    ("Ben", "favourite colour", ("green", "blue", "orange")),
)
"""(who, what, values)."""
