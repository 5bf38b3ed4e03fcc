"""What the model is told, in the structure of EmbodiedBench's prompts and in our own words.

One user message: the picture, then rules, the list of actions with their ids, worked examples, the instruction, and
what was done so far with its feedback.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from robomem.embodied import Executed, Situation
from robomem_policies.planner.vlm import table
from robomem_policies.planner.vlm.examples import examples_for

__all__ = ["messages", "plan_schema", "prompt"]

MAX_PLAN = 20

_RULES = {
    "find": "find: brings you to a thing or a piece of furniture. Of movable things it finds only what you have seen.",
    "go to": "go to: brings you to a place. It always works if the place exists.",
    "navigate to": "navigate to: brings you to a place. It always works if the place exists.",
    "pick up": "pick up: takes a thing. You must be near it, your hand empty, and what it lies in open.",
    "put down": "put down: lays what you hold onto or into where you are. You must hold something.",
    "place": "place: lays what you hold onto or into the place named. You must be there and hold something.",
    "drop": "drop: lets go of what you hold. It may land anywhere, so prefer to put it down.",
    "open": "open: opens a thing that is closed. You must be near it.",
    "close": "close: closes a thing that is open. You must be near it.",
    "turn on": "turn on: switches a device on. You must be near it and it must be off.",
    "turn off": "turn off: switches a device off. You must be near it and it must be on.",
    "slice": "slice: cuts a thing that can be cut. You must be near it and hold a knife.",
    "move": "move: a small step, without turning. It fails where something is in the way. You are done as soon as what "
    "you look for is less than a metre away; then you are not asked again.",
    "rotate": "rotate: turns you on the spot. Do it only to bring what you look for into view.",
    "tilt": "tilt: looks up or down.",
}

_GUIDELINES = f"""How to plan
- Write several actions at once, at most {MAX_PLAN}; they are done in order until one fails or none is left.
- An empty plan ends the task, so write one only if nothing can be done any more.
- Give each action by its id and its name exactly as listed; the id counts.
- A thing inside something closed cannot be seen or taken: open it first.
- Names with a number, such as cabinet 2, are different pieces of the same kind. If one does not hold what you look
  for, try the next.
- Read the feedback. When an action failed, find out why before you plan on, and do not repeat what failed."""


def messages(situation: Situation, *, examples: int = 2, scene: bool | None = None) -> list[dict[str, Any]]:
    """Return the messages that put a situation to a model.

    Args:
        situation: what the agent knows.
        examples: how many worked examples to show, at most two.
        scene: whether to describe in words what is seen; by default where there is no picture, and where actions are
            numbers, for which the scene holds coordinates.
    """
    picture = situation.observation.get("rgb")
    content: list[dict[str, Any]] = []
    if picture is not None:
        content.append({"type": "image_url", "image_url": {"url": data_url(np.asarray(picture, np.uint8))}})
    described = (picture is None or not situation.skills) if scene is None else scene
    text = prompt(situation, examples=examples, scene=described, sees=picture is not None)
    return [{"role": "user", "content": [*content, {"type": "text", "text": text}]}]


def prompt(situation: Situation, *, examples: int = 2, scene: bool = True, sees: bool = False) -> str:
    """Return the text of ``messages``."""
    at_table = not situation.skills and table.is_table(situation.action_space)
    home = "You are a robot in a home. You are given a task and do it with the actions listed below."
    parts = [table.INTRODUCTION, table.RULES] if at_table else [home, _rules(situation)]
    if at_table:
        parts += [f"Example {number}\n{text}" for number, text in enumerate(table.EXAMPLES[:examples], 1)]
    if situation.skills:
        listed = "\n".join(f"action id {number}: {name}" for number, name in enumerate(situation.skills))
        parts.append(f"The actions, by their ids from 0 to {len(situation.skills) - 1}:\n{listed}")
        shown = examples_for(situation.skills)[:examples]
        parts += [f"Example {number}\n{text}" for number, text in enumerate(shown, 1)]
    guidelines = table.GUIDELINES if at_table else _GUIDELINES
    parts += [guidelines, f"## Now the human instruction is: {situation.instruction.rstrip('.')}."]
    if scene and situation.observation.get("scene"):
        parts.append(f"What is seen now, as JSON:\n{situation.observation['scene']}")
    if situation.history:
        done = "\n".join(_line(number, one, situation.skills) for number, one in enumerate(situation.history))
        parts.append(f"The action history:\n{done}")
    look = "Say what you see in the picture, " if sees else "Say what is around you, "
    parts.append(
        f"{look}consider what was done so far and what it led to, and write your plan. At most {situation.steps_left} "
        "more actions can be done. Answer with one JSON object."
    )
    return "\n\n".join(parts)


def plan_schema(situation: Situation) -> dict[str, Any]:
    """Return the JSON schema of an answer, in EmbodiedBench's form."""
    text = {"type": "string"}
    if situation.skills:
        step: dict[str, Any] = {"action_id": {"type": "integer"}, "action_name": text}
    else:
        step = {"action": {"type": "array", "items": {"type": "integer"}}}
    action = {"type": "object", "properties": step, "required": list(step), "additionalProperties": False}
    fields: dict[str, Any] = {
        "visual_state_description": text,
        "reasoning_and_reflection": text,
        "language_plan": text,
        "executable_plan": {"type": "array", "items": action},
    }
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def data_url(picture: npt.NDArray[np.uint8]) -> str:
    """Return a picture [H, W, 3] as a PNG in a data URL."""
    import imageio.v3 as iio

    content = iio.imwrite("<bytes>", np.ascontiguousarray(picture), extension=".png")
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def _rules(situation: Situation) -> str:
    space = situation.action_space
    if not situation.skills and isinstance(space, gym.spaces.MultiDiscrete):
        bounds = ", ".join(f"{low} to {low + count - 1}" for low, count in zip(space.start.flat, space.nvec.flat))
        return f"An action is a list of {space.nvec.size} integers, each in its range: {bounds}."
    present = [rule for verb, rule in _RULES.items() if any(name.startswith(verb) for name in situation.skills)]
    return "What the actions do\n" + "\n".join(f"- {rule}" for rule in present)


def _line(number: int, done: Executed, skills: Sequence[str]) -> str:
    action = done.action.id
    if not isinstance(action, int):
        return f"Step {number}, action {list(action)}, env feedback: {' '.join(done.feedback.split())}"
    listed = 0 <= action < len(skills)
    name = skills[action] if listed else done.action.name or "no action"
    return f"Step {number}, action id {action}, {name}, env feedback: {' '.join(done.feedback.split())}"
