"""``robomem deploy``: a policy on an arm through ROS 2, without colcon."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import tyro
from rich.console import Console

from robomem.cli.parse import parse
from robomem.errors import ConfigError, RobomemError

__all__ = ["Deploy", "main"]

SIMULATED = "so101_recall_reach"
SEEING = "so101_recall_pixels"
"""Contracts of the simulated arm: for policies that are told what is to be seen, and for those with a camera."""
_PATIENCE_S = 10.0


@dataclass(frozen=True)
class Deploy:
    """Run a policy on an arm through ROS 2: the policy's node, the emergency stop and, with --sim, a simulated arm.

    robomem deploy --sim · robomem deploy runs/vla/policy-last --sim ·
    robomem deploy runs/demo/hcam/policy-last --contract so101 --shadow
    """

    policy: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="[POLICY]")] = "recall-reach-hcam"
    """Folder of a saved policy, or the name of one that comes with a package."""
    sim: bool = False
    """Bring a simulated arm with the task that the policy was trained on (else RecallReach), and begin at once."""
    contract: str = ""
    """Name of an arm's contract (so101, ur5e, fr3, xarm7), or a YAML file; --sim has its own."""
    instruction: str = ""
    """What is to be done, for a policy that is told so in words; the only task of its data if it has one."""
    shadow: bool = False
    """Compute and report, but command nothing."""
    rate: float = 0.0
    """Steps of the policy a second; 0: the contract's."""
    episodes: int = 0
    """With --sim: how many episodes; 0 for no end."""
    seed: int = 0
    """With --sim: of the first episode."""
    record: str = ""
    """Folder for a bag an episode; robomem bag to-dataset reads them."""

    def __post_init__(self) -> None:
        """Raise ConfigError for options that contradict each other, or what they are for."""
        if not (math.isfinite(self.rate) and self.rate >= 0):
            raise ConfigError(f"--rate {self.rate:g} is no rate: steps a second, or 0 for the contract's.")
        if self.episodes < 0:
            raise ConfigError(f"--episodes {self.episodes} is no number of episodes; 0 is for no end.")
        if self.episodes and not self.sim:
            raise ConfigError("--episodes is for --sim: on an arm of yours, whoever judges the task ends an episode.")
        if self.episodes and self.shadow:
            raise ConfigError("With --shadow nothing moves, so that no episode would end; leave out --episodes.")

    def run(self) -> int:
        """Start the nodes and wait for them."""
        if not (self.sim or self.contract):
            raise ConfigError("Which arm? Give --contract (so101, ur5e, fr3, xarm7 or a YAML file), or --sim for none.")
        if importlib.util.find_spec("rclpy") is None:
            raise RobomemError(
                "ROS 2 is not here: source /opt/ros/<distro>/setup.bash, or pip install 'robomem[ros]' into an "
                "environment of its own (x86-64 Linux)."
            )
        Console().print(self.greeting(), markup=False, highlight=False)
        return _supervise(self.nodes())

    def greeting(self) -> str:
        """Return what is started, and what to do next."""
        stop = "Ctrl-C brings the arm to rest and ends them."
        begun = f"Starting {', '.join(self.nodes())}, which takes some seconds. {stop}"
        if not self.sim:
            return f"{begun}\nNothing moves until: ros2 lifecycle set /policy activate"
        if self.shadow:
            return f"{begun}\nThe policy computes and the arm stays. Watch: ros2 topic echo /policy/status"
        return f"{begun}\nThe arm begins by itself and plays episode after episode."

    def nodes(self) -> dict[str, dict[str, Any]]:
        """Return the parameters of each node, by the name of its module."""
        simulated, task = _simulation(self.policy) if self.sim else ("", {})
        contract = self.contract or simulated
        policy = {
            "contract": contract,
            "policy": self.policy,
            "instruction": self.instruction,
            "shadow": self.shadow,
            "rate_hz": float(self.rate),
            "autoconfigure": True,
        }
        nodes: dict[str, dict[str, Any]] = {"estop": {"contract": contract}, "policy": policy}
        if self.sim:
            own = {"auto_reset": True, "seed": self.seed, "episodes": self.episodes}
            nodes["simulated_arm"] = {"contract": contract, **task, **own}
        if self.record:
            nodes["recorder"] = {"contract": contract, "folder": self.record}
        return nodes


def _simulation(policy: str) -> tuple[str, dict[str, Any]]:
    """Return the simulated arm's contract for a saved policy, and the arm's parameters: the task of its training."""
    import gymnasium as gym

    from robomem import policy as policies
    from robomem.rollout import resolve

    seen, _ = policies.spaces_of(policy)
    parts = seen.spaces.values() if isinstance(seen, gym.spaces.Dict) else ()
    facts, task = policies.info(policy), {}
    if facts.get("env"):
        task = {"env": resolve(facts["env"]), "options": json.dumps(facts.get("env_kwargs") or {})}
    return SEEING if any(len(part.shape or ()) == 3 for part in parts) else SIMULATED, task


def _supervise(nodes: Mapping[str, Mapping[str, Any]]) -> int:
    """Run the nodes until one ends or the user asks; then end the others, the policy first, so that the arm rests."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    running = {}
    for name, parameters in nodes.items():
        given = [part for key, value in parameters.items() for part in ("-p", f"{key}:={json.dumps(value)}")]
        command = [sys.executable, "-m", f"robomem_bridge.{name}_node", "--ros-args", *given]
        running[name] = subprocess.Popen(command, env=environment, start_new_session=True)
    asked: list[int] = []
    for which in (signal.SIGINT, signal.SIGTERM):
        signal.signal(which, lambda number, _: asked.append(number))
    try:
        while not asked and all(process.poll() is None for process in running.values()):
            time.sleep(0.1)
        return 0 if asked else max(process.poll() or 0 for process in running.values())
    finally:
        for name in ("policy", "estop", "simulated_arm", "recorder"):
            if name in running:
                _end(running[name])


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main(argv: Sequence[str]) -> int:
    """Run ``robomem deploy`` with the words after the verb."""
    return parse(Deploy, "deploy", argv).run()
