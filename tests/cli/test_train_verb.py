from __future__ import annotations

import importlib.machinery
import json
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from robomem.cli.main import main
from robomem.train import config_file
from robomem.train.config import TrainConfig, presets


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[TrainConfig, Path | None]]:
    """What ``train`` is called with, in place of training."""
    calls: list[tuple[TrainConfig, Path | None]] = []

    def train(config: TrainConfig, *, resume: Path | None = None) -> Path:
        calls.append((config, resume))
        best = {"step": 8, "success": None, "return": 1.5, "length": 3.0}
        (tmp_path / "result.json").write_text(json.dumps({"step": 10, "seconds": 2.0, "best": best}))
        return tmp_path

    stub: Any = types.ModuleType("robomem.train.run")
    stub.train = train
    monkeypatch.setitem(sys.modules, "robomem.train.run", stub)
    return calls


def only(trained: list[tuple[TrainConfig, Path | None]], *argv: str) -> TrainConfig:
    assert main(["train", *argv]) == 0
    return trained[-1][0]


def test_defaults_and_dotted_options(trained: Any) -> None:
    assert only(trained) == TrainConfig()
    config = only(
        trained, "remember-color3", "--memory", "gru", "--ppo.learning-rate", "1e-3", "--env-kwargs", "delay=7"
    )
    assert (config.env, config.memory, config.ppo.learning_rate, config.env_kwargs) == (
        "remember-color3",
        "gru",
        1e-3,
        {"delay": 7},
    )
    assert config.ppo.gamma == TrainConfig().ppo.gamma


def test_the_result_is_told(trained: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    only(trained)
    shown = capsys.readouterr().out
    assert f"10 steps in 2 s -> {tmp_path}" in shown
    assert "best policy, of step 8: return 1.5, length 3" in shown


def test_a_preset_is_the_base_and_its_arguments_are_merged(trained: Any) -> None:
    debug = presets["debug"]()
    assert only(trained, "--preset", "debug") == debug
    assert only(trained, "--preset=debug", "--steps", "99").steps == 99
    config = only(trained, "--preset", "debug", "--env-kwargs", "pads=3")
    assert config.env_kwargs == {**debug.env_kwargs, "pads": 3}


def test_arguments_go_with_the_thing_they_belong_to(trained: Any) -> None:
    config = only(trained, "CartPole-v1", "--preset", "debug", "--memory", "hcam")
    assert config.env_kwargs == {}
    assert config.memory_kwargs == {}
    config = only(trained, "--preset", "debug", "--memory", "lstm", "--memory-kwargs", "hidden_size=8")
    assert config.memory_kwargs == {"hidden_size": 8}
    assert config.env_kwargs == presets["debug"]().env_kwargs


def test_a_file_is_the_base_and_options_win(trained: Any, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("env: CartPole-v1\nmemory: none\nppo:\n  learning_rate: 1e-3\n")
    config = only(trained, "--config", str(tmp_path / "c.yaml"), "--ppo.gamma", "0.9")
    assert (config.env, config.memory, config.ppo.learning_rate, config.ppo.gamma) == ("CartPole-v1", "none", 1e-3, 0.9)


def test_resume_starts_from_the_configuration_of_the_run(trained: Any, tmp_path: Path) -> None:
    config = TrainConfig(env="CartPole-v1", seed=5)
    config_file.write(config, tmp_path / "config.yaml")
    assert only(trained, "--resume", str(tmp_path)) == config
    assert trained[-1][1] == tmp_path


def test_a_sweep_gets_the_configuration_and_the_grid(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calls: list[Any] = []

    def sweep(config: TrainConfig, grid: Path, *, ray: bool) -> list[Path]:
        calls.append((config.env, config.steps, grid, ray))
        return [tmp_path / "a", tmp_path / "b"]

    stub: Any = types.ModuleType("robomem.train.sweep")
    stub.sweep, stub.__spec__ = sweep, importlib.machinery.ModuleSpec("robomem.train.sweep", None)
    monkeypatch.setitem(sys.modules, "robomem.train.sweep", stub)
    assert main(["train", "CartPole-v1", "--sweep", "grid.yaml", "--steps", "9", "--ray"]) == 0
    assert calls == [("CartPole-v1", 9, Path("grid.yaml"), True)]
    assert capsys.readouterr().out.count("-> ") == 2


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--preset", "debg"], "Did you mean 'debug'"),
        (["--preset", "debug", "--config", "x.yaml"], "--preset and --config both say where to start"),
        (["--config", "nowhere.yaml"], "nowhere.yaml cannot be read"),
        (["--config", "UNKNOWN"], "there is no field 'ppo.learning_rat'. Did you mean 'learning_rate'"),
        (["--config", "CODE"], "cannot be read as YAML"),
        (["--resume", "nowhere"], "nowhere"),
        (["a", "--env", "b"], "which one?"),
        (["--ray"], "--sweep"),
        (["--ppo.gamma", "1.5"], "ppo.gamma must be a number in [0, 1]"),
        (["--steps", "0"], "steps must be an integer >= 1"),
        (["--stepz", "3"], "--steps"),
    ],
)
def test_mistakes_are_explained_with_status_2(
    argv: list[str], message: str, trained: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "unknown.yaml").write_text("ppo:\n  learning_rat: 3\n")
    (tmp_path / "code.yaml").write_text("memory: !!python/object/apply:os.getcwd []\n")
    argv = [str(tmp_path / f"{word.lower()}.yaml") if word in {"UNKNOWN", "CODE"} else word for word in argv]
    try:
        status = main(["train", *argv])
    except SystemExit as stop:
        status = int(str(stop.code))
    shown = capsys.readouterr().err
    assert status == 2
    assert message in " ".join(shown.split())
    assert "Traceback" not in shown
    assert trained == []
