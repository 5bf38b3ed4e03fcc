"""MemoryPPO beside sb3_contrib.RecurrentPPO. Writes docs/results/recurrent_ppo.{md,json}.

    OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive python scripts/bench/recurrent_ppo.py

First what one pass over one rollout costs both, in process CPU time, rivals in turn: the same network (one LSTM, the
heads of MlpLstmPolicy), the same rollout, observations, actions, returns and episode starts alike. Then what both
learn in a task that needs memory, at equal steps, hyper-parameters and seeds.
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import sb3_contrib
import stable_baselines3
import torch
import tyro
from gymnasium.wrappers import TransformObservation
from sb3_contrib import RecurrentPPO
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.logger import configure
from stable_baselines3.common.vec_env import VecEnv

from robomem.train.memory_ppo import MemoryPPO
from robomem.train.ppo_config import PPOConfig

RESULTS = Path(__file__).parents[2] / "docs" / "results"
ENVS, STEPS = 8, 128
HEADS = [64, 64]


class CueDelayAnswer(gym.Env[np.ndarray, int]):
    """A cue is shown once; after a delay its name is asked for and the answer is rewarded. Chance is 1 / 3."""

    cues, delay = 3, 3
    observation_space = gym.spaces.Box(0, 1, (cues + 1,), np.float32)
    action_space = gym.spaces.Discrete(cues)  # type: ignore[assignment]

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        self.clock, self.cue = 0, int(self.np_random.integers(self.cues))
        return self._see(), {}

    def step(self, action: int) -> Any:
        done = self.clock == self.delay
        reward = float(done and action == self.cue)
        self.clock += 1
        return self._see(), reward, done, False, {}

    def _see(self) -> np.ndarray:
        seen = np.zeros(self.cues + 1, np.float32)
        if self.clock == 0:
            seen[self.cue] = 1
        seen[-1] = self.clock == self.delay
        return seen


def blind_to_velocity(env_id: str, keep: list[int]) -> Callable[[], gym.Env[Any, Any]]:
    """Return a maker of an environment that shows some of its observation."""

    def make() -> gym.Env[Any, Any]:
        env = gym.make(env_id)
        seen = env.observation_space
        space = gym.spaces.Box(seen.low[keep], seen.high[keep], dtype=np.float32)  # type: ignore[attr-defined]
        return TransformObservation(env, lambda observation: observation[keep], space)

    return make


TASKS = {
    "CartPole, positions only": blind_to_velocity("CartPole-v1", [0, 2]),
    "Pendulum, positions only": blind_to_velocity("Pendulum-v1", [0, 1]),
}


def theirs(env: VecEnv, config: PPOConfig, width: int, seed: int, shared: bool = True) -> RecurrentPPO:
    """Build RecurrentPPO; ``shared`` gives actor and critic one LSTM, as ours have; its default is one each."""
    policy_kwargs = {"lstm_hidden_size": width, "net_arch": HEADS}
    if shared:
        policy_kwargs |= {"shared_lstm": True, "enable_critic_lstm": False}
    return RecurrentPPO(
        "MlpLstmPolicy",
        env,
        learning_rate=config.learning_rate,
        n_steps=config.rollout_steps,
        batch_size=config.rollout_steps * env.num_envs // config.minibatches,
        n_epochs=config.epochs,
        gamma=config.gamma,
        gae_lambda=config.gae_lambda,
        clip_range=config.clip_range,
        ent_coef=config.entropy_coef,
        vf_coef=config.value_coef,
        max_grad_norm=config.max_grad_norm,
        policy_kwargs=policy_kwargs,
        seed=seed,
        device="cpu",
    )


def ours(env: VecEnv, config: PPOConfig, width: int, seed: int, span: int = 100) -> MemoryPPO:
    """Build MemoryPPO with the same network: nothing before the LSTM."""
    policy_kwargs = {
        "memory": "lstm",
        "memory_kwargs": {"width": width, "span": span},
        "encoder": (),
        "heads": HEADS,
        "normalize": False,
    }
    return MemoryPPO("recall", env, config=config, policy_kwargs=policy_kwargs, seed=seed)


def played(algorithm: RecurrentPPO) -> RecurrentPPO:
    """Return ``algorithm`` with one rollout to learn from."""
    _, callback = algorithm._setup_learn(STEPS * ENVS)
    assert algorithm.env is not None
    algorithm.collect_rollouts(algorithm.env, callback, algorithm.rollout_buffer, STEPS)
    algorithm.set_logger(configure(None, []))
    return algorithm


def with_the_rollout_of(source: RecurrentPPO, target: MemoryPPO) -> MemoryPPO:
    """Return ``target`` with the rollout that ``source`` played and has not learnt from yet."""
    buffer, storage = source.rollout_buffer, target.rollout_buffer
    discrete = isinstance(target.action_space, gym.spaces.Discrete)
    ended = np.concatenate([buffer.episode_starts[1:], source._last_episode_starts[None]])  # type: ignore[index]
    storage.begin(target.policy.initial_memory(ENVS))
    for step in range(STEPS):
        storage.add(
            target.policy.tensors(buffer.observations[step]),
            action=torch.tensor(buffer.actions[step]).to(torch.int64 if discrete else torch.float32),
            reset=torch.tensor(buffer.episode_starts[step], dtype=torch.bool),
            reward=torch.tensor(buffer.rewards[step]),
            ended=torch.tensor(ended[step], dtype=torch.bool),
            value=torch.tensor(buffer.values[step]),
            log_prob=torch.tensor(buffer.log_probs[step]),
        )
    storage.finish(torch.zeros(ENVS), target.gamma, target.gae_lambda, normalize=True)
    target.set_logger(configure(None, []))
    return target


def epoch_costs(task: str, repetitions: int) -> dict[str, Any]:
    """Return CPU ms of one epoch over one rollout of 8 x 128 steps, the least of several, by contestant."""
    epoch = {minibatches: PPOConfig(STEPS, epochs=1, minibatches=minibatches) for minibatches in (8, 4, 1)}
    env = make_vec_env(TASKS[task], ENVS, seed=0)
    rival = played(theirs(env, epoch[8], 256, 0))
    contestants: dict[str, Any] = {
        "RecurrentPPO, two LSTMs (its default), 8 minibatches": played(theirs(env, epoch[8], 256, 0, shared=False)),
        "RecurrentPPO, one LSTM, 8 minibatches": rival,
    }
    for minibatches, config in epoch.items():
        name = f"MemoryPPO, one LSTM, {minibatches} minibatch{'es' if minibatches > 1 else ''}"
        contestants[name] = with_the_rollout_of(rival, ours(env, config, 256, 0))
    starts = int(rival.rollout_buffer.episode_starts.sum())
    best = dict.fromkeys(contestants, float("inf"))
    for _ in range(repetitions):
        for name, algorithm in contestants.items():
            begin = time.process_time()
            algorithm.train()
            best[name] = min(best[name], 1000 * (time.process_time() - begin))
    weights = {name: sum(p.numel() for p in algorithm.policy.parameters()) for name, algorithm in contestants.items()}
    return {"task": task, "episode_starts": starts, "cpu_ms": best, "weights": weights}


def learning(seeds: int, steps: int) -> dict[str, Any]:
    """Train on the cue task with each seed; returns successes of 200 held-out episodes, and CPU seconds."""
    config = PPOConfig(
        64, epochs=4, minibatches=4, learning_rate=3e-3, gamma=0.95, schedule="constant", entropy_coef=0.01
    )
    contestants: dict[str, tuple[Callable[..., Any], PPOConfig]] = {
        "RecurrentPPO": (theirs, config),
        "MemoryPPO": (ours, config),
        "MemoryPPO, span 6": (partial(ours, span=6), config),
    }
    report: dict[str, Any] = {"steps": steps, "seeds": seeds, "success": {}, "cpu_s": {}}
    for name, (build, config) in contestants.items():
        for seed in range(seeds):
            begin = time.process_time()
            algorithm = build(make_vec_env(CueDelayAnswer, 16, seed=1000 * seed), config, 32, seed)
            algorithm.learn(steps)
            spent = time.process_time() - begin
            success, _ = evaluate_policy(algorithm, make_vec_env(CueDelayAnswer, 16, seed=77), 200)
            report["success"].setdefault(name, []).append(round(float(success), 3))
            report["cpu_s"].setdefault(name, []).append(round(spent, 1))
            print(f"{steps} steps, {name}, seed {seed}: success {success}, {spent:.1f} CPU s", flush=True)
    return report


def page(report: dict[str, Any]) -> str:
    """Return the report as Markdown."""
    lines = [
        "# MemoryPPO beside sb3_contrib.RecurrentPPO",
        "",
        f"Made by `python scripts/bench/recurrent_ppo.py{' --quick' if report['quick'] else ''}`; {report['machine']}.",
        "",
        "## One epoch over a rollout of 8 environments x 128 steps",
        "",
        "Process CPU time on one thread, the least of several repetitions, contestants in turn. LSTM of 256, heads of",
        "64, 64, as in `MlpLstmPolicy`; all are given the same rollout with the same episode starts. A RecurrentPPO",
        "minibatch is 128 consecutive steps, a MemoryPPO minibatch is whole sequences of some environments.",
        "",
    ]
    for costs in report["epochs"]:
        times = costs["cpu_ms"]
        reference = times["RecurrentPPO, one LSTM, 8 minibatches"]
        lines += [
            f"**{costs['task']}** ({costs['episode_starts']} episode starts in the rollout)",
            "",
            "| | weights | CPU ms an epoch | against RecurrentPPO with one LSTM |",
            "|---|---|---|---|",
            *[f"| {n} | {costs['weights'][n]:,} | {ms:,.0f} | {reference / ms:.1f} x |" for n, ms in times.items()],
            "",
        ]
    lines += [
        "## What both learn",
        "",
        "A cue of three is shown once and asked for three steps later (chance 0.33). 16 environments, rollouts of 64",
        "steps, 4 epochs, 4 minibatches, learning rate 3e-3, one LSTM of 32; success in 200 held-out episodes, and",
        "process CPU seconds of the whole training. MemoryPPO's LSTM starts out remembering over 1 to `span` steps, by",
        "default 100: for a delay of three that is slower to begin with, for the tasks of the recall suite it is what",
        "makes them learnable ([recall](recall.md)). RecurrentPPO has PyTorch's own initialisation.",
        "",
    ]
    for task in report["learning"]:
        lines += [
            f"| after {task['steps']:,} steps | "
            + " | ".join(f"seed {seed}" for seed in range(task["seeds"]))
            + " | mean | CPU s |",
            "|---" * (task["seeds"] + 3) + "|",
        ]
        for name, successes in task["success"].items():
            cells = " | ".join(f"{success:.2f}" for success in successes)
            lines.append(f"| {name} | {cells} | {np.mean(successes):.2f} | {np.mean(task['cpu_s'][name]):.1f} |")
        lines.append("")
    return "\n".join(lines)


def main(quick: bool = False, out: Path = RESULTS) -> None:
    """Compare, and write the results.

    Args:
        quick: one task, one seed, few steps: whether it runs, not what it says.
        out: folder of the results.
    """
    torch.set_num_threads(1)
    tasks = list(TASKS)[: 1 if quick else None]
    report: dict[str, Any] = {
        "quick": quick,
        "machine": f"{platform.processor() or platform.machine()}, torch {torch.__version__}, stable-baselines3 "
        f"{stable_baselines3.__version__}, sb3-contrib {sb3_contrib.__version__}",
        "epochs": [epoch_costs(task, repetitions=1 if quick else 3) for task in tasks],
        "learning": [
            learning(seeds=1 if quick else 5, steps=steps) for steps in ([1_024] if quick else [5_120, 16_384])
        ],
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / "recurrent_ppo.json").write_text(json.dumps(report, indent=2) + "\n")
    (out / "recurrent_ppo.md").write_text(page(report))
    print(page(report))


if __name__ == "__main__":
    tyro.cli(main)
