"""BVH files: joints are where a matrix for every joint and frame puts them, and a trip through a file loses nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moving_bodies import torso, wandering

from robomem.errors import DataError
from robomem.motion import mirrored, place
from robomem.motion.files import read_motion, write_motion
from robomem.motion.files.bvh import bvh_clip, bvh_text
from robomem.motion.files.bvh_text import CHANNELS, parsed

seeds = st.integers(0, 10_000)

WALKER = """HIERARCHY
ROOT Hips
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT LUpLeg
  {
    OFFSET 10 -5 0
    CHANNELS 3 Zrotation Yrotation Xrotation
    JOINT LFoot
    {
      OFFSET 0 -80 0
      CHANNELS 3 Xrotation Yrotation Zrotation
      End Site
      {
        OFFSET 0 0 15
      }
    }
  }
  JOINT RUpLeg
  {
    OFFSET -10 -5 0
    CHANNELS 3 Zrotation Yrotation Xrotation
    JOINT RFoot {
      OFFSET 0 -80 0
      CHANNELS 3 Xrotation Yrotation Zrotation
      End Site
      { OFFSET 0 0 15 } }
  }
  JOINT Head Top
  {
    OFFSET 0 70 0
    CHANNELS 1 Yrotation
  }
}
MOTION
Frames: 2
Frame Time: .0083333
0 85 0 0 0 0 1 2 3 4 5 6 0 0 0 0 0 0 90
0 85 100 10 20 30 0 0 0 0 0 0 -1 -2 -3 -4 -5 -6 0
"""


def _random_file(seed: int) -> str:
    """Return a file of a random tree with random channels in random order, position channels anywhere."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 8))
    parents = [-1, *(int(rng.integers(0, index)) for index in range(1, count))]
    width = 0

    def joint(index: int) -> list[str]:
        nonlocal width
        chosen = [CHANNELS[at] for at in rng.permutation(6)[: rng.integers(0 if index else 1, 7)]]
        if index:
            chosen = [channel for channel in chosen if channel.endswith("rotation")]
        width += len(chosen)
        x, y, z = np.round(rng.normal(size=3), 6)
        lines = [f"{'JOINT' if index else 'ROOT'} j{index} {{", f"OFFSET {x} {y} {z}"]
        lines.append(" ".join(["CHANNELS", str(len(chosen)), *chosen]))
        below = [child for child in range(count) if parents[child] == index]
        for child in below:
            lines += joint(child)
        return [*lines, *([] if below else ["End Site {", "OFFSET 1 2 3", "}"]), "}"]

    lines = ["HIERARCHY", *joint(0), "MOTION", "Frames: 4", "Frame Time: 0.05"]
    return "\n".join([*lines, *(" ".join(map(str, np.round(100 * rng.normal(size=width), 4))) for _ in range(4))])


def _by_matrices(text: str) -> list[dict[str, np.ndarray]]:
    """Return for each frame where joints are, in the file's axes: a 4 x 4 matrix for each channel, one by one."""
    file = parsed(text)
    frames = []
    for row in file.values:
        numbers, world, seen = iter(row), [], {}
        for joint in file.joints:
            place_, turn = list(joint.offset or ()), np.eye(4)
            for channel in joint.channels:
                number, axis = next(numbers), "XYZ".index(channel[0])
                if channel.endswith("position"):
                    place_[axis] = number
                    continue
                c, s = np.cos(np.radians(number)), np.sin(np.radians(number))
                one = np.eye(4)
                a, b = (axis + 1) % 3, (axis + 2) % 3
                one[a, a], one[a, b], one[b, a], one[b, b] = c, -s, s, c
                turn = turn @ one
            moved = np.eye(4)
            moved[:3, 3] = place_
            world.append((world[joint.parent] if joint.parent >= 0 else np.eye(4)) @ moved @ turn)
            seen[joint.name] = world[-1][:3, 3]
            for end in joint.ends:
                seen[f"{joint.name}_end"] = (world[-1] @ [*end, 1])[:3]
        frames.append(seen)
    return frames


@given(seeds)
def test_joints_are_where_matrices_put_them(seed: int) -> None:
    text = _random_file(seed)
    clip = bvh_clip(text, scale=0.5)
    placed = place(clip)
    for frame, seen in enumerate(_by_matrices(text)):
        ours = {name: placed.joints[frame, index] for index, name in enumerate(clip.body.joints)}
        ours |= {name: points[frame] for name, points in placed.points.items()} | {"j0": clip.root_position[frame]}
        for name, (x, y, z) in seen.items():
            np.testing.assert_allclose(ours[name], 0.5 * np.array([z, x, y]), atol=1e-9)


@settings(max_examples=30)
@given(seeds)
def test_a_trip_through_a_file_loses_nothing(seed: int) -> None:
    clip = wandering(seed)
    again = bvh_clip(bvh_text(clip), scale=0.01)
    order = [again.body.joints.index(name) for name in clip.body.joints]
    np.testing.assert_allclose(place(again).joints[:, order], place(clip).joints, atol=1e-7)
    np.testing.assert_allclose(place(again).points["left_elbow_end"], place(clip).points["left_hand"], atol=1e-7)
    np.testing.assert_allclose(again.root_position, clip.root_position, atol=1e-8)
    assert again.fps == clip.fps
    twice = bvh_clip(bvh_text(again), scale=0.01)
    np.testing.assert_allclose(place(twice).joints, place(again).joints, atol=1e-7)


def test_the_unit_is_guessed_and_said(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "walk.bvh").write_text(WALKER)
    clip = read_motion(tmp_path / "walk.bvh", text="walk", told=said.append)
    assert said == ["walk.bvh: The file says no unit; taken as centimetres, in which the body is 1.55 m tall (scale=)."]
    assert (clip.text, clip.fps, len(clip)) == ("walk", 120.0, 2)
    np.testing.assert_allclose(clip.root_position, [[0, 0, 0.85], [1, 0, 0.85]], atol=1e-12)
    assert read_motion(tmp_path / "walk.bvh", scale=1.0).root_position[0, 2] == 85
    assert len(read_motion(tmp_path / "walk.bvh", fps=480)) == 5
    for unit, name in ((100, "metres"), (0.1, "millimetres"), (2.54, "inches"), (2.54 / 0.45, "CMU units")):
        numbers = [[number / unit for number in offset] for offset in ((0, -80, 0), (0, 70, 0))]
        text = WALKER
        for old, new in zip(("0 -80 0", "0 70 0"), numbers):
            text = text.replace(f"OFFSET {old}", "OFFSET " + " ".join(map(str, new)))
        bvh_clip(text, told=said.append)
        assert name in said[-1]


def test_sides_are_words_so_that_a_clip_can_be_mirrored() -> None:
    clip = bvh_clip(WALKER)
    assert clip.body.joints == ("LeftUpLeg", "LeftFoot", "RightUpLeg", "RightFoot", "Head_Top")
    assert clip.body.contacts == ("LeftFoot_end", "RightFoot_end")
    placed, other = place(clip), place(mirrored(clip))
    np.testing.assert_allclose(other.points["LeftFoot_end"], placed.points["RightFoot_end"] * [1, -1, 1], atol=1e-12)
    assert place(bvh_clip(WALKER)).points["LeftFoot_end"][0, 1] > 0


def test_a_joint_that_slides_keeps_its_mean_place() -> None:
    said: list[str] = []
    sliding = WALKER.replace("CHANNELS 1 Yrotation", "CHANNELS 1 Yposition")
    clip = bvh_clip(sliding, scale=0.01, told=said.append)
    np.testing.assert_allclose(clip.body.offsets[4], [0, 0, 0.45])
    assert said == ["Head_Top and 1 joints in all slide by more than 1 cm; they keep their mean place."]


@given(st.integers(1, 60))
def test_the_body_does_not_depend_on_how_long_the_clip_is(frames: int) -> None:
    text = WALKER.replace("OFFSET 10 -5 0", "OFFSET 1.36306 -1.79463 0.83929").replace("Frames: 2", f"Frames: {frames}")
    row = WALKER.splitlines()[-1] + "\n"
    body = bvh_clip(text + row * frames).body
    assert body.to_json() == bvh_clip(text.replace(f"Frames: {frames}", "Frames: 1") + row).body.to_json()


def test_lines_after_the_last_frame_are_told() -> None:
    said: list[str] = []
    assert len(bvh_clip(WALKER.replace("Frames: 2", "Frames: 1"), scale=0.01, told=said.append)) == 1
    assert "1 lines of numbers follow the 1 frames" in said[0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("HIERARCHY", "HELLO", "Line 1 .*no BVH"),
        ("Frames: 2", "Frames: 99999999999999", "Line 37 says .*but 2 follow"),
        ("Frames: 2", "Frames: 0", "Line 37"),
        ("Frames: 2", "Frames: many", "Line 37"),
        ("Frame Time: .0083333", "Frame Time: 0", "Line 38"),
        ("Frame Time: .0083333", "Frame Time: nan", "Line 38"),
        ("0 85 100", "0 85 NaN", "Line 40 holds a number that is not finite"),
        ("0 85 100", "0 85 1e999", "Line 40 holds a number that is not finite"),
        ("0 85 100", "0 85 left", "Line 40 .*no number"),
        ("0 85 100", "0 85", "Line 40 has 18 numbers, where the joints have 19"),
        ("OFFSET 10 -5 0", "OFFSET 10 -5", "Line 8: OFFSET"),
        ("OFFSET 10 -5 0", "OFFSET 10 -5 inf", "Line 8: OFFSET"),
        ("    OFFSET 10 -5 0\n", "", "has no OFFSET"),
        ("CHANNELS 1 Yrotation", "CHANNELS 2 Yrotation", "Line 33: CHANNELS"),
        ("CHANNELS 1 Yrotation", "CHANNELS 1 Wrotation", "Line 33: CHANNELS"),
        ("CHANNELS 1 Yrotation", "CHANNELS -1", "Line 33: CHANNELS"),
        ("JOINT RUpLeg", "JOINT LUpLeg", "Line 20: a joint needs a name"),
        ("JOINT RUpLeg", "ROOT RUpLeg", "Line 20: ROOT stands where"),
        ("JOINT RUpLeg", "BONE RUpLeg", "Line 20: 'BONE'"),
        ("\n  {\n    OFFSET 10", "\n    OFFSET 10", "Line 7: 'OFFSET' stands where an opening brace"),
        ("MOTION", "}\nMOTION", "Line 36: '}'"),
    ],
)
def test_a_damaged_file_is_refused_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in WALKER
    (tmp_path / "walk.bvh").write_text(WALKER.replace(old, new, 1))
    with pytest.raises(DataError, match=message) as caught:
        read_motion(tmp_path / "walk.bvh")
    assert "walk.bvh" in str(caught.value)


@given(st.integers(0, len(WALKER) - 3))
def test_a_cut_file_is_refused(end: int) -> None:
    with pytest.raises(DataError, match=r"Line|root"):
        bvh_clip(WALKER[:end].rsplit("\n", 1)[0])


@given(st.binary(max_size=300))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(DataError, match="Line"):
        parsed("HIERARCHY\n" + noise.decode("utf-8", "replace"))


def test_a_million_joints_are_refused_at_the_line() -> None:
    nested = "\n".join(f"JOINT j{index} {{ OFFSET 0 0 0" for index in range(1, 5000))
    with pytest.raises(DataError, match="Line 1002: more than 1000 joints"):
        parsed(f"HIERARCHY\nROOT j0 {{ OFFSET 0 0 0\n{nested}")


def test_a_root_alone_is_no_body() -> None:
    with pytest.raises(DataError, match="no other joint"):
        bvh_clip("HIERARCHY\nROOT a { OFFSET 0 0 0 CHANNELS 1 Xrotation }\nMOTION\nFrames: 1\nFrame Time: 1\n0")


def test_only_known_suffixes_are_written_and_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"\.npz or \.bvh"):
        write_motion(wandering(0), tmp_path / "clip.fbx")
    (tmp_path / "clip.fbx").write_text("FBX")
    with pytest.raises(DataError, match="no known format"):
        read_motion(tmp_path / "clip.fbx")
    with pytest.raises(DataError, match="does not exist"):
        read_motion(tmp_path / "clip.bvh")
    with pytest.raises(DataError, match="scale"):
        bvh_clip(WALKER, scale=-1.0)
    renamed = replace(torso(), joints=("spine", "left arm {", "right arm {", "left_elbow", "right_elbow"))
    write_motion(wandering(0, body=renamed), tmp_path / "clip.bvh")
    assert "left_arm_" in read_motion(tmp_path / "clip.bvh", scale=0.01).body.joints
