"""The executor that spins the nodes: rclpy's newest where there is one, and the old one does as well."""

import signal
import sys

import pytest
from rclpy.executors import SingleThreadedExecutor

from robomem_bridge.process import make_executor

pytestmark = pytest.mark.ros
CONTRACT = "so101_recall_reach"
OLDER = "import sys; sys.modules['rclpy.experimental'] = None; from robomem_bridge.policy_node import main; main()"


def test_it_is_the_newest_that_rclpy_has(stack, monkeypatch):
    assert not isinstance(make_executor(), SingleThreadedExecutor)
    monkeypatch.setitem(sys.modules, "rclpy.experimental", None)
    assert isinstance(make_executor(), SingleThreadedExecutor)


def test_an_rclpy_without_the_events_executor_will_do(stack):
    stack.start("estop", contract=CONTRACT)
    stack.start("simulated_arm", contract=CONTRACT)
    stack.run("policy", ["-c", OLDER], {"contract": CONTRACT, "policy": "recall-reach-hcam"})
    stack.until(lambda: stack.positions, "joint states")
    assert stack.change("configure"), stack.log("policy")
    stack.begin()
    assert stack.trigger("/policy/start").success
    stack.until(lambda: len(stack.commands) > 20, "commands")
    stack.processes["policy"].send_signal(signal.SIGTERM)
    stack.until(lambda: stack.processes["policy"].poll() is not None, "the policy to end")
    assert stack.processes["policy"].returncode == 0, stack.log("policy")
    assert not any(stack.commands[-1][1].points[-1].velocities)


def test_the_policy_survives_going_round_its_life_cycle(stack):
    stack.up()
    for _ in range(5):  # what it listens to with callbacks of events goes away and comes back
        assert stack.change("cleanup"), stack.log("policy")
        assert stack.change("configure"), stack.log("policy")
    stack.begin()
    assert stack.trigger("/policy/start").success
    stack.until(lambda: stack.commands, "a command")
    stack.processes["policy"].terminate()
    stack.until(lambda: stack.processes["policy"].poll() is not None, "the policy to end")
    assert stack.processes["policy"].returncode == 0, stack.log("policy")
