"""A motion as a skill: played from its beginning, within what the arm can do, or refused before it moves."""

from dataclasses import replace

import numpy as np
import pytest
import yaml
from fake_world import CONTENT, CONTRACT, ObedientArm
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.deploy.adapter import POSITION
from robomem.deploy.skills import Perform, read_skills
from robomem.errors import ConfigError
from robomem.motion import Body, Clip, Point
from robomem.motion.files import write_motion
from robomem_bridge.repertoire import Repertoire

NAMES = tuple(name.removesuffix("_joint") for name in CONTRACT.joints)
OFFSET = np.array([0.0, 0.0, 0.0, 0.0, 0.05, 0.0])


def body(names=(*NAMES, "gripper"), offset=OFFSET, name="so101"):
    count = len(names)
    return Body(
        name=name,
        joints=names,
        parents=tuple(range(-1, count - 1)),
        offsets=np.zeros((count, 3)),
        axes=np.tile([0.0, 0.0, 1.0], (count, 1)),
        lower=np.full(count, -4.0),
        upper=np.full(count, 4.0),
        velocity=np.full(count, np.inf),
        points={"hand": Point(count - 1)},
        fixed=True,
        zero_offset=offset,
    )


def clip(poses, fps=20.0, of=None):
    """A clip in which the robot's own angles are ``poses`` [T, 5], with open jaws."""
    of = of or body()
    pose = np.concatenate([poses, np.ones((len(poses), 1))], axis=1) - of.zero_offset
    still = np.tile([1.0, 0.0, 0.0, 0.0], (len(pose), 1))
    return Clip(of, fps, pose, np.zeros((len(pose), 3)), still, "wave", ())


def wave(frames=40, size=0.3, fps=20.0):
    poses = np.tile(CONTRACT.home, (frames, 1))
    poses[:, 0] += size * np.sin(2 * np.pi * np.arange(frames) / fps)
    return clip(poses, fps)


def performed(skill, position):
    """What an arm did until the skill was done."""
    arm, path = ObedientArm(skill, position), []
    while not skill.reached(arm.position):
        assert len(path) < skill.steps + 80
        path.append(arm.step())
    return np.array(path)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_from_anywhere_the_arm_goes_to_the_beginning_and_then_does_what_the_clip_does(seed):
    rng = np.random.default_rng(seed)
    motion = wave()
    skill = Perform(motion, CONTRACT)
    path = performed(skill, CONTRACT.home + rng.uniform(-0.5, 0.5, 5))
    wanted = motion.pose[:, :5] + OFFSET[:5]
    np.testing.assert_allclose(path[-len(motion) :], wanted, atol=0.05 + 1e-9)
    np.testing.assert_allclose(path[-len(motion) + 5 :], wanted[5:], atol=0.02)  # late by the filter's acceleration


def test_it_does_not_begin_before_it_is_at_the_beginning():
    skill, state = Perform(wave(), CONTRACT), None
    first = wave().pose[0, :5] + OFFSET[:5]
    for _ in range(100):
        action, state = skill.predict({POSITION: first + 0.06}, state)
        assert skill.played == 0
        np.testing.assert_array_equal(action, skill._actions[0])
    skill.predict({POSITION: first}, state)
    assert skill.played == 1


def test_it_plays_at_the_rate_of_the_arm():
    assert Perform(wave(frames=11, fps=10.0), CONTRACT).steps == 21


def test_what_is_out_of_range_or_too_fast_is_limited_and_said():
    poses = np.tile(CONTRACT.home, (30, 1))
    poses[10:20, 4] = 5.0  # rad, far beyond the wrist's range, in one frame
    skill = Perform(clip(poses), CONTRACT)
    assert set(skill.limited) == {"wrist_roll_joint"}
    assert "wrist_roll_joint in" in str(skill)
    path = performed(skill, CONTRACT.home)
    assert (path <= CONTRACT.limits.upper + 1e-9).all()
    assert np.abs(np.diff(path, axis=0)).max() <= 0.1 + 1e-9
    assert Perform(wave(), CONTRACT).limited == {}
    assert "within the arm's limits; without gripper" in str(Perform(wave(), CONTRACT))


def test_it_is_done_when_all_was_played_and_again_from_the_beginning_in_the_next_episode():
    skill = Perform(wave(), CONTRACT)
    end = wave().pose[-1, :5] + OFFSET[:5]
    seen, state = {POSITION: wave().pose[0, :5] + OFFSET[:5]}, None
    for step in range(skill.steps):
        assert not skill.reached(end), step
        action, state = skill.predict(seen, state, np.array(step == 0))
    assert skill.reached(end)
    assert not skill.reached(end + 0.06)
    again, state = skill.predict(seen, state, np.array(False))
    np.testing.assert_array_equal(again, action)  # it stays at the end
    assert skill.reached(end)
    first, _ = skill.predict(seen, state, np.array(True))
    assert not skill.reached(end)
    np.testing.assert_array_equal(first, skill.predict(seen, None)[0])


def test_motion_of_another_body_or_out_of_the_box_is_refused():
    other = body(("left_hip", "right_hip"), np.zeros(2), "humanoid")
    two = Clip(other, 20.0, np.zeros((5, 2)), np.zeros((5, 3)), np.tile([1.0, 0, 0, 0], (5, 1)), "", ())
    with pytest.raises(ConfigError, match=r"of humanoid and moves left_hip, right_hip; so101 also needs shoulder_pan"):
        Perform(two, CONTRACT)
    poses = np.tile(CONTRACT.home, (60, 1))
    poses[20:, 1:4] = [1.5, -1.0, 0.0]  # through the table
    with pytest.raises(ConfigError, match=r"s into the motion the tool is .* cm outside the workspace"):
        Perform(clip(poses), CONTRACT)
    with pytest.raises(ConfigError, match="joint_delta"):
        Perform(wave(), replace(CONTRACT, control="joint_delta"))


def test_a_motion_is_named_in_the_file_of_skills_and_found_beside_it(tmp_path):
    (tmp_path / "motions").mkdir()
    write_motion(wave(), tmp_path / "motions" / "wave.npz")
    skills = {**CONTENT["skills"], "wave": {"motion": "motions/wave.npz", "timeout_s": 20}}
    file = tmp_path / "skills.yaml"
    file.write_text(yaml.safe_dump({**CONTENT, "skills": skills}))
    assert read_skills(file, CONTRACT).find("wave").motion == tmp_path / "motions" / "wave.npz"
    repertoire = Repertoire(CONTRACT, "", str(file))
    skill = repertoire.choose("wave")
    assert isinstance(skill, Perform)
    assert repertoire.reached(CONTRACT.home) is False
    skill.played = skill.steps
    assert repertoire.reached(wave().pose[-1, :5] + OFFSET[:5]) is True
    assert repertoire.notes() == [f"wave: {skill}"]
    (tmp_path / "motions" / "wave.npz").write_bytes(b"PK\x03\x04 not a motion")
    with pytest.raises(ConfigError, match=r"Skill 'wave': .*wave\.npz"):
        Repertoire(CONTRACT, "", str(file))
    (tmp_path / "motions" / "wave.npz").unlink()
    with pytest.raises(ConfigError, match=r"Skill 'wave': .*wave\.npz"):
        Repertoire(CONTRACT, "", str(file))
