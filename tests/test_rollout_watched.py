"""Watching what a policy remembers: its actions stay what they are, and one episode of one row is kept."""

from __future__ import annotations

import io
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch
from PIL import Image

from robomem.bank import BankConfig, TokenBank
from robomem.errors import ConfigError
from robomem.rollout import play, sanity_actors
from robomem.rollout.watched import Inspectable, Watched


class Blinker(gym.Env[np.ndarray, np.ndarray]):
    """Five frames of one brightness each; the return is the sum of actions."""

    observation_space = gym.spaces.Box(0, 255, (8, 8, 3), np.uint8)
    action_space = gym.spaces.Box(-1, 1, (1,), np.float32)

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        self.left = 5
        return self._see(), {}

    def step(self, action: np.ndarray) -> Any:
        self.left -= 1
        return self._see(), float(action[0]), False, self.left == 0, {}

    def _see(self) -> np.ndarray:
        return np.full((8, 8, 3), self.np_random.integers(1, 255), np.uint8)


gym.register("robomem-tests/Blinker-v0", entry_point=Blinker)


class Rememberer:
    """Acts by what its bank returns; ``steps`` counts each row's."""

    observation_space, action_space = Blinker.observation_space, Blinker.action_space

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.bank = TokenBank(1, 3, BankConfig(length=3))

    def initial_state(self, batch: int, seeds: Any = None) -> dict[str, np.ndarray]:
        return {"steps": np.zeros(batch), **{k: v.numpy() for k, v in self.bank.initial_state(batch).items()}}

    def asked(self, observation: Any, state: Any) -> Any:
        x = torch.tensor(observation[:, :1, 0] / 255.0, dtype=torch.float32)
        return x, torch.tensor(state["steps"]), {k: torch.tensor(v) for k, v in state.items() if k != "steps"}

    def inspect(self, observation: Any, state: Any = None, episode_start: Any = None) -> Any:
        return {"gist": self.bank.inspect(*self.asked(observation, state))}

    def predict(self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = False):
        with torch.no_grad():
            no = torch.zeros(len(observation), dtype=torch.bool)
            fused, after = self.bank.step(*self.asked(observation, state), no)
        kept = {"steps": state["steps"] + 1, **{k: v.numpy() for k, v in after.items()}}
        return fused[:, 0, :1].tanh().numpy(), kept


def test_the_first_episode_is_kept_and_nothing_changes() -> None:
    policy = Rememberer()
    assert isinstance(policy, Inspectable)
    watched = Watched(policy, "rememberer")
    rows = play(watched, "robomem-tests/Blinker-v0", [3, 4, 5], num_envs=1)
    assert rows == play(policy, "robomem-tests/Blinker-v0", [3, 4, 5], num_envs=1)
    moments = watched._streams["gist"]
    assert [moment.now for moment in moments] == [0, 1, 2, 3, 4]
    assert [len(moment.times) for moment in moments] == [0, 1, 2, 3, 3]
    picture = np.asarray(Image.open(io.BytesIO(watched.picture("title"))).convert("RGB"))
    last = watched._frames[int(moments[-1].times[0])][0, 0]
    assert (picture == last).all(-1).sum() > 100, "a frame that is kept is in the picture"


class Writer(Rememberer):
    """Writes down each step."""

    def written(self, state: Any) -> list[str]:
        return [f"step {steps:g}" for steps in state["steps"]]


def test_what_a_policy_puts_in_words_is_kept_too() -> None:
    watched = Watched(Writer(), "writer")
    play(watched, "robomem-tests/Blinker-v0", [3, 4], num_envs=1)
    assert watched._words == [f"step {step}" for step in range(1, 6)]
    plain = Watched(Rememberer(), "rememberer")
    play(plain, "robomem-tests/Blinker-v0", [3, 4], num_envs=1)
    told, untold = (Image.open(io.BytesIO(each.picture())).size[1] for each in (watched, plain))
    assert told > untold


def test_who_cannot_be_asked_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"random cannot be asked what it remembers.*memory-vla"):
        Watched(sanity_actors["random"](), "random")
