from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from robomem.cli import checks
from robomem.cli.checks import Finding, all_checks
from robomem.cli.main import main

GL = {"egl", "osmesa", "glfw"}


def rendering(monkeypatch: pytest.MonkeyPatch, works: set[str], chosen: str = "") -> list[Finding]:
    monkeypatch.setattr(checks, "_render_with", lambda backend: "" if backend in works else "no library")
    monkeypatch.setenv("MUJOCO_GL", chosen)
    return checks._rendering()


def test_no_backend_is_a_failure_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    last = rendering(monkeypatch, set())[-1]
    assert (last.status, "apt install" in last.hint) == ("fail", True)


def test_a_missing_backend_is_a_note_when_another_works(monkeypatch: pytest.MonkeyPatch) -> None:
    found = rendering(monkeypatch, {"egl"})
    assert [finding.status for finding in found] == ["ok", "note", "note", "ok"]


def test_a_wrong_choice_names_a_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    last = rendering(monkeypatch, {"osmesa"}, "egl")[-1]
    assert (last.status, last.hint) == ("fail", "Set MUJOCO_GL=osmesa.")


@pytest.mark.parametrize("what", ["crash", "hang", "error"])
def test_a_backend_that_crashes_is_a_finding(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*args: Any, **kwargs: Any) -> Any:
        if what == "hang":
            raise subprocess.TimeoutExpired("python", 60)
        return subprocess.CompletedProcess([], -11, "", "" if what == "crash" else "Trace\n  in\nImportError: libEGL\n")

    monkeypatch.setattr(subprocess, "run", run)
    expected = {
        "crash": "crashed with status -11",
        "hang": "did not answer within 60 s",
        "error": "ImportError: libEGL",
    }
    assert checks._render_with("egl") == expected[what]


def test_a_missing_or_old_package_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "requires", lambda name: ["numpy>=99", "nothere>=1", "later>=1; extra == 'x'"])
    (finding,) = checks._packages()
    assert finding.status == "fail"
    assert "is not >=99" in finding.detail
    assert "nothere is missing" in finding.detail
    assert "later" not in finding.detail


def test_a_check_that_breaks_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[Finding]:
        raise RuntimeError("no")

    for name in ("_packages", "_cpu", "_accelerator", "_rendering", "_disk", "_compiler", "_extras", "_names"):
        monkeypatch.setattr(checks, name, lambda: [])
    monkeypatch.setattr(checks, "_python", broken)
    (finding,) = all_checks()
    assert finding.status == "fail"
    assert "RuntimeError('no')" in finding.detail


@pytest.mark.parametrize(("status", "expected"), [("ok", 0), ("note", 0), ("fail", 1)])
def test_exit_status_and_formats(
    status: Any, expected: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "all_checks", lambda: [Finding("thing", status, "[bold]x", "pip install 'a[b]'")])
    assert main(["doctor"]) == expected
    shown = capsys.readouterr().out
    assert "[bold]x" in shown
    assert "a[b]" in shown
    assert main(["doctor", "--json"]) == expected
    assert json.loads(capsys.readouterr().out)[0]["status"] == status


def test_the_real_machine_is_looked_at() -> None:
    """All but rendering, which starts processes: this environment must pass its own checks."""
    for check in (checks._python, checks._packages, checks._cpu, checks._disk, checks._compiler, checks._extras):
        assert all(finding.status != "fail" for finding in check())
