"""Chat requests and answers of OpenAI's form, as far as a memory has to do with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["Listener", "last_said", "with_memory"]

MOST_HEARD = 1_000_000


def last_said(body: Mapping[str, Any]) -> str:
    """Return the text of the last message of the user, ``""`` if there is none."""
    messages = body.get("messages")
    for message in reversed(messages if isinstance(messages, list) else []):
        if isinstance(message, Mapping) and message.get("role") == "user":
            return _text(message.get("content"))
    return ""


def with_memory(body: Mapping[str, Any], recollection: str) -> dict[str, Any]:
    """Return the request with a recollection at the end of its system message, which is made if there is none."""
    messages = list(body["messages"])
    first = messages[0] if messages and isinstance(messages[0], Mapping) else {}
    if first.get("role") in ("system", "developer"):
        content = first.get("content")
        parts = content if isinstance(content, list) else None
        joined = f"{content}\n\n{recollection}" if content else recollection
        added = [*parts, {"type": "text", "text": recollection}] if parts is not None else joined
        messages[0] = {**first, "content": added}
    else:
        messages.insert(0, {"role": "system", "content": recollection})
    return {**body, "messages": messages}


class Listener:
    """Hears an answer as it passes, whole or in server-sent events.

    Args:
        streamed: it comes in events.
    """

    def __init__(self, streamed: bool) -> None:
        self._streamed = streamed
        self._rest = bytearray()
        self._said: list[str] = []
        self._heard = 0

    def hear(self, part: bytes) -> None:
        """Take a piece of the answer."""
        self._heard += len(part)
        if self._heard > MOST_HEARD:
            self._rest.clear()
            return
        self._rest += part
        if self._streamed:
            *lines, rest = bytes(self._rest).split(b"\n")
            self._rest = bytearray(rest)
            for line in lines:
                if line.startswith(b"data:"):
                    self._said.append(_choice(line[5:], "delta"))

    @property
    def said(self) -> str:
        """The text of the answer, as far as it was heard."""
        return "".join(self._said) if self._streamed else _choice(bytes(self._rest), "message")


def _choice(content: bytes, part: str) -> str:
    try:
        return _text(json.loads(content)["choices"][0][part].get("content"))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return ""


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(part["text"] for part in parts if isinstance(part, Mapping) and isinstance(part.get("text"), str))
