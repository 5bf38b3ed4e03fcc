from __future__ import annotations

import json

import pytest

from robomem.catalogue import sections
from robomem.cli.list import catalogue
from robomem.cli.main import main


def test_everything_listed_has_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"envs", "suites", "agents", "sanity-agents", "policies", "memories", "presets"} <= set(found)
    assert {"random", "zero", "expert"} <= set(found["sanity-agents"])
    assert {"random", "oracle", "vlm", "local-lm"} <= set(found["agents"])
    assert {"none", "gru", "hcam"} <= set(found["memories"])
    for section, entries in found.items():
        for name, description in entries.items():
            assert description, f"{section} {name} has no description"
            assert "\n" not in description


def test_tables_name_every_entry(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "memories"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in catalogue("memories")["memories"])
    assert "envs" not in shown


def test_an_unknown_section_gets_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "memorys"]) == 2
    assert "Did you mean 'memories'" in capsys.readouterr().err


def test_plugins_add_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections, "_entries", {})
    sections.add("robots", lambda: {"r2d2": "A small one."})
    assert catalogue("robots") == {"robots": {"r2d2": "A small one."}}
