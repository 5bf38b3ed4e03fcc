"""AMASS and HumanML3D: joints are where a plain reading of the published layout puts them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from robomem.errors import DataError
from robomem.motion import Clip, Features, mirrored, place
from robomem.motion.files import human, read_humanml3d, read_motion
from robomem.motion.files.amass import amass_clip
from robomem.motion.files.human import JOINTS, PARENTS, clip_through, measured
from robomem.motion.files.humanml3d import humanml3d_clip
from robomem.motion.motion_set import read, write

seeds = st.integers(0, 10_000)


def dancing(seed: int, frames: int = 12) -> Clip:
    """Return a human who turns and travels, with every joint bent at random."""
    rng, body = np.random.default_rng(seed), human()
    turns = Rotation.from_rotvec(0.5 * rng.normal(size=(frames * 21, 3))).as_quat(scalar_first=True)
    root = Rotation.from_euler("z", np.cumsum(rng.normal(0, 0.3, (frames, 1)), axis=0))
    root = root * Rotation.from_rotvec(0.2 * rng.normal(size=(frames, 3)))
    position = np.cumsum(0.05 * rng.normal(size=(frames, 3)), axis=0) + [0, 0, 0.95]
    return Clip(body, 20.0, turns.reshape(frames, -1), position, root.as_quat(scalar_first=True))


def joints_of(clip: Clip) -> np.ndarray:
    """Return [T, 22, 3] m, the pelvis first."""
    return np.concatenate([clip.root_position[:, None], place(clip).joints], axis=1)


def as_humanml3d(joints: np.ndarray) -> np.ndarray:
    """Return the published layout of joints [T + 1, 22, 3], frame by frame with plain matrices; y up."""
    y_up = joints[..., [1, 2, 0]]
    rows, halves = [], []
    for frame in y_up:
        across = (frame[2] - frame[1]) + (frame[17] - frame[16])
        forward = np.cross([0, 1, 0], across)
        halves.append(np.arctan2(forward[0], forward[2]) / 2)  # half the angle from z to where the body looks
    halves = np.unwrap(np.array(halves), period=np.pi) - halves[0]
    start = 2 * np.arctan2(*(np.cross([0, 1, 0], y_up[0, 2] - y_up[0, 1] + y_up[0, 17] - y_up[0, 16])[[0, 2]])) / 2
    y_up = (y_up - y_up[0, 0] * [1, 0, 1]) @ _about_y(start)  # the first frame looks along z, over the origin

    def inwards(half: float, vectors: np.ndarray) -> np.ndarray:
        return vectors @ _about_y(2 * half)

    for now in range(len(y_up) - 1):
        step = inwards(halves[now + 1], y_up[now + 1, 0] - y_up[now, 0])
        local = inwards(halves[now], y_up[now, 1:] - y_up[now, 0] * [1, 0, 1])
        turn = -(halves[now + 1] - halves[now])
        rows.append(np.concatenate([[turn, step[0], step[2], y_up[now, 0, 1]], local.ravel(), np.zeros(196)]))
    return np.array(rows, dtype=np.float32)


def _about_y(angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


@given(seeds)
def test_a_clip_goes_through_the_places_of_its_joints(seed: int) -> None:
    clip = dancing(seed)
    joints = joints_of(clip)
    body = measured(joints)
    np.testing.assert_allclose(np.linalg.norm(body.offsets, axis=1), np.linalg.norm(human().offsets, axis=1), atol=1e-9)
    np.testing.assert_allclose(joints_of(clip_through(human(), joints, 20.0)), joints, atol=1e-6)


def test_a_bone_that_points_backwards_is_turned_round() -> None:
    rest = joints_of(Clip.at_rest(human(), 20.0, human().zero[None]))
    rest[0, 7] = rest[0, 4] + (rest[0, 4] - rest[0, 7])
    rest[0, 10] = rest[0, 7] + [0.1, 0, 0.08]
    seen = joints_of(clip_through(human(), rest, 20.0))
    np.testing.assert_allclose(seen[0, 7], rest[0, 7], atol=1e-6)


def test_the_body_is_the_same_on_both_sides_and_stands() -> None:
    body = human()
    rest = Clip.at_rest(body, 20.0, np.tile(body.zero, (2, 1)), text="stand")
    np.testing.assert_allclose(mirrored(rest).pose, rest.pose)
    points = place(rest).points
    tall = points["head_top"][0, 2] - points["left_heel"][0, 2]
    assert 1.55 < tall < 1.85
    assert points["left_hand"][0, 1] > 0.7 > -0.7 > points["right_hand"][0, 1]
    assert abs(points["left_heel"][0, 2] - points["left_toe"][0, 2]) < 0.02
    assert Features(body, 20.0).size == 10 + 21 * 6 + 7 * 3 + 21 * 3 + 4


@given(seeds)
def test_humanml3d_is_read_as_published(seed: int) -> None:
    joints = joints_of(dancing(seed, frames=15))
    clip = humanml3d_clip(as_humanml3d(joints), human())
    seen = joints_of(clip)
    y_up = joints[..., [1, 2, 0]]
    forward = np.cross([0, 1, 0], y_up[0, 2] - y_up[0, 1] + y_up[0, 17] - y_up[0, 16])
    expected = ((y_up - y_up[0, 0] * [1, 0, 1]) @ _about_y(np.arctan2(forward[0], forward[2])))[..., [2, 0, 1]]
    np.testing.assert_allclose(seen, expected[:-1], atol=2e-4)


def _folder(path: Path) -> Path:
    (path / "new_joint_vecs").mkdir(parents=True)
    (path / "texts").mkdir()
    for index, name in enumerate(("000001", "M000001", "000002", "000003")):
        np.save(path / f"new_joint_vecs/{name}.npy", as_humanml3d(joints_of(dancing(index, frames=41))))
        words = "a man walks.#a/DET man/NOUN walk/VERB#0.0#0.0\nhe strolls#he/PRON#nan#nan\na turn#a/DET#0.5#1.5\n"
        (path / f"texts/{name}.txt").write_text(words)
    (path / "train.txt").write_text("000001\nM000001\n999999\n")
    (path / "val.txt").write_text("000002\n")
    (path / "test.txt").write_text("000003\n")
    return path


def test_a_humanml3d_folder_is_a_motion_set(tmp_path: Path) -> None:
    said: list[str] = []
    made = read_humanml3d(_folder(tmp_path / "HumanML3D"), told=said.append)
    assert [entry.id for entry in made.of("train").entries] == ["000001", "000001.3", "M000001", "M000001.3"]
    whole, part = made.of("val").entries
    assert (whole.texts, part.texts) == (("a man walks.", "he strolls"), ("a turn",))
    assert (len(whole.clip), len(part.clip)) == (40, 20)
    np.testing.assert_array_equal(part.clip.pose, whole.clip.pose[10:30])
    assert said == [
        f"1 clips are listed in {tmp_path}/HumanML3D but have no motion or no text there; they were left out."
    ]
    assert len(read_humanml3d(tmp_path / "HumanML3D", limit=1).entries) == 6
    write(tmp_path / "set", made)
    assert read(tmp_path / "set").fingerprint() == made.fingerprint()
    clip = read_motion(tmp_path / "HumanML3D/new_joint_vecs/000001.npy", fps=30, text="walk")
    assert (clip.fps, clip.text) == (30, "walk")
    assert len(clip) == 59


@pytest.mark.parametrize("words", ["a man walks", "a man#x#one#2", "a man#x#2#1", "#x#0#0", "a man#x#0#inf"])
def test_texts_that_are_none_are_refused(tmp_path: Path, words: str) -> None:
    folder = _folder(tmp_path / "HumanML3D")
    (folder / "texts/000002.txt").write_text(words)
    with pytest.raises(DataError, match=r"000002 .*Line 1"):
        read_humanml3d(folder)


def test_numbers_that_are_none_are_refused(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "HumanML3D")
    path = folder / "new_joint_vecs/000002.npy"
    good = np.load(path)
    for broken, message in (
        (np.where(np.arange(len(good))[:, None] == 3, np.nan, good), "finite in frame 3"),
        (good[:, :-1], r"\[T, 263\]"),
        (good[:0], r"\[T, 263\]"),
        (good.astype(int), "floats"),
        (np.zeros_like(good), "one line"),
    ):
        np.save(path, broken)
        with pytest.raises(DataError, match=message):
            read_humanml3d(folder)
    (folder / "train.txt").write_text("../../secret")
    with pytest.raises(DataError, match="leads out"):
        read_humanml3d(folder)
    with pytest.raises(DataError, match="no HumanML3D clips"):
        read_humanml3d(tmp_path)


def _amass(seed: int, frames: int = 9, width: int = 156) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    poses = np.zeros((frames, width))
    poses[:, :66] = rng.normal(size=(frames, 66))
    return {"poses": poses, "trans": rng.normal(size=(frames, 3)), "mocap_framerate": np.array(120.0)}


@given(seeds, st.sampled_from([66, 72, 156, 165]))
def test_amass_joints_are_where_matrices_put_them(seed: int, width: int) -> None:
    arrays = _amass(seed, width=width)
    clip = amass_clip(arrays)
    offsets = np.concatenate([[[0, 0, 0]], human().offsets])[:, [1, 2, 0]]  # SMPL's axes: x left, y up, z forward
    for frame in range(0, len(clip), 4):
        world: list[np.ndarray] = []
        places = [arrays["trans"][frame] + [0, -0.22, 0.03]]
        for index in range(22):
            turn = _rodrigues(arrays["poses"][frame, 3 * index : 3 * index + 3])
            base = world[PARENTS[index]] if index else np.eye(3)
            if index:
                places.append(places[PARENTS[index]] + base @ offsets[index])
            world.append(base @ turn)
        np.testing.assert_allclose(joints_of(clip)[frame], places, atol=1e-9)


def _rodrigues(vector: np.ndarray) -> np.ndarray:
    angle = np.linalg.norm(vector)
    x, y, z = vector / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def test_an_amass_file_is_read_at_any_rate(tmp_path: Path) -> None:
    said: list[str] = []
    arrays = {**_amass(0, frames=121), "betas": np.ones(16), "gender": np.array("female")}
    np.savez(tmp_path / "walk_poses.npz", **arrays)
    clip = read_motion(tmp_path / "walk_poses.npz", fps=20, told=said.append)
    assert (clip.fps, len(clip), clip.body.name) == (20, 21, "human")
    assert "betas" in said[0]
    np.testing.assert_allclose(clip.root_position, (arrays["trans"] + [0, -0.22, 0.03])[::6], atol=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"poses": None}, "needs poses; this one holds"),
        ({"mocap_framerate": None}, "mocap_framerate or mocap_frame_rate"),
        ({"mocap_framerate": np.array(0.0)}, "frames a second"),
        ({"mocap_framerate": np.array([1.0, 2.0])}, "one number"),
        ({"poses": np.zeros((9, 100))}, "must be"),
        ({"trans": np.zeros((8, 3))}, "must be"),
        ({"trans": np.full((9, 3), np.inf)}, "trans is not finite in frame 0"),
        ({"poses": np.full((9, 156), "a")}, "must be numbers"),
        ({"betas": np.array(np.nan)}, "betas is not finite"),
    ],
)
def test_an_amass_file_that_is_none_is_refused(
    tmp_path: Path, change: dict[str, np.ndarray | None], message: str
) -> None:
    arrays = {name: array for name, array in {**_amass(0), **change}.items() if array is not None}
    np.savez(tmp_path / "walk.npz", **arrays)
    with pytest.raises(DataError, match=message):
        read_motion(tmp_path / "walk.npz")


def test_names_and_parents_agree() -> None:
    assert len(JOINTS) == len(PARENTS) == 22
    for index, name in enumerate(JOINTS):
        if name.startswith("left"):
            partner = JOINTS.index(name.replace("left", "right"))
            assert JOINTS[PARENTS[partner]] == JOINTS[PARENTS[index]].replace("left", "right")
