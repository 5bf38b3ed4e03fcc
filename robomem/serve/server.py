"""The web application: ``POST /v1/chat/completions``, ``GET /v1/models``."""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from robomem.embodied import Agent, AgentOptions, Privileged, Reply
from robomem.errors import ConfigError, RobomemError
from robomem.serve.answer import answer_form
from robomem.serve.conversations import Conversations
from robomem.serve.errors import RequestError
from robomem.serve.request import PlanRequest, parse_request

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["make_app"]

MAX_BODY_BYTES = 32 * 2**20
_log = logging.getLogger(__name__)


def make_app(name: str, make_agent: Callable[[AgentOptions], Agent], options: AgentOptions) -> Starlette:
    """Return the application that answers for an agent.

    Args:
        name: of the agent.
        make_agent: makes it.
        options: with which it is made.

    Raises:
        ConfigError: starlette is not installed, or the agent looks into an environment, which is not here.
    """
    try:
        from starlette.applications import Starlette
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import JSONResponse
        from starlette.routing import Route
    except ImportError:
        raise ConfigError("robomem serve needs starlette and uvicorn: pip install 'robomem[serve]'.") from None
    if isinstance(make_agent(options), Privileged):  # also: what the agent lacks is said now, not at the first request
        raise ConfigError(f"{name} looks into the environment itself and cannot be served; serve another agent.")
    conversations = Conversations(make_agent, options)

    def refuse(status: int, message: str) -> Response:
        kind = "invalid_request_error" if status < 500 else "server_error"
        return JSONResponse({"error": {"message": message, "type": kind, "code": status}}, status_code=status)

    async def chat(request: Request) -> Response:
        # A browser cannot send this type to us from another site without asking first, which is refused.
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return refuse(415, "The content type must be application/json.")
        body = await _body(request)
        if body is None:
            return refuse(413, f"The body is larger than {MAX_BODY_BYTES:,} bytes.")
        try:
            content = json.loads(body)
        except (ValueError, RecursionError):
            return refuse(400, "The body is not JSON.")
        try:
            asked = await run_in_threadpool(parse_request, content)
            reply = await run_in_threadpool(conversations.answer, asked)
        except RequestError as error:
            return refuse(400, str(error))
        except RobomemError as error:
            _log.warning("%s could not answer: %s", name, error)
            return refuse(503, str(error))
        except Exception:
            _log.exception("%s failed", name)
            return refuse(500, f"The agent {name} failed; the server's log says how.")
        _say_why_it_gives_up(name, reply)
        return JSONResponse(_completion(str(content.get("model") or name), asked, reply))

    async def models(request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": name, "object": "model", "owned_by": "robomem"}]})

    return Starlette(
        routes=[
            Route("/v1/chat/completions", chat, methods=["POST"]),
            Route("/v1/models", models, methods=["GET"]),
        ]
    )


def _say_why_it_gives_up(name: str, reply: Reply) -> None:
    if reply.plan is not None and not reply.plan.actions:
        _log.warning("%s gives up: %s", name, reply.plan.thoughts.get("reasoning_and_reflection") or reply.text)


async def _body(request: Request) -> bytes | None:
    """Return the body, or None as soon as it is too large, whatever its header says."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)


def _completion(model: str, asked: PlanRequest, reply: Reply) -> dict[str, Any]:
    """Return a chat completion; an agent that has no plan is heard as it spoke, which counts as an output error."""
    if reply.plan is None:
        text = reply.text or reply.error or "no plan"
    else:
        text = json.dumps(answer_form(reply.plan.thoughts, reply.plan.actions, asked.skills))
    usage = {"prompt_tokens": reply.tokens_in, "completion_tokens": reply.tokens_out}
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {**usage, "total_tokens": sum(usage.values())},
    }
