"""Algorithms of stable-baselines3 and sb3-contrib through the same runs, for comparison.

Where a peer has a hyper-parameter of ``PPOConfig`` it takes its value. ``policy_kwargs`` of the configuration are the
arguments of the peer's class, its own ``policy_kwargs`` inside: ``{"policy_kwargs": {"net_arch": [64, 64]}}``.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from operator import attrgetter
from typing import Any

import numpy as np
import torch

from robomem.errors import CheckpointError, ConfigError, suggest
from robomem.policy import Saveable
from robomem.train.algorithms import Groups, Learner
from robomem.train.config import TrainConfig
from robomem.train.sb3_policy import Sb3Policy, algorithm_class, policy_name, with_classes
from robomem.train.vec_env import SB3VecEnv

__all__ = ["ppo", "recurrent_ppo", "sac"]

_OURS = ("policy", "env", "seed", "device", "verbose", "tensorboard_log", "_init_setup_model")


def ppo(config: TrainConfig, env: SB3VecEnv) -> Learner:
    """PPO of stable-baselines3, without memory."""
    return _build("sb3.ppo", config, env, _ppo_arguments(config))


def recurrent_ppo(config: TrainConfig, env: SB3VecEnv) -> Learner:
    """Recurrent PPO of sb3-contrib, with an LSTM."""
    return _build("sb3_contrib.recurrent_ppo", config, env, _ppo_arguments(config))


def sac(config: TrainConfig, env: SB3VecEnv) -> Learner:
    """Soft actor-critic of stable-baselines3, without memory; continuous actions alone."""
    return _build("sb3.sac", config, env, {"learning_rate": _rate(config), "gamma": config.ppo.gamma})


class _PeerLearner:
    """Keeps weights and optimizers; rollouts, replay buffers and random streams begin anew after a resume."""

    exact = False

    def __init__(self, name: str, algorithm: Any, network: dict[str, Any], env: SB3VecEnv) -> None:
        self.algorithm, self._env = algorithm, env
        self._name, self._network = name, network
        self._modules, self._tensors = algorithm._get_torch_save_params()

    def policy(self) -> Saveable:
        self.algorithm.policy.set_training_mode(False)
        spaces = self._env.observation_space, self._env.action_space
        return Sb3Policy(self._name, self._network, self.algorithm.policy, *spaces)

    def checkpoint_state(self) -> Groups:
        groups: Groups = {"algorithm": {"num_timesteps": np.array(self.algorithm.num_timesteps)}}
        groups["algorithm"]["n_updates"] = np.array(self.algorithm._n_updates)
        for name in self._modules:
            part = attrgetter(name)(self.algorithm)
            state = _flat(part.state_dict()) if isinstance(part, torch.optim.Optimizer) else part.state_dict()
            groups[name] = {key: tensor.detach().cpu().numpy() for key, tensor in state.items()}
        for name in self._tensors:
            groups["algorithm"][name] = attrgetter(name)(self.algorithm).detach().cpu().numpy()
        return groups

    def load_checkpoint_state(self, groups: Groups) -> None:
        try:
            for name in self._modules:
                part = attrgetter(name)(self.algorithm)
                state = {key: torch.tensor(array) for key, array in groups[name].items()}
                if isinstance(part, torch.optim.Optimizer):
                    part.load_state_dict(_nested(state, part.state_dict()["param_groups"]))
                else:
                    part.load_state_dict(state)
            for name in self._tensors:
                attrgetter(name)(self.algorithm).data.copy_(torch.tensor(groups["algorithm"][name]))
        except RuntimeError as error:
            raise CheckpointError(f"the checkpoint does not fit {self._name}: {error}") from error
        self.algorithm.num_timesteps = int(groups["algorithm"]["num_timesteps"])
        self.algorithm._n_updates = int(groups["algorithm"]["n_updates"])


def _build(name: str, config: TrainConfig, env: SB3VecEnv, arguments: dict[str, Any]) -> Learner:
    kind = algorithm_class(name)
    known = set(signature(kind).parameters) - set(_OURS)
    for asked in config.policy_kwargs:
        if asked not in known:
            raise ConfigError(f"policy_kwargs: {name} has no argument {asked!r}. {suggest(asked, known)}")
    arguments = {**arguments, **config.policy_kwargs}
    network = dict(arguments.pop("policy_kwargs", None) or {})
    try:
        algorithm: Any = kind(
            policy_name(kind, env.observation_space),
            env,
            policy_kwargs=with_classes(network),
            seed=config.seed,
            device=config.device,
            **arguments,
        )
    except (AssertionError, ValueError) as error:
        raise ConfigError(f"{name} cannot train in {config.env}: {error}") from error
    return _PeerLearner(name, algorithm, network, env)


def _ppo_arguments(config: TrainConfig) -> dict[str, Any]:
    hyper = config.ppo
    return {
        "learning_rate": _rate(config),
        "n_steps": hyper.rollout_steps,
        "batch_size": max(hyper.rollout_steps * config.num_envs // hyper.minibatches, 2),
        "n_epochs": hyper.epochs,
        "gamma": hyper.gamma,
        "gae_lambda": hyper.gae_lambda,
        "clip_range": hyper.clip_range,
        "normalize_advantage": hyper.normalize_advantage,
        "ent_coef": hyper.entropy_coef,
        "vf_coef": hyper.value_coef,
        "max_grad_norm": hyper.max_grad_norm,
        "target_kl": hyper.target_kl,
    }


def _rate(config: TrainConfig) -> float | Callable[[float], float]:
    rate = config.ppo.learning_rate
    return rate if config.ppo.schedule == "constant" else lambda remaining: rate * remaining


def _flat(state: dict[str, Any]) -> dict[str, torch.Tensor]:
    return {f"{index}.{name}": value for index, part in state["state"].items() for name, value in part.items()}


def _nested(flat: dict[str, torch.Tensor], param_groups: Any) -> dict[str, Any]:
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, tensor in flat.items():
        index, _, name = key.partition(".")
        state.setdefault(int(index), {})[name] = tensor
    return {"state": state, "param_groups": param_groups}
