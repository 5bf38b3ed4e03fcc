"""The shipped policy on the simulated arm through ROS 2, beside the same policy in Gymnasium, episode by episode."""

import os

import gymnasium as gym
import pytest

import robomem_envs
from robomem import policy as policies

pytestmark = pytest.mark.ros
assert robomem_envs
POLICY = "recall-reach-hcam"
EPISODES = int(os.environ.get("ROBOMEM_ROS_EPISODES", "50"))
TWICE = {"publish_clock": True, "speed": 2.0}
"""As fast as real: all that is timed goes by the arm's clock."""


def in_gymnasium(seeds):
    """Return the seeds of the episodes that the policy plays with success in Gymnasium."""
    env, agent, won = gym.make("robomem/RecallReach-v0"), policies.load(POLICY), set()
    for seed in seeds:
        observation, _ = env.reset(seed=seed)
        state, start, done = None, True, False
        while not done:
            action, state = agent.predict(observation, state, episode_start=start, deterministic=True)
            observation, _, terminated, truncated, info = env.step(action)
            start, done = False, terminated or truncated
        if info["success"]:
            won.add(seed)
    return won


def test_it_succeeds_as_in_gymnasium(stack):
    stack.start("estop", contract="so101_recall_reach")
    stack.start("simulated_arm", contract="so101_recall_reach", **TWICE)
    stack.start("policy", contract="so101_recall_reach", policy=POLICY, use_sim_time=True, estop_timeout_s=5.0)
    assert stack.change("configure"), stack.log("policy")
    for episode in range(EPISODES):
        stack.begin()
        stack.until(lambda: stack.trigger("/policy/start").success, "the policy to start")
        stack.until(lambda episode=episode: len(stack.episodes) > episode, "the episode's end")
        stack.trigger("/policy/stop")
    seeds = [episode["seed"] for episode in stack.episodes]
    assert len(set(seeds)) == EPISODES
    assert not [reason for reason in stack.status["refusals"] if reason.startswith("policy")]
    there, here = in_gymnasium(seeds), {episode["seed"] for episode in stack.episodes if episode["success"]}
    assert len(here) >= len(there) - 0.05 * EPISODES, (sorted(there - here), stack.episodes, stack.status)
