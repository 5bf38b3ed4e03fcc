"""Pictures are varied alike within a group, and by as much as was asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robomem.data.imitation import Looks
from robomem.data.imitation.looks import vary
from robomem.errors import ConfigError

RNG = np.random.default_rng
PICTURE = RNG(0).integers(0, 256, (12, 16, 3)).astype(np.uint8)


@given(st.integers(0, 99), st.integers(0, 4), st.floats(0.3, 1.0), st.floats(0, 1), st.floats(0, 0.5))
def test_equal_frames_stay_equal(seed, shift, area, change, hue):
    looks = Looks(shift, area, change, change, change, hue)
    group = vary(np.stack([PICTURE] * 3), looks, RNG(seed))
    assert group.shape == (3, *PICTURE.shape)
    assert group.dtype == np.uint8
    assert (group == group[0]).all()
    assert (group == vary(np.stack([PICTURE] * 3), looks, RNG(seed))).all()


def test_nothing_is_varied_unless_asked_for():
    assert (vary(PICTURE[None], Looks(shift=0), RNG(1))[0] == PICTURE).all()


def test_a_shift_moves_the_picture_and_repeats_its_edge():
    seen = set()
    for seed in range(60):
        moved = vary(PICTURE[None], Looks(shift=1), RNG(seed))[0]
        padded = np.pad(PICTURE, ((1, 1), (1, 1), (0, 0)), "edge")
        found = [
            (down, right)
            for down in range(3)
            for right in range(3)
            if (moved == padded[down : down + 12, right : right + 16]).all()
        ]
        assert len(found) == 1
        seen |= set(found)
    assert len(seen) == 9


def test_a_small_picture_is_shifted_within_its_size():
    for seed in range(9):
        assert (vary(PICTURE[None, :1, :3], Looks(shift=9), RNG(seed))[0, 0] == PICTURE[0, :3]).all()
        assert vary(PICTURE[None, :2, :3], Looks(shift=9), RNG(seed)).shape == (1, 2, 3, 3)


def test_a_crop_is_a_part_blown_up():
    ramp = np.broadcast_to(np.linspace(0, 240, 32)[None, :, None], (32, 32, 3)).astype(np.uint8)
    for seed in range(20):
        crop = vary(ramp[None], Looks(shift=0, area=0.25), RNG(seed))[0].astype(float)
        assert (np.diff(crop[16, :, 0]) >= 0).all()
        assert np.ptp(crop[16, :, 0]) == pytest.approx(120, abs=8)  # half of the width


def test_colours_change_as_they_should():
    grey = np.full((1, 4, 4, 3), 100, np.uint8)
    assert (vary(grey, Looks(shift=0, saturation=1, hue=0.5), RNG(0)) == 100).all()  # grey has no colour to change
    assert np.abs(vary(grey, Looks(shift=0, contrast=1), RNG(0)).astype(int) - 100).max() <= 1
    levels = {int(vary(grey, Looks(shift=0, brightness=0.2), RNG(seed))[0, 0, 0, 0]) for seed in range(200)}
    assert 79 <= min(levels) < 84 < 116 < max(levels) <= 121
    red = np.zeros((1, 4, 4, 3), np.uint8)
    red[..., 0] = 200
    hues = [vary(red, Looks(shift=0, hue=0.5), RNG(seed))[0, 0, 0] for seed in range(30)]
    assert {int(np.argmax(hue)) for hue in hues} == {0, 1, 2}
    contrast = vary(np.stack([PICTURE]), Looks(shift=0, contrast=0.9), RNG(3)).astype(float)
    assert abs(contrast.std() - PICTURE.std()) > 5


@pytest.mark.parametrize("wrong", [{"shift": -1}, {"area": 0}, {"area": 2}, {"hue": 0.6}, {"contrast": float("nan")}])
def test_impossible_looks_are_refused(wrong):
    with pytest.raises(ConfigError):
        Looks(**wrong)
