"""Stopping and going on changes nothing, to the bit."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_runs import RECALL, ROLLOUT, TINY, assert_same, log, outcome, tiny

from robomem.errors import CheckpointError, ConfigError, EnvironmentFault
from robomem.train import vec_env
from robomem.train.config import TrainConfig
from robomem.train.ppo_config import PPOConfig
from robomem.train.run import train
from robomem.train.stopping import Interrupted

Uninterrupted = Callable[[TrainConfig], Path]


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("robomem.train.pictures.draw", lambda *args: None)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Uninterrupted:
    """Trains without a break, once for each configuration."""
    folder, known = tmp_path_factory.mktemp("uninterrupted"), dict[str, Path]()

    def run(config: TrainConfig) -> Path:
        key = repr(config)
        if key not in known:
            known[key] = train(tiny(folder / str(len(known)), config))
        return known[key]

    return run


class SignalAt:
    """Sends this process a signal in the midst of the given environment steps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, steps: set[int], number: int = signal.SIGINT) -> None:
        self.count, self.steps, self.number = 0, steps, number
        original = vec_env.SB3VecEnv.step_wait

        def step_wait(env: vec_env.SB3VecEnv):
            self.count += 1
            if self.count in self.steps:
                signal.raise_signal(self.number)
            return original(env)

        monkeypatch.setattr(vec_env.SB3VecEnv, "step_wait", step_wait)


@pytest.mark.parametrize(("config", "stop_in_rollout"), [(TINY, 1), (TINY, 3), (TINY, 5), (RECALL, 1), (RECALL, 5)])
def test_ctrl_c_and_resume_equal_an_uninterrupted_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    uninterrupted: Uninterrupted,
    config: TrainConfig,
    stop_in_rollout: int,
) -> None:
    whole = uninterrupted(config)
    SignalAt(monkeypatch, {8 * (stop_in_rollout - 1) + 4})
    with pytest.raises(Interrupted, match=rf"step {stop_in_rollout * ROLLOUT} of 192.*robomem train --resume .*parts"):
        train(tiny(tmp_path / "parts", config))
    train(resume=tmp_path / "parts")
    assert_same(whole, tmp_path / "parts")


@pytest.mark.parametrize("memory", ["hcam", "transformer_xl", "mamba2", "none"])
def test_every_memory_resumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uninterrupted: Uninterrupted, memory: str
) -> None:
    config = replace(TINY, memory=memory, memory_kwargs={})
    whole = uninterrupted(config)
    SignalAt(monkeypatch, {20, 40}, signal.SIGTERM)
    with pytest.raises(Interrupted):
        train(tiny(tmp_path / "parts", config))
    with pytest.raises(Interrupted):
        train(resume=tmp_path / "parts")
    train(resume=tmp_path / "parts")
    assert_same(whole, tmp_path / "parts")


def test_raising_steps_equals_having_asked_for_them(tmp_path: Path, uninterrupted: Uninterrupted) -> None:
    config = replace(TINY, ppo=PPOConfig(rollout_steps=8, schedule="constant"))
    whole = uninterrupted(config)
    parts = train(tiny(tmp_path / "parts", config, steps=72))
    train(tiny(tmp_path / "parts", config), resume=parts)
    assert_same(whole, parts)


def test_other_seeds_are_other_runs(uninterrupted: Uninterrupted) -> None:
    one, other = (outcome(uninterrupted(replace(TINY, seed=seed))) for seed in (5, 6))
    same = {name for name in one if one[name] == other[name]}
    assert not {name for name in same if name.startswith(("weights/action", "environment/seeds", "observation", "log"))}


def test_a_finished_run_is_left_alone(tmp_path: Path) -> None:
    run = train(tiny(tmp_path / "run", steps=48))
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*") if path.is_file() and path.name != ".lock"}
    assert train(resume=run) == run
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_stopped_before_the_first_checkpoint_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uninterrupted: Uninterrupted
) -> None:
    whole = uninterrupted(TINY)
    with monkeypatch.context() as broken:
        broken.setattr(vec_env.SB3VecEnv, "step_wait", lambda env: env._blame("x", env._lengths >= 0))
        with pytest.raises(EnvironmentFault, match="No checkpoint had been due"):
            train(tiny(tmp_path / "parts"))
    train(resume=tmp_path / "parts")
    assert_same(whole, tmp_path / "parts")


def test_a_second_signal_insists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGINT)  # ignored, where the tests run in the background of a shell
    SignalAt(monkeypatch, {3, 5})
    with pytest.raises(KeyboardInterrupt) as caught:
        train(tiny(tmp_path / "run"))
    assert not isinstance(caught.value, Interrupted)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_changed_configuration_is_refused_field_by_field(tmp_path: Path) -> None:
    run = train(tiny(tmp_path / "run", steps=48))
    asked = tiny(tmp_path / "run", seed=6, env_kwargs={"sutton_barto_reward": True}, steps=96)
    with pytest.raises(
        ConfigError, match=r"env_kwargs.sutton_barto_reward \(was None, now True\), seed \(was 5, now 6\)"
    ):
        train(asked, resume=run)
    with pytest.raises(ConfigError, match="can only rise"):
        train(tiny(run, steps=24), resume=run)
    assert train(tiny(tmp_path / "elsewhere", steps=96), resume=run) == run
    assert not (tmp_path / "elsewhere").exists()
    assert [row["time/total_timesteps"] for row in log(run)][-1] == "96"


def test_a_new_run_does_not_overwrite_an_old_one(tmp_path: Path) -> None:
    run = train(tiny(tmp_path / "run", steps=24))
    with pytest.raises(ConfigError, match="holds a run already"):
        train(tiny(run))


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="does not exist"):
        train(resume=tmp_path / "nowhere")
    with pytest.raises(CheckpointError, match=r"holds no config\.yaml"):
        train(resume=tmp_path)
