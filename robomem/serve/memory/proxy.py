"""An OpenAI-compatible address that adds a memory to any client.

The endpoint behind it answers; the memory only adds to what it is told, and hears what it says. A memory that fails
never keeps an answer back: the header ``x-robomem-memory`` then says so. What the endpoint refuses is passed on.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from robomem.errors import RobomemError
from robomem.lifelong.memory import LifelongMemory
from robomem.lifelong.records import Observation, Source, Trust, clean
from robomem.serve.memory.chat import Listener, last_said, with_memory
from robomem.serve.memory.fence import fenced
from robomem.serve.memory.guard import Guard

__all__ = ["Proxy", "make_proxy"]

MAX_BODY_BYTES = 64 * 2**20
MOST_KEPT = 4_000
"""Characters of a message that are stored."""
LONGEST_QUERY = 2_000
_NOT_PASSED_ON = {
    *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "trailer", "upgrade"),
    *("transfer-encoding", "content-length", "content-encoding", "host", "cookie", "set-cookie", "accept-encoding"),
    *("date", "server", "te"),  # codespell:ignore te
}
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Proxy:
    """How the memory is added.

    Attributes:
        base_url: of the endpoint that answers, ``http://…/v1``.
        limit: characters of a recollection.
        deadline_s: after which a memory that is late is left out.
        store: keep what was asked and answered.
        trust: of who asks: ``Trust.USER`` where only the owner can, ``Trust.LOW`` else.
        timeout_s: how long the endpoint may be silent.
    """

    base_url: str
    limit: int = 4_000
    deadline_s: float = 2.0
    store: bool = True
    trust: Trust = Trust.LOW
    timeout_s: float = 600.0


def make_proxy(memory: LifelongMemory, proxy: Proxy, hosts: Iterable[str]) -> Starlette:
    """Return the application.

    Args:
        memory: that is added; open for writing if the proxy stores.
        proxy: how.
        hosts: values of ``Host`` that are answered.
    """
    endpoint = _Endpoint(memory, proxy)

    async def chat(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return _fault(413, f"The body is larger than {MAX_BODY_BYTES:,} bytes.")
        try:
            asked = json.loads(body)
        except (ValueError, RecursionError):
            return _fault(400, "The body is not JSON.")
        if not isinstance(asked, Mapping) or not isinstance(asked.get("messages"), list):
            return _fault(400, "The body must be a JSON object with messages.")
        said = last_said(asked)
        recollection, state = await run_in_threadpool(_recollect, memory, proxy, said)
        if recollection:
            body = json.dumps(with_memory(asked, recollection)).encode()
        return await endpoint.answer(request, body, _Asked(said, str(asked.get("model") or ""), state))

    async def other(request: Request) -> Response:
        body = await _body(request)
        return _fault(413, "The body is too large.") if body is None else await endpoint.answer(request, body, _Asked())

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await endpoint.client.aclose()

    app = Starlette(
        routes=[
            Route("/v1/chat/completions", chat, methods=["POST"]),
            Route("/v1/{path:path}", other, methods=["GET", "POST"]),
        ],
        lifespan=lifespan,
    )
    app.add_middleware(Guard, hosts=hosts)
    return app


@dataclass(frozen=True)
class _Asked:
    """What was said, to which model, and the state of the memory for the header."""

    said: str = ""
    model: str = ""
    state: str = "not asked"


class _Endpoint:
    """What answers."""

    def __init__(self, memory: LifelongMemory, proxy: Proxy) -> None:
        self._memory, self._proxy = memory, proxy
        self._base = proxy.base_url.rstrip("/")
        self.client = httpx2.AsyncClient(timeout=httpx2.Timeout(proxy.timeout_s, connect=10.0))

    async def answer(self, request: Request, body: bytes, asked: _Asked) -> Response:
        """Pass a request on, and the answer back: whole, or in events as they come."""
        address = self._base + request.url.path.removeprefix("/v1")
        sent = self.client.build_request(
            request.method,
            f"{address}?{request.url.query}" if request.url.query else address,
            headers=[pair for pair in request.headers.items() if pair[0].lower() not in _NOT_PASSED_ON],
            content=body,
        )
        try:
            answer = await self.client.send(sent, stream=True)
        except httpx2.HTTPError as error:
            return _fault(502, self._told("cannot be reached", error), asked.state)
        headers = {name: value for name, value in answer.headers.items() if name.lower() not in _NOT_PASSED_ON}
        headers["x-robomem-memory"] = asked.state
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            return StreamingResponse(self._events(answer, asked), answer.status_code, headers)
        content = bytearray()
        try:
            async for part in answer.aiter_bytes():
                content += part
        except httpx2.HTTPError as error:
            return _fault(502, self._told("broke off", error), asked.state)
        finally:
            await answer.aclose()
        listener = Listener(streamed=False)
        listener.hear(bytes(content))
        await self._keep(answer, listener, asked)
        return Response(bytes(content), answer.status_code, headers)

    async def _events(self, answer: httpx2.Response, asked: _Asked) -> AsyncIterator[bytes]:
        """Pass a stream on; where it breaks off, the last event says so."""
        listener = Listener(streamed=True)
        try:
            async for part in answer.aiter_bytes():
                listener.hear(part)
                yield part
            await self._keep(answer, listener, asked)
        except httpx2.HTTPError as error:
            told = {"error": {"message": self._told("broke off", error), "type": "server_error", "code": 502}}
            yield b"\n\ndata: " + json.dumps(told).encode() + b"\n\n"
        finally:
            await answer.aclose()

    async def _keep(self, answer: httpx2.Response, listener: Listener, asked: _Asked) -> None:
        if self._proxy.store and asked.said and answer.status_code == 200:
            trust = self._proxy.trust
            await run_in_threadpool(_store, self._memory, trust, asked.said, listener.said, asked.model)

    def _told(self, what: str, error: httpx2.HTTPError) -> str:
        return f"The endpoint {self._base} {what}: {error or type(error).__name__}."


def _recollect(memory: LifelongMemory, proxy: Proxy, said: str) -> tuple[str, str]:
    """Return what is added, and the state of the memory for the header."""
    query = clean(said)[:LONGEST_QUERY]
    if not query:
        return "", "nothing asked"
    try:
        found = memory.recall([query], deadline_s=proxy.deadline_s)
    except Exception as error:  # whatever it is: an answer without a memory is better than none
        _log.warning("answered without the memory: %s", error)
        if not isinstance(error, RobomemError):
            _log.exception("the memory failed")
        return "", f"failed: {type(error).__name__}"
    state = f"partial: without {', '.join(found.missing)}" if found.missing else "recalled"
    return fenced(found, proxy.limit), state


def _store(memory: LifelongMemory, trust: Trust, said: str, answered: str, model: str) -> None:
    """Keep an exchange, as reported speech: what was said with the trust of who said it, the answer with no more."""
    now = time.time()
    who = "The owner" if trust is Trust.USER else "Somebody"
    parts = [(f"{who} said: “{_short(said)}”", Source("chat", trust))]
    if answered:
        source = Source("chat", min(trust, Trust.MODEL), model=model[:200])
        parts.append((f"The answer was: “{_short(answered)}”", source))
    try:
        for text, source in parts:
            memory.observe(Observation(now, text, source=source))
    except Exception as error:
        _log.warning("the exchange was not stored: %s", error)
        if not isinstance(error, RobomemError):
            _log.exception("the memory failed")


def _short(text: str) -> str:
    text = " ".join(clean(text).split())
    return text if len(text) <= MOST_KEPT else f"{text[:MOST_KEPT]}…"


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)


def _fault(status: int, message: str, state: str = "not asked") -> Response:
    kind = "invalid_request_error" if status < 500 else "server_error"
    content = {"error": {"message": message, "type": kind, "code": status}}
    return JSONResponse(content, status, headers={"x-robomem-memory": state})
