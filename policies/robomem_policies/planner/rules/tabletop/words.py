"""What people call shapes and colours, and what they mean by the colour of a lemon."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["BRIGHTNESS", "NOUNS", "RELATIONS", "simplified"]

NOUNS: Final = {
    "cube": "cube",
    "block": "cube",
    "cylinder": "cylinder",
    "triangle": "triangle",
    "star": "star",
    "moon": "moon",
    "crescent": "moon",
    "container": "container",
    "box": "container",
    "area": "area",
    "strip": "area",
    "object": "",
    "thing": "",
}
"""Nouns, and the shape that each stands for; the empty one is anything that can be picked up."""
BRIGHTNESS: Final = {
    "black": 0.05,
    "navy": 0.10,
    "maroon": 0.20,
    "purple": 0.24,
    "blue": 0.25,
    "green": 0.36,
    "red": 0.37,
    "teal": 0.35,
    "grey": 0.43,
    "olive": 0.43,
    "violet": 0.46,
    "azure": 0.47,
    "magenta": 0.44,
    "orange": 0.58,
    "rose": 0.63,
    "cyan": 0.68,
    "lime": 0.70,
    "silver": 0.76,
    "yellow": 0.79,
}
"""How bright a colour looks: black is 0, white 1."""
RELATIONS: Final = {
    "to the left of": "left_of",
    "to the right of": "right_of",
    "in front of": "front_of",
    "behind": "behind",
    "closest to the robot": "near_robot",
    "nearest to the robot": "near_robot",
    "farthest from the robot": "far_from_robot",
    "closest to": "closest_to",
    "nearest to": "closest_to",
}
"""Phrases that say where something is, longest first, and the word that stands for each."""
_COLOURS = {
    "red": "tomato fire strawberry blood",
    "maroon": "wine",
    "orange": "carrot pumpkin",
    "yellow": "lemon banana sunflower",
    "green": "spinach fir grass",
    "azure": "sky",
    "violet": "lavender",
    "purple": "aubergine eggplant",
    "rose": "flamingo",
    "silver": "coin spoon",
    "grey": "elephant",
    "black": "coal",
}
_OF_COLOUR = {thing: colour for colour, things in _COLOURS.items() for thing in things.split()}
_SHAPES = {
    "cube": ("like a die", "like a dice", "sugar lump", "six square faces", "as long as it is wide"),
    "cylinder": ("tin can", "roll away", "round from above", "without any corners"),
    "triangle": ("slice of pizza", "wedge of cheese", "three sides", "three corners", "triangular"),
    "star": ("christmas tree", "sheriff", "five points", "spikes"),
    "moon": ("croissant", "waxes and wanes", "hollow in its side", "two horns"),
}
_CLAUSE = re.compile(
    r"\bobject (?:shaped|that|with|without)\b.*?"
    r"(?:like an? [a-z]+(?: of [a-z]+| lump| can|'s badge)?|fell over|christmas tree|waxes and wanes|from above"
    r"|any corners|wide and high|square faces|three sides|three corners|five points|all around|in its side|two horns)"
)
_COLOURED = re.compile(
    r"\bthat has the colou?r of (?:(?:an?|the|ripe|new|lump of|fresh|red) ){0,3}([a-z]+)"
    r"(?: engine| tree| on a clear day| in bloom)?"
)


def simplified(sentence: str) -> str:
    """Return a sentence in lower case, with roundabout words for shapes, colours and places put plainly."""
    text = sentence.lower().replace("triangular prism", "triangle")
    text = _COLOURED.sub(_plain_colour, text)
    text = _CLAUSE.sub(lambda clause: _plain_shape(clause.group()), text)
    for phrase, word in RELATIONS.items():
        text = text.replace(phrase, word)
    return " ".join(re.sub(r" of the two ([a-z]+?)(?:es(?<=xes)|s)\b", r" \1", text).split())


def _plain_shape(clause: str) -> str:
    for shape, phrases in _SHAPES.items():
        if any(phrase in clause for phrase in phrases):
            return shape
    return clause


def _plain_colour(match: re.Match[str]) -> str:
    return _OF_COLOUR.get(match.group(1), match.group())
