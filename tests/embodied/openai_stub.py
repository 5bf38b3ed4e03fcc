"""A stand-in for an OpenAI-compatible endpoint that misbehaves on demand, on 127.0.0.1 and a free port."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """What the endpoint sends: by default a chat completion of ``text``."""

    text: str | None = ""
    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    stall: threading.Event | None = None
    cut_off: bool = False


def says(*actions: int, **thoughts: str) -> Answer:
    plan = [{"action_id": action, "action_name": "…"} for action in actions]
    return Answer(json.dumps({**thoughts, "executable_plan": plan}))


def fails(status: int) -> Answer:
    body = json.dumps({"error": {"message": f"status {status}"}}).encode()
    return Answer(status=status, body=body, headers={"retry-after-ms": "1"})


class Stub:
    """The endpoint: ``answers`` in turn, the last one for ever, or what ``respond`` makes of a request."""

    def __init__(self, url: str) -> None:
        self.url, self.requests = url, []
        self.answers: list[Answer] = [says()]
        self.respond: Callable[[dict[str, Any]], Answer] | None = None

    def next(self, request: dict[str, Any]) -> Answer:
        self.requests.append(request)
        if self.respond is not None:
            return self.respond(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def openai_stub() -> Iterator[Stub]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            answer = stub.next(request)
            body = answer.body
            if body is None:
                usage = {"prompt_tokens": 100, "completion_tokens": 10}
                message = {"role": "assistant", "content": answer.text}
                body = json.dumps({"choices": [{"index": 0, "message": message}], "usage": usage}).encode()
            self.send_response(answer.status)
            self.send_header("content-type", answer.content_type)
            self.send_header("content-length", str(len(body) + 100 * answer.cut_off))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if answer.stall is not None:
                self.wfile.flush()
                answer.stall.wait(30)
            try:
                self.wfile.write(body)
            except OSError:  # the client had enough
                self.close_connection = True
            if answer.cut_off:
                self.close_connection = True

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    stub = Stub(f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
