"""What is sent to a robot is within its limits, and what was within them is sent as it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bodies import torso, wandering
from hypothesis import given
from hypothesis import strategies as st

from robomem.errors import DataError
from robomem.motion.performance import fitted


@given(st.integers(0, 10**6), st.floats(0.05, 1.0), st.floats(0.2, 5.0))
def test_no_hinge_is_beyond_its_limits_or_too_fast(seed: int, reach: float, speed: float) -> None:
    body = replace(torso(), lower=np.full(5, -reach), upper=np.full(5, reach), velocity=np.full(5, speed))
    clip = wandering(seed)
    sent, limits = fitted(clip, body)
    hinges = sent.pose[:, 4:]
    assert np.abs(hinges).max() <= reach + 1e-12
    assert np.abs(np.diff(hinges, axis=0)).max() * clip.fps <= speed + 1e-9
    changed = (np.abs(hinges - clip.pose[:, 4:]) > 1e-4).sum(0)
    assert limits.clipped == {name: count for name, count in zip(body.joints[1:], changed) if count}
    for part in ("root_position", "root_rotation"):
        assert np.array_equal(getattr(sent, part), getattr(clip, part))
    assert np.array_equal(sent.pose[:, :4], clip.pose[:, :4])
    again, none = fitted(sent, body)
    np.testing.assert_allclose(again.pose, sent.pose, atol=1e-9)
    assert none.clipped == {}


def test_what_can_be_done_is_left_as_it_is() -> None:
    clip = wandering(3)
    sent, limits = fitted(clip, torso())
    assert np.array_equal(sent.pose, clip.pose)
    assert limits.clipped == {}


def test_a_jump_is_caught_up_with() -> None:
    body = replace(torso(), velocity=np.full(5, 2.0))  # 0.1 rad a frame
    pose = np.tile(body.zero, (20, 1))
    pose[5:, 4] = 0.5
    sent, limits = fitted(replace(wandering(0, 20), pose=pose), body)
    np.testing.assert_allclose(sent.pose[5:11, 4], [0.1, 0.2, 0.3, 0.4, 0.5, 0.5])
    assert limits.clipped == {"left_shoulder": 4}


def test_motion_of_another_body_is_refused() -> None:
    clip = wandering(0)
    with pytest.raises(DataError, match="is of torso, and human has other joints"):
        fitted(clip, replace(torso(), name="human"))
    renamed = replace(torso(), joints=("waist", *torso().joints[1:]))
    with pytest.raises(DataError, match=r"another torso than .*\(spine, waist differ\)"):
        fitted(clip, renamed)
