"""Who may ask a server on this machine: nobody through another site's page, and only holders of the token may write."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from robomem.serve.address import is_loopback

__all__ = ["POLICY", "Guard", "Token", "hosts_of"]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}


class Guard:
    """Middleware that answers only requests to the server's own name, and says to browsers what they may do.

    A page of another site reaches a server on this machine in two ways. It can send requests straight to it: browsers
    then say ``Origin`` or ``Sec-Fetch-Site``, and no answer carries a CORS header, so none can be read. Or its name can
    be made to mean 127.0.0.1 (DNS rebinding): the ``Host`` is then that name, and is refused.

    Args:
        app: what is guarded.
        hosts: values of ``Host`` that are answered, with the port.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app, self._hosts = app, frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        if host not in self._hosts:
            return _refuse(421, f"This server is not {host[:100]!r}. Open it at {sorted(self._hosts)[0]}.")
        origin = headers.get("origin")
        foreign = origin is not None and origin.lower() not in {f"http://{one}" for one in self._hosts}
        foreign = foreign or headers.get("sec-fetch-site") in ("cross-site", "same-site")
        # a link on another page may still open ours: that request carries nothing and changes nothing
        if foreign and not (scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"):
            return _refuse(403, "Pages of other sites may not ask this server.")
        return None


class Token:
    """What somebody must know to change anything.

    Attributes:
        value: random, or as given.
    """

    def __init__(self, value: str = "") -> None:
        self.value = value or secrets.token_urlsafe(24)

    def allows(self, request: Request) -> bool:
        """Whether a request carries it, as ``Authorization: Bearer …``."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and secrets.compare_digest(given.strip().encode(), self.value.encode())


def hosts_of(host: str, port: int) -> list[str]:
    """Return the values of ``Host`` that browsers send to a server that listens at an address."""
    names = {f"[{host}]" if ":" in host else host}
    if is_loopback(host):
        names |= {"127.0.0.1", "localhost", "[::1]"}
    return sorted({f"{name}:{port}" for name in names} | (names if port == 80 else set()))


def _refuse(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": message}, status_code=status)
