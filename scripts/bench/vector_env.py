"""How fast the batched environments step, beside bare physics and gymnasium's vector environments.

    OMP_NUM_THREADS=1 python scripts/bench/vector_env.py [--quick] [--env robomem/RecallReach-v0]

Writes docs/results/vector_env.{md,json} (not with --quick). Every contender steps the same physics under the same
actions: one environment is played and recorded first, and the bare loops replay its controls and resets. Times are
process CPU time (all threads), the least of several rounds in which the contenders take turns, so that other load on
the machine meets all of them; compare within a run only.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium as gym
import mujoco
import numpy as np
import numpy.typing as npt
import tyro
from gymnasium.vector import AutoresetMode

import robomem_envs
from robomem_envs.engine import TaskVectorEnv

RESULTS = Path(__file__).parents[2] / "docs" / "results"
INTEGRATION = int(mujoco.mjtState.mjSTATE_INTEGRATION)
BOUND, OURS = "mj_step, one MjData", "RoboMem, 1 thread"
BATCHED = int(mujoco.__version__.split(".")[0]) >= 4


@dataclass
class Contender:
    """Work of ``steps`` environment steps; ``prepare`` comes before each round and is not timed."""

    steps: int
    work: Callable[[], object]
    prepare: Callable[[], object] = lambda: None


@dataclass
class Recording:
    """T steps of B rows: actions, the controls they led to, and the states in which episodes began."""

    model: mujoco.MjModel
    substeps: int
    actions: npt.NDArray[Any]
    controls: npt.NDArray[np.float64]
    first: npt.NDArray[np.float64]
    begun: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]]


def make(env_id: str, num_envs: int, threads: int = 1) -> TaskVectorEnv:
    env = gym.make_vec(
        env_id,
        num_envs,
        vectorization_mode="vector_entry_point",
        autoreset_mode=AutoresetMode.SAME_STEP,
        threads=threads,
    )
    assert isinstance(env, TaskVectorEnv)
    return env


def record(env_id: str, num_envs: int, steps: int) -> Recording:
    """Play random actions and write down what reaches the physics."""
    env = make(env_id, num_envs)
    env.reset(seed=0)
    simulation = env.task.simulation
    controls: list[Any] = []
    begun: list[Any] = []
    substeps: list[int] = []
    step = simulation.step

    def spy(count: int) -> Any:
        controls.append(simulation.ctrl.copy())
        substeps.append(count)
        return step(count)

    simulation.step = spy
    first = simulation.state()
    actions = np.random.default_rng(0).uniform(-1, 1, (steps, *env.action_space.shape)).astype(np.float32)
    for action in actions:
        _, _, terminated, truncated, _ = env.step(action)
        rows = np.flatnonzero(terminated | truncated)
        begun.append((rows, simulation.state()[rows]))
    env.close()
    return Recording(simulation.model, substeps[0], actions, np.array(controls), first, begun)


def bare_loop(tape: Recording) -> Contender:
    """``mj_step`` on one MjData, row after row: what one core of bare physics does."""
    rows = len(tape.first)
    data, model, substeps = mujoco.MjData(tape.model), tape.model, tape.substeps
    controls = [np.ascontiguousarray(tape.controls[:, row]) for row in range(rows)]
    begun: list[dict[int, npt.NDArray[np.float64]]] = [{} for _ in range(rows)]
    for t, (ended, states) in enumerate(tape.begun):
        for row, state in zip(ended, states):
            begun[row][t] = state

    def work() -> None:
        for row in range(rows):
            mujoco.mj_setState(model, data, tape.first[row], INTEGRATION)
            for t, control in enumerate(controls[row]):
                data.ctrl[:] = control
                mujoco.mj_step(model, data, substeps)
                if t in begun[row]:
                    mujoco.mj_setState(model, data, begun[row][t], INTEGRATION)

    return Contender(rows * len(tape.controls), work)


def bare_batch(tape: Recording, threads: int) -> Contender:
    """``mujoco.batch.Batch``: all rows at once, nothing but physics."""
    from mujoco.batch import Batch

    batch = Batch(tape.model, len(tape.first), threads, persistent=True)
    controls_now, stage = batch.bind("ctrl"), int(mujoco.mjtStage.mjSTAGE_VEL)

    def work() -> None:
        batch.state[...] = tape.first
        for controls, (ended, states) in zip(tape.controls, tape.begun):
            controls_now[...] = controls
            batch.step(nstep=tape.substeps, stage=stage)
            if len(ended):
                batch.state[ended] = states

    return Contender(batch.nsim * len(tape.controls), work)


def closed_loop(env: gym.vector.VectorEnv[Any, Any, Any], actions: npt.NDArray[Any]) -> Contender:
    """Observations, rewards, resets and all."""

    def work() -> None:
        for action in actions:
            env.step(action)

    return Contender(env.num_envs * len(actions), work, lambda: env.reset(seed=0))


def gymnasiums(env_id: str, num_envs: int, kind: str) -> gym.vector.VectorEnv[Any, Any, Any]:
    return gym.make_vec(
        env_id,
        num_envs,
        vectorization_mode=kind,
        vector_kwargs={"autoreset_mode": AutoresetMode.SAME_STEP},
        disable_env_checker=True,
    )


def race(contenders: dict[str, Contender], rounds: int) -> dict[str, dict[str, float]]:
    """Return steps per CPU second and per second of each contender."""
    best = {name: (np.inf, np.inf) for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            contender.prepare()
            cpu, wall = time.process_time(), time.perf_counter()
            contender.work()
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            best[name] = min(best[name][0], cpu), min(best[name][1], wall)
    return {
        name: {"per_cpu_second": contenders[name].steps / cpu, "per_second": contenders[name].steps / wall}
        for name, (cpu, wall) in best.items()
    }


def measure(env_id: str, num_envs: int, steps: int, rounds: int, processes: bool) -> dict[str, dict[str, float]]:
    tape = record(env_id, num_envs, steps)
    contenders = {BOUND: bare_loop(tape)}
    if BATCHED:
        contenders["mujoco.batch, 1 thread"] = bare_batch(tape, 1)
        contenders["mujoco.batch, 2 threads"] = bare_batch(tape, 2)
    contenders[OURS] = closed_loop(make(env_id, num_envs, 1), tape.actions)
    contenders["RoboMem, 2 threads"] = closed_loop(make(env_id, num_envs, 2), tape.actions)
    contenders["SyncVectorEnv"] = closed_loop(gymnasiums(env_id, num_envs, "sync"), tape.actions[: steps // 2])
    if processes:
        contenders["AsyncVectorEnv"] = closed_loop(gymnasiums(env_id, num_envs, "async"), tape.actions[: steps // 2])
    return race(contenders, rounds)


def table(results: dict[str, dict[str, dict[str, float]]]) -> str:
    lines = []
    for size, rates in results.items():
        bound, ours = rates[BOUND]["per_cpu_second"], rates[OURS]["per_cpu_second"]
        lines += [
            f"### {size} environments",
            "",
            "| | steps / CPU s | steps / s | of bare `mj_step` | RoboMem, 1 thread, is |",
            "|---|---|---|---|---|",
        ]
        for name, rate in rates.items():
            cpu = rate["per_cpu_second"]
            lines.append(
                f"| {name} | {cpu:,.0f} | {rate['per_second']:,.0f} | {cpu / bound:.2f} | {ours / cpu:.2f} × |"
            )
        lines.append("")
    return "\n".join(lines)


def main(env: str = "robomem/RecallReach-v0", quick: bool = False, processes: bool = False) -> None:
    """Measure, print and write.

    Args:
        env: a RoboMem id whose task has a simulation.
        quick: 16 environments, few steps, nothing written; to see that the script runs.
        processes: also AsyncVectorEnv, one process an environment (its CPU time is its children's: read steps / s).
    """
    robomem_envs.register()
    sizes, steps, rounds = ((16,), 20, 1) if quick else ((64, 256), 120, 12)
    results = {str(size): measure(env, size, steps, rounds, processes) for size in sizes}
    print(table(results))
    if quick:
        return
    machine = {
        "commit": subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True
        ).stdout.strip(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "mujoco": mujoco.__version__,
        "gymnasium": gym.__version__,
        "numpy": np.__version__,
    }
    (RESULTS / "vector_env.json").write_text(json.dumps({"env": env, **machine, "results": results}, indent=2) + "\n")
    (RESULTS / "vector_env.md").write_text(_PAGE.format(env=env, table=table(results), **machine))


_PAGE = """# Stepping environments: {env}

`OMP_NUM_THREADS=1 python scripts/bench/vector_env.py` at {commit}, seed 0. {machine},
Python {python},
MuJoCo {mujoco}, gymnasium {gymnasium}, numpy {numpy}.
All contenders step the same physics under the same actions in one run, in turn; process CPU time, the least of
twelve rounds. Compare within a table only. "of bare `mj_step`" is the share of the physics' own speed that is left
after observations, rewards, resets and infos. Steps / s depends on what else the machine is doing.

{table}"""


if __name__ == "__main__":
    tyro.cli(main)
