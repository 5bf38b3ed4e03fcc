"""Training runs by name. Each is a function, so that a listing shows its first line and nothing is built before."""

from __future__ import annotations

from robomem.train.config import TrainConfig
from robomem.train.ppo_config import PPOConfig

__all__ = ["cartpole", "cpu", "debug", "demo", "pendulum", "recall"]


def debug() -> TrainConfig:
    """Half a minute: every part of a run is exercised, nothing much is learnt."""
    return TrainConfig(
        env_kwargs={"delay": 4},
        memory="gru",
        memory_kwargs={"width": 32},
        steps=4096,
        num_envs=8,
        ppo=PPOConfig(rollout_steps=64, epochs=2, minibatches=2),
        eval_every=2048,
        eval_episodes=8,
        logger=(),
    )


def cpu() -> TrainConfig:
    """A sensible start on a few CPU cores: RecallReach with hierarchical chunk attention."""
    return TrainConfig()


def demo() -> TrainConfig:
    """What ``make demo`` trains: RecallReach with a one-layer HCAM, solved in about 130 k steps."""
    return recall()


def recall() -> TrainConfig:
    """The settings of docs/results/recall.md: small networks that learn a recall task in minutes on one core."""
    return TrainConfig(
        memory_kwargs={"layers": 1, "chunk_size": 8, "max_chunks": 64},
        policy_kwargs={"log_std": -0.5, "encoder": [64]},
        steps=200_000,
        num_envs=64,
        ppo=PPOConfig(rollout_steps=64, minibatches=8, learning_rate=1e-3, gamma=0.97),
        eval_every=20_000,
        eval_episodes=64,
    )


def cartpole() -> TrainConfig:
    """CartPole-v1, to check that a machine learns."""
    return TrainConfig(
        env="CartPole-v1",
        memory="none",
        steps=60_000,
        num_envs=8,
        ppo=PPOConfig(learning_rate=1e-3),
        eval_every=10_000,
        eval_episodes=20,
    )


def pendulum() -> TrainConfig:
    """Pendulum-v1, to check that a machine learns to move."""
    return TrainConfig(
        env="Pendulum-v1",
        memory="none",
        steps=200_000,
        num_envs=16,
        ppo=PPOConfig(learning_rate=1e-3, gamma=0.95, epochs=10),
        eval_every=20_000,
        eval_episodes=20,
    )
