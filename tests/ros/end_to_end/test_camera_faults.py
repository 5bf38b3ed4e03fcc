"""A policy that sees: pictures come from the simulated arm, and a camera that dies makes the arm hold."""

import os
import signal

import gymnasium as gym
import numpy as np
import pytest
from sensor_msgs.msg import Image

import robomem_envs
from robomem.policy import save
from robomem_policies.recall.policy import RecallPolicy

pytestmark = pytest.mark.ros
assert robomem_envs
CAMERA = """
cameras:
  pixels: {topic: camera/image, width: 64, height: 64, timeout_s: 0.5}
"""


@pytest.fixture
def seeing(tmp_path, own_contract):
    """Return a contract with a camera, and an untrained policy that sees with it."""
    contract = own_contract(CAMERA)
    env = gym.make("robomem/RecallReach-v0", observation="pixels+state")
    policy = RecallPolicy(env.observation_space, env.action_space, memory="gru", memory_kwargs={"width": 16})
    save(policy, tmp_path / "policy")
    return contract, str(tmp_path / "policy")


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP])
def test_a_camera_that_dies_or_hangs_makes_the_arm_hold(stack, seeing, blow):
    contract, policy = seeing
    stack.run("camera", ["-c", PICTURES], {})
    stack.up(contract=contract, policy=policy, max_refusals=0)  # a new camera may take long to come up
    stack.begin()
    stack.until(lambda: stack.trigger("/policy/start").success, "the policy to start")
    stack.until(lambda: stack.status["state"] == "active" and stack.status["steps"] > 2, "the policy to act")
    stack.processes["camera"].send_signal(blow)
    stack.reaches("holding", "pixels")
    assert stack.drift(after=0.3, seconds=0.5) < 0.02
    if blow == signal.SIGKILL:
        stack.run("camera", ["-c", PICTURES], {})
    else:
        stack.processes["camera"].send_signal(signal.SIGCONT)
    stack.reaches("active")


PICTURES = """
import rclpy, sys
from sensor_msgs.msg import Image
rclpy.init(args=sys.argv)
node = rclpy.create_node("camera")
publisher = node.create_publisher(Image, "/camera/image", 1)
picture = Image(height=48, width=64, encoding="bgr8", step=192, data=bytes(48 * 192))
node.create_timer(0.05, lambda: publisher.publish(picture))
rclpy.spin(node)
"""


@pytest.mark.skipif("MUJOCO_GL" not in os.environ, reason="nothing renders here: set MUJOCO_GL to egl or osmesa")
def test_the_simulated_arm_has_a_camera(stack, seeing):
    contract, policy = seeing
    pictures = []
    stack.node.create_subscription(Image, "/camera/image", pictures.append, 1)
    stack.start("simulated_arm", contract=contract)
    stack.start("estop", contract=contract)
    stack.start("policy", contract=contract, policy=policy, estop_timeout_s=5.0)
    assert stack.change("configure"), stack.log("policy")
    stack.begin()
    stack.until(lambda: stack.trigger("/policy/start").success, "the policy to start")
    stack.until(lambda: len(pictures) > 5 and stack.status["steps"] > 5, "pictures and steps")
    shown = np.frombuffer(pictures[-1].data, np.uint8).reshape(64, 64, 3)
    assert shown.std() > 10  # a scene, not a blank
