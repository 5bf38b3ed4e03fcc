"""What the bridge adds between an observation and its command. Writes docs/results/ros_bridge.{md,json}.

    make .venv-ros and: .venv-ros/bin/python scripts/bench/ros_bridge.py [--seconds 20] [--repeats 5] [--minutes 10]

A policy node and an emergency stop run as processes; this one is the arm (ros_arm.py): it says joint states at 100 Hz
and hears commands. All share the machine's steady clock, so each leg is timed by itself:

    joint states: published here -> arrived in the node;   tick: the node's timer -> its command arrives here.

The wait for the timer between the two is the policy's rate, not the bridge's cost. Overhead is both legs less the time
that the same policy takes to predict when it is called without a pause. In turn with the bridge runs a bare rclpy node
(ros_peer.py) that answers with a command made beforehand: what DDS, rclpy and the scheduler take whoever computes.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import psutil
import rclpy
import torch
import tyro
from ros_arm import JOINT_STATES_HZ, Arm, Step

from robomem import policy as policies
from robomem.deploy import read
from robomem_bridge.contracts import find
from robomem_policies.recall.policy import RecallPolicy

RESULTS = Path(__file__).parents[2] / "docs" / "results"
PEER = Path(__file__).parent / "ros_peer.py"
CONTRACT = "so101"
LONG_HZ = 50.0


@dataclass(frozen=True)
class Bench:
    """Measure the bridge."""

    seconds: float = 20.0
    """Of each run."""
    repeats: int = 5
    """Of each rate, the bare node and the bridge in turn; medians of these are reported."""
    minutes: float = 10.0
    """Of the long run that looks for growth."""
    rates: tuple[float, ...] = (20.0, 50.0, 100.0)
    """Hz."""
    out: Path = RESULTS
    """Where the page goes."""


def small_policy(folder: Path) -> None:
    """Save a policy of two small layers for the SO-101."""
    observation = gym.spaces.Dict({"proprio": gym.spaces.Box(-10, 10, (23,), np.float32)})
    policies.save(RecallPolicy(observation, gym.spaces.Box(-1, 1, (5,), np.float32), memory="none").eval(), folder)


def alone(folder: Path, pause_s: float) -> float:
    """Return the median milliseconds of the policy's ``predict`` in this process, with a pause before each call."""
    policy, seen, state, times = policies.load(folder), {"proprio": np.zeros(23, np.float32)}, None, []
    for _ in range(200):
        time.sleep(pause_s)
        begin = time.perf_counter()
        _, state = policy.predict(seen, state, np.array(False), deterministic=True)
        times.append(time.perf_counter() - begin)
    return 1e3 * float(np.median(times))


@contextmanager
def running(nodes: dict[tuple[str, ...], dict[str, Any]]) -> Iterator[list[psutil.Process]]:
    """Run Python processes with ROS parameters."""
    environment, processes = {**os.environ, "OMP_NUM_THREADS": "1"}, []
    try:
        for command, parameters in nodes.items():
            given = [part for key, value in parameters.items() for part in ("-p", f"{key}:={json.dumps(value)}")]
            processes.append(subprocess.Popen([sys.executable, *command, "--ros-args", *given], env=environment))
        yield [psutil.Process(process.pid) for process in processes]
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)


def measure(policy: Path | None, rate: float, seconds: float, points: int = 1) -> dict[str, Any]:
    """Run the bridge, or without a policy the bare node with so many points, at a rate; milliseconds and MiB."""
    contract = read(find(CONTRACT))
    nodes: dict[tuple[str, ...], dict[str, Any]] = {
        (str(PEER),): {
            "rate_hz": rate,
            "topic": contract.command.topic,
            "joints": list(contract.joints),
            "points": points,
        }
    }
    if policy is not None:
        nodes = {
            ("-m", "robomem_bridge.policy_node"): {
                "contract": CONTRACT,
                "policy": str(policy),
                "rate_hz": rate,
                "autoconfigure": True,
            },
            ("-m", "robomem_bridge.estop_node"): {"contract": CONTRACT},
        }
    rclpy.init()
    arm = Arm(contract)
    try:
        with running(nodes) as processes:
            node, ours = processes[0], [*processes, psutil.Process()]
            assert arm.spin(60, lambda: arm.statuses or arm.heard), "the node does not speak"
            arm.spin(2)
            end = time.monotonic() + 30
            while policy is not None and not (answer := arm.trigger("policy/start")).success:
                assert time.monotonic() < end, answer.message
                arm.spin(0.5)
            arm.spin(1)
            arm.forget()
            before, idle, begin = _used(ours), psutil.cpu_times().idle, time.monotonic()
            tenths, memory = [0], []
            for _ in range(10):
                arm.spin(0.1 * seconds)
                tenths.append(len(arm.steps()))
                memory.append(node.memory_info().rss / 2**20)
            span = time.monotonic() - begin
            used = [after - at_first for after, at_first in zip(_used(ours), before)]
            cores = span * psutil.cpu_count()
            idle = (psutil.cpu_times().idle - idle) / cores
    finally:
        arm.close()
        rclpy.shutdown()
    steps = arm.steps()
    return {
        "rate_hz": rate,
        "seconds": seconds,
        "commands_hz": (len(arm.heard) - 1) / (arm.heard[-1] - arm.heard[0]),
        "states_ms": _percentiles([step.states for step in steps]),
        "tick_ms": _percentiles([step.tick for step in steps]),
        "compute_ms": _percentiles([step.compute for step in steps]),
        "both_ms": _percentiles(_both(steps)),
        "tenths_p50_ms": [float(np.median(_both(steps[i:j]))) for i, j in pairwise(tenths)],
        "tenths_mib": memory,
        "cpu_ms": 1e3 * used[0] / len(arm.heard),
        "points": arm.points,
        "samples": len(steps),
        "idle": idle,
        "others": 1.0 - idle - sum(used) / cores,
    }


def _used(processes: list[psutil.Process]) -> list[float]:
    return [sum(process.cpu_times()[:2]) for process in processes]


def _both(steps: list[Step]) -> list[float]:
    return [step.states + step.tick for step in steps]


def _percentiles(values: list[float]) -> list[float]:
    return [float(np.percentile(values, q)) for q in (50, 99)]


def compare(policy: Path, rate: float, bench: Bench) -> dict[str, Any]:
    """Return the medians of ``repeats`` runs of the bridge and, in turn with it, of the bare node."""
    bridge, bare, fast, slow = [], [], [], []
    for _ in range(bench.repeats):
        bridge.append(measure(policy, rate, bench.seconds))
        bare.append(measure(None, rate, bench.seconds, bridge[-1]["points"]))
        fast.append(alone(policy, 0.0))
        slow.append(alone(policy, 1 / rate))
    medians = [
        {key: np.median([run[key] for run in runs], axis=0).tolist() for key in runs[0]} for runs in (bridge, bare)
    ]
    return {
        "bridge": medians[0],
        "bare": medians[1],
        "predict_ms": float(np.median(fast)),
        "predict_paced_ms": float(np.median(slow)),
        "overhead_ms": [value - float(np.median(fast)) for value in medians[0]["both_ms"]],
        "overhead_p50_range_ms": [end(b["both_ms"][0] - f for b, f in zip(bridge, fast)) for end in (min, max)],
    }


def page(report: dict[str, Any]) -> str:
    """Return the report as Markdown."""
    rows = report["rates"]
    lines = [
        "# The ROS 2 bridge: what it adds\n",
        f"Written by `scripts/bench/ros_bridge.py`; {report['machine']}. Three processes on one machine: an arm that "
        f"says joint states at {JOINT_STATES_HZ:g} Hz and hears commands, the policy node, the emergency stop. "
        "Milliseconds by the steady clock they share, p50 / p99, sampled ten times a second. In turn with the bridge "
        "runs a bare rclpy node that hears the same and sends as many points, made beforehand: what DDS, rclpy and the "
        f"scheduler take whoever computes. Medians of {report['repeats']} runs of {report['seconds']:g} s each.\n",
        "| rate | commands | bare node, both legs | joint states arrive | timer to command | of it policy and filter | "
        "both legs | overhead |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        bridge = row["bridge"]
        numbers = [row["bare"]["both_ms"], *(bridge[key] for key in ("states_ms", "tick_ms", "compute_ms", "both_ms"))]
        cells = " | ".join(f"{low:.2f} / {high:.2f}" for low, high in [*numbers, row["overhead_ms"]])
        lines.append(f"| {bridge['rate_hz']:g} Hz | {bridge['commands_hz']:.1f} Hz | {cells} |")
    lines.append(
        "\nOverhead is both legs less the policy (two small layers) called without a pause. Called once a period, its "
        "code has left the caches; the bridge is not given that, though it waits for the same policy:\n\n"
        "| rate | policy without a pause | policy once a period | overhead, p50 of the runs | CPU a step: bare node | "
        "bridge |\n|---|---|---|---|---|---|"
    )
    for row in rows:
        low, high = row["overhead_p50_range_ms"]
        lines.append(
            f"| {row['bridge']['rate_hz']:g} Hz | {row['predict_ms']:.2f} | {row['predict_paced_ms']:.2f} | "
            f"{low:.2f} to {high:.2f} | {row['bare']['cpu_ms']:.2f} | {row['bridge']['cpu_ms']:.2f} |"
        )
    runs = [run for row in rows for run in (row["bridge"], row["bare"])]
    others, idle = (100 * float(np.mean([run[key] for run in runs])) for key in ("others", "idle"))
    lines.append(f"\nOther work on the machine had {others:.0f} % of the cores meanwhile; {idle:.0f} % were idle.")
    if long := report.get("long"):
        tenths, memory, overall = long["tenths_p50_ms"], long["tenths_mib"], long["both_ms"]
        lines.append(
            f"\nOver {long['seconds'] / 60:g} minutes at {long['rate_hz']:g} Hz both legs took {overall[0]:.2f} / "
            f"{overall[1]:.2f} ms; their p50 in each tenth of that time: {', '.join(f'{ms:.2f}' for ms in tenths)} ms. "
            f"Memory of the node after the first tenth {memory[0]:.1f} MiB, after the last {memory[-1]:.1f} MiB."
        )
    return "\n".join(lines) + "\n"


def main(bench: Bench) -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        policy = Path(folder) / "policy"
        small_policy(policy)
        report: dict[str, Any] = {
            "machine": f"{platform.machine()}, Python {platform.python_version()}, {os.cpu_count()} cores",
            "repeats": bench.repeats,
            "seconds": bench.seconds,
            "rates": [compare(policy, rate, bench) for rate in bench.rates],
        }
        if bench.minutes:
            report["long"] = measure(policy, LONG_HZ, 60 * bench.minutes)
    bench.out.mkdir(parents=True, exist_ok=True)
    (bench.out / "ros_bridge.json").write_text(json.dumps(report, indent=2) + "\n")
    (bench.out / "ros_bridge.md").write_text(page(report))
    print(page(report))


if __name__ == "__main__":
    main(tyro.cli(Bench))
