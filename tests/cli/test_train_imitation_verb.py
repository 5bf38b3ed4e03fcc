"""``robomem train POLICY``: what it is told and what is made of it; and the verbs that look at its runs."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from robomem.cli.main import main
from robomem.train import config_file
from robomem.train.imitation.config import ImitationConfig
from robomem.train.imitation.names import imitation_presets

sys.path.append(str(Path(__file__).parents[1] / "train" / "imitation"))


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[ImitationConfig, Path | None]]:
    """What ``train`` is called with, in place of training."""
    calls: list[tuple[ImitationConfig, Path | None]] = []

    def train(config: ImitationConfig, *, resume: Path | None = None) -> Path:
        calls.append((config, resume))
        best, last = ({"step": step, "success": share} for step, share in ((8, 0.75), (10, 0.5)))
        (tmp_path / "result.json").write_text(json.dumps({"step": 10, "seconds": 2.0, "best": best, "last": last}))
        return tmp_path

    monkeypatch.setattr("robomem.train.start.train", train)
    return calls


def only(trained: Any, *argv: str) -> ImitationConfig:
    assert main(["train", *argv]) == 0
    return trained[-1][0]


def test_a_policys_name_leads_to_demonstrations(trained: Any) -> None:
    assert only(trained, "memory-vla") == ImitationConfig()
    config = only(
        trained,
        *("memory-vla", "--data", "a", "b", "--policy-kwargs", "memory=none", "chunk=4"),
        *("--loading.frames", "8", "20", "--optim.learning-rate", "1e-4", "--loading.looks.shift", "0"),
    )
    assert (config.data, config.policy_kwargs) == (("a", "b"), {"memory": "none", "chunk": 4})
    assert (config.loading.frames, config.loading.looks.shift, config.optim.learning_rate) == ((8, 20), 0, 1e-4)


def test_best_and_last_are_told(trained: Any, capsys: pytest.CaptureFixture[str]) -> None:
    only(trained, "memory-vla")
    shown = capsys.readouterr().out
    assert "best policy, of step 8: success 0.75" in shown
    assert "last policy, of step 10: success 0.5" in shown


def test_one_of_several_processes_tells(
    trained: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RANK", "1")
    only(trained, "memory-vla")
    assert capsys.readouterr().out == ""


def test_a_preset_is_the_base_and_its_arguments_are_merged(trained: Any) -> None:
    cpu = imitation_presets["cpu"]()
    assert only(trained, "memory-vla", "--preset", "cpu") == cpu
    config = only(trained, "memory-vla", "--preset=cpu", "--policy-kwargs", "chunk=6", "--seed", "2")
    assert config.policy_kwargs == {**cpu.policy_kwargs, "chunk": 6}
    assert config == replace(cpu, seed=2, policy_kwargs=config.policy_kwargs)


@pytest.mark.parametrize("preset", ["debug", "cpu", "1gpu", "paper"])
def test_peers_differ_from_a_preset_in_their_memory_alone(trained: Any, preset: str) -> None:
    before = imitation_presets[preset]().policy_kwargs
    own = {name: value for name, value in before.items() if name != "memory_kwargs"}
    told = ("memory-vla", "--preset", preset, "--policy-kwargs")
    for memory in ("none", "stack", "gru"):
        assert only(trained, *told, f"memory={memory}").policy_kwargs == {**own, "memory": memory}
    stacked = only(trained, *told, "memory=stack", 'memory_kwargs={"frames": 3}').policy_kwargs
    assert stacked == {**own, "memory": "stack", "memory_kwargs": {"frames": 3}}
    one = only(trained, *told, 'memory_kwargs={"streams": ["cognitive"]}').policy_kwargs
    assert one == {**before, "memory_kwargs": {**before["memory_kwargs"], "streams": ["cognitive"]}}


def test_a_sweep_over_memories_leaves_each_its_own_arguments() -> None:
    base = imitation_presets["cpu"]()
    none = config_file.overridden(base, {"policy_kwargs.memory": "none"}).policy_kwargs
    expected = {**base.policy_kwargs, "memory": "none"}
    del expected["memory_kwargs"]
    assert none == expected
    assert config_file.overridden(base, {"policy_kwargs.memory": "bank"}) == base
    told = {"policy_kwargs.memory_kwargs": {"frames": 2}, "policy_kwargs.memory": "stack"}
    assert config_file.overridden(base, told).policy_kwargs["memory_kwargs"] == {"frames": 2}


@pytest.mark.parametrize("words", [[], ["memory-vla"]], ids=["alone", "named"])
def test_resume_and_config_know_what_they_hold(trained: Any, tmp_path: Path, words: list[str]) -> None:
    config = replace(imitation_presets["debug"](), data=("demos",), seed=5)
    config_file.write(config, tmp_path / "config.yaml")
    assert only(trained, *words, "--resume", str(tmp_path)) == config
    assert trained[-1][1] == tmp_path
    assert only(trained, *words, "--config", str(tmp_path / "config.yaml"), "--seed", "6").seed == 6


def test_a_file_without_data_is_what_the_word_says(trained: Any, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("optim: {ema: 0.99}\n")
    assert only(trained, "memory-vla", "--config", str(tmp_path / "c.yaml")).optim.ema == 0.99


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["memory-vl", "--steps", "3"], "Did you mean 'memory-vla'"),
        (["memory_vla"], "robomem train memory-vla --data DIR"),
        (["memory-vla", "--preset", "recall"], "Known: 1gpu, cpu, debug, paper"),
        (["memory-vla", "--loading.sampler", "evnt"], "evnt"),
        (["memory-vla", "--steps", "0"], "steps must be an integer >= 1"),
        (["memory-vla", "--resume", "nowhere"], "nowhere"),
        (["memory-vla", "--config", "PPO"], "there is no field 'ppo'"),
        (["memory-vla", "--ray"], "--sweep"),
    ],
)
def test_mistakes_are_explained_with_status_2(
    argv: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ppo.yaml").write_text("ppo: {gamma: 0.9}\n")
    try:
        status = main(["train", *(str(tmp_path / "ppo.yaml") if word == "PPO" else word for word in argv)])
    except SystemExit as stop:
        status = int(str(stop.code))
    shown = " ".join(capsys.readouterr().err.split())
    assert status == 2
    assert message in shown
    assert "Traceback" not in shown


def test_train_eval_play_plot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """From demonstrations to a curve, a sweep of two runs, with the verbs that every run answers to."""
    from cloner import TINY, record

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("robomem.train.pictures.film", lambda *_, **__: None)
    record(Path("demos"))
    config_file.write(replace(TINY, eval_every=12), "tiny.yaml")
    assert main(["train", "test-cloner", "--data", "demos", "--config", "tiny.yaml"]) == 0
    run = Path("runs/Follow-v0-test-cloner-s3")
    assert str(run) in capsys.readouterr().out
    assert main(["eval", str(run), "--episodes", "3", "--film", "0"]) == 0
    assert main(["eval", str(run / "policy-last"), "--episodes", "3", "--film", "0"]) == 0
    assert main(["plot", str(run), "--key", "validation_loss", "--out", "curve.png"]) == 0
    assert "test-cloner: " in capsys.readouterr().out
    assert main(["train", "--resume", str(run), "--steps", "30"]) == 0
    assert json.loads((run / "result.json").read_text())["step"] == 30
