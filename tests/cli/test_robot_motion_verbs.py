"""robomem collect motion and robomem play --motion: a set is made, and a clip of it performed and filmed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from robomem.cli.main import main
from robomem.errors import UnknownNameError
from robomem.motion import Clip
from robomem.motion.files import write_motion
from robomem.motion.motion_set import read
from robomem.motion.robots import robot_for, robots

pytest.importorskip("imageio")


@pytest.mark.slow
def test_a_set_is_made_performed_and_filmed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, film, strip = tmp_path / "set", tmp_path / "film.mp4", tmp_path / "strip.png"
    words = ["collect", "motion", "--robot", "so101", "--clips", "3", "--seed", "4", "--segments", "1", "2"]
    assert main([*words, "--out", str(folder)]) == 0
    made = read(folder)
    assert len(made) == 3
    assert made.about["seed"] == 4
    assert made.body.to_json() == robots["so101"]().body.to_json()
    clip = made.entries[1].id
    shown = ["play", "--motion", str(folder), "--clip", clip, "--out", str(film)]  # by the robot that it is of
    assert main([*shown, "--strip", str(strip)]) == 0
    assert film.stat().st_size > 1000
    assert strip.read_bytes().startswith(b"\x89PNG")
    assert "so101 did not fall" in capsys.readouterr().out
    assert main([*words, "--out", str(folder)]) == 2
    assert main([*shown[:-3], "nobody", "--out", str(film)]) == 2
    errors = capsys.readouterr().err
    assert "is there already" in errors
    assert "nobody" in errors


def test_a_file_beyond_the_limits_is_limited_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = robots["so101"]().body
    pose = np.tile(robots["so101"]().repertoire.rest(np.random.default_rng(0)), (8, 1))
    pose[4:, body.joint("elbow_flex")] = 3.0
    write_motion(Clip.at_rest(body, 20.0, pose), tmp_path / "wild.npz")
    words = ["play", "--motion", str(tmp_path / "wild.npz"), "--robot", "so101", "--out", str(tmp_path / "wild.mp4")]
    assert main(words) == 0
    assert "limited to what so101 can do: elbow_flex in 4 frames" in capsys.readouterr().out
    assert main([*words[:-1], "wild.gif"]) == 2
    assert main(["collect", "motion", "--robot", "humanoit", "--out", str(tmp_path / "x")]) == 2
    errors = capsys.readouterr().err
    assert "mp4" in errors
    assert "humanoid" in errors


def test_who_performs_is_who_was_asked_for_or_whose_body_it_is() -> None:
    arm, person = robots["so101"]().body, replace(robots["so101"]().body, name="somebody")
    assert robot_for(None, arm).name == "so101"
    assert robot_for(None, person).name == "humanoid"
    assert robot_for("humanoid", arm).name == "humanoid"
    with pytest.raises(UnknownNameError, match="so101"):
        robot_for("so100", arm)
