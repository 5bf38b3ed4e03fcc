"""What the page's server answers, and to whom."""

import json
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from robomem.lifelong.demo import HOSTILE, START
from robomem.lifelong.opening import load_encoder, open_memory
from robomem.lifelong.scene import read_picture
from robomem.lifelong.store.transaction import Store
from robomem.serve.memory.app import Site, make_app
from robomem.serve.memory.guard import Token, hosts_of
from robomem.text import CachedEncoder, HashEncoder

HOUR_S = 3600.0


@pytest.fixture
def page(flat, pictures):
    with _client(flat, pictures) as client:
        yield client


def _client(flat: Path, media: Path | None) -> TestClient:
    site = Site(str(flat), None, None, media, ("testserver",), Token("secret"))
    return TestClient(make_app(site))


def _names(scene: dict[str, Any]) -> dict[str, Any]:
    return {one["name"]: one for one in scene["entities"]}


def _places(scene: dict[str, Any], name: str) -> set[str]:
    facts = [
        fact for fact in scene["facts"] if fact["subject_name"] == name and fact["object"] and not fact["disputed"]
    ]
    return {f"{fact['relation']} {fact['object_name']}" for fact in facts}


def _bearer(token: str = "secret") -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_the_encoder_is_loaded_before_somebody_asks(flat, pictures, monkeypatch):
    encoded: list[str] = []
    monkeypatch.setattr(HashEncoder, "encode", lambda self, texts: encoded.extend(texts) or np.zeros((len(texts), 256)))
    with _client(flat, pictures):
        for thread in threading.enumerate():
            if thread.name == "robomem-encoder":
                thread.join()
    assert encoded == ["ready"]


def test_an_encoder_that_asks_others_is_not_asked_before_somebody_does():
    class Asking:
        name, dimensions = "openai:text-embedding-3-small", 4

        def encode(self, texts: list[str]) -> Any:
            raise AssertionError(f"{texts} was sent")

    load_encoder(SimpleNamespace(encoder=CachedEncoder(Asking())))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hours", "place", "position"),
    [(1, "on counter", [1.24, 3.48, 0.9]), (6, "on kitchen table", [1.44, 1.08, 0.9]), (30, "in dishwasher", None)],
)
def test_a_scene_shows_where_things_were_then(page, hours, place, position):
    scene = page.get("/api/scene", params={"valid": START + hours * HOUR_S}).json()
    assert _places(scene, "red mug") == {place}
    if position:
        assert _names(scene)["red mug"]["pose"]["position"] == pytest.approx(position)
    assert "anna" not in _names(scene) or hours > 13


def test_known_and_valid_time_differ(page):
    late = START + 5.5 * HOUR_S
    told = page.get("/api/scene", params={"valid": late, "known": late + 1}).json()
    assert _places(told, "red mug") == {"on counter"}  # what was seen then is written down two seconds later
    assert _places(page.get("/api/scene", params={"valid": late}).json(), "red mug") == {"on kitchen table"}


def test_portrait_why_search_and_audit_agree(page):
    mug = _names(page.get("/api/scene").json())["red mug"]
    portrait = page.get(f"/api/entities/{mug['id']}").json()
    (fact,) = [one for one in portrait["facts"] if one["relation"] == "on"]
    assert [one["relation"] for one in portrait["history"] if one["object"]] == ["on", "on", "in", "in", "on"]
    why = page.get(f"/api/facts/{fact['id']}").json()
    assert why["citations"][0]["observation"]["summary"].startswith("The red mug is clean")
    found = page.get("/api/search", params={"q": "red mug"}).json()
    assert fact["id"] in [one["id"] for one in found["facts"]]
    assert page.get("/api/audit").json() == []


@pytest.mark.parametrize("address", ["/api/entities/999", "/api/facts/999", "/api/pictures/999"])
def test_what_is_not_there_is_said(page, address):
    assert page.get(address).status_code == 404


@pytest.mark.parametrize("time", ["nan", "inf", "1e30", "yesterday"])
def test_a_time_that_is_none_is_refused(page, time):
    assert page.get("/api/scene", params={"valid": time}).status_code == 422


def test_a_question_without_words_is_refused(page):
    assert page.get("/api/search", params={"q": "  "}).status_code == 400
    assert page.get("/api/search", params={"q": "x" * 3000}).status_code == 422


def test_hostile_names_are_values_in_json_and_no_answer_is_html(page):
    answer = page.get("/api/scene")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert set(HOSTILE) <= set(_names(answer.json()))


def test_the_policy_lets_nothing_in_from_elsewhere(page):
    for address in ("/", "/docs", "/api/about", "/main.js", "/nothing"):
        policy = page.get(address).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert "access-control-allow-origin" not in page.get(address, headers={"origin": "http://testserver"}).headers


def test_the_page_names_no_other_host(page):
    documents = ["/", "/docs", *(f"/{name}.js" for name in ("main", "plan", "panel", "dom", "docs")), "/style.css"]
    for address in documents:
        text = page.get(address).text.replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text
        assert "https://" not in text
        assert "innerHTML" not in text


def test_other_names_of_this_machine_are_not_answered(page):
    for host in ("evil.example", "testserver.evil.example", "testserver:81", ""):
        assert page.get("/api/about", headers={"host": host}).status_code == 421


def test_pages_of_other_sites_are_not_answered(page):
    assert page.get("/api/about", headers={"origin": "http://evil.example"}).status_code == 403
    assert page.get("/api/about", headers={"origin": "null"}).status_code == 403
    fetched = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    assert page.get("/api/about", headers=fetched).status_code == 403
    opened = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert page.get("/", headers=opened).status_code == 200
    assert page.post("/api/forget", headers={**opened, **_bearer()}, json={}).status_code == 403


def test_loopback_has_three_names_and_others_one():
    assert hosts_of("127.0.0.1", 8080) == ["127.0.0.1:8080", "[::1]:8080", "localhost:8080"]
    assert hosts_of("::1", 9) == ["127.0.0.1:9", "[::1]:9", "localhost:9"]
    assert hosts_of("10.0.0.7", 80) == ["10.0.0.7", "10.0.0.7:80"]


WISH = {"by": "entity", "value": 1, "reason": "asked for it"}


@pytest.mark.parametrize("headers", [{}, _bearer("wrong"), {"authorization": "secret"}, {"cookie": "token=secret"}])
def test_forgetting_needs_the_token(page, flat, headers):
    assert page.post("/api/forget", json=WISH, headers=headers).status_code == 401
    with open_memory(flat) as memory:
        assert memory.entities("counter")


@pytest.mark.parametrize(
    "wish", [{"reason": " "}, {"value": "words"}, {"by": "everything"}, {"by": "text", "value": 3}, {"value": 999}]
)
def test_a_wish_that_is_none_forgets_nothing(page, flat, wish):
    assert 400 <= page.post("/api/forget", json=WISH | wish, headers=_bearer()).status_code < 500
    with open_memory(flat) as memory:
        assert memory.entities("counter")


def test_what_is_forgotten_is_gone_from_every_time_and_in_the_audit(page):
    mug = _names(page.get("/api/scene").json())["red mug"]
    wish = {"by": "entity", "value": mug["id"], "reason": "asked for it"}
    assert page.post("/api/forget", json=wish, headers=_bearer()).json()["entities"] == [mug["id"]]
    for time in (None, START + HOUR_S):
        assert "red mug" not in _names(page.get("/api/scene", params={"valid": time} if time else {}).json())
    assert page.get(f"/api/entities/{mug['id']}").status_code == 404
    (entry,) = page.get("/api/audit").json()
    assert (entry["what"], entry["reason"]) == ("erase", "asked for it")
    assert "red mug" not in json.dumps(entry)


def _with_picture(flat: Path, media: str) -> None:
    """Let the second observation refer to ``media``, as a hostile import could."""
    import sqlite3

    with sqlite3.connect(flat) as connection:
        connection.execute("UPDATE observation SET media = ? WHERE id = 2", (media,))


def test_a_picture_inside_of_the_folder_is_shown(page, flat, pictures):
    with open_memory(flat) as memory, Store(memory.database, memory.namespace).reading() as view:
        media = read_picture(view, 2)
    answer = page.get("/api/pictures/2")
    assert answer.content == Path(media).read_bytes()
    assert answer.headers["content-type"] == "image/png"


def test_no_other_file_is_ever_shown(flat, pictures, tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"secret")
    link = pictures / f"link-{tmp_path.name}.png"
    link.symlink_to(secret)
    text = pictures / "notes.txt"
    text.write_text("secret")
    others = [str(secret), f"../{tmp_path.name}/secret.png", str(link), "/etc/passwd", "file:///etc/passwd", str(text)]
    with _client(flat, pictures) as page:
        for media in [*others, "http://evil.example/x.png", "a\0b.png", "visit-99.png", str(pictures), "x" * 5000]:
            _with_picture(flat, media)
            answer = page.get("/api/pictures/2")
            assert answer.status_code == 404, media
            assert b"secret" not in answer.content
        _with_picture(flat, "visit-00.png")
        assert page.get("/api/pictures/2").status_code == 200


def test_without_a_folder_no_picture_is_shown(flat):
    with _client(flat, None) as page:
        answer = page.get("/api/pictures/2")
    assert answer.status_code == 404
    assert "--media" in answer.json()["detail"]


def test_the_api_is_documented(page):
    paths = page.get("/docs/openapi.json").json()["paths"]
    assert {"/api/scene", "/api/facts/{fact}", "/api/forget"} <= set(paths)
    assert all(method["description"] for methods in paths.values() for method in methods.values())
