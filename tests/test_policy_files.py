"""Policies as folders: found by name or path, refused when they are not what they claim to be."""

import json
import subprocess
import sys

import gymnasium as gym
import numpy as np
import pytest
import torch
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.vec_env import DummyVecEnv

import robomem_envs  # noqa: F401
from robomem import policy
from robomem.errors import CheckpointError, UnknownNameError
from robomem.rollout import play

SHIPPED = "recall-reach-hcam"


def test_the_shipped_policy_remembers():
    rows = play(policy.load(SHIPPED), "robomem/RecallReach-v0", list(range(24)), num_envs=12)
    assert np.mean([row.success for row in rows]) > 0.85, "chance is 0.25"


def test_sb3_evaluates_it_unchanged():
    env = DummyVecEnv([lambda: gym.make("robomem/RecallReach-v0") for _ in range(2)])
    env.seed(3)
    mean, _ = evaluate_policy(policy.load(SHIPPED), env, n_eval_episodes=6, warn=False)
    assert mean > 0.6, "a right touch gives 0.5 beside the progress"


def test_an_episode_goes_on_from_a_state_kept_on_disk(tmp_path):
    """The state is all there is: through a file and into another object, the same actions follow."""
    import safetensors.numpy

    first, second = policy.load(SHIPPED), policy.load(SHIPPED)
    env = gym.make("robomem/RecallReach-v0")
    observation, _ = env.reset(seed=5)
    state, start = None, True
    for step in range(40):
        if step == 17:
            safetensors.numpy.save_file(dict(state), tmp_path / "state")
            first, state = second, safetensors.numpy.load_file(tmp_path / "state")
        action, state = first.predict(observation, state, start, deterministic=True)
        observation, _, terminated, truncated, info = env.step(action)
        start = False
        if terminated or truncated:
            break
    assert info["success"]


def test_a_run_folder_leads_to_its_policy(tmp_path):
    shipped = policy.load(SHIPPED)
    policy.save(shipped, tmp_path / "run" / "policy", info={"env": "x"})
    assert policy.info(tmp_path / "run") == {"env": "x"}
    for name, array in policy.load(tmp_path / "run").arrays().items():
        np.testing.assert_array_equal(array, shipped.arrays()[name])


def test_an_unknown_name_is_answered_with_those_that_exist():
    with pytest.raises(CheckpointError, match="Did you mean 'recall-reach-hcam'"):
        policy.load("recall-reach-hcan")
    with pytest.raises(CheckpointError, match="does not exist"):
        policy.load("runs/nothing")


def test_an_unknown_kind_says_what_exists(tmp_path):
    class Strange(type(policy.load(SHIPPED))):
        kind = "recal"

    shipped = policy.load(SHIPPED)
    shipped.__class__ = Strange
    policy.save(shipped, tmp_path)
    with pytest.raises(UnknownNameError, match="Did you mean 'recall'"):
        policy.load(tmp_path)


def test_weights_of_another_architecture_are_refused(tmp_path):
    policy.save(policy.load(SHIPPED), tmp_path)
    from robomem.serialization import read_bundle, write_bundle

    bundle = read_bundle(tmp_path, "policy")
    weights = dict(bundle.arrays["weights"])
    name = next(name for name in weights if weights[name].ndim == 2)
    weights[name] = weights[name][:, :-1]
    write_bundle(tmp_path, "policy", bundle.meta, {"weights": weights})
    with pytest.raises(CheckpointError, match="does not fit the 'recall' policy"):
        policy.load(tmp_path)


def test_the_manifest_is_readable_json():
    manifest = json.loads((policy.pretrained[SHIPPED] / "manifest.json").read_text())
    assert manifest["format"] == "robomem.policy"
    assert manifest["meta"]["info"]["evaluation"]["success"] >= 0.95


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_the_policy_of_a_peer_is_known_to_a_fresh_process():
    code = "from robomem.policy import policies; print(policies['sb3'].kind)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "sb3\n"
