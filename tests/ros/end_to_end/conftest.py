"""Nodes as processes, and a node of the test's own that waits for what it needs; no sleeps."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import rclpy
from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetState
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory

from robomem_bridge.contracts import find

ROOT = Path(__file__).parents[3]
LATCHED = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL)
PATIENCE_S = 60.0
ANSWER_S = 10.0
BUSY_S = 5.0
CONTRACT = "so101_recall_reach"
TRANSITIONS = {
    "configure": (Transition.TRANSITION_CONFIGURE, State.PRIMARY_STATE_INACTIVE),
    "activate": (Transition.TRANSITION_ACTIVATE, State.PRIMARY_STATE_ACTIVE),
    "deactivate": (Transition.TRANSITION_DEACTIVATE, State.PRIMARY_STATE_INACTIVE),
    "cleanup": (Transition.TRANSITION_CLEANUP, State.PRIMARY_STATE_UNCONFIGURED),
}
"""By name: the transition, and the state to which it leads."""


def seconds(stamp) -> float:
    """Return a stamp in seconds."""
    return stamp.sec + 1e-9 * stamp.nanosec


class Stack:
    """Processes of the bridge, and ears of the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.node = rclpy.create_node("test")
        self.executor = SingleThreadedExecutor()
        self.executor.add_node(self.node)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.status: dict = {}
        self.positions: list[tuple[float, list[float]]] = []
        self.commands: list[tuple[float, JointTrajectory]] = []
        self.episodes: list[dict] = []
        self.node.create_subscription(String, "/policy/status", self._on_status, 10)
        self.node.create_subscription(JointState, "/joint_states", self._on_joints, 10)
        topic = "/joint_trajectory_controller/joint_trajectory"
        self.node.create_subscription(JointTrajectory, topic, self._on_command, 10)
        self.node.create_subscription(String, "/simulated_arm/episode", self._on_episode, LATCHED)

    def _on_status(self, message):
        self.status = json.loads(message.data)

    def _on_joints(self, message):
        self.positions.append((seconds(message.header.stamp), list(message.position)))

    def _on_command(self, message):
        self.commands.append((time.monotonic(), message))

    def _on_episode(self, message):
        self.episodes.append(json.loads(message.data))

    def start(self, module: str, **parameters) -> subprocess.Popen[bytes]:
        """Start a node of the bridge."""
        return self.run(module, ["-m", f"robomem_bridge.{module}_node"], parameters)

    def run(self, name: str, arguments: list[str], parameters: dict) -> subprocess.Popen[bytes]:
        """Start a Python process with ROS parameters; its output goes to a file."""
        given = [part for key, value in parameters.items() for part in ("-p", f"{key}:={json.dumps(value)}")]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        log = (self.folder / f"{name}.log").open("wb")
        command = [sys.executable, *arguments, "--ros-args", *given]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=ROOT)
        self.processes[name] = process
        return process

    def log(self, name: str) -> str:
        """Return what a process said."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def until(self, holds, what: str, patience: float = PATIENCE_S):
        """Spin until something holds, and return it."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            self.executor.spin_once(timeout_sec=0.02)
            if found := holds():
                return found
        logs = "\n".join(f"--- {name}\n{self.log(name)[-1500:]}" for name in self.processes)
        raise AssertionError(f"waited {patience:g} s for {what}; status {self.status}\n{logs}")

    def reaches(self, state: str, reason: str = "") -> None:
        """Wait until the policy is in a state, for a reason; on a busy machine it may be there for another first."""

        def there():
            return self.status["state"] == state and any(reason in each for each in [*self.status["reasons"], ""])

        self.until(there, f"{state} for {reason!r}")

    def spin(self, seconds: float) -> None:
        """Listen for a while: for what must not happen."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.executor.spin_once(timeout_sec=0.02)

    def _call(self, kind, name, request):
        """Call a service; ask again where no answer comes: a server may not see a new client for some seconds."""
        client = self.node.create_client(kind, name)
        self.until(client.service_is_ready, f"the service {name}")
        asked = []

        def answer():
            if not asked or time.monotonic() - asked[-1][0] > ANSWER_S:
                asked.append((time.monotonic(), client.call_async(request)))
            return next((future for _, future in asked if future.done()), None)

        future = self.until(answer, f"an answer of {name}")
        self.node.destroy_client(client)
        return future.result()

    def trigger(self, name: str):
        """Call a std_srvs/Trigger service."""
        return self._call(Trigger, name, Trigger.Request())

    def change(self, transition: str) -> bool:
        """Ask the policy node for a lifecycle transition."""
        request = ChangeState.Request(transition=Transition(id=TRANSITIONS[transition][0]))
        if self._call(ChangeState, "/policy/change_state", request).success:
            return True
        state = self._call(GetState, "/policy/get_state", GetState.Request()).current_state.id
        return state == TRANSITIONS[transition][1]  # the answer to the first request was lost

    def ask(self, transition: str) -> None:
        """Ask for a transition and do not wait for an answer."""
        client = self.node.create_client(ChangeState, "/policy/change_state")
        self.until(client.service_is_ready, "the lifecycle service")
        client.call_async(ChangeState.Request(transition=Transition(id=TRANSITIONS[transition][0])))
        self.until(lambda: "refused" in self.log("policy"), "the refusal")

    def up(
        self,
        policy: str = "recall-reach-hcam",
        contract: str = CONTRACT,
        arm: str = CONTRACT,
        clock: bool = True,
        program: Sequence[str] = ("-m", "robomem_bridge.policy_node"),
        **parameters,
    ) -> None:
        """Start all three nodes and configure the policy; the arm is reset and its senses speak.

        Args:
            policy: folder or name.
            contract: of the policy and the emergency stop.
            arm: contract of the simulated arm.
            clock: whether the arm publishes its time, by which it then stamps joint states.
            program: what Python runs as the policy node.
            parameters: of the policy node; it is patient with an emergency stop that the machine is too busy to run.
        """
        self.start("estop", contract=contract)
        self.start("simulated_arm", contract=arm, publish_clock=clock)
        given = {"contract": contract, "policy": policy, "estop_timeout_s": BUSY_S, **parameters}
        self.run("policy", [*program], given)
        self.until(lambda: self.positions, "joint states")
        assert self.change("configure"), self.log("policy")
        self.until(lambda: self.status, "a status")

    def go(self) -> None:
        """Put the policy in charge of a new episode, and wait until the arm is on its way."""
        self.begin()
        self.until(lambda: self.trigger("/policy/start").success, "the policy to start")
        home = np.array(self.positions[-1][1])
        self.until(lambda: np.abs(np.array(self.positions[-1][1]) - home).max() > 0.1, "the arm to move")

    def drift(self, after: float, seconds: float = 1.0) -> float:
        """Return how far the arm moves, rad, between ``after`` seconds from now and the end of the watch.

        Seconds are the arm's own: on a busy machine its time is slow, and what it says arrives late.
        """
        begin = self.positions[-1][0] + after
        self.until(lambda: self.positions[-1][0] > begin + seconds, "the arm to say where it is")
        seen = np.array([pose for stamp, pose in self.positions if stamp > begin])
        return float(np.abs(seen - seen[0]).max())

    def begin(self) -> int:
        """Begin an episode of the task and return its seed."""
        return json.loads(self.trigger("/simulated_arm/reset").message)["seed"]

    def close(self) -> None:
        """End everything."""
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        self.executor.remove_node(self.node)
        self.node.destroy_node()


@pytest.fixture
def stack(tmp_path):
    """A fresh set of processes."""
    rclpy.init(domain_id=int(os.environ.get("ROS_DOMAIN_ID", "77")))
    made = Stack(tmp_path)
    yield made
    made.close()
    rclpy.try_shutdown()


@pytest.fixture
def own_contract(tmp_path):
    """Return a function that writes a contract: RecallReach's with other fields; it returns the path."""

    def write(fields: str) -> str:
        for name in ("so101", CONTRACT):
            (tmp_path / f"{name}.yaml").write_text(find(name).read_text())
        path = tmp_path / "own.yaml"
        path.write_text(f"extends: {CONTRACT}.yaml\n{fields}")
        return str(path)

    return write
