"""Peers run, play, save and go on like ours, except that their resume is not exact."""

from __future__ import annotations

import json
import logging
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch
from stable_baselines3 import PPO
from tiny_runs import TINY, tiny

from robomem import policy, spaces
from robomem.errors import CheckpointError, ConfigError, EnvironmentFault
from robomem.rollout import play
from robomem.train import config_file, vec_env
from robomem.train.checkpoints import Checkpoints
from robomem.train.config import TrainConfig
from robomem.train.run import train
from robomem.train.sb3_policy import Sb3Policy, with_classes
from robomem.train.stopping import Interrupted
from robomem.train.trail import evaluation_seeds

SMALL = {"policy_kwargs": {"net_arch": [8], "activation_fn": "relu"}}
RECURRENT = {"policy_kwargs": {"net_arch": [8], "lstm_hidden_size": 8, "n_lstm_layers": 2}}
BUFFER = {"buffer_size": 1000, "learning_starts": 50, "batch_size": 16}
ARM = {"delay": 3, "reach_steps": 5}
PEERS = {
    "ppo": replace(TINY, algo="sb3.ppo", policy_kwargs=SMALL),
    "ppo dict": replace(TINY, env="recall-reach", env_kwargs=ARM, algo="sb3.ppo", policy_kwargs=SMALL),
    "sac": replace(TINY, env="Pendulum-v1", algo="sb3.sac", policy_kwargs={**SMALL, **BUFFER}),
    "recurrent": replace(TINY, algo="sb3_contrib.recurrent_ppo", policy_kwargs=RECURRENT),
    "recurrent dict": replace(
        TINY, env="recall-reach", env_kwargs=ARM, algo="sb3_contrib.recurrent_ppo", policy_kwargs=RECURRENT
    ),
}


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("robomem.train.pictures.draw", lambda *args: None)


def batches(loaded: Any, count: int, steps: int) -> list[Any]:
    space = gym.vector.utils.batch_space(spaces.from_json(spaces.to_json(loaded.observation_space)), count)
    space.seed(3)
    return [space.sample() for _ in range(steps)]


def rows_of(observation: Any, index: Any) -> Any:
    return {k: v[index] for k, v in observation.items()} if isinstance(observation, dict) else observation[index]


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_trains_evaluates_saves_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    pytest.importorskip("sb3_contrib")
    config = tiny(tmp_path / "run", PEERS[name])
    original, count = vec_env.SB3VecEnv.step_wait, 0

    def step_wait(env: vec_env.SB3VecEnv) -> Any:
        nonlocal count
        count += 1
        if count == 40:
            signal.raise_signal(signal.SIGINT)
        return original(env)

    monkeypatch.setattr(vec_env.SB3VecEnv, "step_wait", step_wait)
    with pytest.raises(Interrupted):
        train(config)
    before = Checkpoints(tmp_path / "run" / "checkpoints").load()
    assert before is not None
    run = train(resume=tmp_path / "run")
    assert "no exact resume" in caplog.text
    lines = [json.loads(line) for line in (run / "evaluations.jsonl").read_text().splitlines()]
    assert lines[-1]["step"] == 192
    last = policy.load(run / "policy-last")
    assert isinstance(last, Sb3Policy)
    rows = play(last, config.env, evaluation_seeds(config), env_kwargs=config.env_kwargs)
    assert lines[-1]["return"] == np.mean([row.return_ for row in rows])
    after = Checkpoints(run / "checkpoints").load()
    assert after is not None
    assert after.groups["algorithm"]["n_updates"] > before.groups["algorithm"]["n_updates"] > 0
    optimizer = next(group for group in after.groups if group.endswith("optimizer"))
    assert after.groups[optimizer]["0.step"] > before.groups[optimizer]["0.step"] > 0


@pytest.fixture(scope="module", params=["ppo", "sac", "recurrent dict"])
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("robomem.train.pictures.draw", lambda *args: None)
        config: TrainConfig = PEERS[request.param]
        return train(tiny(tmp_path_factory.mktemp("peer") / "run", config, steps=48, eval_episodes=0))


def test_rows_do_not_depend_on_their_batch(saved: Path) -> None:
    """Not to the last bit, whichever rows share the batch, in whichever order, one at a time too."""
    loaded = policy.load(saved)
    together: Any = None
    alone: list[Any] = [None] * 11
    order = np.random.default_rng(0).permutation(11)
    shuffled: Any = None
    for step, seen in enumerate(batches(loaded, 11, 4)):
        starts = np.arange(11) % 4 == step
        action, together = loaded.predict(seen, together, starts, deterministic=True)
        other, shuffled = loaded.predict(rows_of(seen, order), shuffled, starts[order], deterministic=True)
        np.testing.assert_array_equal(action[order], other)
        for row in range(11):
            single, alone[row] = loaded.predict(rows_of(seen, row), alone[row], starts[row], deterministic=True)
            np.testing.assert_array_equal(single, action[row])
            if together is not None:
                for name in together:
                    np.testing.assert_array_equal(alone[row][name][0], together[name][row])


def test_state_is_explicit_and_starts_forget(saved: Path) -> None:
    loaded = policy.load(saved)
    first, second = batches(loaded, 3, 2)
    _, state = loaded.predict(first, None, deterministic=True)
    if state is None:
        assert not loaded.recurrent  # type: ignore[attr-defined]
        return
    kept = {name: array.copy() for name, array in state.items()}
    fresh, _ = loaded.predict(second, None, np.ones(3, bool), deterministic=True)
    again, forgot = loaded.predict(second, state, np.ones(3, bool), deterministic=True)
    _, remembered = loaded.predict(second, state, np.zeros(3, bool), deterministic=True)
    np.testing.assert_array_equal(fresh, again)
    assert forgot is not None
    assert remembered is not None
    assert not np.array_equal(forgot["hidden"], remembered["hidden"])
    for name, array in state.items():
        np.testing.assert_array_equal(array, kept[name])


def test_predict_is_sb3s_own(saved: Path) -> None:
    loaded: Any = policy.load(saved)
    seen = batches(loaded, 8, 1)[0]
    ours, _ = loaded.predict(seen, None, np.ones(8, bool), deterministic=True)
    theirs, _ = loaded.network.predict(seen, None, np.ones(8, bool), deterministic=True)
    np.testing.assert_array_equal(ours, theirs)
    assert all(row in loaded.action_space for row in ours)


def test_nan_is_refused(saved: Path) -> None:
    loaded = policy.load(saved)
    seen = batches(loaded, 1, 1)[0]
    broken = rows_of(seen, 0)
    part = next(iter(broken.values())) if isinstance(broken, dict) else broken
    part.flat[0] = np.nan
    with pytest.raises(EnvironmentFault):
        loaded.predict(broken)


def test_images_turn_and_return(tmp_path: Path) -> None:
    """A policy for images [H, W, C] is saved with that space, though SB3's network sees [C, H, W]."""
    space = gym.spaces.Box(0, 255, (40, 40, 3), np.uint8)
    actions = gym.spaces.Discrete(3)
    kwargs = {"net_arch": [4]}
    turned = gym.spaces.Box(0, 255, (3, 40, 40), np.uint8)
    network = PPO.policy_aliases["CnnPolicy"](turned, actions, lr_schedule=lambda _: 0.0, **kwargs)
    policy.save(Sb3Policy("sb3.ppo", kwargs, network, space, actions), tmp_path / "p")
    loaded = policy.load(tmp_path / "p")
    seen = np.stack([space.sample() for _ in range(8)])
    expected, _ = network.predict(seen.transpose(0, 3, 1, 2), deterministic=True)
    np.testing.assert_array_equal(loaded.predict(seen, deterministic=True)[0], expected)


def test_only_known_classes_are_built(saved: Path) -> None:
    loaded: Any = policy.load(saved)
    arguments = loaded.arrays(), loaded.observation_space, loaded.action_space
    with pytest.raises(ConfigError, match=r"no peer.*sb3\.ppo"):
        Sb3Policy.restore({"algorithm": "os.system", "policy_kwargs": {}}, *arguments)
    with pytest.raises(CheckpointError, match="weights are not those"):
        Sb3Policy.restore(loaded.config(), {"x": np.zeros(1)}, *arguments[1:])
    for wrong in ({"optimizer_class": "torch.optim.SGD"}, {"activation_fn": "os.system"}):
        with pytest.raises(ConfigError):
            with_classes(wrong)
    assert with_classes({"activation_fn": "elu"}) == {"activation_fn": torch.nn.ELU}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"algo": "sb3.sac", "policy_kwargs": {}}, "sb3.sac cannot train in CartPole-v1"),
        ({"algo": "sb3.ppo", "policy_kwargs": {"n_step": 8}}, "no argument 'n_step'. Did you mean 'n_steps'"),
        ({"algo": "sb3.ppo", "policy_kwargs": {"env": "X"}}, "no argument 'env'"),
    ],
)
def test_what_a_peer_cannot_do_is_said(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        train(tiny(tmp_path / "run", **changes))


def test_resume_says_that_it_is_not_exact(caplog: pytest.LogCaptureFixture, saved: Path) -> None:
    caplog.set_level(logging.WARNING)
    train(replace(config_file.read(saved / "config.yaml"), steps=96), resume=saved)
    assert "no exact resume" in caplog.text
