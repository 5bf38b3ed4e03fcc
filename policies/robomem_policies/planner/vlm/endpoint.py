"""An OpenAI-compatible endpoint, through the ``openai`` client, which retries 429, 5xx and timeouts with backoff."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

from robomem.errors import ConfigError
from robomem_policies.planner.vlm.chat import AnswerError, Completion, EndpointError, Message
from robomem_policies.planner.vlm.pacing import Pace

__all__ = ["Endpoint"]

MAX_ANSWER_BYTES = 4_000_000
FAILURES_IN_A_ROW = 5
_log = logging.getLogger(__name__)


class Endpoint:
    """A model behind ``base_url``; the key is in the environment variable ``OPENAI_API_KEY`` and nowhere else.

    Args:
        name: of the model.
        base_url: of the endpoint; the client's own (``OPENAI_BASE_URL``, else OpenAI's) if None.
        timeout_s: for one answer.
        retries: after 429, 5xx, a timeout or a lost connection, with growing pauses or the one the server asks for.
        max_tokens: of an answer.
        temperature: 0 for the likeliest answer.
        requests_per_minute: at most, over all processes of this machine that use the same endpoint and model.
    """

    def __init__(
        self,
        name: str,
        base_url: str | None = None,
        *,
        timeout_s: float = 120.0,
        retries: int = 5,
        max_tokens: int = 2048,
        temperature: float = 0.0,
        requests_per_minute: float | None = None,
    ) -> None:
        try:
            import openai
        except ImportError:
            raise ConfigError(
                "The vlm agent needs the openai client: pip install 'robomem[planner]'; or give --model hf:FOLDER."
            ) from None
        self.name, self.timeout_s, self.max_tokens, self.temperature = name, timeout_s, max_tokens, temperature
        self._openai = openai
        self._client = openai.OpenAI(
            base_url=base_url,
            api_key=os.environ.get("OPENAI_API_KEY") or "none",
            timeout=timeout_s,
            max_retries=retries,
        )
        self.base_url = str(self._client.base_url)
        self._pace = Pace(f"{self.base_url} {name}", requests_per_minute) if requests_per_minute else None
        self._arguments = ["max_tokens", "temperature", "response_format"]  # those that it may refuse
        self._failures = 0

    def complete(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> Completion:
        """Ask; see ``ChatModel.complete``."""
        if self._pace:
            self._pace.wait()
        try:
            body = self._ask(messages, schema)
        except (self._openai.BadRequestError, self._openai.UnprocessableEntityError) as error:
            dropped = self._drop_what_is_refused(str(error))
            if dropped is None:
                raise self._refusal(error) from error
            _log.warning("%s refuses %s (%s); going on without", self.base_url, dropped, _short(error))
            return self.complete(messages, schema)
        except AnswerError:
            self._count_failure()
            raise
        completion = _completion(body)
        self._failures = 0
        return completion

    def _drop_what_is_refused(self, complaint: str) -> str | None:
        """Return the argument that is left out from now on; None if none is left that could be the matter."""
        named = [name for name in self._arguments if name in complaint]
        dropped = named[0] if named else "response_format" if "response_format" in self._arguments else None
        if dropped is not None:
            self._arguments.remove(dropped)
        return dropped

    def _ask(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> bytes:
        openai = self._openai
        form = {"name": "embodied_planning", "schema": dict(schema), "strict": True}
        every = {
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
            "response_format": {"type": "json_schema", "json_schema": form},
        }
        arguments: dict[str, Any] = {name: every[name] for name in self._arguments}
        if "max_tokens" not in arguments:  # newer models know it by another name
            arguments["max_completion_tokens"] = self.max_tokens
        arguments |= {"model": self.name, "messages": list(messages)}
        try:
            with self._client.chat.completions.with_streaming_response.create(**arguments) as response:
                return self._read(response)
        except (openai.BadRequestError, openai.UnprocessableEntityError):
            raise
        except (openai.RateLimitError, openai.InternalServerError, openai.ConflictError) as error:
            raise AnswerError(f"HTTP {error.status_code} after {self._client.max_retries} retries") from error
        except openai.APITimeoutError as error:
            raise AnswerError(f"no answer within {self.timeout_s:g} s") from error
        except openai.APIConnectionError as error:
            if type(error.__cause__).__name__ == "ConnectError":
                raise self._refusal(error) from error
            raise AnswerError(f"the connection broke: {error.__cause__ or error}") from error
        except openai.APIStatusError as error:
            raise self._refusal(error) from error
        except openai.OpenAIError as error:
            raise AnswerError(_short(error)) from error

    def _read(self, response: Any) -> bytes:
        """Return the body, if it is not too large and does not trickle in for ever."""
        until, body = time.monotonic() + self.timeout_s, bytearray()
        try:
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    raise AnswerError(f"an answer of more than {MAX_ANSWER_BYTES:,} bytes")
                if time.monotonic() > until:
                    raise AnswerError(f"no whole answer within {self.timeout_s:g} s")
        except AnswerError:
            raise
        except Exception as error:  # of whichever HTTP library the client is built on: the answer broke off
            raise AnswerError(f"the answer broke off: {type(error).__name__}") from error
        return bytes(body)

    def _count_failure(self) -> None:
        self._failures += 1
        if self._failures >= FAILURES_IN_A_ROW:
            raise EndpointError(
                f"The endpoint {self.base_url} has failed {self._failures} times in a row. Finished episodes are kept; "
                "the same command goes on with them when it is well again."
            )

    def _refusal(self, error: Exception) -> EndpointError:
        status = getattr(error, "status_code", None)
        why = f"HTTP {status}: {_short(error)}" if status else f"no connection ({error.__cause__ or error})"
        hint = {401: "Set OPENAI_API_KEY.", 403: "Is the key allowed to use it?", 404: "Is the model's name right?"}
        return EndpointError(
            f"The model {self.name!r} at {self.base_url} refuses: {why}. "
            f"{hint.get(status or 0, 'Is --base-url right, and is it running?')} Finished episodes are kept."
        )


def _completion(body: bytes) -> Completion:
    """Return what a response says, whatever its headers claimed."""
    try:
        content = json.loads(body)
        text = content["choices"][0]["message"].get("content")
        usage = content.get("usage") or {}
        tokens = [int(usage.get(name) or 0) for name in ("prompt_tokens", "completion_tokens")]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise AnswerError(f"the response is no chat completion: {body[:80]!r}") from error
    if not isinstance(text, str) or not text.strip():
        refusal = content["choices"][0]["message"].get("refusal")
        raise AnswerError(f"the model refused: {str(refusal)[:200]}" if refusal else "the answer is empty")
    return Completion(text, *tokens)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
