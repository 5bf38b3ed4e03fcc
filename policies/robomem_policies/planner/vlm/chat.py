"""What a chat model is to the agent, and how it can fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from robomem.errors import RobomemError

__all__ = ["AnswerError", "ChatModel", "Completion", "EndpointError", "Message"]

Message = Mapping[str, Any]
"""A chat message in OpenAI's form."""


class EndpointError(RobomemError, RuntimeError):
    """The model cannot be reached or refuses: nothing that asking again would mend."""


class AnswerError(RobomemError, ValueError):
    """One answer did not come, or came in a form that nobody can read. The next may."""


@dataclass(frozen=True)
class Completion:
    """An answer.

    Attributes:
        text: of it.
        tokens_in, tokens_out: read and written, as the model counts them.
    """

    text: str
    tokens_in: int = 0
    tokens_out: int = 0


class ChatModel(Protocol):
    """Answers messages."""

    name: str

    def complete(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> Completion:
        """Answer, in JSON of ``schema`` where the model can be held to it.

        Raises:
            AnswerError: this answer is lost.
            EndpointError: so will all the others be.
        """
        ...
