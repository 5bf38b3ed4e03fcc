"""The action and the state, with the messages that colcon built: an episode as one goal."""

import contextlib
import json
import os
import time

import numpy as np
import pytest
import rclpy
import yaml
from launch_file import evaluate, spawn
from rclpy.action import ActionClient
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import qos_profile_sensor_data
from robomem_msgs.action import RunPolicy
from robomem_msgs.msg import PolicyState
from sensor_msgs.msg import JointState
from std_srvs.srv import Trigger

from robomem.motion.files import write_motion
from robomem.motion.robots import robots

LAUNCH = "ros_ws/src/robomem_bringup/launch/arm.launch.py"
PATIENCE_S = 60.0


class Client:
    """Sends goals to the policy node of a simulated arm without a referee, and looks at its joints."""

    def __init__(self):
        self.node = rclpy.create_node("client")
        self.executor = SingleThreadedExecutor()
        self.executor.add_node(self.node)
        self.action = ActionClient(self.node, RunPolicy, "/policy/run_policy")
        self.states, self.feedback, self.poses = [], [], []
        self.node.create_subscription(JointState, "/joint_states", self._see, qos_profile_sensor_data)
        self.node.create_subscription(PolicyState, "/policy/state", self.states.append, 10)

    def _see(self, message):
        self.poses.append(dict(zip(message.name, message.position)))

    def wait(self, future, what):
        self.executor.spin_until_future_complete(future, PATIENCE_S)
        assert future.done(), f"waited {PATIENCE_S:g} s for {what}"
        return future.result()

    def until_state(self, wanted):
        """Spin until the state that is published ten times a second is the wanted one."""
        end = time.monotonic() + PATIENCE_S
        while not self.states or self.states[-1].state != wanted:
            assert time.monotonic() < end, f"waited {PATIENCE_S:g} s for the state {wanted!r}"
            self.executor.spin_once(0.1)

    def trigger(self, name):
        client = self.node.create_client(Trigger, name)
        assert client.wait_for_service(PATIENCE_S), name
        return self.wait(client.call_async(Trigger.Request()), name)

    def send(self, **goal):
        assert self.action.wait_for_server(PATIENCE_S)
        sent = self.action.send_goal_async(
            RunPolicy.Goal(**goal), lambda message: self.feedback.append(message.feedback)
        )
        return self.wait(sent, "an answer to the goal")

    def result(self, goal):
        return self.wait(goal.get_result_async(), "the goal's end").result


@pytest.fixture
def client():
    with launched() as made:
        yield made


@contextlib.contextmanager
def launched(**arguments):
    """The stack of the launch file, with a client that has stopped the policy."""
    rclpy.init(domain_id=int(os.environ["ROS_DOMAIN_ID"]))
    nodes = evaluate(LAUNCH, robot="sim", **arguments)
    with spawn([node for node in nodes if node.name != "simulated_arm"]):
        arm = next(node for node in nodes if node.name == "simulated_arm")
        arm.argv.extend(["-p", "auto_reset:=false"])
        with spawn([arm]):
            made = Client()
            made.trigger("/policy/stop")  # it is configured by now
            yield made
            made.node.destroy_node()
    rclpy.shutdown()


def test_an_episode_is_a_goal(client):
    seeds = []
    for _ in range(3):  # the policy is not always right
        seeds.append(json.loads(client.trigger("/simulated_arm/reset").message)["seed"])
        goal = client.send(instruction="touch the pad that lit up", timeout_s=30.0)
        assert goal.accepted
        result = client.result(goal)
        assert result.message in ("done", "failed")
        if result.success:
            break
    assert result.success
    assert result.steps > 10
    assert client.feedback[-1].state == PolicyState.ACTIVE
    assert [each.steps for each in client.feedback][-5:] == sorted(each.steps for each in client.feedback[-5:])
    assert PolicyState.ACTIVE in {state.state for state in client.states}
    client.until_state(PolicyState.INACTIVE)  # the result comes before the next state
    assert any(state.memory for state in client.states)


def test_a_goal_ends_on_cancel_at_its_limit_and_when_another_runs(client):
    client.trigger("/simulated_arm/reset")
    goal = client.send(timeout_s=30.0)
    assert not client.send().accepted  # one at a time
    client.wait(goal.cancel_goal_async(), "the cancellation")
    assert client.result(goal).message == "cancelled"
    client.trigger("/simulated_arm/reset")
    late = client.result(client.send(timeout_s=0.3))
    assert (late.success, late.message) == (False, "not done after 0.3 s")


def test_a_goal_is_aborted_with_the_reason_when_the_emergency_stop_is_pressed(client):
    client.trigger("/simulated_arm/reset")
    goal = client.send()
    client.trigger("/estop/press")
    assert client.result(goal).message.startswith("stopped: ")
    refused = client.result(client.send())
    assert "emergency stop is pressed" in refused.message


def test_a_motion_in_words_is_a_skill_that_the_arm_performs(tmp_path):
    [entry] = robots["so101"]().generate(clips=1, seed=0, mirror=False)
    write_motion(entry.clip, tmp_path / "clip.npz")
    file = tmp_path / "skills.yaml"
    file.write_text(yaml.safe_dump({"skills": {entry.clip.text: {"motion": "clip.npz", "timeout_s": 60}}}))
    with launched(skills=str(file)) as client:
        client.trigger("/simulated_arm/reset")
        client.poses.clear()
        goal = client.send(instruction=entry.clip.text, timeout_s=60.0)
        assert goal.accepted
        result = client.result(goal)
        assert (result.success, result.message) == (True, "done")
        body = entry.clip.body
        names = [name for name in body.joints if name != "gripper"]
        columns = [body.joints.index(name) for name in names]
        wanted = entry.clip.pose[:, columns] + body.zero_offset[columns]
        seen = np.array([[pose[f"{name}_joint"] for name in names] for pose in client.poses])
        # the arm hangs a little under its set-points
        away = np.array([np.abs(seen - pose).max(axis=1).min() for pose in wanted])
        assert away.max() < 0.15
        assert "dance" in client.result(client.send(instruction="dance")).message
