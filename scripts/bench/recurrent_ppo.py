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
from robomem.train.process import settle

RESULTS = Path(__file__).parents[2] / "docs" / "results"
ENVS, STEPS = 8, 128
HEADS = [64, 64]
MINIBATCHES = 8, 4, 1
TWO_LSTMS = "RecurrentPPO with two LSTMs (its default), 8 minibatches"


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


def ours(env: VecEnv, config: PPOConfig, width: int, seed: int, span: int = 100, activation: str = "relu") -> MemoryPPO:
    """Build MemoryPPO with the same network: nothing before the LSTM."""
    policy_kwargs = {
        "memory": "lstm",
        "memory_kwargs": {"width": width, "span": span},
        "encoder": (),
        "heads": HEADS,
        "activation": activation,
        "normalize": False,
    }
    return MemoryPPO("recall", env, config=config, policy_kwargs=policy_kwargs, seed=seed)


def ours_set_up_as_theirs(env: VecEnv, config: PPOConfig, width: int, seed: int) -> MemoryPPO:
    """Build MemoryPPO as RecurrentPPO begins: PyTorch's LSTM, tanh, and a critic that does not teach the one LSTM."""
    algorithm = ours(env, config, width, seed, span=0, activation="tanh")
    algorithm.policy.value_head.register_forward_pre_hook(lambda _, inputs: (inputs[0].detach(),))  # type: ignore[attr-defined]
    return algorithm


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


def named(algorithm: str, minibatches: int) -> str:
    return f"{algorithm}, {minibatches} minibatch{'es' if minibatches > 1 else ''}"


def epoch_costs(task: str, repetitions: int) -> dict[str, Any]:
    """Return CPU ms of one epoch over one rollout of 8 x 128 steps, the least of several, by contestant."""
    epoch = {minibatches: PPOConfig(STEPS, epochs=1, minibatches=minibatches) for minibatches in MINIBATCHES}
    env = make_vec_env(TASKS[task], ENVS, seed=0)
    contestants: dict[str, Any] = {TWO_LSTMS: played(theirs(env, epoch[8], 256, 0, shared=False))}
    for minibatches, config in epoch.items():
        contestants[named("RecurrentPPO", minibatches)] = played(theirs(env, config, 256, 0))
    rival = contestants[named("RecurrentPPO", 8)]
    for minibatches, config in epoch.items():
        contestants[named("MemoryPPO", minibatches)] = with_the_rollout_of(rival, ours(env, config, 256, 0))
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
    contestants: dict[str, Callable[..., Any]] = {
        "RecurrentPPO": theirs,
        "MemoryPPO, set up as RecurrentPPO": ours_set_up_as_theirs,
        "MemoryPPO, span 0": partial(ours, span=0),
        "MemoryPPO, as it comes (span 100)": ours,
    }
    report: dict[str, Any] = {"steps": steps, "seeds": seeds, "success": {}, "cpu_s": {}}
    for name, build in contestants.items():
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


def lstm_alone() -> dict[str, float]:
    """Return CPU ms of an epoch's LSTM, forward and backward, by minibatches; and of its multiplications alone."""
    lstm, a, b = torch.nn.LSTM(2, 256, batch_first=True), torch.randn(1024, 1024), torch.randn(1024, 1024)
    rate = 1024**3 / least_seconds(lambda: a @ b)
    floor = 3 * ENVS * STEPS * 4 * 256 * (256 + 2) / rate
    costs = {"multiplications": 1000 * floor}

    def once(x: torch.Tensor) -> None:
        lstm(x)[0].sum().backward()

    for minibatches in MINIBATCHES:
        x = torch.randn(ENVS // minibatches, STEPS, 2)
        costs[str(minibatches)] = 1000 * minibatches * least_seconds(partial(once, x))
    return costs


def least_seconds(work: Callable[[], object]) -> float:
    """Return CPU seconds of one call of ``work``, the least of several."""
    seconds = []
    for _ in range(20):
        begin = time.process_time()
        work()
        seconds.append(time.process_time() - begin)
    return min(seconds)


def page(report: dict[str, Any]) -> str:
    """Return the report as Markdown."""
    alone = report["lstm_alone_ms"]
    lines = [
        "# MemoryPPO beside sb3_contrib.RecurrentPPO",
        "",
        f"Made by `python scripts/bench/recurrent_ppo.py{' --quick' if report['quick'] else ''}`; {report['machine']}.",
        "",
        "## One epoch over a rollout of 8 environments x 128 steps",
        "",
        "Process CPU time on one thread, the least of several repetitions, contestants in turn. LSTM of 256, heads of",
        "64, 64, as in `MlpLstmPolicy`; actor and critic share the LSTM except in the first row. A RecurrentPPO",
        "minibatch is consecutive steps, a MemoryPPO minibatch is whole sequences of some environments. MemoryPPO is",
        "given the rollout of RecurrentPPO at 8 minibatches, with its episode starts. The last column compares at as",
        "many minibatches, the one before with RecurrentPPO at 8.",
        "",
        f"PyTorch's fused LSTM alone, forward and backward, takes {alone['8']:.0f} ms an epoch in 8 minibatches, "
        f"{alone['4']:.0f} in 4 and",
        f"{alone['1']:.0f} in 1; its multiplications at this machine's matrix-product rate would take "
        f"{alone['multiplications']:.0f}. With one environment",
        "a minibatch it reads its 1 MB of recurrent weights for a single row at every step.",
        "",
    ]
    for costs in report["epochs"]:
        times = costs["cpu_ms"]
        reference = times[named("RecurrentPPO", 8)]
        equal = {
            named("MemoryPPO", n): times[named("RecurrentPPO", n)] / times[named("MemoryPPO", n)] for n in MINIBATCHES
        }
        lines += [
            f"**{costs['task']}** ({costs['episode_starts']} episode starts in the rollout)",
            "",
            "| | weights | CPU ms an epoch | against 8 minibatches | at equal minibatches |",
            "|---|---|---|---|---|",
            *[
                f"| {n} | {costs['weights'][n]:,} | {ms:,.0f} | {reference / ms:.1f} x | "
                f"{f'{equal[n]:.1f} x' if n in equal else ''} |"
                for n, ms in times.items()
            ],
            "",
        ]
    lines += [
        "## What both learn",
        "",
        "A cue of three is shown once and asked for three steps later (chance 0.33). 16 environments, rollouts of 64",
        "steps, 4 epochs, 4 minibatches, learning rate 3e-3, one LSTM of 32; success in 200 held-out episodes, and",
        "process CPU seconds of the whole training. The two start from different places: MemoryPPO's LSTM remembers",
        "over 1 to `span` steps (100), RecurrentPPO's is PyTorch's own (span 0); MemoryPPO's critic teaches the LSTM",
        "that it shares with the actor, RecurrentPPO's is cut off from it (`latent_pi.detach()`); MemoryPPO has relu",
        "heads, RecurrentPPO tanh. *Set up as RecurrentPPO* has all three as RecurrentPPO has them. For a delay of",
        "three, memory over 100 steps is slower to begin with; for the recall suite it is what makes the tasks",
        "learnable ([recall](recall.md)).",
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
    settle()
    tasks = list(TASKS)[: 1 if quick else None]
    report: dict[str, Any] = {
        "quick": quick,
        "machine": f"{platform.processor() or platform.machine()}, torch {torch.__version__}, stable-baselines3 "
        f"{stable_baselines3.__version__}, sb3-contrib {sb3_contrib.__version__}",
        "lstm_alone_ms": lstm_alone(),
        "epochs": [epoch_costs(task, repetitions=1 if quick else 5) for task in tasks],
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
