"""What a model is told where an action is seven integers for an arm at a table, in our own words."""

from __future__ import annotations

from typing import Any, Final

import gymnasium as gym

__all__ = ["EXAMPLES", "GUIDELINES", "INTRODUCTION", "RULES", "is_table"]

_COUNTS: Final = [101, 101, 101, 121, 121, 121, 2]

INTRODUCTION = "You are a robot arm with a two-finger gripper at a table. You are given a task and do it move by move."

RULES = """The actions
- An action is a list of 7 integers, [X, Y, Z, roll, pitch, yaw, gripper]. The gripper moves to this pose, then opens
  (gripper 1) or closes (gripper 0).
- X, Y and Z go from 0 to 100 and count voxels of 1 cm. The picture of the front camera looks at the robot from across
  the table: X grows towards the camera, Y from the left to the right of the picture, Z upwards. The table top is at
  Z 15. Left, right, in front and behind are meant as in this picture.
- Roll, pitch and yaw go from 0 to 120, 3 degrees a step, 60 being 0 degrees. Roll 0 and pitch 60 point the gripper
  straight down. At yaw 60 the two fingers are side by side along Y; at yaw 30 or 90, along X. The opening is 8 cm.
- Every object has coordinates, [X, Y, Z] of its middle. The objects are called object 1, object 2 and so on, from the
  left to the right of the first picture, where each has a box with its number. Holes of a shape sorter are objects too.
- Shapes to pick up are about 4 cm wide and 4.5 cm high. Grip one with the gripper at its coordinates. Where its yaw is
  given, that yaw fits the fingers, and so does one that differs by 60.
- The arm finds a way around things by itself. It refuses a pose that is out of reach, or in which it would hit
  something, and then does not move."""

GUIDELINES = """How to plan
- Write several actions at once; they are done in order. You are asked again when none is left.
- An empty plan ends the task, so write one only if nothing can be done any more.
- To pick up: go to the object open, then close at the same pose, then lift it straight up by 10 or more.
- To stack: let go 5 higher than the middle of the lower object. Into a container: let go at Z 21 over it, beside what
  is in it already. Into a hole of the shape sorter: let go at Z 21 over the hole that has the object's shape, with the
  gripper turned by the yaw of the hole less the yaw of the object.
- To wipe: pick up the sponge, lower it to the table at one end of the area, and move to the other end at that height.
- Read the feedback. When an action failed, find out why before you plan on, and do not repeat what failed."""

EXAMPLES: Final = (
    """Instruction: Put the green cube on the white cylinder.
Coordinates: {"object 1": [52, 30, 17], "object 2": [38, 44, 17], "object 3": [60, 71, 17]}
Answer: {"visual_state_description": "Object 2 is a green cube, object 3 a white cylinder, object 1 a black star.", \
"reasoning_and_reflection": "I take object 2 at its coordinates with the gripper straight down, lift it, and let it \
go on object 3, 5 higher than its middle.", "language_plan": "1. go to object 2, open, 2. close, 3. lift, 4. go over \
object 3, 5. open", "executable_plan": [{"action": [38, 44, 17, 0, 60, 60, 1]}, {"action": [38, 44, 17, 0, 60, 60, \
0]}, {"action": [38, 44, 30, 0, 60, 60, 0]}, {"action": [60, 71, 22, 0, 60, 60, 0]}, {"action": [60, 71, 22, 0, 60, \
60, 1]}]}""",
    """Instruction: Wipe the white area from left to right.
Coordinates: {"object 1": [45, 40, 15], "object 2": [58, 66, 17]}
Answer: {"visual_state_description": "Object 1 is a white area that goes from Y 28 to Y 52; object 2 is a sponge.", \
"reasoning_and_reflection": "I take the sponge, put it down at the left end of the area and drag it along to the \
right end.", "language_plan": "1. go to the sponge, open, 2. close, 3. lift, 4. lower it at the left end, 5. move to \
the right end", "executable_plan": [{"action": [58, 66, 17, 0, 60, 60, 1]}, {"action": [58, 66, 17, 0, 60, 60, 0]}, \
{"action": [58, 66, 30, 0, 60, 60, 0]}, {"action": [45, 28, 17, 0, 60, 60, 0]}, {"action": [45, 52, 17, 0, 60, 60, \
0]}]}""",
)


def is_table(space: gym.Space[Any]) -> bool:
    """Return whether actions are the seven integers of EB-Manipulation."""
    return isinstance(space, gym.spaces.MultiDiscrete) and space.nvec.tolist() == _COUNTS
