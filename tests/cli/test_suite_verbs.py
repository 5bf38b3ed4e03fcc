"""``eval --suite``, ``eval --compare``, ``play --suite``, ``serve`` and ``list`` as a user types them."""

import io
import json
import sys
from pathlib import Path

import pytest

from robomem.cli.main import main
from robomem.embodied import suites

sys.path.insert(0, str(Path(__file__).parents[1] / "embodied"))
from fetch_suite import SKILLS, FetchEnv, fetch_suite


@pytest.fixture(autouse=True)
def fetch(tmp_path, monkeypatch):
    suite = fetch_suite(tmp_path / "tasks")
    len(suites)  # plugins first: what they add must stay
    monkeypatch.setattr(suites, "_entries", {**suites._entries, "fetch": suite})
    monkeypatch.chdir(tmp_path)
    return suite


def status(argv: list[str]) -> int:
    try:
        return main(argv)
    except SystemExit as stop:
        return int(str(stop.code))


def test_a_suite_is_played_and_two_runs_are_compared(capsys):
    assert status(["eval", "--suite", "fetch", "--agent", "oracle"]) == 0
    shown = capsys.readouterr().out
    assert "base    success 1.000" in shown
    assert "25 episodes -> runs/suites/fetch-oracle/report.html" in shown
    for name in ("results.json", "results.md", "report.html", "run.json"):
        assert Path("runs/suites/fetch-oracle", name).stat().st_size
    assert status(["eval", "--suite=fetch:long", "--agent", "random", "--jobs", "2", "--film", "0"]) == 0
    capsys.readouterr()
    folders = ["runs/suites/fetch-oracle", "runs/suites/fetch-long-random"]
    assert status(["eval", "--compare", *folders, "--out", "both"]) == 0
    assert "A: oracle in fetch" in capsys.readouterr().out
    assert json.loads(Path("both/comparison.json").read_text())["parts"]["long"]["only_ours"] == 8


def test_a_picture_is_told_by_an_option():
    argv = ["eval", "--suite", "fetch:base", "--observation", "vision", "--episodes", "1", "--out", "run"]
    assert status(argv) == 0
    assert json.loads(Path("run/run.json").read_text())["env_kwargs"] == {"observation": "vision"}


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["eval", "--suite", "fetsh"], "Did you mean 'fetch'"),
        (["eval", "--suite", "fetch:bas"], "Did you mean 'base'"),
        (["eval", "--suite", "fetch", "--agent", "orakle"], "Did you mean 'oracle'"),
        (["eval", "--suite", "fetch", "--agent", "vlm"], "--model"),
        (["eval", "--suite", "fetch", "--observation", "smell"], "neither text nor vision"),
        (["eval", "--suite", "fetch", "--env-kwargs", "size=3"], "refused its arguments"),
        (["eval", "--suite", "fetch", "--jobs", "0"], "at least one"),
        (["eval", "--suite", "fetch", "--suite", "fetch"], "more than once"),
        (["eval", "--compare", "here", "there"], "here has no results.json"),
        (["play", "--suite", "fetch", "--task", "fetch-base-77"], "Did you mean 'fetch-base-7'"),
        (["play", "--suite", "fetch:long", "--task", "fetch-base-1"], "fetch-long-1"),
        (["serve", "--agent", "orakle"], "Did you mean 'oracle'"),
        (["serve", "--agent", "oracle"], "cannot be served"),
        (["serve", "--agent", "random", "--host", "300.1.1.1"], "Cannot listen"),
    ],
)
def test_mistakes_are_one_line_and_status_2(argv, said, capsys):
    assert status(argv) == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert "Traceback" not in shown


def test_help_shows_every_form_of_a_verb(capsys):
    assert status(["eval", "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(option in shown for option in ("--num-envs", "--held-out", "--compare"))
    assert status(["eval", "--suite", "--help"]) == 0
    shown = capsys.readouterr().out
    assert "--held-out" in shown
    assert "--num-envs" not in shown
    assert status(["play", "--help"]) == 0
    assert "--task" in capsys.readouterr().out


def typed(monkeypatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_a_person_solves_a_task(fetch, monkeypatch, capsys):
    task = fetch.tasks("base")[2]
    env = FetchEnv()
    env.reset(options={"task": task})
    plan = env.expert_plan()
    typed(monkeypatch, "?", "", "pick up", "nonsense", "99", *map(str, plan))
    assert status(["play", "--suite", "fetch", "--task", task.id, "--out", "pictures"]) == 0
    shown = capsys.readouterr().out
    assert task.instruction in shown
    assert f"{SKILLS.index('pick up the cup'):4}  pick up the cup" in shown
    assert "no skill has 'nonsense'" in shown
    assert "There is no action 99." in shown
    assert f"done in {len(plan) + 1} steps" in shown
    assert len(list(Path("pictures").glob("*.png"))) == len(plan) + 2


@pytest.mark.parametrize("lines", [("q",), ()])
def test_a_person_may_give_up(monkeypatch, capsys, lines):
    typed(monkeypatch, *lines)
    assert status(["play", "--suite", "fetch:base"]) == 0
    assert "given up after 0 steps" in capsys.readouterr().out


def test_suites_and_agents_are_listed(capsys):
    assert status(["list", "suites"]) == 0
    shown = " ".join(capsys.readouterr().out.split())  # however the terminal breaks its lines
    assert "fetch" in shown
    assert "base, long, visits" in shown
    assert status(["list", "agents"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("random", "oracle", "vlm", "local-lm"))
