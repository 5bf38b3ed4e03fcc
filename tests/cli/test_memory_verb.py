"""``robomem memory``: what a memory holds is shown, carried about, and forgotten, with a word on what went wrong."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from robomem.cli.main import main
from robomem.cli.memory import ACTIONS
from robomem.cli.memory.options import safe
from robomem.cli.memory.times import parse_time, shown_time
from robomem.errors import ConfigError
from robomem.lifelong.demo import HOSTILE, START, fill_kitchen
from robomem.lifelong.opening import open_memory
from robomem.lifelong.records import Observation
from tests.embodied.openai_stub import Answer, openai_stub

HOUR_S = 3600.0


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    file = tmp_path_factory.mktemp("memory-verb") / "kitchen.db"
    fill_kitchen(file, encoder="hash")
    return file


@pytest.fixture
def kitchen(made, tmp_path):
    return Path(shutil.copy(made, tmp_path / "kitchen.db"))


@pytest.fixture(autouse=True)
def utc(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def run(capsys, *words) -> tuple[int, str]:
    status = main(["memory", *map(str, words)])
    shown = capsys.readouterr()
    return status, shown.out + shown.err


def told(capsys, *words):
    status, shown = run(capsys, *words, "--json")
    assert status == 0, shown
    return json.loads(shown)


def test_help_names_every_action_and_a_misspelt_one_gets_a_suggestion(capsys):
    status, shown = run(capsys, "--help")
    assert status == 0
    assert all(f"\n  {name} " in shown for name in ACTIONS)
    assert "Did you mean 'timeline'?" in run(capsys, "timelin")[1]


def test_help_opens_no_database():
    code = (
        "import sys; from robomem.cli.main import main; main(['memory', '--help']); "
        "sys.exit(bool({'sqlalchemy', 'numpy', 'fastapi', 'mcp', 'rich'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0


def test_show_tells_what_is_where_and_was(kitchen, capsys):
    status, shown = run(capsys, "show", kitchen)
    assert status == 0
    assert "home/flat/robot: 25 entities" in shown
    now = told(capsys, "show", kitchen)
    then = told(capsys, "show", kitchen, "--as-of", "2026-09-28T13:00:00")
    assert _places(now, "red mug") == ["on shelf"]
    assert _places(then, "red mug") == ["on kitchen table"]
    assert len(then["entities"]) < len(now["entities"])


def _places(shown, name):
    facts = [one for one in shown["facts"] if one["subject_name"] == name and one["object"] and not one["disputed"]]
    return [f"{one['relation']} {one['object_name']}" for one in facts]


def test_as_known_then(kitchen, capsys):
    moment = START + 5.5 * HOUR_S
    assert _places(told(capsys, "show", kitchen, "--as-of", moment), "red mug") == ["on kitchen table"]
    earlier = told(capsys, "show", kitchen, "--as-of", moment, "--known", moment + 1)
    assert _places(earlier, "red mug") == ["on counter"]


def test_query_needs_words_and_marks_what_is_only_said(kitchen, capsys):
    assert "red mug on shelf" in run(capsys, "query", kitchen, "red mug")[1]
    assert f"{HOSTILE[1]} on coffee table (only said)" in run(capsys, "query", kitchen, HOSTILE[1])[1]
    assert run(capsys, "query", kitchen, "  ")[0] == 2


def test_timeline_has_both_times_and_misspelt_names_get_a_suggestion(kitchen, capsys):
    status, shown = run(capsys, "timeline", kitchen, "red mug")
    assert status == 0
    assert "2026-09-28T07:36:00+00:00 to 2026-09-28T13:00:00+00:00" in shown
    assert "known from 2026-09-28T07:36:02+00:00" in shown
    status, shown = run(capsys, "timeline", kitchen, "red mgu")
    assert status == 2
    assert "Did you mean 'red mug'" in shown


def test_why_tells_sources_pictures_and_what_ended_it(kitchen, capsys):
    first = next(one for one in told(capsys, "timeline", kitchen, "red mug") if one["object_name"] == "counter")
    status, shown = run(capsys, "why", kitchen, first["id"])
    assert status == 0
    assert "said by detector, 2026-09-28T07:36:00+00:00, confidence 1.00, trust sensor" in shown
    assert "visit-00.png" in shown
    assert "ended by: Breakfast was had" in shown
    assert run(capsys, "why", kitchen, 9999)[0] == 2


def test_what_is_exported_comes_back(kitchen, tmp_path, capsys):
    for kind in ("jsonl", "graphml"):
        file, other = tmp_path / f"kitchen.{kind}", tmp_path / f"{kind}.db"
        assert run(capsys, "export", kitchen, file)[0] == 0
        assert run(capsys, "import", other, file, "--namespace", "a/b/c", "--encoder", "hash")[0] == 0
        facts = [told(capsys, "show", where)["facts"] for where in (kitchen, other)]
        assert {_sentence(one) for one in facts[0]} == {_sentence(one) for one in facts[1]}
        assert "Added: nothing." in run(capsys, "import", other, file, "--encoder", "hash")[1]


def _sentence(fact):
    return (fact["subject_name"], fact["relation"], fact["object_name"], fact["value"], fact["valid_from"])


@pytest.mark.parametrize("content", ["", "{", "[]\n", '{"type": "node"}\n', '{"type": "memory", "format": 99}\n'])
def test_a_file_that_is_no_memory_changes_nothing(kitchen, tmp_path, capsys, content):
    before = told(capsys, "show", kitchen)
    file = tmp_path / "broken.jsonl"
    file.write_text(content)
    assert run(capsys, "import", kitchen, file)[0] == 2
    assert run(capsys, "import", kitchen, tmp_path / "nowhere.jsonl")[0] == 2
    assert run(capsys, "import", kitchen, tmp_path / "memory.txt")[0] == 2
    assert told(capsys, "show", kitchen) == before


def test_an_encoder_that_asks_others_is_not_used_on_the_word_of_a_file(kitchen, tmp_path, capsys):
    lines = tmp_path / "kitchen.jsonl"
    run(capsys, "export", kitchen, lines)
    text = lines.read_text().replace('["hash:256", 256]', '["openai:m@http://evil.example/v1", 256]')
    lines.write_text(text)
    assert "evil.example" in text
    other = tmp_path / "other.db"
    assert run(capsys, "import", other, lines, "--namespace", "a/b/c", "--encoder", "hash")[0] == 0
    with open_memory(other) as memory:
        assert memory.recall(["red mug"]).missing == {}


def test_a_database_that_names_such_an_encoder_answers_by_words(kitchen, capsys):
    import sqlite3

    with sqlite3.connect(kitchen) as connection:
        connection.execute("UPDATE meta SET value = 'openai:m@http://127.0.0.1:9/v1' WHERE name = 'encoder'")
    found = told(capsys, "query", kitchen, "red mug")
    assert "which may send texts to others" in found["missing"]["vectors"]
    assert "red mug on shelf" in {
        f"{one['subject_name']} {one['relation']} {one['object_name']}" for one in found["spatial"]
    }


def test_namespaces_are_named_where_there_are_several(kitchen, capsys):
    with open_memory(kitchen, "home/garden/robot", read_only=False, create=True) as memory:
        memory.observe(Observation(START, "A garden."))
    status, shown = run(capsys, "show", kitchen)
    assert status == 2
    assert "home/flat/robot, home/garden/robot" in shown
    assert run(capsys, "show", kitchen, "--namespace", "home/flat/robot")[0] == 0
    assert "Did you mean 'home/flat/robot'" in run(capsys, "show", kitchen, "--namespace", "home/flt/robot")[1]
    assert "tenant/map/robot" in run(capsys, "show", kitchen, "--namespace", "flat")[1]


def test_what_is_no_memory_is_said(tmp_path, capsys):
    assert "There is no memory at" in run(capsys, "show", tmp_path / "nothing.db")[1]
    text = tmp_path / "text.db"
    text.write_text("no database, but long enough to look at" * 40)
    assert run(capsys, "show", text)[0] == 2
    assert run(capsys, "demo", text)[0] == 2
    assert text.read_text().startswith("no database")


def test_forgetting_needs_a_reason_one_thing_and_a_yes(kitchen, capsys):
    (mug,) = [one["id"] for one in told(capsys, "show", kitchen)["entities"] if one["name"] == "red mug"]
    assert run(capsys, "forget", kitchen, "--reason", "x", "--yes")[0] == 2
    assert run(capsys, "forget", kitchen, "--reason", "x", "--yes", "--entity", mug, "--text", "mug")[0] == 2
    assert run(capsys, "forget", kitchen, "--reason", " ", "--yes", "--entity", mug)[0] == 2
    status, shown = run(capsys, "forget", kitchen, "--reason", "x", "--entity", mug)
    assert (status, "give --yes" in shown) == (2, True)
    assert "red mug" in run(capsys, "show", kitchen)[1]
    status, shown = run(capsys, "forget", kitchen, "--reason", "Anna asked for it", "--entity", mug, "--yes")
    assert status == 0, shown
    assert "red mug" not in {one["name"] for one in told(capsys, "show", kitchen)["entities"]}


def test_stats_and_verify(kitchen, capsys):
    assert run(capsys, "verify", kitchen)[0] == 0
    stats = told(capsys, "stats", kitchen)
    assert stats["size_bytes"] > 0
    assert stats["rows"]["observation"] == 14
    assert "observation" in run(capsys, "stats", kitchen)[1]


@pytest.mark.parametrize("text", ["2026-09-28T07:30:00", "2026-09-28T09:30+02:00", "2026-09-28 07:30", str(START)])
def test_times_are_read_as_people_write_them(text):
    assert parse_time(text) == START
    assert parse_time(shown_time(START)) == START


@pytest.mark.parametrize("text", ["", "nan", "inf", "1e300", "tomorrow", "2026-13-01", "0000-00-00"])
def test_what_is_no_time_is_said(text):
    with pytest.raises(ConfigError):
        parse_time(text)


def test_stored_text_cannot_steer_a_terminal():
    assert safe("a\x1b[31m\x07b\n c\u202ed") == "a [31m b c d"


def test_mcp_speaks_on_standard_input(kitchen):
    """The command as a client starts it: nothing but the protocol is on its standard output."""
    code = "import sys; from robomem.cli.main import main; sys.exit(main())"
    words = ["-c", code, "memory", "mcp", str(kitchen)]
    server = StdioServerParameters(command=sys.executable, args=words, env=dict(os.environ))

    async def talk():
        async with Client(server) as client:
            return await client.call_tool("recall", {"queries": ["red mug"]})

    result = asyncio.run(talk())
    assert "red mug on shelf" in [fact["text"] for fact in result.structured_content["data"]["facts"]]


@contextmanager
def started(*words):
    """A server's process, and what it printed: its address first."""
    code = "import sys; from robomem.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-u", "-c", code, "memory", *map(str, words), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process, process.stdout.readline()
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)


def test_serve_prints_address_and_token_and_forgets_with_it(kitchen):
    with started("serve", kitchen) as (process, said):
        address = re.search(r"http://127\.0\.0\.1:\d+", said)[0]
        token = process.stdout.readline().split()[-1]
        scene = httpx2.get(f"{address}/api/scene", timeout=60).json()
        (mug,) = [one["id"] for one in scene["entities"] if one["name"] == "red mug"]
        wish = {"by": "entity", "value": mug, "reason": "asked for it"}
        answers = [
            httpx2.post(f"{address}/api/forget", json=wish, headers={"authorization": f"Bearer {one}"}, timeout=60)
            for one in ("guess", token)
        ]
    assert [answer.status_code for answer in answers] == [401, 200]
    with open_memory(kitchen) as memory:
        assert not memory.entities("red mug")


def test_proxy_makes_a_memory_and_fills_it(tmp_path):
    file = tmp_path / "new.db"
    with openai_stub() as stub:
        stub.answers = [Answer("It is blue.")]
        with started("proxy", file, "--base-url", stub.url, "--encoder", "hash", "--owner") as (_, said):
            address = re.search(r"http://[^ ]+/v1", said)[0]
            body = {"model": "m", "messages": [{"role": "user", "content": "My mug is blue."}]}
            answer = httpx2.post(f"{address}/chat/completions", json=body, timeout=60)
    assert answer.json()["choices"][0]["message"]["content"] == "It is blue."
    with open_memory(file) as memory:
        assert "My mug is blue." in memory.recall(["mug"]).as_text()
