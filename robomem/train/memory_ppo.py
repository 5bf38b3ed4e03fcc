"""PPO for policies that remember, on the base class of stable-baselines3.

SB3's logger, callbacks and vector environments work as they are. What differs from ``sb3_contrib.RecurrentPPO``: any
sequence memory; minibatches are whole sequences of some environments, so that the memory runs as one fused call and
not step by step; and a run can be stopped and resumed to the bit.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm
from stable_baselines3.common.vec_env import VecEnv
from torch import Tensor, nn

from robomem import policy as policy_files
from robomem.errors import CheckpointError, RobomemError
from robomem.seeding import derive_seed
from robomem.sequence import MemoryState
from robomem.train import compiled_update, ppo_checkpoint
from robomem.train.actor_critic import MemoryActorCritic
from robomem.train.compiled_update import CompiledUpdate
from robomem.train.ppo_config import PPOConfig
from robomem.train.ppo_loss import STATISTICS, ppo_loss
from robomem.train.rollout_storage import RolloutStorage, Sequences

__all__ = ["MemoryPPO"]


class MemoryPPO(OnPolicyAlgorithm):
    """Proximal policy optimisation of a ``MemoryActorCritic``.

    Args:
        policy: the name of a registered policy, or its class.
        env: an SB3 VecEnv (or what SB3 can wrap as one). Images stay as they are, channels last.
        config: hyper-parameters.
        policy_kwargs: what the policy takes beside the spaces, e.g. ``{"memory": "hcam"}``.
        seed: of weights, actions, minibatches and the environments.
        device: where the policy lives.
        verbose: 1 prints SB3's tables.
        tensorboard_log: folder for SB3's TensorBoard logger.
        stats_window_size: episodes over which returns and success are averaged in the log.
    """

    policy: MemoryActorCritic  # type: ignore[assignment]
    rollout_buffer: RolloutStorage  # type: ignore[assignment]

    def __init__(
        self,
        policy: str | type[Any],
        env: VecEnv | Any,
        *,
        config: PPOConfig | None = None,
        policy_kwargs: dict[str, Any] | None = None,
        seed: int = 0,
        device: torch.device | str = "cpu",
        verbose: int = 0,
        tensorboard_log: str | None = None,
        stats_window_size: int = 100,
    ) -> None:
        self.config = config = config or PPOConfig()
        rate = config.learning_rate
        super().__init__(
            policy,
            env,
            learning_rate=rate if config.schedule == "constant" else lambda remaining: rate * remaining,
            n_steps=config.rollout_steps,
            gamma=config.gamma,
            gae_lambda=config.gae_lambda,
            ent_coef=config.entropy_coef,
            vf_coef=config.value_coef,
            max_grad_norm=config.max_grad_norm,
            use_sde=False,
            sde_sample_freq=-1,
            policy_kwargs=dict(policy_kwargs or {}),
            seed=seed,
            device=device,
            verbose=verbose,
            tensorboard_log=tensorboard_log,
            stats_window_size=stats_window_size,
        )

    def _setup_model(self) -> None:
        """Build policy, optimiser, storage and random streams; called by SB3's constructor."""
        seed = int(self.seed or 0)
        self._setup_lr_schedule()
        self.set_random_seed(seed)
        if self.config.reconstruction_coef:
            self.policy_kwargs.setdefault("reconstruction", True)
        built = self.policy_class(self.observation_space, self.action_space, **self.policy_kwargs)
        self.policy = built.to(self.device)  # type: ignore[assignment]
        self.parameters = list(self.policy.parameters())
        self.optimizer = torch.optim.Adam(self.parameters, self.config.learning_rate, eps=1e-5, fused=True)
        compile_it = compiled_update.wanted(self.config)
        self._compiled_update = CompiledUpdate(self.policy, self.optimizer, self.config) if compile_it else None
        self.rollout_buffer = RolloutStorage(self.n_envs, self.n_steps)
        self.action_noise_generator = torch.Generator(self.device).manual_seed(derive_seed(seed, "ppo", "actions"))
        self.minibatch_generator = torch.Generator().manual_seed(derive_seed(seed, "ppo", "minibatches"))
        self.memory: MemoryState = self.policy.initial_memory(self.n_envs)
        self._collecting = False

    @staticmethod
    def _wrap_env(env: Any, verbose: int = 0, monitor_wrapper: bool = True) -> VecEnv:
        """Leave vector environments alone: SB3 would move the channels of images to the front."""
        return env if isinstance(env, VecEnv) else OnPolicyAlgorithm._wrap_env(env, verbose, monitor_wrapper)

    def _get_policy_from_name(self, policy_name: str) -> Any:
        return policy_files.policies[policy_name]

    def _update_current_progress_remaining(self, num_timesteps: int, total_timesteps: int) -> None:
        """Count from the rollout's first step: a linear schedule then reaches 0 after the last update, not before."""
        super()._update_current_progress_remaining(num_timesteps - self.n_steps * self.n_envs, total_timesteps)

    def collect_rollouts(  # type: ignore[override]
        self, env: VecEnv, callback: BaseCallback, rollout_buffer: RolloutStorage, n_rollout_steps: int
    ) -> bool:
        """Play ``n_rollout_steps`` in every environment; False if the callback ended it. See SB3."""
        self.policy.train(False)
        callback.on_rollout_start()
        self._collecting = True
        rollout_buffer.begin(self.memory)
        for _ in range(n_rollout_steps):
            observation, reset = self._seen()
            with torch.inference_mode():
                action, value, log_prob, self.memory = self.policy.act(
                    observation, self.memory, reset, self.action_noise_generator
                )
            new_obs, rewards, dones, infos = env.step(self.policy.env_action(action))
            self.num_timesteps += env.num_envs
            callback.update_locals(locals())
            if not callback.on_step():
                return False
            self._update_info_buffer(infos, dones)
            rollout_buffer.add(
                observation,
                action=action,
                reset=reset,
                reward=self._tensor(rewards + self.gamma * self._cut_off_values(dones, infos)),
                ended=self._tensor(dones, torch.bool),
                value=value,
                log_prob=log_prob,
            )
            self._last_obs, self._last_episode_starts = new_obs, dones  # type: ignore[assignment]
        observation, reset = self._seen()
        with torch.inference_mode():
            last_value = self.policy.value(observation, self.memory, reset)
        rollout_buffer.finish(last_value, self.gamma, self.gae_lambda, self.config.normalize_advantage)
        self._collecting = False
        callback.update_locals(locals())
        callback.on_rollout_end()
        return True

    def _seen(self) -> tuple[dict[str, Tensor], Tensor]:
        """Return the latest observations, and where they begin an episode."""
        assert self._last_obs is not None
        assert self._last_episode_starts is not None
        return self.policy.tensors(self._last_obs), self._tensor(self._last_episode_starts, torch.bool)

    def _cut_off_values(self, dones: npt.NDArray[np.bool_], infos: list[dict[str, Any]]) -> npt.NDArray[np.float32]:
        """Return the values of the last observations of episodes that a time limit cut off, 0 elsewhere, [B]."""
        values = np.zeros(len(dones), np.float32)
        rows = [row for row in np.flatnonzero(dones) if infos[row].get("TimeLimit.truncated")]
        rows = [row for row in rows if infos[row].get("terminal_observation") is not None]
        if rows:
            observation = self.policy.tensors(_stack([infos[row]["terminal_observation"] for row in rows]))
            index = torch.tensor(rows, device=self.device)
            with torch.inference_mode():
                memory = {name: part[index] for name, part in self.memory.items()}
                value = self.policy.value(observation, memory, torch.zeros_like(index, dtype=torch.bool))
            values[rows] = value.cpu().numpy()
        return values

    def train(self) -> None:
        """Improve the policy on the rollout; called by SB3's ``learn``."""
        self.policy.train(True)
        self._update_learning_rate(self.optimizer)
        self.policy.rescale_values(self.rollout_buffer.target)
        statistics = self._epochs()
        self.policy.update_statistics(self.rollout_buffer.observation)
        for name, value in zip(STATISTICS, torch.stack(statistics).mean(0).tolist()):
            self.logger.record(f"train/{name}", value)
        self.logger.record("train/explained_variance", self.rollout_buffer.explained_variance())
        self.logger.record("train/n_updates", self._n_updates, exclude="tensorboard")

    def _epochs(self) -> list[Tensor]:
        parts = min(self.config.minibatches, self.n_envs)
        limit = math.inf if self.config.target_kl is None else 1.5 * self.config.target_kl
        statistics: list[Tensor] = []
        for _ in range(self.config.epochs):
            for rows in torch.randperm(self.n_envs, generator=self.minibatch_generator).tensor_split(parts):
                statistics.append(self._improve(self.rollout_buffer.sequences(rows.to(self.device))))
                if statistics[-1][STATISTICS.index("approx_kl")] > limit:
                    return statistics
            self._n_updates += 1
        return statistics

    def _improve(self, batch: Sequences) -> Tensor:
        """Take one step of Adam."""
        compiled = self._compiled_update and self._compiled_update(batch)
        if compiled:
            statistics, norm = compiled
            self._require_finite(norm, statistics)
            return statistics
        self._compiled_update = None
        loss, statistics = ppo_loss(self.policy, batch, self.config)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._require_finite(nn.utils.clip_grad_norm_(self.parameters, self.max_grad_norm), statistics)
        self.optimizer.step()
        return statistics

    def _require_finite(self, norm: Tensor, statistics: Tensor) -> None:
        if not torch.isfinite(norm):
            raise RobomemError(
                f"After {self.num_timesteps} steps the gradient is not finite (loss {statistics[0]:.3g}). The weights "
                "are still those before it. Lower ppo.learning_rate, or look for huge rewards or observations."
            )

    def checkpoint_state(self) -> dict[str, dict[str, npt.NDArray[Any]]]:
        """Return everything that learning depends on, as named groups of named arrays.

        Complete between updates alone: before ``learn``, in a callback's ``on_rollout_start``, after ``learn``. The
        environment's own state is the caller's to keep.

        Raises:
            CheckpointError: in the middle of a rollout.
        """
        if self._collecting:
            raise CheckpointError("a rollout is half done; take checkpoints in on_rollout_start or after learn().")
        return ppo_checkpoint.capture(self)

    def load_checkpoint_state(self, groups: dict[str, dict[str, npt.NDArray[Any]]]) -> None:
        """Go back to what ``checkpoint_state`` returned; then call ``learn`` with ``reset_num_timesteps=False``.

        Raises:
            CheckpointError: it belongs to another policy or number of environments; nothing was changed.
        """
        ppo_checkpoint.apply(self, groups)
        self._collecting = False

    def save(self, path: Any, exclude: Any = None, include: Any = None) -> None:
        """Write the policy as ``robomem.policy.save`` does: a folder, not SB3's zip of pickles."""
        policy_files.save(self.policy, path)

    @classmethod
    def load(cls, path: Any, *args: Any, **kwargs: Any) -> Any:
        """Refuse: a policy is loaded by ``robomem.policy.load``, a training run is resumed by ``robomem train``."""
        raise CheckpointError(
            f"MemoryPPO does not load {path}: use robomem.policy.load for a policy, robomem train --resume for a run."
        )

    def _tensor(self, array: npt.ArrayLike, dtype: torch.dtype = torch.float32) -> Tensor:
        return torch.as_tensor(np.asarray(array), dtype=dtype, device=self.device)


def _stack(observations: list[Any]) -> Any:
    """Return single observations as a batch."""
    if isinstance(observations[0], dict):
        return {name: np.stack([one[name] for one in observations]) for name in observations[0]}
    return np.stack(observations)
