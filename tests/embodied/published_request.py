"""Requests as EmbodiedBench's planners send them: the frame of the published prompts around placeholder prose."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import imageio.v3 as iio
import numpy as np

PICTURE = np.zeros((8, 8, 3), np.uint8) + np.arange(8, dtype=np.uint8)[:, None, None] * 30


def request(
    skills: list[str],
    instruction: str,
    history: list[tuple[int, str]] = [],  # noqa: B006 - never changed
    *,
    picture: bool = True,
    chat: bool = False,
    feedback: bool = True,
    wording: str = "2025",
) -> dict[str, Any]:
    """Return the body of one request: a picture and a text with rules, actions, examples, instruction and history.

    Args:
        wording: of the history: as of ``2025``, or ``2026``, which names actions, or ``2026-id``, which numbers them.
    """
    listed = "".join(f"\naction id {number}: {name}, " for number, name in enumerate(skills)).rstrip(", ")
    examples = (
        "## Task Execution Example 0: \n Task: bring the thing. \n Output: "
        '{"executable_plan": [{"action_id": 12, "action_name": "go to the bench"}]}'
    )
    rules = (
        f"## Rules of the place.\n\n## The available action id (0 ~ {len(skills) - 1}) and action names are: {listed}."
        f"\n\n{examples}\n\n## Guidelines\n1. **Output Plan**: some words, e.g., Cabinet_2.\n"
    )
    text = "" if chat and history else rules
    instruction = instruction.rstrip(".")
    if history:
        text += (
            f"\n\n## Now the human instruction is: {instruction}."
            if text
            else f"The human instruction is: {instruction}."
        )
        text += "\n\n The action history:"
        for number, (action, said) in enumerate(history):
            tail = f", env feedback: {said}" if feedback else ""
            known = {"2025": f"id {action}, {skills[action]}", "2026-id": f"id {action} ({skills[action]})"}
            text += f"\nStep {number}, action {known.get(wording, skills[action])}{tail}"
        text += f"\n\n Considering the above, to achieve the human instruction: '{instruction}', answer in json."
    else:
        text += f"\n\n## Now the human instruction is: {instruction}. You are supposed to output in json. More words."
    messages = [{"role": "user", "content": _content(text, picture)}]
    if chat and history:
        first = request(skills, instruction, picture=picture)["messages"]
        messages = [*first, {"role": "assistant", "content": [{"type": "text", "text": "{}"}]}, *messages]
    return _body(messages)


def gripper_request(
    instruction: str,
    spots: Mapping[str, list[int]],
    history: list[tuple[list[int], str]] = [],  # noqa: B006 - never changed
    *,
    picture: bool = True,
    chat: bool = False,
) -> dict[str, Any]:
    """Return the body of a request of EB-Manipulation: no list of actions, coordinates, another form of history."""
    example = "Example 0: \nHuman Instruction: Take the thing.\nInput: {'object 1': [1, 2, 3]}\nOutput: {}"
    rules = f"## Rules of the table. An output action is a 7D discrete gripper action.\n\n{example}\n"
    instruction = instruction.rstrip(".")
    asked = f"\n## Words.\nHuman Instruction: {instruction}.\nInput: {spots}\nOutput gripper actions: "
    text = rules + asked + "".join(f"{[action, said]}, " for action, said in history)
    if chat and history:
        done = "".join(
            f"\n Step {number}, the output action **{action}**, env feedback: {said}"
            for number, (action, said) in enumerate(history)
        )
        text = f"The human instruction is: {instruction}.\n\n The gripper action history:{done}\n\n More words."
    return _body([{"role": "user", "content": _content(text, picture)[::-1]}])


def _content(text: str, picture: bool) -> list[dict[str, Any]]:
    data = base64.b64encode(iio.imwrite("<bytes>", PICTURE, extension=".png")).decode()
    shown = [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}] if picture else []
    return [*shown, {"type": "text", "text": text}]


def _body(messages: list[dict[str, Any]]) -> dict[str, Any]:
    form = {"name": "embodied_planning", "schema": {"type": "object", "properties": {}}}
    return {
        "model": "gpt-robomem",
        "messages": messages,
        "response_format": {"type": "json_schema", "json_schema": form},
        "temperature": 0,
        "max_tokens": 2048,
    }
