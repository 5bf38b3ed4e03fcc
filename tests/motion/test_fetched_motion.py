"""Genuine clips, where `python scripts/fetch_motion.py DIR --raw` put them; ROBOMEM_MOTION=DIR says where."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from robomem.motion import Clip, mirrored, place
from robomem.motion.files import read_motion
from robomem.motion.motion_set import read

FOLDER = Path(os.environ.get("ROBOMEM_MOTION", "nowhere"))
pytestmark = pytest.mark.skipif(not (FOLDER / "raw").is_dir(), reason="run scripts/fetch_motion.py DIR --raw first")


def _heading(clip: Clip) -> np.ndarray:
    """Return [T] degrees: where the body looks, from where it looks at first."""
    forward = Rotation.from_quat(clip.root_rotation, scalar_first=True).apply([1.0, 0.0, 0.0])
    heading = np.degrees(np.unwrap(np.arctan2(forward[:, 1], forward[:, 0])))
    return heading - heading[0]


@pytest.mark.parametrize("number", [0, 1])
def test_those_who_turn_left_and_right_do_and_a_mirror_exchanges_them(number: int) -> None:
    left, right = (read_motion(FOLDER / f"raw/turn_{side}{number}.txt") for side in ("left", "right"))
    assert _heading(left)[-1] > 25
    assert _heading(right)[-1] < -25
    for clip in (left, right):
        np.testing.assert_allclose(_heading(mirrored(clip)), -_heading(clip), atol=1e-9)
        assert clip.root_position[-1, 0] > 0.5  # they walk where they look, along x
    if number == 1:  # the second pair turns as far to either side
        np.testing.assert_allclose(_heading(mirrored(left))[-1], _heading(right)[-1], atol=10)


def test_left_hands_and_feet_are_on_the_left() -> None:
    for path in sorted((FOLDER / "raw").glob("*.bvh")):
        clip = read_motion(path, fps=20)
        back, placed = Rotation.from_quat(clip.root_rotation, scalar_first=True).inv(), place(clip).points
        for name in (name for name in placed if name.startswith("Left")):
            aside = back.apply(placed[name] - placed[name.replace("Left", "Right")])[:, 1]
            assert np.median(aside) > 0.05, f"{path.name}: {name}"


def test_the_sets_hold_what_the_files_do() -> None:
    for name, clips in (("humanoid", 20), ("cmu", 2), ("boxing", 1)):
        made = read(FOLDER / name)
        assert (len(made), made.fps) == (clips, 20)
        mean, std = made.statistics()
        assert np.isfinite(mean).all()
        assert (std >= 0.00999).all()
