"""The launch file in a built workspace, under a stub of `launch` (the real one is not on PyPI)."""

import pytest
from launch_file import evaluate

LAUNCH = "ros_ws/src/robomem_bringup/launch/arm.launch.py"
ROBOTS = ("so101", "ur5e", "fr3", "xarm7", "sim")


@pytest.mark.parametrize("robot", ROBOTS)
def test_the_emergency_stop_is_always_in_the_graph(robot):
    nodes = {node.name: node for node in evaluate(LAUNCH, robot=robot)}
    assert {"estop", "policy"} <= set(nodes)
    assert ("simulated_arm" in nodes) == (robot == "sim")
    contract = "so101_recall_reach" if robot == "sim" else robot
    assert {node.parameters["contract"] for node in nodes.values()} == {contract}
    assert nodes["policy"].parameters["require_estop"] is True


def test_arguments_reach_the_policy():
    options = {"policy": "runs/mine", "shadow": "true", "rate": "10.0", "namespace": "left"}
    nodes = {node.name: node for node in evaluate(LAUNCH, robot="ur5e", **options)}
    given = nodes["policy"].parameters
    assert (given["policy"], given["shadow"], given["rate_hz"]) == ("runs/mine", True, 10.0)
    assert given["autoconfigure"] is True
    assert "__ns:=/left" in nodes["policy"].argv
    assert "__ns:=/left" in nodes["estop"].argv


def test_a_recorder_joins_when_asked():
    nodes = {node.name: node for node in evaluate(LAUNCH, robot="fr3", record="true", recordings="runs/bags")}
    assert nodes.keys() == {"estop", "policy", "recorder"}
    assert nodes["recorder"].parameters == {"contract": "fr3", "folder": "runs/bags"}


def test_a_memory_joins_when_asked():
    nodes = {node.name: node for node in evaluate(LAUNCH, robot="ur5e", memory="kitchen.db", pictures="/camera")}
    assert nodes.keys() == {"estop", "policy", "memory"}
    given = {"memory": "kitchen.db", "encoder": "minilm", "picture_topic": "/camera", "autostart": True}
    assert nodes["memory"].parameters == {"namespace": "default/default/ur5e", **given}


def test_sim_is_the_same_as_robot_sim():
    assert {node.name for node in evaluate(LAUNCH, robot="so101", sim="true")} == {"estop", "policy", "simulated_arm"}


@pytest.mark.parametrize("wrong", [{"robot": "ur5"}, {"robto": "ur5e"}, {"shadow": "maybe"}])
def test_a_wrong_argument_is_refused(wrong):
    with pytest.raises(Exception, match=r"robot|ur5e|shadow"):
        evaluate(LAUNCH, **wrong)
