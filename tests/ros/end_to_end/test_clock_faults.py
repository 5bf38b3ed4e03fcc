"""A clock that stands still or jumps stops the arm, and the emergency stop is quick in simulated time."""

import numpy as np
import pytest
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import JointState

pytestmark = pytest.mark.ros
STILL_RAD = 0.02
CONTRACT = "so101_recall_reach"


class Hand:
    """Publishes /clock at 100 Hz; it can be held, and moved."""

    def __init__(self, stack):
        self.seconds, self.held = 1000.0, False
        self._publisher = stack.node.create_publisher(Clock, "/clock", 10)
        stack.node.create_timer(0.01, self._tick)

    def _tick(self):
        if not self.held:
            self.seconds += 0.01
            message = Clock()
            message.clock.sec, message.clock.nanosec = int(self.seconds), int(1e9 * (self.seconds % 1.0))
            self._publisher.publish(message)


def moving_by(stack):
    """Begin an episode on a clock of ours, and wait until the arm is on its way."""
    hand = Hand(stack)
    stack.up(clock=False, use_sim_time=True)
    stack.go()
    return hand


def stopped(stack, reason):
    """Wait until the policy is stopped for a reason, then see that the arm stands."""
    stack.reaches("stopped", reason)
    assert stack.drift(after=0.3, seconds=0.5) < STILL_RAD


def test_a_clock_that_stands_still_stops_the_policy_for_good(stack):
    hand = moving_by(stack)
    hand.held = True
    stopped(stack, "clock stands still")
    hand.held = False
    stack.spin(0.5)
    assert stack.status["state"] == "stopped"  # it does not go on by itself
    stack.begin()
    stack.until(lambda: stack.trigger("/policy/start").success, "the policy to start again")


@pytest.mark.parametrize("jump", [10.0, -10.0])
def test_a_clock_that_jumps_stops_the_policy_without_a_burst(stack, jump):
    hand = moving_by(stack)
    before = len(stack.commands)
    hand.seconds += jump
    stopped(stack, "clock jumped")
    assert len(stack.commands) - before < 40  # 20 Hz for a second or two


def test_the_emergency_stop_brings_the_arm_to_rest_within_100_ms_of_simulated_time(stack):
    heard = []

    def hear(message):
        time = message.header.stamp.sec + 1e-9 * message.header.stamp.nanosec
        heard.append((time, np.array(message.position), np.abs(message.velocity).max()))

    stack.node.create_subscription(JointState, "/joint_states", hear, 50)
    stack.start("estop", contract=CONTRACT)
    stack.start("simulated_arm", contract=CONTRACT, publish_clock=True, speed=0.2)
    stack.start("policy", contract=CONTRACT, policy="recall-reach-hcam", use_sim_time=True, estop_timeout_s=5.0)
    stack.until(lambda: stack.positions, "joint states")
    assert stack.change("configure"), stack.log("policy")
    stack.begin()
    stack.until(lambda: stack.trigger("/policy/start").success, "the policy to start")
    stack.until(lambda: heard[-1][2] > 1.0, "the arm to be fast")
    pressed = heard[-1][0]
    assert stack.trigger("/estop/press").success
    stack.until(lambda: heard[-1][0] > pressed + 0.8, "what the arm does then")
    after = [(position, speed) for time, position, speed in heard if time > pressed + 0.1]
    assert after[0][1] < 0.2  # of more than 1 rad/s
    assert max(np.abs(position - after[0][0]).max() for position, _ in after) < 0.01  # rad: it is where it stays
    stack.reaches("stopped")
