"""Who can learn, by name, and what a run needs of them."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import TYPE_CHECKING, Any, Protocol

import numpy.typing as npt

from robomem.errors import ConfigError, suggest
from robomem.policy import Saveable, policies
from robomem.registry import Registry
from robomem.train.config import TrainConfig

if TYPE_CHECKING:
    from stable_baselines3.common.base_class import BaseAlgorithm

    from robomem.train.vec_env import SB3VecEnv

__all__ = ["Groups", "Learner", "algorithms", "memory_ppo"]

Groups = dict[str, dict[str, npt.NDArray[Any]]]


class Learner(Protocol):
    """An SB3 algorithm that can be saved between two rollouts.

    Attributes:
        algorithm: it.
        exact: whether a resumed run equals an uninterrupted one to the bit.
    """

    algorithm: BaseAlgorithm
    exact: bool

    def policy(self) -> Saveable:
        """Return the policy as it is now, to be played and saved."""
        ...

    def checkpoint_state(self) -> Groups:
        """Return what learning depends on."""
        ...

    def load_checkpoint_state(self, groups: Groups) -> None:
        """Go back to what ``checkpoint_state`` returned."""
        ...


algorithms: Registry[Callable[[TrainConfig, SB3VecEnv], Learner]] = Registry(
    "algorithm", hint="A new one is a function of a TrainConfig and a vector environment that returns a Learner."
)
algorithms.add("memory_ppo", "robomem.train.algorithms:memory_ppo")
algorithms.add("sb3.ppo", "robomem.train.peers:ppo")
algorithms.add("sb3.sac", "robomem.train.peers:sac")
algorithms.add("sb3_contrib.recurrent_ppo", "robomem.train.peers:recurrent_ppo")


class _MemoryPPOLearner:
    """MemoryPPO saves itself to the bit."""

    exact = True

    def __init__(self, algorithm: Any) -> None:
        self.algorithm = algorithm
        self.checkpoint_state: Callable[[], Groups] = algorithm.checkpoint_state
        self.load_checkpoint_state: Callable[[Groups], None] = algorithm.load_checkpoint_state

    def policy(self) -> Saveable:
        self.algorithm.policy.train(False)
        return self.algorithm.policy  # type: ignore[no-any-return]


def memory_ppo(config: TrainConfig, env: SB3VecEnv) -> Learner:
    """PPO over whole sequences with any memory."""
    from robomem.train.memory_ppo import MemoryPPO

    known = set(signature(policies["recall"]).parameters) - {
        "observation_space",
        "action_space",
        "memory",
        "memory_kwargs",
    }
    for name in config.policy_kwargs:
        if name not in known:
            raise ConfigError(f"policy_kwargs: the recall policy has no {name!r}. {suggest(name, known)}")
    fields = {"memory": config.memory, "memory_kwargs": config.memory_kwargs, **config.policy_kwargs}
    algorithm = MemoryPPO(
        "recall", env, config=config.ppo, policy_kwargs=fields, seed=config.seed, device=config.device
    )
    return _MemoryPPOLearner(algorithm)
