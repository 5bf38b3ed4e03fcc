"""It learns: what needs no memory without one, and what needs one only with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from gymnasium import spaces
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.vec_env import VecEnv

from robomem.train.memory_ppo import MemoryPPO
from robomem.train.ppo_config import PPOConfig


class CueDelayAnswer(VecEnv):
    """A cue is shown once; after a delay its name is asked for and the answer is rewarded. Chance is 1 / cues."""

    def __init__(self, num_envs: int, cues: int = 4, delay: int = 6, seed: int = 0) -> None:
        super().__init__(num_envs, spaces.Box(0, 1, (cues + 1,), np.float32), spaces.Discrete(cues))
        self.cues, self.delay, self.rng = cues, delay, np.random.default_rng(seed)

    def reset(self) -> npt.NDArray[np.float32]:
        self.clock = np.zeros(self.num_envs, int)
        self.cue = self.rng.integers(self.cues, size=self.num_envs)
        return self.see()

    def see(self) -> npt.NDArray[np.float32]:
        seen = np.zeros((self.num_envs, self.cues + 1), np.float32)
        first = np.flatnonzero(self.clock == 0)
        seen[first, self.cue[first]] = 1
        seen[:, -1] = self.clock == self.delay
        return seen

    def step_async(self, actions: npt.NDArray[Any]) -> None:
        self.actions = actions

    def step_wait(self) -> Any:
        done = self.clock == self.delay
        reward = (done & (self.actions == self.cue)).astype(np.float32)
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for row in np.flatnonzero(done):
            infos[row] = {"episode": {"r": float(reward[row]), "l": self.delay + 1, "t": 0.0}}
        self.clock = np.where(done, 0, self.clock + 1)
        self.cue = np.where(done, self.rng.integers(self.cues, size=self.num_envs), self.cue)
        return self.see(), reward, done, infos

    def close(self) -> None: ...
    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        return [None] * self.num_envs

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None: ...
    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        return []

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        return [False] * self.num_envs


def success(memory: str, steps: int, **kwargs: Any) -> float:
    torch.set_num_threads(1)
    config = PPOConfig(rollout_steps=28, epochs=4, minibatches=2, learning_rate=3e-3, gamma=0.95, entropy_coef=0.01)
    kwargs = {"memory": memory, "memory_kwargs": kwargs, "encoder": (32,), "heads": (32,)}
    algorithm = MemoryPPO("recall", CueDelayAnswer(32), config=config, policy_kwargs=kwargs)
    algorithm.learn(steps)
    returns, _ = evaluate_policy(algorithm.policy, CueDelayAnswer(32, seed=1), 256, warn=False)  # type: ignore[arg-type]
    assert isinstance(returns, float)
    return returns


def test_a_memory_answers_what_was_shown_before() -> None:
    assert success("gru", 45_000, width=32) > 0.95


def test_without_memory_the_answer_is_chance() -> None:
    assert success("none", 15_000) == pytest.approx(0.25, abs=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("memory", ["lstm", "transformer_xl", "hcam", "mamba2"])
def test_every_memory_answers_what_was_shown_before(memory: str) -> None:
    assert success(memory, 90_000, width=32) > 0.95


@pytest.mark.slow
def test_cartpole_is_balanced_without_memory() -> None:
    torch.set_num_threads(1)
    config = PPOConfig(rollout_steps=64, epochs=6, minibatches=4, learning_rate=1e-3)
    algorithm = MemoryPPO(
        "recall", make_vec_env("CartPole-v1", 8, seed=0), config=config, policy_kwargs={"memory": "none"}
    )
    algorithm.learn(40_000)
    returns, _ = evaluate_policy(algorithm.policy, make_vec_env("CartPole-v1", 4, seed=3), 20)  # type: ignore[arg-type]
    assert returns >= 195  # type: ignore[operator]
