"""The runner on a simulated arm without ROS: the shipped policy does what it does in Gymnasium."""

from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

import robomem_envs  # noqa: F401  registers the ids
from robomem import policy
from robomem.deploy import Runner, read

CONTRACTS = Path(__file__).parents[2] / "ros_ws/src/robomem_bridge/robomem_bridge/contracts"
CONTRACT = CONTRACTS / "so101_recall_reach.yaml"


class Arm:
    """RecallReach whose joint targets come from outside, with the time that passes in it."""

    def __init__(self) -> None:
        self.env = gym.make("robomem/RecallReach-v0").unwrapped
        self.task, self.now = self.env.task, 0.0
        self.task.control.move = lambda target, action, moving: np.copyto(target, self.command)

    def reset(self, seed):
        self.observation, _ = self.env.reset(seed=seed)
        self.command = self.task.episode.joint_target.copy()
        return self.observation

    def report(self, runner):
        self.now += 1e-6  # a stamp says nothing twice
        simulation = self.task.simulation
        position, velocity = simulation.qpos[0, self.task._qpos], simulation.qvel[0, self.task._qvel]
        assert runner.readings.joint_states(runner.contract.joints, position, velocity, self.now)
        assert runner.readings.sense("cue", self.observation["cue"])
        assert runner.readings.sense("go", self.observation["go"])

    def step(self, positions):
        self.command = positions[None]
        self.now += 0.05
        self.observation, _, terminated, truncated, info = self.env.step(self.env.action_space.sample() * 0)
        return terminated or truncated, info


def play(arm, runner, seed):
    arm.reset(seed)
    arm.report(runner)
    runner.activate()
    arm.report(runner)
    verdicts = []
    while True:
        output = runner.tick()
        verdicts.append(output.verdict)
        done, info = arm.step(output.positions)
        if done:
            runner.deactivate()
            return bool(info["success"]), verdicts
        arm.report(runner)


def test_the_shipped_policy_succeeds_as_in_gymnasium():
    agent, contract, arm = policy.load("recall-reach-hcam"), read(CONTRACT), Arm()
    runner = Runner(agent, contract, clock=lambda: arm.now)
    ours = [play(arm, runner, seed)[0] for seed in range(12)]

    env, theirs = gym.make("robomem/RecallReach-v0"), []
    for seed in range(12):
        observation, _ = env.reset(seed=seed)
        state, start, done = None, True, False
        while not done:
            action, state = agent.predict(observation, state, start, deterministic=True)
            observation, _, terminated, truncated, info = env.step(action)
            start, done = False, terminated or truncated
        theirs.append(bool(info["success"]))
    assert sum(theirs) >= 10
    assert abs(sum(ours) - sum(theirs)) <= 1


def test_the_contract_is_the_arm_that_the_policy_was_trained_on():
    contract, task = read(CONTRACT), Arm().task
    np.testing.assert_allclose(contract.limits.lower, task.control.low, atol=1e-6)
    np.testing.assert_allclose(contract.limits.upper, task.control.high, atol=1e-6)
    np.testing.assert_allclose(contract.home, task.control.home, atol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_its_kinematics_are_those_of_the_model(seed):
    contract, arm = read(CONTRACT), Arm()
    arm.reset(seed)
    for _ in range(5):
        arm.step(np.random.default_rng(seed).uniform(contract.limits.lower, contract.limits.upper))
        position = arm.task.simulation.qpos[0, arm.task._qpos]
        np.testing.assert_allclose(contract.workspace.end_effector(position), arm.task.end_effector[0], atol=1e-6)
