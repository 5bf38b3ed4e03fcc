"""Motion carried over: limbs point where they pointed, limits hold and say so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moving_bodies import wandering
from scipy.spatial.transform import Rotation

from robomem.errors import DataError, UnknownNameError
from robomem.motion import Clip, place
from robomem.motion.files import human
from robomem.motion.landmarks import find
from robomem.motion.retarget import limited, retarget
from robomem.motion.robots import robots


def person(frames: int = 8) -> Clip:
    """Return a person who lowers the left arm from the T pose and lifts the right knee."""
    body, turn = human(), np.linspace(0, 1, frames)[:, None]
    pose = np.tile(body.zero, (frames, 1))
    for name, axis, angle in (("left_shoulder", "x", -1.3), ("right_hip", "y", -0.7), ("right_knee", "y", 0.9)):
        pose[:, body.at[body.joint(name)]] = Rotation.from_euler(axis, angle * turn).as_quat(scalar_first=True)
    way = np.hstack([turn, 0 * turn, 0.95 + 0 * turn])
    return Clip(body, 20.0, pose, way, np.tile((1.0, 0, 0, 0), (frames, 1)), "step out")


def test_a_persons_limbs_point_where_they_pointed() -> None:
    clip, body = person(), robots["humanoid"]().body
    found = retarget(clip, body)
    assert max(found.error_rad.values()) < 0.08
    assert len(found.error_rad) == 12
    assert found.clip.text == "step out"
    assert len(found.clip) == len(clip)
    assert ((found.clip.pose >= body.lower) & (found.clip.pose <= body.upper)).all()
    points = place(found.clip).points
    assert min(points[name][:, 2].min() for name in body.contacts) == pytest.approx(0.0, abs=1e-9)
    assert points["left_hand"][0, 2] - points["left_hand"][-1, 2] > 0.3
    moved = found.clip.root_position[-1] - found.clip.root_position[0]
    assert moved[0] == pytest.approx(found.scale)
    assert 0.5 < found.scale < 1.0


def test_a_robots_own_motion_stays_its_own() -> None:
    robot = robots["humanoid"]()
    (entry,) = robot.generate(clips=1, seed=2)
    clip = Clip(robot.body, 20.0, entry.clip.pose[::8], entry.clip.root_position[::8], entry.clip.root_rotation[::8])
    found = retarget(clip, robot.body)
    assert max(found.error_rad.values()) < 0.05
    assert found.scale == 1.0
    hands = [place(one).points["left_hand"] - one.root_position for one in (clip, found.clip)]
    assert np.abs(hands[0] - hands[1]).max() < 0.03


def test_what_cannot_be_carried_over_says_why() -> None:
    body = robots["humanoid"]().body
    with pytest.raises(DataError, match="limbs in common"):
        retarget(Clip.at_rest(robots["so101"]().body, 20.0, np.zeros((2, 6))), body)
    with pytest.raises(DataError, match="ball joints"):
        retarget(person(), human())
    with pytest.raises(UnknownNameError, match="left_elbow"):
        retarget(person(), body, {"left_elbow": ("left_elbo", "left_elbow")})


@pytest.mark.parametrize("style", ["Left{}", "left_{}", "{}_l", "L {}"])
def test_names_of_many_styles_are_understood(style: str) -> None:
    body = human()
    plain = {"left_shoulder": "Arm", "left_elbow": "ForeArm", "left_wrist": "Hand", "left_hip": "UpLeg"}
    names = tuple(style.format(plain[name]) if name in plain else f"other{at}" for at, name in enumerate(body.joints))
    found = find(replace(body, joints=names, points={}, contacts=()))
    assert {landmark: names.index(name) for landmark, name in found.items()} == {
        landmark: body.joint(joint)
        for landmark, joint in (
            ("left_shoulder", "left_shoulder"),
            ("left_elbow", "left_elbow"),
            ("left_hand", "left_wrist"),
            ("left_hip", "left_hip"),
        )
    }


@given(st.integers(0, 1000), st.floats(0.2, 5.0))
def test_limits_hold_and_are_told(seed: int, speed: float) -> None:
    clip = wandering(seed)
    hinges = clip.body.hinges
    body = replace(clip.body, lower=np.full(5, -0.1), upper=np.full(5, 0.1), velocity=np.full(5, speed))
    asked = replace(clip, body=body)
    kept, told = limited(asked)
    angles = kept.pose[:, 4:]
    assert (np.abs(angles) <= 0.1 + 1e-9).all()
    assert (np.abs(np.diff(angles, axis=0)) <= speed / clip.fps + 1e-9).all()
    np.testing.assert_array_equal(kept.pose[:, :4], asked.pose[:, :4])
    changed = (np.abs(angles - asked.pose[:, 4:]) > 1e-9).sum(axis=0)
    names = [name for name, hinge in zip(body.joints, hinges) if hinge]
    assert dict(told.clipped) == {name: count for name, count in zip(names, changed) if count}
    assert limited(kept)[1].clipped == {}
