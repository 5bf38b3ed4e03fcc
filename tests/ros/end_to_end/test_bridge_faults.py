"""What breaks on a robot, broken on purpose: whatever dies, the arm comes to rest and stays there."""

import json
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.ros
HORIZON_S = 0.2
STILL_RAD = 0.02


def moving(stack):
    """Begin an episode and wait until the arm is on its way."""
    stack.up()
    stack.go()


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP])
def test_the_arm_rests_when_the_policy_dies_or_hangs(stack, blow):
    moving(stack)
    stack.processes["policy"].send_signal(blow)
    assert stack.drift(after=2 * HORIZON_S) < STILL_RAD


def test_sigterm_sends_a_last_command_that_ends_at_rest(stack):
    moving(stack)
    stack.processes["policy"].terminate()
    stack.until(lambda: stack.processes["policy"].poll() is not None, "the policy to end")
    assert stack.processes["policy"].returncode == 0, stack.log("policy")
    assert not any(stack.commands[-1][1].points[-1].velocities)
    assert stack.drift(after=2 * HORIZON_S) < STILL_RAD


def test_a_silent_arm_makes_the_policy_hold_and_say_so(stack):
    stack.up(max_refusals=0)
    stack.go()
    stack.processes["simulated_arm"].send_signal(signal.SIGSTOP)
    stack.reaches("holding", "joint_states")
    stack.processes["simulated_arm"].send_signal(signal.SIGCONT)
    stack.reaches("active")


def test_the_emergency_stop_brings_the_arm_to_rest_and_latches(stack):
    moving(stack)
    assert stack.trigger("/estop/press").success
    assert stack.drift(after=0.3) < STILL_RAD
    stack.reaches("stopped")
    refused = stack.trigger("/policy/start")
    assert not refused.success
    assert "pressed" in refused.message
    assert stack.trigger("/estop/release").success
    stack.spin(0.5)
    assert stack.drift(after=0.1, seconds=0.5) < STILL_RAD  # released is not started
    stack.until(lambda: stack.trigger("/policy/start").success, "the policy to start again")


def test_without_an_emergency_stop_nothing_starts_and_what_runs_stops(stack):
    stack.up(estop_timeout_s=1.0)
    stack.go()
    stack.processes["estop"].send_signal(signal.SIGKILL)
    stack.reaches("stopped")
    assert stack.drift(after=2 * HORIZON_S) < STILL_RAD
    refused = stack.trigger("/policy/start")
    assert not refused.success
    assert "no emergency stop" in refused.message


def test_two_policies_at_once_are_refused(stack):
    moving(stack)
    stack.trigger("/policy/stop")
    stack.run("rival", ["-c", RIVAL], {})
    stack.until(lambda: stack.node.count_publishers("/joint_trajectory_controller/joint_trajectory") == 3, "a rival")

    def refused():
        stack.begin()
        answer = stack.trigger("/policy/start")
        stack.trigger("/policy/stop")
        return not answer.success and "/rival commands" in answer.message  # its name is known later than its topic

    stack.until(refused, "a refusal that names the rival")


RIVAL = """
import rclpy, sys
from trajectory_msgs.msg import JointTrajectory
rclpy.init(args=sys.argv)
node = rclpy.create_node("rival")
node.create_publisher(JointTrajectory, "/joint_trajectory_controller/joint_trajectory", 1)
rclpy.spin(node)
"""


def test_a_mismatch_of_quality_of_service_is_reported(stack, own_contract):
    contract = own_contract("states: {topic: /loose_states, timeout_s: 0.2, reliable: true}")
    stack.run("loose", ["-c", LOOSE], {})
    stack.start("policy", contract=contract, policy="recall-reach-hcam")
    assert stack.change("configure"), stack.log("policy")
    stack.until(lambda: any("/loose_states" in each for each in stack.status.get("trouble", [])), "the report")


LOOSE = """
import rclpy, sys
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import JointState
rclpy.init(args=sys.argv)
node = rclpy.create_node("loose")
node.create_publisher(JointState, "/loose_states", QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT))
rclpy.spin(node)
"""


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"contract": "so10"}, "Did you mean 'so101'"),
        ({"contract": "so101_recall_reach", "policy": "recall-reach-hcm"}, "recall-reach-hcam"),
        ({"contract": "so101", "policy": "recall-reach-hcam"}, "there is no such sense"),
        ({"contract": "so101_recall_reach", "rate_hz": 50.0}, "trained at 20 Hz"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_moves(stack, parameters, message):
    stack.start("policy", **{"policy": "recall-reach-hcam", **parameters})
    assert not stack.change("configure")
    stack.until(lambda: message in stack.log("policy"), "the reason")
    assert not stack.commands


def test_shadow_mode_commands_nothing(stack):
    stack.up(shadow=True)
    stack.begin()
    assert stack.trigger("/policy/start").success
    stack.until(lambda: stack.status["state"] == "shadow" and stack.status["steps"] > 20, "shadow steps")
    assert not stack.commands


def test_the_lifecycle_moves_the_arm_only_while_active(stack):
    stack.up()
    stack.begin()
    stack.spin(0.5)
    assert not stack.commands
    stack.until(lambda: stack.change("activate"), "activation")
    stack.until(lambda: len(stack.commands) > 5, "commands")
    assert stack.change("deactivate")
    stack.spin(0.2)
    count, begin = len(stack.commands), time.monotonic()
    stack.spin(0.5)
    assert len(stack.commands) == count, time.monotonic() - begin
    assert not stack.change("activate") or stack.change("deactivate")  # the episode may be over: refused, not fatal
    assert stack.change("cleanup")
    stack.ask("deactivate")  # there is no such transition from here: rclpy never answers, but the node lives on
    assert stack.change("configure")
    assert json.dumps(stack.status)


def test_the_doctor_finds_what_is_there_and_what_is_missing(stack):
    def examine():
        command = [sys.executable, "-m", "robomem", "doctor", "--ros", "--json", "--contract", "so101_recall_reach"]
        found = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
        return {finding["name"]: finding for finding in found}

    alone = examine()
    assert alone["messages"]["status"] == "ok"
    assert alone["joint states"]["status"] == "fail"
    assert "driver" in alone["joint states"]["hint"]
    stack.up(clock=False)
    beside = examine()
    optional = beside.pop("memory node")  # its messages need a workspace
    assert (optional["status"], "colcon build" in optional["hint"]) == ("note", True)
    assert {name: finding["status"] for name, finding in beside.items()} == dict.fromkeys(beside, "ok"), beside
    assert "Hz" in beside["joint states"]["detail"]
