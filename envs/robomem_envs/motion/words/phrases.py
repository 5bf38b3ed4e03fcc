"""Phrases for each label. ``{thing}`` stands for a hand named in the verb, ``{side}`` for left or right."""

from __future__ import annotations

__all__ = [
    "ARM_HEIGHTS",
    "ARM_THINGS",
    "ARM_VERBS",
    "BODY",
    "DIRECTIONS",
    "HEIGHTS",
    "PLAIN",
    "REPETITIONS",
    "SIDES",
    "SPEEDS",
    "THINGS",
    "VERBS",
    "WHOLE_BODY",
]

VERBS = {
    "wave": ("wave", "wave hello", "give a wave", "greet someone with a wave", "wave {thing}", "signal by waving"),
    "reach": ("reach", "reach out", "stretch out", "make a reach", "extend {thing}", "stretch {thing}"),
    "push": ("push", "press", "push something", "give a push", "shove", "push with {thing}"),
    "pick": (
        "pick it up",
        "pick something up from the floor",
        "grab it from the ground",
        "pick up the object",
        "lift it off the floor",
        "bend down and pick it up",
    ),
    "place": ("place it", "put it down", "set it down", "lay the object down", "put the object", "set something"),
    "point": ("point", "point a finger", "aim a finger", "indicate", "point {thing}", "show the way"),
    "punch": ("punch", "throw a punch", "strike", "jab", "hit", "punch with {thing}"),
    "raise": (
        "raise {thing}",
        "lift {thing}",
        "raise {thing} overhead",
        "put {thing} up",
        "hold {thing} up in the air",
    ),
    "lower": (
        "lower {thing}",
        "put {thing} down",
        "drop {thing} to the hip",
        "let {thing} hang down",
        "take {thing} down",
    ),
    "circle": (
        "draw a circle",
        "make circles in the air",
        "circle",
        "draw circles",
        "move {thing} in a circle",
        "circle {thing}",
    ),
    "hold": ("hold {thing} still", "keep {thing} in place", "hold still in front", "hold the pose", "hold {thing} out"),
    "clap": ("clap", "clap your hands", "applaud", "give applause", "bring the hands together in a clap"),
    "bow": ("bow", "take a bow", "bow down", "bend forward in a bow", "bow politely", "make a bow"),
    "squat": ("squat", "do a squat", "squat down", "bend the knees", "crouch", "make a squat"),
    "lean": ("lean", "lean over", "tilt the body", "lean the torso", "tilt the trunk", "bend the upper body"),
}
PLAIN = ("raise", "lower", "pick")
"""Verbs that say the direction themselves."""
WHOLE_BODY = ("bow", "squat", "lean")
"""Verbs of the trunk and legs: no side is said."""
SIDES = (
    "with the {side} hand",
    "with your {side} hand",
    "using the {side} hand",
    "using your {side} hand",
    "with the {side} arm",
    "with your {side} arm",
    "using the {side} arm",
    "using your {side} arm",
)
BODY = ("with both hands", "using both hands", "with both arms", "using both arms", "with your two hands", "two-handed")
THINGS = (
    ("the {side} hand", "your {side} hand", "the {side} arm", "your {side} arm"),
    ("both hands", "both arms", "your hands"),
)
DIRECTIONS = {
    "none": ("",),
    "left": ("left", "to the left", "leftwards", "to your left", "towards the left"),
    "right": ("right", "to the right", "rightwards", "to your right", "towards the right"),
    "up": ("up", "upwards", "up high", "overhead", "towards the ceiling"),
    "down": ("down", "downwards", "towards the floor", "to the ground", "down low"),
    "forward": ("forward", "forwards", "straight ahead", "to the front", "in front of you"),
    "back": ("back", "backwards", "to the back", "towards the back", "to the rear"),
}
HEIGHTS = {
    "none": ("",),
    "low": ("low", "at a low height", "below the waist", "at hip height"),
    "mid": ("at chest height", "at mid height", "at the height of the chest", "at medium height"),
    "high": ("high", "at a high place", "above the shoulders", "at shoulder height or higher"),
}
SPEEDS = {
    "slow": ("slowly", "at a slow pace", "in slow motion", "unhurriedly"),
    "normal": ("", "", "", "", "", "at a normal pace", "at a steady pace"),
    "fast": ("quickly", "fast", "at a fast pace", "rapidly"),
}
REPETITIONS = {
    1: ("once", "one time", "a single time"),
    2: ("twice", "two times", "2 times"),
    3: ("three times", "3 times", "three times over"),
    4: ("four times", "4 times", "four times over"),
}
ARM_VERBS = {
    "pick": ("pick it up", "grab it", "pick up the object", "grasp it and lift it", "take it up", "lift the object"),
    "hold": ("hold still", "stay there", "keep still", "hold {thing} still", "keep {thing} in place", "hold the pose"),
}
ARM_THINGS = ("the arm", "your arm", "the gripper", "your gripper")
ARM_HEIGHTS = {
    "none": ("",),
    "low": ("low", "at a low height", "near the table", "low down"),
    "mid": ("at mid height", "at medium height", "halfway up", "at a middle height"),
    "high": ("high", "at a high place", "high up", "at a great height"),
}
"""What differs for an arm that has no left and right: of the verbs of the humanoid, those with a side or a height."""
