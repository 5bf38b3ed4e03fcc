"""Chat requests in the form that EmbodiedBench's planners send (Yang et al. 2025, arXiv 2502.09560).

A user message holds a picture and a text: rules, the list of actions (``action id 0: find a Cabinet, ``), examples,
``the human instruction is: …`` and, from the second plan on, ``The action history:`` with a line for each action. In
the form with a chat history the list of actions stands in the first message alone. Requests of EB-Manipulation have no
list of actions: one is seven integers, and ``Input: {'object 1': [x, y, z], …}`` says where things are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.embodied import Executed
from robomem.serve import wording
from robomem.serve.errors import RequestError
from robomem.serve.picture import read_picture

__all__ = ["PlanRequest", "parse_request"]

MAX_TEXT = 1_000_000
_SCENE_BEFORE = "What is seen now, as JSON:\n"


@dataclass(frozen=True)
class PlanRequest:
    """A question for a plan.

    Attributes:
        instruction: of the task.
        skills: the name of each action, by id; none where an action is the seven integers of EB-Manipulation.
        history: what was done in this episode, oldest first.
        picture: [H, W, 3] uint8 of what is seen now; None where the request has none.
        scene: what is seen as JSON text, where the request has it: agents and environments of ours send it, and
            EB-Manipulation tells coordinates, here ``{"coordinates": {"object 1": [x, y, z]}}`` in its voxels.
    """

    instruction: str
    skills: tuple[str, ...]
    history: tuple[Executed, ...]
    picture: npt.NDArray[np.uint8] | None = None
    scene: str = ""


def parse_request(body: Any) -> PlanRequest:
    """Read the body of a chat completion request.

    Raises:
        RequestError: it is no chat request, or says nothing of actions or of what to do.
    """
    asked = [_content(message) for message in _messages(body) if message.get("role") in ("user", "system")]
    texts = [text for text, _ in asked]
    if sum(map(len, texts)) > MAX_TEXT:
        raise RequestError(f"The messages have more than {MAX_TEXT:,} characters.")
    skills = next((found for text in reversed(texts) if (found := wording.skills(text))), ())
    if not skills and not any(map(wording.is_manipulation, texts)):
        raise RequestError(
            "No message says what the actions are: EmbodiedBench's lines 'action id 0: NAME' are needed, or the "
            "seven integers of its gripper actions."
        )
    instruction = next((said for text in reversed(texts) if (said := wording.instruction(text))), "")
    if not instruction:
        raise RequestError("No message has an instruction; the words 'human instruction is: …' are needed.")
    last, urls = asked[-1]
    picture, carried = read_picture(urls[-1]) if urls else (None, "")
    history = wording.history(last, skills)
    scene = _told(last) or carried
    if not scene and not skills and (spots := wording.coordinates(last)):
        scene = json.dumps({"step": len(history), "coordinates": spots})
    return PlanRequest(instruction, skills, history, picture, scene)


def _messages(body: Any) -> list[Mapping[str, Any]]:
    if not isinstance(body, Mapping):
        raise RequestError("The body must be a JSON object with messages.")
    if body.get("stream"):
        raise RequestError("Streaming is not supported; leave stream out.")
    if body.get("n", 1) not in (1, None):
        raise RequestError("One answer is all there is; leave n out.")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(one, Mapping) for one in messages):
        raise RequestError("messages must be a list of at least one message.")
    return messages


def _content(message: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return the text and the picture addresses of a message."""
    content = message.get("content")
    if isinstance(content, str):
        return content, []
    if not isinstance(content, list):
        raise RequestError("A message's content must be a text or a list of parts.")
    texts, urls = [], []
    for part in content:
        kind = part.get("type") if isinstance(part, Mapping) else None
        if kind == "text" and isinstance(part.get("text"), str):
            texts.append(part["text"])
        elif kind == "image_url" and isinstance(part.get("image_url"), Mapping):
            urls.append(str(part["image_url"].get("url", "")))
        else:
            raise RequestError(f"A part of a message must be a text or an image_url, not {kind!r}.")
    return "\n".join(texts), urls


def _told(text: str) -> str:
    _, told, after = text.rpartition(_SCENE_BEFORE)
    return after.partition("\n")[0] if told else ""
