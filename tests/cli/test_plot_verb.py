from __future__ import annotations

import json
from pathlib import Path

import pytest

from robomem.cli.main import main


def make_run(folder: Path, memory: str, gain: float) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(f"env: robomem/RecallReach-v0\nmemory: {memory}\nppo:\n  gamma: {gain}\n")
    lines = [json.dumps({"step": step, "success": gain * step / 100, "return": step}) for step in (0, 50, 100)]
    (folder / "evaluations.jsonl").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for name, memory, gain in (("a", "gru", 0.5), ("b", "gru", 0.7), ("c", "hcam", 1.0)):
        make_run(tmp_path / "runs" / name, memory, gain)
    return tmp_path / "runs"


def test_runs_are_grouped_by_memory(runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", str(runs), "--out", str(tmp_path / "c.png")]) == 0
    shown = capsys.readouterr().out
    assert "gru (2 seeds): 0.600 (0.500 to 0.700) at 100 steps" in shown
    assert "hcam: 1.000" in shown
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")


def test_any_setting_and_number_can_be_chosen(runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["plot", str(runs / "a"), str(runs / "b"), "--by", "ppo.gamma", "--key", "return"]
    assert main([*argv, "--out", str(tmp_path / "c.png")]) == 0
    shown = capsys.readouterr().out
    assert "0.5: 100.000" in shown
    assert "0.7: 100.000" in shown


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "Give the folders"),
        (["nowhere"], "holds no training run"),
        (["RUNS", "--by", "colour"], "group by one of: env, memory, ppo"),
        (["RUNS", "--key", "sucess"], "its evaluations have return, step, success"),
    ],
)
def test_mistakes_are_one_line(
    argv: list[str], message: str, runs: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    argv = [str(runs) if word == "RUNS" else word for word in argv]
    assert main(["plot", *argv, "--out", str(tmp_path / "c.png")]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "c.png").exists()


def test_yaml_that_would_run_code_is_refused(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (runs / "a" / "config.yaml").write_text("memory: !!python/object/apply:os.getcwd []\n")
    assert main(["plot", str(runs / "a")]) == 2
    assert "cannot be read" in capsys.readouterr().err
