"""A contract is refused before anything moves, with the place and the fix."""

import copy
from dataclasses import replace
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
import yaml

from robomem.deploy import Runner, parse, read, require_training
from robomem.errors import ConfigError, StorageError

CONTRACTS = Path(__file__).parents[2] / "ros_ws/src/robomem_bridge/robomem_bridge/contracts"
BASE = yaml.safe_load((CONTRACTS / "so101.yaml").read_text())
SHOULDER = "shoulder_pan_joint"


@pytest.mark.parametrize("path", sorted(CONTRACTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_contract_reads_and_agrees_with_its_own_kinematics(path):
    contract = read(path)
    assert contract.workspace is not None
    assert contract.workspace.allows(contract.home)
    assert contract.command.horizon_s >= contract.period_s


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("rate_hz",), 0, "rate_hz must be a number above 0"),
        (("rate_hz",), float("nan"), "rate_hz must be a number"),
        (("rate_hz",), "fast", "rate_hz must be a number"),
        (("rate_hz",), None, "lacks the field 'rate_hz'"),
        (("control",), "joint_positions", "Did you mean 'joint_position'"),
        (("contrl",), "joint_position", "no field 'contrl'. Did you mean 'control'"),
        (("joints",), {}, "names no joints"),
        (("joints", SHOULDER, "lower"), 2.5, "inverted"),
        (("joints", SHOULDER, "upper"), None, "shoulder_pan_joint lacks the field 'upper'"),
        (("joints", SHOULDER, "upper"), float("inf"), "upper must be a number"),
        (("joints", SHOULDER, "velocity"), -1, "velocity must be > 0"),
        (("joints", SHOULDER, "home"), 9.0, "home of shoulder_pan_joint is outside"),
        (("joints", SHOULDER, "max"), 1.0, "no field 'max'"),
        (("command", "kind"), "servo", "kind is 'servo'"),
        (("command", "horizon_s"), 0.01, "shorter than a period"),
        (("command", "kind"), "action", "ends in /follow_joint_trajectory"),
        (("states", "timeout_s"), 0, "timeout_s must be a number above 0"),
        (("states", "depth"), 0, "depth must be an integer of 1"),
        (("states",), None, "states must be a mapping"),
        (("enable",), "go", "enable is 'go', which is none of the senses"),
        (("senses",), {"cue": {"topic": "/cue", "timeout_s": 1.0}}, "senses.cue lacks the field 'size'"),
        (("senses",), {"cue": {"topic": "/c", "timeout_s": 1.0, "size": 4, "stale": "zeros"}}, "stale is 'zeros'"),
        (("cameras",), {"eye": {"topic": "/c", "timeout_s": 1.0, "width": 64}}, "lacks the field 'height'"),
        (("workspace", "low"), [0.4, 0, 0], "home pose is outside the workspace|inverted"),
    ],
)
def test_a_wrong_field_is_named(place, value, message):
    content = copy.deepcopy(BASE)
    part = content
    for name in place[:-1]:
        part = part[name]
    part[place[-1]] = value
    with pytest.raises(ConfigError, match=message):
        parse(content, "arm.yaml")


def test_a_slower_rate_is_held_to_the_same_horizon():
    with pytest.raises(ConfigError, match="shorter than a period"):
        replace(parse(copy.deepcopy(BASE), "arm.yaml"), rate_hz=1.0)


@pytest.mark.parametrize("content", [None, [], "so101", 3])
def test_no_mapping_is_refused(content):
    with pytest.raises(ConfigError, match="must be a mapping"):
        parse(content, "arm.yaml")


def test_files_that_are_missing_or_no_yaml_are_refused(tmp_path):
    with pytest.raises(StorageError, match="Cannot read"):
        read(tmp_path / "none.yaml")
    (tmp_path / "bad.yaml").write_text("joints: [")
    with pytest.raises(ConfigError, match="not YAML"):
        read(tmp_path / "bad.yaml")
    (tmp_path / "evil.yaml").write_text("robot: !!python/object/apply:os.system ['true']")
    with pytest.raises(ConfigError, match="not YAML"):
        read(tmp_path / "evil.yaml")
    (tmp_path / "loop.yaml").write_text("extends: loop.yaml")
    with pytest.raises(ConfigError, match="extends itself"):
        read(tmp_path / "loop.yaml")


class Sleepy:
    """A policy that commands nothing."""

    def __init__(self, observation, action):
        self.observation_space, self.action_space = observation, action

    def predict(self, observation, state=None, episode_start=None, deterministic=False):
        return np.zeros(self.action_space.shape, np.float32), state


def box(*shape, dtype=np.float32):
    return gym.spaces.Box(0, 255, shape, dtype)


@pytest.mark.parametrize(
    ("parts", "actions", "message"),
    [
        ({"proprio": box(31)}, box(5), "'proprio' is \\[31\\] there, 23 numbers here"),
        ({"proprio": box(23)}, box(7), "takes 5 numbers"),
        ({"proprio": box(23), "cue": box(4)}, box(5), "observes 'cue' \\[4\\], and there is no such sense"),
        ({"proprio": box(23), "pixels": box(64, 64, 3, dtype=np.uint8)}, box(5), "no such camera"),
        ({"proprio": box(23)}, gym.spaces.Discrete(3), "its actions are Discrete"),
    ],
)
def test_a_policy_that_does_not_fit_is_refused(parts, actions, message):
    with pytest.raises(ConfigError, match=message):
        Runner(Sleepy(gym.spaces.Dict(parts), actions), parse(copy.deepcopy(BASE), "arm.yaml"))


@pytest.mark.parametrize(
    ("info", "changes", "message"),
    [
        ({"env": "recall-reach"}, {"rate_hz": 50.0}, "trained at 20 Hz and would run at 50"),
        ({"env": "recall-reach", "rate_hz": 50}, {}, "trained at 50 Hz and would run at 20"),
        ({"env": "recall-reach", "env_kwargs": {"control": "joint_delta"}}, {}, "actions are joint_delta"),
        ({"env": "recall-reach", "env_kwargs": None}, {"control": "joint_delta"}, "set control to joint_position"),
    ],
)
def test_a_policy_of_another_rate_or_control_is_refused(info, changes, message):
    contract = replace(parse(copy.deepcopy(BASE), "arm.yaml"), **changes)
    with pytest.raises(ConfigError, match=message):
        require_training(info, contract)


@pytest.mark.parametrize(
    "info", [{}, {"env": "recall-reach"}, {"env": "x", "env_kwargs": {"control": "joint_position"}}]
)
def test_a_policy_of_this_rate_or_of_unknown_training_is_taken(info):
    require_training(info, parse(copy.deepcopy(BASE), "arm.yaml"))


def test_all_misfits_are_named_at_once():
    policy = Sleepy(gym.spaces.Dict({"proprio": box(31), "cue": box(4)}), box(7))
    with pytest.raises(ConfigError, match=r"cue.*proprio.*takes 5 numbers"):
        Runner(policy, parse(copy.deepcopy(BASE), "arm.yaml"))
