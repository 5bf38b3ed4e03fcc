"""Smoothing: what is smooth stays, jitter goes, and nothing leaves what a body can do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moving_bodies import torso, wandering

from robomem.errors import DataError
from robomem.motion import Clip
from robomem.motion.mirror import mirrored
from robomem.motion.smoothing import smoothed

seeds = st.integers(0, 10_000)
widths = st.floats(0.01, 0.5)


@given(seeds, widths)
def test_a_clip_that_stands_still_is_left_as_it_is(seed: int, seconds: float) -> None:
    clip = wandering(seed, frames=2)
    still = replace(
        clip,
        **{name: np.repeat(getattr(clip, name)[:1], 30, axis=0) for name in ("pose", "root_position", "root_rotation")},
    )
    same = smoothed(still, seconds)
    for name in ("pose", "root_position", "root_rotation"):
        np.testing.assert_allclose(getattr(same, name), getattr(still, name), atol=1e-12)
    assert smoothed(clip, 0) is clip


@given(seeds, widths)
def test_hinges_stay_in_their_ranges_and_get_no_faster(seed: int, seconds: float) -> None:
    clip = wandering(seed, frames=40)
    hinges = [at.start for at, hinge in zip(clip.body.at, clip.body.hinges) if hinge]
    before, after = clip.pose[:, hinges], smoothed(clip, seconds).pose[:, hinges]
    assert (after <= before.max(axis=0) + 1e-12).all()
    assert (after >= before.min(axis=0) - 1e-12).all()
    assert (np.abs(np.diff(after, axis=0)).max(axis=0) <= np.abs(np.diff(before, axis=0)).max(axis=0) + 1e-12).all()


@given(seeds, widths)
def test_turns_are_unit_quaternions_and_the_sign_does_not_matter(seed: int, seconds: float) -> None:
    clip = wandering(seed, frames=25)
    signs = np.where(np.random.default_rng(seed).random(25) < 0.5, -1.0, 1.0)[:, None]
    flipped = replace(clip, root_rotation=clip.root_rotation * signs)
    one, other = smoothed(clip, seconds).root_rotation, smoothed(flipped, seconds).root_rotation
    np.testing.assert_allclose(np.linalg.norm(one, axis=1), 1, atol=1e-9)
    np.testing.assert_allclose(other, one * signs, atol=1e-9)


@given(seeds, widths)
def test_the_mirror_image_of_what_is_smoothed_is_the_mirror_image_smoothed(seed: int, seconds: float) -> None:
    clip = wandering(seed, frames=25)
    one, other = mirrored(smoothed(clip, seconds)), smoothed(mirrored(clip), seconds)
    for name in ("pose", "root_position", "root_rotation"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-9)


def test_jitter_goes_and_what_is_slow_stays() -> None:
    body, fps = torso(), 20.0
    times = np.arange(80) / fps
    slow, jitter = 0.5 * np.sin(2 * np.pi * 0.5 * times), 0.02 * (-1.0) ** np.arange(80)
    pose = np.tile(body.zero, (80, 1))
    column = next(at.start for at, hinge in zip(body.at, body.hinges) if hinge)
    pose[:, column] = slow + jitter
    found = smoothed(Clip.at_rest(body, fps, pose), 0.05).pose[:, column]
    np.testing.assert_allclose(found[5:-5], slow[5:-5], atol=0.01)
    assert np.abs(np.diff(found - slow, n=3))[5:-5].max() < 0.1 * np.abs(np.diff(jitter, n=3)).max()


@pytest.mark.parametrize("seconds", [-0.1, np.nan, np.inf])
def test_a_time_that_is_none_is_refused(seconds: float) -> None:
    with pytest.raises(DataError, match="cannot be smoothed"):
        smoothed(wandering(0), seconds)
