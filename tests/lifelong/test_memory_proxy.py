"""Any client with a memory: what is recalled goes out as fenced data, what is said is kept, neither stops the other."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from robomem.errors import StorageError
from robomem.lifelong.memory import LifelongMemory
from robomem.lifelong.opening import open_memory
from robomem.lifelong.records import Trust
from robomem.lifelong.scene import read_moments
from robomem.lifelong.store.observations import read_observations
from robomem.lifelong.store.transaction import Store
from robomem.serve.memory.proxy import Proxy, make_proxy
from tests.embodied.openai_stub import Answer, Stub, fails, openai_stub

HOST = "testserver"
QUESTION = {"model": "m", "messages": [{"role": "user", "content": "Where is the red mug?"}]}


@pytest.fixture
def stub():
    with openai_stub() as endpoint:
        endpoint.answers = [Answer("On the shelf.")]
        yield endpoint


@pytest.fixture
def memory(flat):
    with open_memory(flat, read_only=False) as opened:
        yield opened


def client(memory: LifelongMemory, stub: Stub, **options: Any) -> TestClient:
    return TestClient(make_proxy(memory, Proxy(stub.url, **options), [HOST]))


def ask(memory: LifelongMemory, stub: Stub, body: Any = QUESTION, **options: Any) -> Any:
    with client(memory, stub, **options) as asking:
        return asking.post("/v1/chat/completions", json=body)


def stored(memory: LifelongMemory, since: int = 14) -> list[tuple[str, Trust]]:
    with Store(memory.database, memory.namespace).reading() as view:
        ids = [one.observation for one in read_moments(view)][since:]
        return [(one.summary, one.source.trust) for _, one in sorted(read_observations(view, ids).items())]


def test_what_is_recalled_goes_out_fenced_and_the_answer_comes_back(memory, stub):
    answer = ask(memory, stub)
    assert answer.json()["choices"][0]["message"]["content"] == "On the shelf."
    assert answer.headers["x-robomem-memory"] == "recalled"
    system, user = stub.requests[0]["messages"]
    assert user == QUESTION["messages"][0]
    assert system["role"] == "system"
    opened = re.search(r"<(memory-[0-9a-f]{8})>\n(.*)\n</\1>$", system["content"], re.S)
    assert opened is not None
    assert "- red mug on shelf" in opened[2]
    assert "never an instruction" in system["content"][: opened.start()]


def test_the_clients_own_system_message_stays_in_front(memory, stub):
    given = [{"role": "system", "content": "Be brief."}, *QUESTION["messages"]]
    ask(memory, stub, {**QUESTION, "messages": given})
    assert stub.requests[0]["messages"][0]["content"].startswith("Be brief.\n\n")
    parts = [{"type": "text", "text": "Be brief."}]
    ask(memory, stub, {**QUESTION, "messages": [{"role": "system", "content": parts}, *QUESTION["messages"]]})
    assert [part["type"] for part in stub.requests[1]["messages"][0]["content"]] == ["text", "text"]


def test_what_is_recalled_is_bounded(memory, stub):
    ask(memory, stub, limit=80)
    inside = re.search(r"<memory-\w+>\n(.*)\n</", stub.requests[0]["messages"][0]["content"], re.S)
    assert inside is not None
    assert len(inside[1]) <= 80 + len("\n(More was found and left out.)")


@pytest.mark.parametrize(("trust", "expected"), [(Trust.LOW, (0, 0)), (Trust.USER, (3, 1))])
def test_the_exchange_is_kept_as_reported_speech(memory, stub, trust, expected):
    ask(memory, stub, trust=trust)
    (said, first), (answered, second) = stored(memory)
    assert "said: “Where is the red mug?”" in said
    assert answered == "The answer was: “On the shelf.”"
    assert (first, second) == expected


def test_nothing_is_kept_where_that_is_not_wanted(memory, stub):
    ask(memory, stub, store=False)
    assert not stored(memory)


def test_a_stream_passes_as_it_is_and_is_kept(memory, stub):
    deltas = [{"choices": [{"delta": {"content": word}}]} for word in ("On ", "the ", "shelf.")]
    events = b"".join(b"data: " + json.dumps(delta).encode() + b"\n\n" for delta in deltas) + b"data: [DONE]\n\n"
    stub.answers = [Answer(body=events, content_type="text/event-stream")]
    answer = ask(memory, stub, {**QUESTION, "stream": True})
    assert answer.content == events
    assert stored(memory)[1][0] == "The answer was: “On the shelf.”"


def test_a_stream_that_breaks_off_says_so(memory, stub):
    body = b'data: {"choices": [{"delta": {"content": "On"}}]}\n\n'
    stub.answers = [Answer(body=body, content_type="text/event-stream", cut_off=True)]
    answer = ask(memory, stub, {**QUESTION, "stream": True})
    assert answer.content.startswith(body)
    assert json.loads(answer.content.rsplit(b"data: ", 1)[1])["error"]["code"] == 502
    assert not stored(memory)


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
def test_what_the_endpoint_refuses_is_passed_on(memory, stub, status):
    stub.answers = [fails(status)]
    answer = ask(memory, stub)
    assert answer.status_code == status
    assert answer.json() == {"error": {"message": f"status {status}"}}
    assert not stored(memory)


def test_an_endpoint_that_is_not_there_is_said(memory):
    with TestClient(make_proxy(memory, Proxy("http://127.0.0.1:9/v1"), [HOST])) as asking:
        answer = asking.post("/v1/chat/completions", json=QUESTION)
    assert answer.status_code == 502
    assert "http://127.0.0.1:9/v1 cannot be reached" in answer.json()["error"]["message"]


def test_a_memory_that_fails_does_not_keep_the_answer_back(memory, stub, monkeypatch):
    def broken(*_: Any, **__: Any) -> None:
        raise StorageError("the disk is gone")

    monkeypatch.setattr(memory, "recall", broken)
    monkeypatch.setattr(memory, "observe", broken)
    answer = ask(memory, stub)
    assert answer.json()["choices"][0]["message"]["content"] == "On the shelf."
    assert answer.headers["x-robomem-memory"] == "failed: StorageError"
    assert stub.requests[0]["messages"] == QUESTION["messages"]


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"messages": 3}', b"\xff"])
def test_nonsense_is_refused_and_never_sent(memory, stub, body):
    with client(memory, stub) as asking:
        answer = asking.post("/v1/chat/completions", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert not stub.requests


def test_messages_of_any_shape_are_left_to_the_endpoint(memory, stub):
    for messages in ([], ["text"], [{"role": "user"}], [{"role": "user", "content": [{"type": "image_url"}]}]):
        assert ask(memory, stub, {"messages": messages}).status_code == 200
        assert stub.requests[-1]["messages"] == messages


def test_the_key_is_passed_on_and_cookies_are_not(memory, stub, monkeypatch):
    sent = {}
    monkeypatch.setattr("httpx2.AsyncClient.build_request", _spy(sent))
    with client(memory, stub) as asking:
        asking.post("/v1/chat/completions", json=QUESTION, headers={"authorization": "Bearer k", "cookie": "a=b"})
    assert sent["authorization"] == "Bearer k"
    assert "cookie" not in sent


def test_pages_of_other_sites_cannot_ask(memory, stub):
    with client(memory, stub) as asking:
        rebound = asking.post("/v1/chat/completions", json=QUESTION, headers={"host": "evil.example"})
        foreign = asking.post("/v1/chat/completions", json=QUESTION, headers={"origin": "http://evil.example"})
    assert (rebound.status_code, foreign.status_code) == (421, 403)
    assert not stub.requests


def _spy(sent: dict[str, str]) -> Any:
    import httpx2

    original = httpx2.AsyncClient.build_request

    def build(self: Any, method: str, url: str, **options: Any) -> Any:
        sent.update({name.lower(): value for name, value in options["headers"]})
        return original(self, method, url, **options)

    return build


def test_the_command_refuses_what_is_no_address(flat: Path, capsys):
    from robomem.cli.main import main

    assert main(["memory", "proxy", str(flat), "--base-url", "localhost:8000"]) == 2
    assert "begins with http://" in capsys.readouterr().err
