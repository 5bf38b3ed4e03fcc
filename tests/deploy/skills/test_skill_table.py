"""Named skills out of a file: found by their words, refused where they cannot be."""

import copy

import numpy as np
import pytest
import yaml
from fake_world import CONTENT, CONTRACT, TABLE, ObedientArm

from robomem.deploy.skills import GoTo, parse_skills, read_skills
from robomem.errors import ConfigError, RobomemError, StorageError, UnknownNameError

SHIPPED = "ros_ws/src/robomem_bringup/config/sim_skills.yaml"


def test_skills_are_found_by_name_and_by_other_words():
    assert TABLE.find(" Go  HOME").name == TABLE.find("rest").name == "go home"
    with pytest.raises(UnknownNameError, match="touch the left pad"):
        TABLE.find("touch the left pat")
    home = TABLE.find("go home")
    assert np.array_equal(home.joints, CONTRACT.home)
    assert home.reached(CONTRACT.home + 0.049) is True
    assert home.reached(CONTRACT.home + 0.051) is False
    assert TABLE.find("touch the lit pad").reached(CONTRACT.home) is None


def test_the_hand_is_at_the_nearest_place_if_it_is_near():
    at = TABLE.places["left pad"].at
    assert TABLE.place(at + [0.0, 0.0, 0.04]) == "left pad"
    assert TABLE.place(at + [0.0, 0.0, 0.06]) == ""
    assert TABLE.place((at + TABLE.places["right pad"].at) / 2) == ""


def test_the_poses_that_ship_bring_the_hand_to_their_places():
    table = read_skills(SHIPPED, CONTRACT)
    bound = [skill for skill in table.skills.values() if skill.at]
    assert len(bound) == len(table.places) == 4
    for skill in bound:
        hand = CONTRACT.workspace.end_effector(skill.joints)
        assert np.linalg.norm(hand - table.places[skill.at].at) < 0.01
        assert table.place(hand) == skill.at


@pytest.mark.parametrize("name", [skill.name for skill in TABLE.skills.values() if skill.joints is not None])
def test_a_pose_is_reached_behind_the_filter_from_anywhere(name):
    skill, rng = TABLE.skills[name], np.random.default_rng(0)
    limits, position = CONTRACT.limits, None
    while position is None or not CONTRACT.workspace.allows(position):
        position = rng.uniform(limits.lower, limits.upper)
    arm = ObedientArm(GoTo(skill.joints, CONTRACT), position)
    runner = arm.runner
    for _ in range(200):
        if skill.reached(position := arm.step()):
            break
    assert skill.reached(position)
    with pytest.raises(RobomemError, match="in charge"):
        runner.take(GoTo(CONTRACT.home, CONTRACT))
    runner.deactivate()
    runner.take(GoTo(CONTRACT.home, CONTRACT))


def changed(path, value):
    content = copy.deepcopy(CONTENT)
    part = content
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return content


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("skill",), {}, "no field 'skill'"),
        (("skills",), {}, "names no skills"),
        (("skills", "go home", "joints"), None, "a policy, joints or a motion"),
        (("skills", "go home", "policy"), "recall-reach-hcam", "a policy, joints or a motion"),
        (("skills", "go home", "timeout_s"), 0, "above 0"),
        (("skills", "go home", "timeout_s"), float("nan"), "above 0"),
        (("skills", "go home", "joints"), {"shoulder_pan": 0.1}, "shoulder_pan_joint"),
        (("skills", "go home", "joints"), {"shoulder_pan_joint": 9}, "outside its limits"),
        (
            ("skills", "go home", "joints"),
            {"shoulder_lift_joint": 1.5, "elbow_flex_joint": -1, "wrist_flex_joint": 0},
            "the workspace",
        ),
        (("skills", "go home", "also"), "rest", "list of words"),
        (("skills", "go home", "also"), ["touch the LEFT pad"], "stands for two skills"),
        (("skills", "go home", "at"), "left pat", "left pad"),
        (("skills", " "), {"joints": {}, "timeout_s": 1}, "1 to 200 characters"),
        (("places", "left pad", "at"), [0.1, 0.2], "three numbers"),
        (("places", "left pad", "at"), [0.1, 0.2, float("inf")], "number"),
        (("places", "left pad", "within"), -1, "above 0"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(path, value, says):
    with pytest.raises(RobomemError, match=says):
        parse_skills(changed(path, value), "skills.yaml", CONTRACT)


def test_a_file_that_is_none_is_refused(tmp_path):
    with pytest.raises(StorageError, match="Cannot read"):
        read_skills(tmp_path / "none.yaml", CONTRACT)
    (tmp_path / "bad.yaml").write_text("skills: [")
    with pytest.raises(ConfigError, match="not YAML"):
        read_skills(tmp_path / "bad.yaml", CONTRACT)
    (tmp_path / "good.yaml").write_text(yaml.safe_dump(CONTENT))
    assert read_skills(tmp_path / "good.yaml", CONTRACT).skills.keys() == TABLE.skills.keys()
