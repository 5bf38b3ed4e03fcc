"""What the launch file starts, started: the installed nodes play RecallReach together."""

import json
import os
import time

import rclpy
from launch_file import evaluate, spawn
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_msgs.msg import String

LAUNCH = "ros_ws/src/robomem_bringup/launch/arm.launch.py"
PATIENCE_S = 90.0


def test_the_trained_policy_runs_from_the_launch_file():
    rclpy.init(domain_id=int(os.environ["ROS_DOMAIN_ID"]))
    node, episodes = rclpy.create_node("audience"), []
    latched = QoSProfile(depth=10, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    node.create_subscription(
        String, "/simulated_arm/episode", lambda message: episodes.append(json.loads(message.data)), latched
    )
    try:
        with spawn(evaluate(LAUNCH, robot="sim")) as running:
            end = time.monotonic() + PATIENCE_S
            while time.monotonic() < end and sum(episode["success"] for episode in episodes) < 2:
                rclpy.spin_once(node, timeout_sec=0.1)
                assert all(process.poll() is None for process in running)
        assert [process.returncode for process in running] == [0, 0, 0]
    finally:
        node.destroy_node()
        rclpy.shutdown()
    assert sum(episode["success"] for episode in episodes) >= 2, episodes
