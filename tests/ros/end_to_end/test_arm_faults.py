"""An arm that dies, or says what cannot be: the policy holds, refuses to begin, and says why."""

import signal

import broken_policy
import numpy as np
import pytest
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64MultiArray

from robomem import policy as policies

pytestmark = pytest.mark.ros
CONTRACT = "so101_recall_reach"
STILL_RAD = 0.02


def test_an_arm_that_is_killed_makes_the_policy_hold_and_is_not_chased_when_it_comes_back_elsewhere(stack, tmp_path):
    policies.save(broken_policy.BrokenPolicy("-1"), tmp_path / "policy")  # goes far and stays there
    stack.up(policy=str(tmp_path / "policy"), program=[broken_policy.__file__], max_refusals=0)  # a new arm takes time
    stack.go()
    stack.until(lambda: stack.positions[-1][1][3] < stack.positions[0][1][3] - 0.8, "the arm to be far")
    stack.processes["simulated_arm"].send_signal(signal.SIGKILL)
    stack.processes["simulated_arm"].wait()
    stack.reaches("holding", "joint_states")
    stack.positions.clear()
    stack.start("simulated_arm", contract=CONTRACT, publish_clock=True)  # it comes back at home, farther than a step
    stack.reaches("stopped", "the arm came back")
    stack.until(lambda: stack.positions, "the test to hear it too")
    assert stack.drift(after=0.4, seconds=0.5) < STILL_RAD
    home = np.array(stack.positions[0][1])
    assert np.abs(np.array([pose for _, pose in stack.positions]) - home).max() < 0.05


def test_wrong_joints_are_refused_by_name(stack):
    says = stack.node.create_publisher(JointState, "/joint_states", 1)
    names = ["1", "2", "3", "4", "5"]

    def speak():
        message = JointState(name=names, position=[0.0, -0.7, 0.6, 1.5, 0.0])
        message.header.stamp = stack.node.get_clock().now().to_msg()
        says.publish(message)

    stack.node.create_timer(0.02, speak)
    stack.start("estop", contract="so101")
    stack.start("policy", contract=CONTRACT, policy="recall-reach-hcam")
    assert stack.change("configure"), stack.log("policy")
    stack.until(lambda: "no joint" in stack.trigger("/policy/start").message, "the refusal")
    refused = stack.trigger("/policy/start").message
    assert "no joint shoulder_pan_joint; it has 1, 2, 3, 4, 5" in refused
    stack.until(lambda: stack.status.get("rejected"), "the count")
    names[:] = ["shoulder_pan_joint", "shoulder_lift_joint", "elbow_flex_joint", "wrist_flex_joint", "wrist_roll_joint"]
    stack.until(lambda: "(recall/cue)" in stack.trigger("/policy/start").message, "the joints to be taken")
    assert not stack.commands


def test_joint_states_that_cannot_be_make_the_arm_hold(stack, own_contract):
    """A driver between the arm and the policy lies: its words are not believed, and not fed to the policy."""
    contract = own_contract("states: {topic: relayed_states, timeout_s: 0.2}")
    lying = []
    relay = stack.node.create_publisher(JointState, "/relayed_states", 1)

    def pass_on(message):
        if lying:
            message.position[2] = lying[-1]
        relay.publish(message)

    stack.node.create_subscription(JointState, "/joint_states", pass_on, 1)
    stack.up(contract=contract, arm=CONTRACT, max_refusals=0)
    stack.go()
    for lie, name in ((np.nan, "not finite"), (np.inf, "not finite"), (1e6, "impossible")):
        lying.append(lie)
        stack.reaches("holding", "joint_states")
        assert stack.status["rejected"][f"joint_states: {name}"] > 0
        assert stack.drift(after=0.4, seconds=0.6) < STILL_RAD
        lying.clear()
        stack.reaches("active")
    for _, command in stack.commands:
        assert np.isfinite([point.positions for point in command.points]).all()


def test_an_arm_is_driven_by_a_forward_controller_and_stopped_on_it(stack, own_contract):
    topic = "forward_position_controller/commands"
    contract = own_contract(f"command: {{kind: forward, topic: {topic}, horizon_s: 0.2}}")
    heard = []
    stack.node.create_subscription(Float64MultiArray, f"/{topic}", lambda message: heard.append(message.data), 10)
    stack.up(contract=contract)
    stack.go()
    assert heard
    assert not stack.commands  # nothing on the trajectory's topic
    stack.processes["policy"].send_signal(signal.SIGKILL)  # this controller has no end of its own: it holds what it has
    assert stack.drift(after=0.4, seconds=0.5) < STILL_RAD
    stack.until(lambda: stack.trigger("/estop/press").success, "the emergency stop")
    count = len(heard)
    stack.until(lambda: len(heard) > count + 3, "the emergency stop to command the arm")
    assert stack.drift(after=0.3, seconds=0.5) < STILL_RAD
