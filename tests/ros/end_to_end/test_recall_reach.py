"""The shipped policy on the simulated arm through ROS 2, beside the same policy in Gymnasium."""

import os

import pytest

pytestmark = pytest.mark.ros
EPISODES = int(os.environ.get("ROBOMEM_ROS_EPISODES", "10"))


def test_it_succeeds_as_in_gymnasium(stack):
    stack.up()
    successes = 0
    for episode in range(EPISODES):
        stack.begin()
        answer = stack.until(lambda: (a := stack.trigger("/policy/start")).success and a, "the policy to start")
        assert answer.success, answer.message
        stack.until(lambda episode=episode: len(stack.episodes) > episode, "the episode's end")
        stack.trigger("/policy/stop")
        successes += stack.episodes[-1]["success"]
    assert not [reason for reason in stack.status["refusals"] if reason.startswith("policy")]
    assert successes >= 0.95 * EPISODES - 0.5, stack.episodes
