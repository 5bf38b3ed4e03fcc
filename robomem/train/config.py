"""What a training run is: one frozen dataclass, and presets by name. Nothing heavy is imported here."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from robomem.errors import ConfigError
from robomem.registry import Registry
from robomem.train.ppo_config import PPOConfig

__all__ = ["LoggerName", "TrainConfig", "is_int", "is_json", "presets", "require"]

LoggerName = Literal["tensorboard", "wandb", "trackio"]


@dataclass(frozen=True)
class TrainConfig:
    """Train a policy in an environment and keep everything in one run folder."""

    env: str = "recall-reach"
    """Short name (recall-reach) or any Gymnasium id (CartPole-v1)."""
    env_kwargs: dict[str, Any] = field(default_factory=dict)
    """Arguments of the environment, e.g. delay=20."""
    algo: str = "memory_ppo"
    """Who learns: memory_ppo, or a peer: sb3.ppo, sb3.sac, sb3_contrib.recurrent_ppo."""
    memory: str = "hcam"
    """Sequence memory of memory_ppo: hcam, gru, lstm, mamba2, transformer_xl, none; peers have their own."""
    memory_kwargs: dict[str, Any] = field(default_factory=dict)
    """Fields of the memory."""
    policy_kwargs: dict[str, Any] = field(default_factory=dict)
    """Fields of the policy beside its memory, e.g. heads=[64,64]; for a peer, arguments of its algorithm."""
    steps: int = 500_000
    """Environment steps in all, over all parallel environments."""
    num_envs: int = 32
    """Environments that are stepped together."""
    seed: int = 0
    """From which every random stream is derived."""
    ppo: PPOConfig = field(default_factory=PPOConfig)
    """Hyper-parameters of PPO; peers take those that they have too."""
    eval_every: int = 25_000
    """Steps between two evaluations, each followed by a checkpoint."""
    eval_episodes: int = 50
    """Held-out episodes of each evaluation; 0 for none."""
    out: str = ""
    """Run folder; by default runs/ENV-MEMORY-sSEED, numbered if that is taken."""
    logger: tuple[LoggerName, ...] = ("tensorboard",)
    """Where the log goes beside progress.csv: tensorboard, wandb, trackio, any of them or none."""
    device: str = "cpu"
    """Where the networks live: cpu, cuda, cuda:1, mps or auto."""

    def __post_init__(self) -> None:
        """Raise ConfigError for a value of a wrong type or out of range."""
        for name in ("steps", "num_envs", "eval_every"):
            require(name, getattr(self, name), is_int(getattr(self, name), 1), "an integer >= 1")
        for name in ("seed", "eval_episodes"):
            require(name, getattr(self, name), is_int(getattr(self, name), 0), "an integer >= 0")
        for name in ("env", "algo", "memory", "device"):
            require(name, getattr(self, name), isinstance(getattr(self, name), str) and getattr(self, name), "a name")
        for name in ("env_kwargs", "memory_kwargs", "policy_kwargs"):
            require(name, getattr(self, name), is_json(getattr(self, name)), "a mapping of names to JSON values")
        require("ppo", self.ppo, isinstance(self.ppo, PPOConfig), "a PPOConfig")
        known = get_args(LoggerName)
        fits = isinstance(self.logger, tuple) and set(self.logger) <= set(known)
        require("logger", self.logger, fits, f"a tuple of {', '.join(known)}")

    @property
    def who(self) -> str:
        """What learns, in a word: the memory, or the peer's name."""
        return self.memory if self.algo == "memory_ppo" else self.algo


presets: Registry[Callable[[], TrainConfig]] = Registry("preset", hint="A new one is a function in train/presets.py.")
for _name in ("debug", "cpu", "demo", "recall", "cartpole", "pendulum"):
    presets.add(_name, f"robomem.train.presets:{_name}")


def require(name: str, value: object, holds: object, expected: str) -> None:
    """Raise ConfigError unless ``holds``: "NAME must be EXPECTED, not VALUE."."""
    if not holds:
        raise ConfigError(f"{name} must be {expected}, not {value!r}.")


def is_int(value: object, least: int) -> bool:
    """Return whether ``value`` is an integer, no bool, and at least ``least``."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def is_json(value: object) -> bool:
    """Return whether ``value`` is a mapping of names to what JSON can say."""
    try:
        return isinstance(value, dict) and json.loads(json.dumps(value, allow_nan=False)).keys() == value.keys()
    except (TypeError, ValueError):
        return False
