"""Requests as EmbodiedBench's planners send them: the frame of the published prompts around placeholder prose."""

from __future__ import annotations

import base64
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
) -> dict[str, Any]:
    """Return the body of one request: a picture and a text with rules, actions, examples, instruction and history."""
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
            text += f"\nStep {number}, action id {action}, {skills[action]}{tail}"
        text += f"\n\n Considering the above, to achieve the human instruction: '{instruction}', answer in json."
    else:
        text += f"\n\n## Now the human instruction is: {instruction}. You are supposed to output in json. More words."
    content: list[dict[str, Any]] = [{"type": "text", "text": text}]
    if picture:
        data = base64.b64encode(iio.imwrite("<bytes>", PICTURE, extension=".png")).decode()
        content.insert(0, {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}})
    messages = [{"role": "user", "content": content}]
    if chat and history:
        first = request(skills, instruction, picture=picture)["messages"]
        messages = [*first, {"role": "assistant", "content": [{"type": "text", "text": "{}"}]}, *messages]
    form = {"name": "embodied_planning", "schema": {"type": "object", "properties": {}}}
    return {
        "model": "gpt-robomem",
        "messages": messages,
        "response_format": {"type": "json_schema", "json_schema": form},
        "temperature": 0,
        "max_tokens": 2048,
    }
