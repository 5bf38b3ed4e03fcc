"""What the launch file starts, started: the installed nodes play RecallReach together."""

import json
import os
import time

import pytest
import rclpy
from launch_file import evaluate, spawn
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory

from robomem_bridge.contracts import find

LAUNCH = "ros_ws/src/robomem_bringup/launch/arm.launch.py"
PATIENCE_S = 90.0


CONTRACT = """extends: so101_recall_reach.yaml
command: {kind: action, topic: joint_trajectory_controller/follow_joint_trajectory, horizon_s: 0.2}
"""


@pytest.fixture
def by_action(tmp_path):
    """Return the contract of an arm that is driven through FollowJointTrajectory."""
    for name in ("so101", "so101_recall_reach"):
        (tmp_path / f"{name}.yaml").write_text(find(name).read_text())
    (tmp_path / "action.yaml").write_text(CONTRACT)
    return str(tmp_path / "action.yaml")


@pytest.fixture
def audience():
    """Return a node of the test's own, and a way to wait for what it hears."""
    rclpy.init(domain_id=int(os.environ["ROS_DOMAIN_ID"]))
    node = rclpy.create_node("audience")

    def until(holds, running):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and not holds():
            rclpy.spin_once(node, timeout_sec=0.1)
            assert all(process.poll() is None for process in running)
        assert holds()

    yield node, until
    node.destroy_node()
    rclpy.shutdown()


def hear_json(node, topic):
    """Return a list that grows with what is said on a topic."""
    heard = []
    latched = QoSProfile(depth=10, durability=DurabilityPolicy.TRANSIENT_LOCAL) if topic.endswith("episode") else 10
    node.create_subscription(String, topic, lambda message: heard.append(json.loads(message.data)), latched)
    return heard


@pytest.mark.parametrize("namespace", ["", "left"])
def test_the_trained_policy_runs_from_the_launch_file(audience, namespace, tmp_path):
    node, until = audience
    memory = {"memory": str(tmp_path / "kitchen.db"), "encoder": "hash"} if namespace else {}
    episodes = hear_json(node, f"{namespace and '/' + namespace}/simulated_arm/episode")
    with spawn(evaluate(LAUNCH, robot="sim", namespace=namespace, **memory)) as running:
        until(lambda: sum(episode["success"] for episode in episodes) >= 2, running)
    assert [process.returncode for process in running] == [0] * (4 if memory else 3)
    assert (tmp_path / "kitchen.db").exists() == bool(memory)


def test_goals_of_the_action_drive_the_arm_and_trajectories_do_not(audience, by_action):
    node, until = audience
    episodes, trajectories = hear_json(node, "/simulated_arm/episode"), []
    node.create_subscription(JointTrajectory, "/joint_trajectory_controller/joint_trajectory", trajectories.append, 10)
    with spawn(evaluate(LAUNCH, robot="sim", contract=by_action)) as running:
        until(lambda: sum(episode["success"] for episode in episodes) >= 2, running)
    assert [process.returncode for process in running] == [0, 0, 0]
    assert not any(trajectory.points for trajectory in trajectories[:-1])  # the last is the emergency stop's good-bye


def test_a_controller_that_gives_up_stops_the_policy_and_says_why(audience, by_action):
    node, until = audience
    status = hear_json(node, "/policy/status")
    nodes = evaluate(LAUNCH, robot="sim", contract=by_action)
    arm = next(each for each in nodes if each.name == "simulated_arm")
    arm.argv.extend(["-p", "path_tolerance:=0.001"])  # no arm follows that closely
    with spawn(nodes) as running:
        until(lambda: status and status[-1]["state"] == "stopped" and status[-1]["reasons"], running)
        assert "gave up: path tolerance violated" in status[-1]["reasons"][0]
