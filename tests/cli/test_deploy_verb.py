"""``robomem deploy`` and ``robomem doctor --ros`` where there is no ROS 2."""

import importlib.util
import json

import gymnasium as gym
import pytest

import robomem_envs
from robomem import policy as policies
from robomem.cli.deploy import SEEING, SIMULATED, Deploy
from robomem.cli.main import main
from robomem.errors import CheckpointError, ConfigError
from robomem_policies.recall.policy import RecallPolicy

assert robomem_envs

NO_ROS = pytest.mark.skipif(importlib.util.find_spec("rclpy") is not None, reason="ROS 2 is here")


def test_an_arm_must_be_named(capsys):
    assert main(["deploy"]) == 2
    assert "Which arm?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sim": True, "episodes": -1}, "no number of episodes"),
        ({"sim": True, "rate": float("nan")}, "is no rate"),
        ({"sim": True, "rate": -20.0}, "is no rate"),
        ({"contract": "so101", "episodes": 3}, "for --sim"),
        ({"sim": True, "shadow": True, "episodes": 3}, "nothing moves"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        Deploy(**options)


def test_a_refused_option_is_an_exit_code(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["deploy", "--sim", "--rate", "nan"])
    assert "is no rate" in capsys.readouterr().err


@NO_ROS
def test_without_ros_it_says_how_to_get_it(capsys):
    assert main(["deploy", "--sim"]) == 2
    assert "robomem[ros]" in capsys.readouterr().err
    assert main(["doctor", "--ros", "--json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)
    assert finding["status"] == "fail"
    assert "/opt/ros" in finding["hint"]


def test_a_contract_is_checked_with_ros_alone(capsys):
    assert main(["doctor", "--contract", "so101"]) == 2
    assert "--ros" in capsys.readouterr().err


def test_it_says_what_moves_the_arm():
    assert "ros2 lifecycle set /policy activate" in Deploy(contract="so101").greeting()
    assert "begins by itself" in Deploy(sim=True).greeting()
    assert "the arm stays" in Deploy(sim=True, shadow=True).greeting()


def test_the_emergency_stop_is_always_started():
    assert set(Deploy(sim=True).nodes()) == {"estop", "policy", "simulated_arm"}
    nodes = Deploy(policy="runs/x", contract="ur5e", shadow=True, rate=10).nodes()
    assert set(nodes) == {"estop", "policy"}
    assert nodes["policy"] == {
        "contract": "ur5e",
        "policy": "runs/x",
        "instruction": "",
        "shadow": True,
        "rate_hz": 10.0,
        "autoconfigure": True,
    }


def _save(folder, observation, **info):
    env = gym.make("robomem/RecallReach-v0", observation=observation)
    policy = RecallPolicy(env.observation_space, env.action_space, memory="gru", memory_kwargs={"width": 16})
    policies.save(policy, folder, info=info)


@pytest.mark.parametrize(("observation", "contract"), [("pixels", SEEING), ("state", SIMULATED)])
def test_the_simulated_arm_has_the_task_and_the_camera_of_the_policys_training(observation, contract, tmp_path):
    _save(tmp_path, observation, env="recall-reach", env_kwargs={"delay": 7, "observation": observation})
    nodes = Deploy(policy=str(tmp_path), sim=True).nodes()
    assert {node["contract"] for node in nodes.values()} == {contract}
    arm = nodes["simulated_arm"]
    assert arm["env"] == "robomem/RecallReach-v0"
    assert json.loads(arm["options"]) == {"delay": 7, "observation": observation}


def test_a_policy_that_says_nothing_of_its_training_plays_the_usual_task(tmp_path):
    _save(tmp_path, "state")
    assert "env" not in Deploy(policy=str(tmp_path), sim=True).nodes()["simulated_arm"]


def test_a_policy_that_is_not_there_is_said_before_anything_starts(tmp_path):
    with pytest.raises(CheckpointError):
        Deploy(policy=str(tmp_path / "nothing"), sim=True).nodes()
