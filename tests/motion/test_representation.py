"""Laws of the one representation: features tell the clip, a mirror is its own inverse, kinematics as MuJoCo's."""

from __future__ import annotations

from dataclasses import replace

import mujoco
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moving_bodies import torso, wandering

from robomem.errors import DataError
from robomem.motion import Body, Clip, Features, Segment, mirrored, place

seeds = st.integers(0, 10_000)
_MIRROR = np.array([1.0, -1.0, 1.0])


@given(seeds)
def test_features_tell_the_clip(seed: int) -> None:
    clip = wandering(seed)
    features = Features(clip.body, clip.fps)
    numbers = features.encode(clip)
    assert numbers.shape == (len(clip), features.size) == (len(clip), len(features.names))
    again = features.decode(numbers, start=clip)
    for name, points in place(clip).points.items():
        np.testing.assert_allclose(place(again).points[name], points, atol=2e-5)


@given(seeds, st.floats(-3, 3), st.floats(-5, 5))
def test_features_do_not_know_where_the_floor_begins(seed: int, heading: float, shift: float) -> None:
    clip = wandering(seed)
    turn = np.array([np.cos(heading / 2), 0, 0, np.sin(heading / 2)])
    moved = clip.root_position @ _turn(heading).T + [shift, -shift, 0]
    elsewhere = replace(clip, root_position=moved, root_rotation=_times(turn, clip.root_rotation))
    features = Features(clip.body, clip.fps)
    np.testing.assert_allclose(features.encode(elsewhere), features.encode(clip), atol=1e-4)


@given(seeds)
def test_a_mirror_swaps_the_sides_and_is_its_own_inverse(seed: int) -> None:
    clip = wandering(seed)
    other = mirrored(clip)
    placed, reflected = place(clip).points, place(other).points
    for name in placed:
        partner = name.replace("left", "*").replace("right", "left").replace("*", "right")
        np.testing.assert_allclose(reflected[partner], placed[name] * _MIRROR, atol=1e-12)
    assert other.text == "Wave the right hand, then the LEFT"
    assert other.segments[0].labels == {"side": "right"}
    twice = mirrored(other)
    np.testing.assert_allclose(twice.pose, clip.pose, atol=1e-15)
    assert (twice.text, twice.segments) == (clip.text, clip.segments)


def test_points_are_where_mujoco_puts_them() -> None:
    model = mujoco.MjModel.from_xml_string(
        """<mujoco><worldbody><body name="root" pos="0 0 0"><freejoint/><geom size=".1"/>
        <body pos="0 0 .1"><joint name="spine" type="ball"/><geom size=".1"/>
          <body pos="0 .2 .3"><joint axis="0 0 1"/><geom size=".1"/>
            <body pos=".3 0 0"><joint axis="0 1 0"/><geom size=".1"/><site name="left_hand" pos=".2 0 0"/></body></body>
          <body pos="0 -.2 .3"><joint axis="0 0 1"/><geom size=".1"/>
            <body pos=".3 0 0"><joint axis="0 1 0"/><geom size=".1"/><site name="right_hand" pos=".2 0 0"/></body>
          </body>
        </body></body></worldbody></mujoco>"""
    )
    data, clip = mujoco.MjData(model), wandering(3)
    placed = place(clip)
    for frame in range(len(clip)):
        spine, left, right, left_elbow, right_elbow = (clip.pose[frame, at] for at in clip.body.at)
        data.qpos[:] = np.concatenate(
            [clip.root_position[frame], clip.root_rotation[frame], spine, left, left_elbow, right, right_elbow]
        )
        mujoco.mj_kinematics(model, data)
        for name in ("left_hand", "right_hand"):
            np.testing.assert_allclose(placed.points[name][frame], data.site(name).xpos, atol=1e-9)


@given(st.lists(st.integers(2, 9), min_size=1, max_size=5), seeds)
def test_many_clips_at_once_are_what_each_is(lengths: list[int], seed: int) -> None:
    clips = [wandering(seed + index, frames=frames) for index, frames in enumerate(lengths)]
    clips.append(replace(clips[0], pose=clips[0].pose[:1], root_position=clips[0].root_position[:1],
                         root_rotation=clips[0].root_rotation[:1], segments=()))  # fmt: skip
    features = Features(clips[0].body, 20.0)
    for clip, numbers in zip(clips, features.encode_all(clips), strict=True):
        np.testing.assert_allclose(numbers, features.encode(clip), atol=1e-5)
    assert features.encode_all([]) == []
    still = features.encode(clips[-1])
    assert not still[:, features.parts["speeds"]].any()
    turned = features.encode(clips[0])
    np.testing.assert_array_equal(turned[-1, features.parts["speeds"]], turned[-2, features.parts["speeds"]])


def test_a_body_survives_json() -> None:
    body = torso()
    again = Body.from_json(body.to_json())
    assert again.to_json() == body.to_json()
    with pytest.raises(DataError, match="no description of a body"):
        Body.from_json({**body.to_json(), "points": 3})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parents": (-1, 0, 0, 4, 2)}, "parent before it"),
        ({"axes": np.full((5, 3), 0.5)}, "length one"),
        ({"lower": np.full(5, 3.0)}, "inverted"),
        ({"offsets": np.full((5, 3), np.nan)}, "not finite"),
        ({"offsets": np.zeros((4, 3))}, "shape"),
    ],
)
def test_a_body_that_cannot_be_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        replace(torso(), **change)


def test_a_clip_that_cannot_be_is_refused() -> None:
    clip = wandering(0)
    broken = clip.pose.copy()
    broken[4, 5] = np.nan
    with pytest.raises(DataError, match="not finite in frame 4"):
        replace(clip, pose=broken)
    with pytest.raises(DataError, match="shape"):
        replace(clip, pose=clip.pose[:, :-1])
    with pytest.raises(DataError, match="length zero"):
        replace(clip, root_rotation=np.zeros_like(clip.root_rotation))
    with pytest.raises(DataError, match="within the 30 frames"):
        replace(clip, segments=(Segment(3, 31, "too long"),))
    with pytest.raises(DataError, match="resample"):
        Features(clip.body, 30.0).encode(clip)


def test_what_a_model_says_is_not_believed() -> None:
    clip = wandering(0)
    features = Features(clip.body, clip.fps)
    numbers = features.encode(clip)
    with pytest.raises(DataError, match=r"\[T, 50\]|not"):
        features.decode(numbers[:, :-1])
    with pytest.raises(DataError, match="not finite"):
        features.decode(np.where(np.arange(features.size) == 3, np.inf, numbers))
    assert isinstance(features.decode(np.zeros_like(numbers)), Clip)


def _turn(angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def _times(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    w = a[0] * b[:, 0] - b[:, 1:] @ a[1:]
    return np.column_stack([w, a[0] * b[:, 1:] + b[:, :1] * a[1:] + np.cross(a[1:], b[:, 1:])])
