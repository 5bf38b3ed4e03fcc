"""Resampling: nothing changes where nothing should, and even turning stays even."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moving_bodies import torso, wandering
from scipy.spatial.transform import Rotation

from robomem.errors import DataError
from robomem.motion import Clip, Segment
from robomem.motion.resample import between, resample

seeds = st.integers(0, 10_000)


@given(seeds, st.integers(1, 40), st.integers(1, 5))
def test_frames_that_fall_together_are_equal(seed: int, frames: int, times: int) -> None:
    clip = wandering(seed, frames=max(frames, 2))
    finer = resample(clip, clip.fps * times)
    assert len(finer) == (len(clip) - 1) * times + 1
    for name in ("pose", "root_position", "root_rotation"):
        np.testing.assert_array_equal(getattr(finer, name)[::times], getattr(clip, name))
    again = resample(finer, clip.fps)
    np.testing.assert_array_equal(again.pose, clip.pose)
    assert resample(clip, clip.fps) is clip


@given(st.floats(5, 100), st.floats(5, 100), st.floats(-4, 4), st.floats(-4, 4))
def test_what_turns_and_moves_evenly_still_does(fps: float, other: float, spin: float, speed: float) -> None:
    body = torso()

    def at(times: np.ndarray) -> Clip:
        zeros = np.zeros_like(times)
        spun = Rotation.from_rotvec(np.stack([zeros, 0.6 * spin * times, 0.8 * spin * times], 1))
        turn = (Rotation.from_euler("x", 1.0) * spun).as_quat(scalar_first=True)
        pose = np.concatenate([turn, np.tile(speed * times[:, None], (1, 4))], axis=1)
        return Clip(body, fps, pose, np.stack([speed * times, zeros, zeros], 1), turn)

    seen = resample(at(np.arange(20) / fps), other)
    expected = at(np.arange(len(seen)) / other)
    assert abs((len(seen) - 1) / other - 19 / fps) <= 1 / other
    np.testing.assert_allclose(seen.pose[:, 4:], expected.pose[:, 4:], atol=1e-9)
    for ours, theirs in ((seen.pose[:, :4], expected.pose[:, :4]), (seen.root_rotation, expected.root_rotation)):
        np.testing.assert_allclose(np.abs((ours * theirs).sum(1)), 1, atol=1e-9)


def test_a_turn_takes_the_shorter_way() -> None:
    body = torso()
    pose = np.tile(body.zero, (2, 1))
    pose[1, :4] = -np.array([np.cos(0.1), 0, 0, np.sin(0.1)])  # 0.2 rad, from the far side of the double cover
    middle = between(Clip.at_rest(body, 20.0, pose), np.array([0.5]), 20.0)
    np.testing.assert_allclose(middle.pose[0, :4], [np.cos(0.05), 0, 0, np.sin(0.05)], atol=1e-12)


@given(seeds, st.floats(3, 60))
def test_segments_stay_over_the_same_seconds(seed: int, fps: float) -> None:
    clip = replace(wandering(seed), segments=(Segment(0, 7, "a"), Segment(7, 20, "b"), Segment(20, 30, "c")))
    seen = resample(clip, fps)
    before = {one.text: one for one in clip.segments}
    for one in seen.segments:
        assert abs(one.start / fps - before[one.text].start / clip.fps) <= 0.51 / fps
        assert abs(one.end / fps - before[one.text].end / clip.fps) <= 0.51 / fps + 1 / clip.fps
    assert [one.text for one in seen.segments][:2] == ["a", "b"]


@pytest.mark.parametrize("fps", [0.0, -5.0, np.nan, np.inf, 1e9])
def test_a_rate_that_is_none_is_refused(fps: float) -> None:
    with pytest.raises(DataError, match="frames a second"):
        resample(wandering(0), fps)
