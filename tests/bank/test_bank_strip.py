"""The picture of an episode."""

import io

import numpy as np
import pytest
import torch
from banks import build, stream
from PIL import Image

from robomem.bank import BankConfig, strip
from robomem.bank.strip import _news
from robomem.errors import ConfigError


def episode(frames=12, length=3):
    bank = build(BankConfig(length=length, consolidate="weighted_merge"))
    x, time, _ = stream(0, 2, frames)
    state, no, moments = bank.initial_state(2), torch.zeros(2, dtype=torch.bool), []
    for t in range(frames):
        moments.append(bank.inspect(x[:, t], time[:, t], state).row(1))
        _, state = bank.step(x[:, t], time[:, t], state, no)
    return moments


def picture(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_moments_of_a_row():
    moments = episode()
    assert [len(moment.times) for moment in moments] == [0, 1, 2] + [3] * 9
    for past, moment in enumerate(moments):
        assert moment.counts.sum() == past
        assert (moment.times < moment.now).all()
        assert 0 < moment.gate < 1
        assert not past or abs(moment.attention.sum() - 1) < 1e-9


def test_frames_that_are_kept_are_in_the_picture():
    moments = episode()
    colours = [(255 - 20 * t, 20 * t, 40) for t in range(12)]
    frames = [np.full((16, 16, 3), colour, np.uint8) for colour in colours]
    drawn = picture(strip({"perceptual": moments}, frames, title="an episode"))
    clock = [moment.now for moment in moments]
    kept = {clock.index(time) for time in moments[-1].times}
    shown = {t for t, colour in enumerate(colours) if (drawn == np.array(colour)).all(-1).sum() > 100}
    assert shown == kept


def test_the_picture_grows_with_the_streams_and_depends_on_what_was_remembered():
    moments = episode()
    one, two = picture(strip({"a": moments})), picture(strip({"a": moments, "b": moments}))
    assert two.shape[0] > one.shape[0]
    other = picture(strip({"a": episode(length=6)}))
    assert other.shape == one.shape
    assert (other != one).any()


def test_words_stand_where_they_were_written():
    moments, plain = episode(), picture(strip({"a": episode()}))
    silent = picture(strip({"a": moments}, words=[""] * 12))
    assert (silent == plain).all()
    words = (
        ["", "", "the lamp flashed"] + ["the lamp flashed (x2)"] * 5 + ["the lamp flashed (x2); press the button"] * 4
    )
    spoken = picture(strip({"a": moments}, words=words))
    assert spoken.shape[0] > plain.shape[0]
    assert [text for _, text in _news(moments, words)] == words[2:4] + ["press the button"]
    assert [now for now, _ in _news(moments, words)] == [moments[i].now for i in (2, 3, 8)]
    again = ["A", "A; B", "A (x2); B", "A (x2); B (x2)"] + ["A (x2); B (x2)"] * 8
    assert [text for _, text in _news(moments, again)] == ["A", "B", "A (x2)", "B (x2)"]
    many = [f"thing {t}" for t in range(12)] * 2
    assert [text for _, text in _news(moments * 2, many)] == many[-12:]
    assert picture(strip({"a": moments}, words=["$x; $^_{"] * 12)).ndim == 3  # words, never a formula


@pytest.mark.parametrize("frames", [1, 2])
def test_short_episodes_have_one_too(frames):
    assert picture(strip({"a": episode(frames)})).ndim == 3


def test_nothing_to_draw():
    for streams in ({}, {"a": []}):
        with pytest.raises(ConfigError, match="nothing to draw"):
            strip(streams)
    with pytest.raises(ConfigError, match="1 frames for 12 moments"):
        strip({"a": episode()}, [np.zeros((4, 4, 3), np.uint8)])
    with pytest.raises(ConfigError, match="2 words for 12 moments"):
        strip({"a": episode()}, words=["a", "b"])
