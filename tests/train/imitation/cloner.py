"""A behaviour cloner that takes a second to train, with and without a memory, and demonstrations to train it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from torch import Tensor, nn

from robomem.data import DatasetWriter, numbers
from robomem.data.batch import Batch
from robomem.data.imitation import DataSpec, Loading
from robomem.policy import policies
from robomem.spaces import batch_size, leading_axis
from robomem.train.imitation.config import ImitationConfig
from robomem.train.imitation.names import imitators
from robomem.train.imitation.settings import OptimConfig

A = 2
STEPS = 8


class Follow(gym.Env[dict[str, np.ndarray], np.ndarray]):
    """Show a number at the first step alone; the action must repeat it (and its square) at every step."""

    observation_space = gym.spaces.Dict({"proprio": gym.spaces.Box(-np.inf, np.inf, (2,), np.float32)})
    action_space = gym.spaces.Box(-1, 1, (A,), np.float32)

    def __init__(self, broken: bool = False) -> None:
        self.broken = broken

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        self.clock, self.cue = 0, float(self.np_random.uniform(-1, 1))
        return self._see(), {}

    def step(self, action: np.ndarray) -> Any:
        error = float(np.abs(action - target(self.cue)).max())
        self.clock += 1
        return self._see(), -error, False, self.clock == STEPS, {"is_success": error < 0.3}

    def _see(self) -> dict[str, np.ndarray]:
        return {"proprio": seen(self.clock, np.nan if self.broken else self.cue)}


gym.register("robomem-tests/Follow-v0", entry_point=Follow)


def seen(clock: int, cue: float) -> np.ndarray:
    return np.array([cue if clock == 0 else 0.0, clock / STEPS], np.float32)


def target(cue: float) -> np.ndarray:
    return np.array([cue, cue**2], np.float32)


def record(folder: Path, episodes: int = 12, *, size: int = A, seed: int = 0, env: bool = True) -> Path:
    """Write demonstrations of ``Follow``, with actions of ``size`` numbers."""
    rng = np.random.default_rng(seed)
    features = {"observation.state": numbers(2), "action": numbers(size)}
    facts = {
        "env": "robomem-tests/Follow-v0",
        "env_kwargs": {},
        "action_low": [-1.0] * size,
        "action_high": [1.0] * size,
    }
    with DatasetWriter(folder, 10, features) as writer:
        for _ in range(episodes):
            cue = float(rng.uniform(-1, 1))
            for clock in range(STEPS):
                action = np.resize(target(cue), size)
                writer.add({"observation.state": seen(clock, cue), "action": action}, task="repeat what was shown")
            writer.save_episode(facts if env else {})
    return folder


class Cloner(nn.Module):
    """Clones with a leaky sum of what it saw, or without; noise in its loss comes from the generator."""

    kind = "test_cloner"

    def __init__(self, observation_space: Any, action_space: Any, **settings: Any) -> None:
        super().__init__()
        self.observation_space, self.action_space, self.settings = observation_space, action_space, settings
        self.chunk, self.memory = settings.get("chunk", 2), settings.get("memory", True)
        self.noise, self.poison = settings.get("noise", 0.0), settings.get("poison", -1)
        self.net = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Dropout(settings.get("dropout", 0.0)))
        self.head = nn.Linear(16, self.chunk * action_space.shape[0])
        self.frozen = nn.Parameter(torch.full((3,), 7.0), requires_grad=False)
        self.register_buffer("seen", torch.zeros((), dtype=torch.int64))

    @classmethod
    def for_data(cls, spec: DataSpec, *, chunk: int = 2, memory: bool = True, **settings: Any) -> Cloner:
        known = {"noise", "poison", "dropout"}
        if set(settings) - known:
            raise TypeError(f"no setting {sorted(set(settings) - known)[0]!r}")
        return cls(spec.observation_space, spec.action_space, chunk=chunk, memory=memory, **settings)

    def loss(self, batch: Batch[Tensor], memory: Any, generator: torch.Generator) -> Any:
        x = batch.observation["proprio"]
        kept = torch.zeros_like(x[:, 0]) if memory is None else memory["sum"]
        kept = torch.where(batch.start[:, None], 0.0, kept)
        sums = []
        for t in range(x.shape[1]):
            kept = kept + x[:, t] * batch.valid[:, t, None]
            sums.append(kept)
        past = torch.stack(sums, 1) if self.memory else torch.zeros_like(x)
        noise = self.noise * torch.randn(x.shape, generator=generator, device=x.device)
        guess = self.head(self.net(torch.cat([x + noise, past], -1))).unflatten(-1, batch.action.shape[2:])
        error = ((guess - batch.action) ** 2).mean(-1)[batch.action_valid].mean()
        if self.training:
            self.seen += 1
            if int(self.seen) == self.poison:
                error = error * float("nan")
        return {"loss": error, "spread": guess.std()}, {
            "sum": kept
        } if memory is not None or not batch.start.all() else None

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = False
    ) -> Any:
        batched = leading_axis(observation, self.observation_space)
        x = np.atleast_2d(observation["proprio"])
        count = batch_size(observation) if batched else 1
        start = np.full(count, state is None) if episode_start is None else np.broadcast_to(episode_start, count)
        kept = np.zeros_like(x) if state is None else state["sum"]
        kept = np.where(start[:, None], 0.0, kept).astype(np.float32) + x
        past = kept if self.memory else np.zeros_like(x)
        with torch.no_grad():
            rows = [self.head(self.net(torch.tensor(np.concatenate([a, b])))) for a, b in zip(x, past)]
        action = torch.stack(rows).reshape(count, self.chunk, -1)[:, 0].numpy().clip(-1, 1)
        return (action if batched else action[0]), {"sum": kept}

    def config(self) -> dict[str, Any]:
        return self.settings

    def arrays(self) -> dict[str, np.ndarray]:
        return {name: value.detach().cpu().numpy() for name, value in self.state_dict().items()}

    @classmethod
    def restore(cls, config: Mapping[str, Any], arrays: Any, observation_space: Any, action_space: Any) -> Cloner:
        policy = cls(observation_space, action_space, **config)
        policy.load_state_dict({name: torch.tensor(array) for name, array in arrays.items()})
        return policy.train(False)


policies.add("test_cloner", Cloner)


def test_cloner() -> type[Cloner]:
    """A behaviour cloner of the tests."""
    return Cloner


imitators.add("test-cloner", test_cloner)

TINY = ImitationConfig(
    policy="test-cloner",
    policy_kwargs={"noise": 0.1, "dropout": 0.1},
    steps=24,
    seed=3,
    loading=Loading(sampler="uniform", groups=4, frames=(3, 6)),
    optim=OptimConfig(learning_rate=1e-2, warmup=3, ema=0.9),
    held_out=0.2,
    log_every=5,
    eval_every=8,
    eval_episodes=2,
    logger=(),
)


def tiny(data: Path, out: Path, config: ImitationConfig = TINY, **changes: Any) -> ImitationConfig:
    return replace(config, data=(str(data),), out=str(out), **changes)
