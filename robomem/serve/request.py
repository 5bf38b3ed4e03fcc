"""Chat requests in the form that EmbodiedBench's planners send (Yang et al. 2025, arXiv 2502.09560).

A user message holds a picture and a text: rules, the list of actions (``action id 0: find a Cabinet, ``), examples,
``the human instruction is: …`` and, from the second plan on, ``The action history:`` with a line for each action. Only
these parts are read. In the form with a chat history the list of actions stands in the first message alone.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.embodied import Action, Executed
from robomem.errors import RobomemError

__all__ = ["PlanRequest", "RequestError", "answer_form", "parse_request"]

MAX_TEXT = 1_000_000
MAX_SKILLS = 5_000
MAX_SIDE_PIXELS = 4_096

_SKILL = re.compile(r"^[ \t]*action id (\d{1,6}): ([^\n]{1,300}?),?[ \t]*$", re.MULTILINE)
_INSTRUCTION = re.compile(
    r"human instruction is: ([^\n]{1,4000}?)\.?[ \t]*(?=\n|$|You are supposed to|To achieve the task)", re.IGNORECASE
)
_HISTORY = re.compile(r"^[ \t]*Step \d{1,6}, action id (-?\d{1,6}), ([^\n]{0,4000})$", re.MULTILINE)
_SCENE = re.compile(r"^What is seen now, as JSON:\n([^\n]*)$", re.MULTILINE)


class RequestError(RobomemError, ValueError):
    """A request that cannot be answered; the message says what is wrong with it."""


@dataclass(frozen=True)
class PlanRequest:
    """A question for a plan.

    Attributes:
        instruction: of the task.
        skills: the name of each action, by id.
        history: what was done in this episode, oldest first.
        picture: [H, W, 3] uint8 of what is seen now; None where the request has none.
        scene: the same as JSON text, where the request has it: agents of ours send it.
    """

    instruction: str
    skills: tuple[str, ...]
    history: tuple[Executed, ...]
    picture: npt.NDArray[np.uint8] | None = None
    scene: str = ""


def parse_request(body: Any) -> PlanRequest:
    """Read the body of a chat completion request.

    Raises:
        RequestError: it is no chat request, or holds no list of actions or no instruction.
    """
    if not isinstance(body, Mapping):
        raise RequestError("The body must be a JSON object with messages.")
    if body.get("stream"):
        raise RequestError("Streaming is not supported; leave stream out.")
    if body.get("n", 1) not in (1, None):
        raise RequestError("One answer is all there is; leave n out.")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(one, Mapping) for one in messages):
        raise RequestError("messages must be a list of at least one message.")
    asked = [_content(message) for message in messages if message.get("role") in ("user", "system")]
    texts = [text for text, _ in asked]
    if sum(map(len, texts)) > MAX_TEXT:
        raise RequestError(f"The messages have more than {MAX_TEXT:,} characters.")
    lists = [found for text in texts if (found := _skills(text))]
    if not lists:
        raise RequestError(
            "No message lists the actions; EmbodiedBench's lines 'action id 0: NAME' are needed. Its low-level "
            "manipulation prompts have none and are not supported."
        )
    instructions = [said[-1] for text in texts if (said := _INSTRUCTION.findall(text))]
    if not instructions:
        raise RequestError("No message has an instruction; the words 'human instruction is: …' are needed.")
    last = texts[-1] if texts else ""
    urls = asked[-1][1] if asked else []
    scene = _SCENE.search(last)
    return PlanRequest(
        instruction=instructions[-1].strip(),
        skills=lists[-1],
        history=_history(last),
        picture=_picture(urls[-1]) if urls else None,
        scene=scene[1] if scene else "",
    )


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


def _skills(text: str) -> tuple[str, ...]:
    names: list[str] = []
    for number, name in _SKILL.findall(text):
        if int(number) != len(names):
            if names:
                break  # a later list, such as one in an example
            continue
        names.append(name.strip())
    if len(names) > MAX_SKILLS:
        raise RequestError(f"More than {MAX_SKILLS:,} actions.")
    return (*names[:-1], names[-1].rstrip(".")) if names else ()


def _history(text: str) -> tuple[Executed, ...]:
    done = []
    for number, rest in _HISTORY.findall(text):
        name, _, feedback = rest.partition(", env feedback: ")
        done.append(Executed(Action(int(number), name.strip()), "invalid" not in feedback.lower(), feedback.strip()))
    return tuple(done)


def _picture(url: str) -> npt.NDArray[np.uint8]:
    """Decode a data URL; nothing is ever fetched."""
    from PIL import Image, UnidentifiedImageError

    head, comma, data = url.partition(",")
    if not (head.startswith("data:image/") and head.endswith(";base64") and comma):
        raise RequestError("A picture must be a data URL, data:image/png;base64,…; others are not fetched.")
    try:
        picture = Image.open(io.BytesIO(base64.b64decode(data, validate=True)), formats=("PNG", "JPEG", "WEBP"))
        if max(picture.size) > MAX_SIDE_PIXELS:
            raise RequestError(f"The picture is {picture.size}; at most {MAX_SIDE_PIXELS} pixels a side are read.")
        return np.asarray(picture.convert("RGB"), np.uint8)
    except (binascii.Error, UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        if isinstance(error, RequestError):
            raise
        raise RequestError(f"The picture cannot be read: {error}.") from error
    except Image.DecompressionBombError as error:
        raise RequestError("The picture is too large.") from error


def answer_form(thoughts: Mapping[str, str], actions: Sequence[Action], skills: Sequence[str]) -> dict[str, Any]:
    """Return a plan in the published form of an answer."""
    listed = [
        {"action_id": action.id, "action_name": skills[action.id] if 0 <= action.id < len(skills) else action.name}
        for action in actions
        if isinstance(action.id, int)
    ]
    named = "; ".join(str(entry["action_name"]) for entry in listed)
    return {
        "visual_state_description": thoughts.get("visual_state_description", ""),
        "reasoning_and_reflection": thoughts.get("reasoning_and_reflection", ""),
        "language_plan": thoughts.get("language_plan") or named,
        "executable_plan": listed,
    }
