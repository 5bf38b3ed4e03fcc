"""DeepMimic files: the joints of a frame by plain matrices, uneven frames made even, and other files refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from robomem.errors import DataError
from robomem.motion import mirrored, place
from robomem.motion.files import read_motion
from robomem.motion.files.deepmimic import deepmimic_body, deepmimic_clip

# PyBullet's humanoid.urdf at scale 1/4, its axes (x forward, y up, z right); a hinge turns about z.
_URDF = [
    ("chest", -1, (0, 0.236151, 0)), ("neck", 0, (0, 0.223894, 0)),
    ("right_hip", -1, (0, 0, 0.084887)), ("right_knee", 2, (0, -0.421546, 0)), ("right_ankle", 3, (0, -0.40987, 0)),
    ("right_shoulder", 0, (-0.02405, 0.2435, 0.18311)), ("right_elbow", 5, (0, -0.274788, 0)),
    ("left_hip", -1, (0, 0, -0.084887)), ("left_knee", 7, (0, -0.421546, 0)), ("left_ankle", 8, (0, -0.40987, 0)),
    ("left_shoulder", 0, (-0.02405, 0.2435, -0.18311)), ("left_elbow", 10, (0, -0.274788, 0)),
]  # fmt: skip


def _frames(seed: int, count: int = 5, seconds: float = 1 / 30) -> list[list[float]]:
    rng = np.random.default_rng(seed)

    def turn() -> list[float]:
        return Rotation.from_rotvec(rng.normal(size=3)).as_quat(scalar_first=True).tolist()

    rows = []
    for _ in range(count):
        row = [seconds, *rng.normal(size=3).tolist(), *turn()]
        for name, _parent, _offset in _URDF:
            row += [float(rng.normal())] if name.endswith(("knee", "elbow")) else turn()
        rows.append(row)
    return rows


def _file(frames: object) -> str:
    return json.dumps({"Loop": "wrap", "Frames": frames})


@given(st.integers(0, 10_000))
def test_joints_are_where_the_urdf_puts_them(seed: int) -> None:
    frames = _frames(seed)
    clip = deepmimic_clip(_file(frames))
    assert clip.fps == 30
    placed = place(clip)
    for frame, row in enumerate(frames):
        root, numbers = Rotation.from_quat(row[4:8], scalar_first=True).as_matrix(), row[8:]
        turned: list[np.ndarray] = []
        places: list[np.ndarray] = []
        for name, parent, offset in _URDF:
            if name.endswith(("knee", "elbow")):
                local, numbers = Rotation.from_rotvec([0, 0, numbers[0]]), numbers[1:]
            else:
                local, numbers = Rotation.from_quat(numbers[:4], scalar_first=True), numbers[4:]
            base, origin = (turned[parent], places[parent]) if parent >= 0 else (root, np.array(row[1:4]))
            places.append(origin + base @ offset)
            turned.append(base @ local.as_matrix())
            x, y, z = places[-1]
            seen = placed.joints[frame, clip.body.joints.index(name)]
            np.testing.assert_allclose(seen, [x, -z, y], atol=1e-9)


def test_uneven_frames_are_made_even() -> None:
    frames = _frames(0, 4)
    for row, x, seconds in zip(frames, (0.0, 0.1, 0.3, 0.4), (0.1, 0.2, 0.1, 0.5)):
        row[0], row[1] = seconds, x
    clip = deepmimic_clip(_file(frames))
    assert clip.fps == 10
    np.testing.assert_allclose(clip.root_position[:, 0], [0, 0.1, 0.2, 0.3, 0.4], atol=1e-9)


def test_the_body_has_a_mirror_image() -> None:
    clip = deepmimic_clip(_file(_frames(3)))
    np.testing.assert_allclose(mirrored(mirrored(clip)).pose, clip.pose, atol=1e-12)
    names = [name for name, _parent, _offset in _URDF]
    assert list(deepmimic_body().joints) == names


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"Frames": [[1, 2', "perhaps cut"),
        ("[" * 100_000, "no DeepMimic file"),
        ("5", "no DeepMimic file"),
        (_file([]), "no frames"),
        (_file([[0.1] * 20]), "Frame 0 has 20 numbers; a humanoid's has 44"),
        (_file([[0.1] * 44, 7]), "Frame 1 has no numbers"),
        (_file([[0.1] * 43 + ["left"]]), "Frame 0 holds something that is no number"),
        (_file([[0.1] * 44, [0.1] * 43 + [float("nan")]]), "Frame 1 holds a number that is not finite"),
        (_file([[0.1] * 44, [0.1] * 43 + [10**400]]), "too large"),
        (_file([[0.1] + [0.0] * 43, [0.1] * 44]), "length zero"),
        (_file([[-1.0] + [0.1] * 43, [0.1] * 44]), "Frame 0 lasts -1 s"),
        (_file([[900.0] + [0.1] * 43] + [[1e-5] + [0.1] * 43] * 3), "no clip"),
    ],
)
def test_what_is_no_clip_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "walk.txt").write_text(content)
    with pytest.raises(DataError, match=message) as caught:
        read_motion(tmp_path / "walk.txt")
    assert "walk.txt" in str(caught.value)
