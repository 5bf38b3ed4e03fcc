"""MemoryVLA on the simulated arm, by its camera: it remembers every step although its plans take four."""

import os
import re
import signal

import numpy as np
import pytest
import slow_vla
from test_deploy import deploy
from tiny_vla import tiny_vla

from robomem import policy as policies

pytestmark = [
    pytest.mark.ros,
    pytest.mark.skipif("MUJOCO_GL" not in os.environ, reason="nothing renders here: set MUJOCO_GL to egl or osmesa"),
]
CONTRACT = "so101_recall_pixels"


def start(stack, tmp_path, **parameters):
    policies.save(tiny_vla(slow_vla.SlowVLA, pixels=64), tmp_path / "policy")
    given = {"policy": str(tmp_path / "policy"), "program": [slow_vla.__file__], "use_sim_time": True, **parameters}
    stack.up(contract=CONTRACT, arm=CONTRACT, **given)
    stack.begin()
    stack.until(lambda: stack.trigger("/policy/start").success, "the policy to start")


def of(stack, what):
    """Return the steps of which the policy said so."""
    return np.array([int(step) for step in re.findall(rf"^{what} (\d+)$", stack.log("policy"), re.MULTILINE)])


def test_it_remembers_every_step_although_it_plans_slower_than_the_arm_moves(stack, tmp_path):
    start(stack, tmp_path, max_refusals=0)
    stack.until(lambda: stack.status["steps"] > 60 and stack.status["state"] == "active", "sixty steps")
    home = np.array(stack.positions[0][1])
    assert np.abs(np.array(stack.positions[-1][1]) - home).max() > 0.01
    stack.until(lambda: len(of(stack, "took")) > 60, "them to be taken in")
    stack.processes["policy"].send_signal(signal.SIGSTOP)  # now nothing changes
    stack.spin(0.5)
    thoughts, took, planned = stack.status["thoughts"], of(stack, "took"), of(stack, "planned")
    lost = thoughts["lost"]  # a machine too busy to run the node in time leaves gaps, which it knows
    assert set(lost) <= {"late", "stale"}
    assert (np.diff(took) > 0).all()
    assert took[0] == 0
    assert np.diff(took).sum() + 1 - len(took) <= sum(lost.values())
    assert thoughts["seen"] == thoughts["written"] + thoughts["waiting"]
    assert thoughts["written"] <= len(took) <= thoughts["seen"] + 4  # what was said since the last status
    assert 2 * len(planned) < len(took)


def test_an_episode_ends_with_what_it_was(stack, tmp_path):
    start(stack, tmp_path)
    stack.until(lambda: stack.status["thoughts"]["written"] > 10, "ten steps")
    assert stack.status["memory"]
    stack.trigger("/policy/new_episode")
    stack.until(lambda: 0 in of(stack, "took")[1:], "an episode that begins anew")
    assert stack.trigger("/policy/stop").success
    stack.until(lambda: stack.status["state"] == "inactive", "the end")
    assert (stack.status["thoughts"]["waiting"], stack.status["memory"]) == (0, False)


def test_what_does_not_fit_in_the_queue_is_counted_and_said(stack, tmp_path):
    start(stack, tmp_path, backlog=2)
    stack.until(lambda: stack.status["thoughts"]["lost"].get("full", 0) > 3, "steps that are lost")
    stack.until(lambda: len(of(stack, "took")) > 10, "others that are not")
    took = of(stack, "took")
    assert (np.diff(took) > 0).all()
    assert np.diff(took).max() > 1  # time passes in a gap
    assert "not remembered" in stack.log("policy")


def test_robomem_deploy_plays_the_task_that_it_was_trained_on(tmp_path):
    about = {"env": "recall-reach", "env_kwargs": {"delay": 3, "reach_steps": 12, "observation": "pixels"}}
    policies.save(tiny_vla(pixels=64), tmp_path / "policy", info=about)
    code, output = deploy(str(tmp_path / "policy"), "--sim", "--episodes", "1", "--seed", "7")
    assert code == 0, output
    assert re.search(r"seed 7: (success|failure) in \d+ steps; [01] of 1 so far", output)
