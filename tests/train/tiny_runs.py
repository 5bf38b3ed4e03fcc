"""Runs that take a second, and what of them must be equal to the bit."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np

from robomem.train.checkpoints import Checkpoints
from robomem.train.config import TrainConfig
from robomem.train.ppo_config import PPOConfig

TINY = TrainConfig(
    env="CartPole-v1",
    memory="gru",
    memory_kwargs={"width": 8},
    policy_kwargs={"encoder": [8], "heads": [8]},
    steps=192,
    num_envs=3,
    seed=5,
    ppo=PPOConfig(rollout_steps=8, epochs=2, minibatches=2, learning_rate=1e-2),
    eval_every=72,
    eval_episodes=2,
    logger=(),
)
ROLLOUT = TINY.ppo.rollout_steps * TINY.num_envs
RECALL = replace(TINY, env="recall-reach", env_kwargs={"delay": 3, "reach_steps": 5})
# Of the clock, not of the run.
_TIMES = {"time/fps"}


def tiny(out: Path, config: TrainConfig = TINY, **changes: Any) -> TrainConfig:
    return replace(config, out=str(out), **changes)


def outcome(run: Path) -> dict[str, Any]:
    """Everything that a run leaves behind and that another run of the same configuration must leave too."""
    checkpoint = Checkpoints(run / "checkpoints").load()
    assert checkpoint is not None
    clocks = {"algorithm": {"episode.t"}}
    found: dict[str, Any] = {
        f"{group}/{name}": (str(array.dtype), array.shape, array.tobytes())
        for group, arrays in checkpoint.groups.items()
        for name, array in arrays.items()
        if name not in clocks.get(group, ())
    }
    found["step"] = checkpoint.step
    found["evaluations"] = (run / "evaluations.jsonl").read_text()
    found["log"] = log(run)
    for name in ("policy", "policy-last"):
        files = sorted(path for path in (run / name).iterdir())
        found[name] = [(path.name, path.read_bytes()) for path in files]
    return found


def log(run: Path) -> list[dict[str, str]]:
    with (run / "progress.csv").open(newline="") as file:
        return [{key: value for key, value in row.items() if key not in _TIMES} for row in csv.DictReader(file)]


def assert_same(one: Path, other: Path) -> None:
    ours, theirs = outcome(one), outcome(other)
    differing = [name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)]
    assert not differing, differing
    results = [json.loads((run / "result.json").read_text()) for run in (one, other)]
    assert results[0]["best"] == results[1]["best"]


class Fragile(gym.Env[dict[str, np.ndarray], np.ndarray]):
    """Returns NaN where it is told to, at its ``when``-th step."""

    observation_space = gym.spaces.Dict(
        {"eye": gym.spaces.Box(-1, 1, (2,), np.float32), "mode": gym.spaces.Discrete(3)}
    )
    action_space = gym.spaces.Box(-1, 1, (1,), np.float32)

    def __init__(self, where: str = "observation", when: int = 100, length: int = 7) -> None:
        self.where, self.when, self.length = where, when, length
        self.steps = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        self.clock = 0
        return self._see(), {}

    def step(self, action: np.ndarray) -> Any:
        self.clock, self.steps = self.clock + 1, self.steps + 1
        broken = self.steps >= self.when
        seen = self._see()
        if broken and self.where == "observation":
            seen["eye"][1] = np.nan
        ended = self.clock == self.length
        if ended and self.where == "diverged":
            seen["eye"][0] = np.inf
        reward = np.inf if broken and self.where == "reward" else 1.0
        return seen, reward, ended and self.where != "cut", ended and self.where == "cut", self._infos()

    def _infos(self) -> dict[str, Any]:
        return {"diverged": True} if self.where == "diverged" else {"is_success": True}

    def _see(self) -> dict[str, Any]:
        return {"eye": self.np_random.uniform(-1, 1, 2).astype(np.float32), "mode": self.clock % 3}


gym.register("robomem-tests/Fragile-v0", entry_point=Fragile)
