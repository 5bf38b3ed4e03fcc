"""What a run that learns from demonstrations is: one frozen dataclass."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, get_args

from robomem.data.imitation.loading import Loading
from robomem.errors import ConfigError
from robomem.train.config import LoggerName, is_int, is_json, require
from robomem.train.imitation.settings import OptimConfig

__all__ = ["DEVICES", "ImitationConfig"]

DEVICES = ("cpu", "cuda", "mps", "auto")


@dataclass(frozen=True)
class ImitationConfig:
    """Train a policy from demonstrations and keep everything in one run folder."""

    policy: str = "memory-vla"
    """Who learns: memory-vla, or what a plugin adds."""
    policy_kwargs: dict[str, Any] = field(default_factory=dict)
    """Fields of the policy, e.g. memory=none encoder=small."""
    data: tuple[str, ...] = ()
    """Folders of data sets (LeRobotDataset v3), e.g. of robomem collect."""
    observation: tuple[str, ...] = ()
    """Parts of the observation that the policy sees; by default pictures and proprio."""
    held_out: float = 0.05
    """Share of the demonstrations that is kept from learning and tells the validation loss; 0 for none."""
    cache: str = ""
    """Folder of decoded pictures, for data that memory does not hold and to begin faster; by default none."""
    workers: int = 1
    """Threads that prepare the next batches; 0 to prepare each when it is needed."""
    env: str = ""
    """Environment of the evaluations; by default the one that the data say they were recorded in."""
    env_kwargs: dict[str, Any] = field(default_factory=dict)
    """Arguments of the environment, e.g. delay=20; added to those that the data tell."""
    steps: int = 4000
    """Updates of the weights in all."""
    seed: int = 0
    """From which every random stream is derived."""
    loading: Loading = field(default_factory=Loading)
    """What a batch is."""
    optim: OptimConfig = field(default_factory=OptimConfig)
    """How weights follow its gradient."""
    log_every: int = 50
    """Steps of which a row of the log is the mean."""
    eval_every: int = 1000
    """Steps between two evaluations, each followed by a checkpoint."""
    eval_episodes: int = 50
    """Held-out episodes of each evaluation in the simulator; 0 for none."""
    out: str = ""
    """Run folder; by default runs/ENV-POLICY-sSEED, numbered if that is taken."""
    logger: tuple[LoggerName, ...] = ("tensorboard",)
    """Where the log goes beside progress.csv: tensorboard, wandb, trackio, any of them or none."""
    device: str = "cpu"
    """Where the networks live: cpu, cuda, mps or auto; with several processes each takes a device of its own."""

    def __post_init__(self) -> None:
        """Raise ConfigError for a value of a wrong type or out of range."""
        for name in ("steps", "log_every", "eval_every"):
            require(name, getattr(self, name), is_int(getattr(self, name), 1), "an integer >= 1")
        for name in ("seed", "eval_episodes", "workers"):
            require(name, getattr(self, name), is_int(getattr(self, name), 0), "an integer >= 0")
        require("policy", self.policy, isinstance(self.policy, str) and self.policy, "a name")
        require("env", self.env, isinstance(self.env, str), "a name")
        for name in ("env_kwargs", "policy_kwargs"):
            require(name, getattr(self, name), is_json(getattr(self, name)), "a mapping of names to JSON values")
        folders = isinstance(self.data, tuple) and all(isinstance(each, str) and each for each in self.data)
        require("data", self.data, folders and len(set(self.data)) == len(self.data), "different folders")
        seen = isinstance(self.observation, tuple) and all(isinstance(each, str) and each for each in self.observation)
        require("observation", self.observation, seen, "names")
        require("cache", self.cache, isinstance(self.cache, str), "a folder")
        share = isinstance(self.held_out, (int, float)) and 0 <= self.held_out < 1
        require("held_out", self.held_out, share, "a share in [0, 1)")
        require("loading", self.loading, isinstance(self.loading, Loading), "a Loading")
        require("optim", self.optim, isinstance(self.optim, OptimConfig), "an OptimConfig")
        known = get_args(LoggerName)
        fits = isinstance(self.logger, tuple) and set(self.logger) <= set(known)
        require("logger", self.logger, fits, f"a tuple of {', '.join(known)}")
        require("device", self.device, self.device in DEVICES, f"one of {', '.join(DEVICES)}")
        if self.loading.groups % self.optim.accumulate:
            raise ConfigError(
                f"loading.groups {self.loading.groups} cannot be dealt to optim.accumulate {self.optim.accumulate} "
                "equal parts; make it a multiple."
            )

    @property
    def who(self) -> str:
        """What learns, in a word."""
        return self.policy
