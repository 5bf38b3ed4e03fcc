"""What the bridge adds between an observation and its command. Writes docs/results/ros_bridge.{md,json}.

    make .venv-ros and: .venv-ros/bin/python scripts/bench/ros_bridge.py [--seconds 20] [--minutes 10]

A policy node and an emergency stop run as processes; this one is the arm: it says joint states at 100 Hz and hears
commands. All share the machine's steady clock, so each leg is timed by itself:

    joint states: published here -> arrived in the node;   tick: the node's timer -> its command arrives here.

The wait for the timer between the two is the policy's rate, not the bridge's cost. Overhead is both legs less the time
that the same policy takes to predict.
"""

from __future__ import annotations

import bisect
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import tyro

RESULTS = Path(__file__).parents[2] / "docs" / "results"
JOINT_STATES_HZ = 100.0


@dataclass(frozen=True)
class Bench:
    """Measure the bridge."""

    seconds: float = 20.0
    """Of each rate."""
    minutes: float = 10.0
    """Of the long run that looks for growth."""
    rates: tuple[float, ...] = (20.0, 50.0, 100.0)
    """Hz."""
    out: Path = RESULTS
    """Where the page goes."""


def small_policy(folder: Path) -> float:
    """Save a policy of two small layers for the SO-101; returns the median of its ``predict`` in milliseconds."""
    from robomem import policy as policies
    from robomem_policies.recall.policy import RecallPolicy

    observation = gym.spaces.Dict({"proprio": gym.spaces.Box(-10, 10, (23,), np.float32)})
    policy = RecallPolicy(observation, gym.spaces.Box(-1, 1, (5,), np.float32), memory="none").eval()
    policies.save(policy, folder)
    seen, times, state = {"proprio": np.zeros(23, np.float32)}, [], None
    for _ in range(300):
        begin = time.perf_counter()
        _, state = policy.predict(seen, state, np.array(False), deterministic=True)
        times.append(time.perf_counter() - begin)
    return 1e3 * float(np.median(times))


class Arm:
    """Says joint states, hears commands and status; everything is stamped with the steady clock."""

    def __init__(self, rclpy: Any) -> None:
        from rclpy.executors import SingleThreadedExecutor
        from sensor_msgs.msg import JointState
        from std_msgs.msg import String
        from trajectory_msgs.msg import JointTrajectory

        from robomem.deploy import read
        from robomem_bridge.contracts import find
        from robomem_bridge.messages import joint_state

        self.contract, self._message = read(find("so101")), joint_state
        self.node, self.executor = rclpy.create_node("bench"), SingleThreadedExecutor()
        self.executor.add_node(self.node)
        self._publisher = self.node.create_publisher(JointState, "joint_states", 10)
        self.node.create_subscription(JointTrajectory, self.contract.command.topic, self._command, 10)
        self.node.create_subscription(String, "policy/status", self._status, 10)
        self.said: list[float] = []
        self.commands: list[float] = []
        self.statuses: list[dict[str, Any]] = []
        self._due = time.monotonic()

    def _command(self, _: Any) -> None:
        self.commands.append(time.monotonic())

    def _status(self, message: Any) -> None:
        self.statuses.append(json.loads(message.data))

    def spin(self, seconds: float, until: Any = None) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if until is not None and until():
                return True
            now = time.monotonic()
            if now >= self._due:
                self._due = max(self._due + 1 / JOINT_STATES_HZ, now)
                home = self.contract.home
                stamp = self.node.get_clock().now().to_msg()
                self.said.append(time.monotonic())
                self._publisher.publish(self._message(self.contract.joints, home, 0 * home, stamp))
            self.executor.spin_once(timeout_sec=max(0.0, min(self._due - time.monotonic(), 0.01)))
        return False

    def trigger(self, name: str) -> Any:
        from std_srvs.srv import Trigger

        client = self.node.create_client(Trigger, name)
        assert self.spin(30, client.service_is_ready), name
        future = client.call_async(Trigger.Request())
        assert self.spin(30, future.done), name
        return future.result()

    def legs(self) -> tuple[list[float], list[float]]:
        """Return the milliseconds of both legs, for each status that was heard."""
        states, ticks = [], []
        for status in self.statuses:
            if status["observation_age_ms"] is None or not status["ticked_s"]:
                continue
            arrived = status["ticked_s"] - 1e-3 * status["observation_age_ms"]
            before, after = bisect.bisect(self.said, arrived), bisect.bisect(self.commands, status["ticked_s"])
            if before and after < len(self.commands):
                states.append(1e3 * (arrived - self.said[before - 1]))
                ticks.append(1e3 * (self.commands[after] - status["ticked_s"]))
        return states, ticks


def measure(policy: Path, rate: float, seconds: float, predict_ms: float) -> dict[str, Any]:
    """Run the nodes at a rate; returns latencies in milliseconds, and the node's memory at a tenth and at the end."""
    import psutil
    import rclpy

    rclpy.init()
    arm = Arm(rclpy)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    module = [sys.executable, "-m"]
    given = {"contract": "so101", "policy": str(policy), "rate_hz": rate, "autoconfigure": True}
    parameters = [part for key, value in given.items() for part in ("-p", f"{key}:={json.dumps(value)}")]
    processes = [
        subprocess.Popen([*module, "robomem_bridge.policy_node", "--ros-args", *parameters], env=environment),
        subprocess.Popen(
            [*module, "robomem_bridge.estop_node", "--ros-args", "-p", "contract:=so101"], env=environment
        ),
    ]
    try:
        assert arm.spin(60, lambda: bool(arm.statuses)), "the policy node does not speak"
        arm.spin(2)
        end = time.monotonic() + 30
        while not (answer := arm.trigger("policy/start")).success:
            assert time.monotonic() < end, answer.message
            arm.spin(0.5)
        arm.spin(1)
        arm.said.clear(), arm.commands.clear(), arm.statuses.clear()
        process = psutil.Process(processes[0].pid)
        arm.spin(0.1 * seconds)
        early, early_mib = arm.legs(), process.memory_info().rss / 2**20
        arm.spin(0.8 * seconds)
        arm.statuses.clear()
        arm.spin(0.1 * seconds)
        late, late_mib = arm.legs(), process.memory_info().rss / 2**20
        span = arm.commands[-1] - arm.commands[0]
    finally:
        for each in processes:
            each.terminate()
        for each in processes:
            each.wait(20)
        arm.node.destroy_node()
        rclpy.shutdown()
    states, ticks = (np.array([*a, *b]) for a, b in zip(early, late))
    overhead = states + ticks - predict_ms
    return {
        "rate_hz": rate,
        "seconds": seconds,
        "commands_hz": round((len(arm.commands) - 1) / span, 2),
        "states_ms": _percentiles(states),
        "tick_ms": _percentiles(ticks),
        "overhead_ms": _percentiles(overhead),
        "early_late_p50_ms": [round(float(np.median(np.add(*early))), 2), round(float(np.median(np.add(*late))), 2)],
        "early_late_mib": [round(early_mib, 1), round(late_mib, 1)],
        "samples": len(overhead),
    }


def _percentiles(values: Any) -> list[float]:
    return [round(float(np.percentile(values, q)), 2) for q in (50, 99)]


def page(report: dict[str, Any]) -> str:
    """Return the report as Markdown."""
    lines = [
        "# The ROS 2 bridge: what it adds\n",
        f"Written by `scripts/bench/ros_bridge.py`; {report['machine']}. Three processes on one machine: an arm that "
        f"says joint states at {JOINT_STATES_HZ:g} Hz and hears commands, the policy node, the emergency stop. "
        "Milliseconds by the steady clock they share, sampled ten times a second in the first and the last tenth of "
        f"the run. The policy (two small layers) takes {report['predict_ms']:.2f} ms alone; overhead is both legs less "
        "that.\n",
        "| rate | commands | joint states arrive, p50 / p99 | timer to command, p50 / p99 | overhead, p50 / p99 |",
        "|---|---|---|---|---|",
    ]
    for row in report["rates"]:
        cells = " | ".join(f"{row[key][0]:.2f} / {row[key][1]:.2f}" for key in ("states_ms", "tick_ms", "overhead_ms"))
        lines.append(f"| {row['rate_hz']:g} Hz | {row['commands_hz']:.1f} Hz | {cells} |")
    if long := report.get("long"):
        (before, after), (small, large) = long["early_late_p50_ms"], long["early_late_mib"]
        lines.append(
            f"\nOver {long['seconds'] / 60:g} minutes at {long['rate_hz']:g} Hz: both legs together {before:.2f} ms in "
            f"the first tenth, {after:.2f} ms in the last (p50); memory of the node {small:.0f} MiB, then "
            f"{large:.0f} MiB."
        )
    return "\n".join(lines) + "\n"


def main(bench: Bench) -> None:
    with tempfile.TemporaryDirectory() as folder:
        policy = Path(folder) / "policy"
        predict_ms = small_policy(policy)
        report: dict[str, Any] = {
            "machine": f"{platform.machine()}, Python {platform.python_version()}, {os.cpu_count()} cores",
            "predict_ms": predict_ms,
            "rates": [measure(policy, rate, bench.seconds, predict_ms) for rate in bench.rates],
        }
        if bench.minutes:
            report["long"] = measure(policy, 50.0, 60 * bench.minutes, predict_ms)
    bench.out.mkdir(parents=True, exist_ok=True)
    (bench.out / "ros_bridge.json").write_text(json.dumps(report, indent=2) + "\n")
    (bench.out / "ros_bridge.md").write_text(page(report))
    print(page(report))


if __name__ == "__main__":
    main(tyro.cli(Bench))
