"""Text to motion: what is saved is what is loaded, clips follow from seeds, and bad requests are said."""

from __future__ import annotations

import logging

import numpy as np
import pytest
import torch
from tiny_motion import SMALL, small_model, small_set

from robomem.errors import CheckpointError, ConfigError
from robomem.motion.learners import MotionBatch, TokenBatch, motion_learners
from robomem.motion.smoothing import smoothed
from robomem_policies.motion import TextToMotion
from robomem_policies.motion.request import MOST_SEGMENTS


def test_saved_and_loaded_to_the_bit(tmp_path):
    model = small_model()
    model.save(tmp_path / "model", info={"steps": 3})
    again = motion_learners["text_to_motion"].load(tmp_path / "model")
    assert isinstance(again, TextToMotion)
    assert again.facts == {"steps": 3}
    assert again.config == model.config
    for name, value in model.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name
    one, two = (some.generate("raise the left arm; raise the right arm", seed=3)[0] for some in (model, again))
    assert np.array_equal(one.pose, two.pose)
    assert one.segments == two.segments


def test_a_damaged_model_is_not_loaded(tmp_path):
    model = small_model()
    model.save(tmp_path / "model")
    file = next((tmp_path / "model").glob("*.safetensors"))
    file.write_bytes(file.read_bytes()[:-4])
    with pytest.raises(CheckpointError, match="damaged"):
        TextToMotion.load(tmp_path / "model")
    with pytest.raises(CheckpointError, match="does not exist"):
        TextToMotion.load(tmp_path / "nothing")
    arrays = model.arrays()
    with pytest.raises(CheckpointError, match="mean"):
        TextToMotion.restore(model.describe(), {name: part for name, part in arrays.items() if name != "mean"})
    with pytest.raises(CheckpointError, match="longest"):
        TextToMotion.restore({k: v for k, v in model.describe().items() if k != "longest"}, arrays)


def test_segments_tell_which_frames_are_whose():
    model = small_model()
    clip = model.generate("raise the left arm; raise the right arm; raise the left arm", seconds=[1, 2.0, 0.4])[0]
    assert [(s.start, s.end) for s in clip.segments] == [(0, 20), (20, 60), (60, 68)]
    assert [s.text for s in clip.segments][1] == "raise the right arm"
    assert len(clip) == 68
    assert clip.fps == 20.0
    assert clip.text == "raise the left arm; raise the right arm; raise the left arm"


def test_a_clip_follows_from_its_seed_and_text_and_place():
    model = small_model()
    texts = ["raise the left arm", "raise the right arm; raise the left arm", "raise the left arm"]
    clips = model.generate(texts, seconds=1.6, seed=5)
    shorter = model.generate(texts[:2], seconds=1.6, seed=5)
    for one, two in zip(clips, shorter):
        assert np.allclose(one.pose, two.pose, atol=1e-5)
    assert not np.allclose(clips[0].pose, clips[2].pose, atol=1e-3)
    assert not np.allclose(clips[0].pose, model.generate(texts[0], seconds=1.6, seed=6)[0].pose, atol=1e-3)


def test_a_segment_is_made_from_the_one_before():
    generator = small_model().generator
    text, prefix = generator.text(["raise the left arm"] * 2), torch.tensor([4, 4])
    tokens = torch.full((2, 9), generator.mask)
    tokens[:, :4] = torch.tensor([[1, 2, 3, 4], [9, 8, 7, 6]])
    one, two = generator.logits(tokens, torch.ones(2, 9, dtype=torch.bool), prefix, text)[:, 4:]
    assert not torch.allclose(one, two, atol=1e-4)


def test_what_is_decoded_is_smoothed_unless_it_is_asked_for_raw():
    model = small_model()
    raw, smooth, more = (model.generate("raise the left arm", seconds=2, smoothing=s)[0] for s in (0, 0.05, 0.2))
    rough = [np.abs(np.diff(clip.pose, n=3, axis=0)).mean() for clip in (raw, smooth, more)]
    assert rough[0] > 2 * rough[1] > 2 * rough[2]
    np.testing.assert_allclose(smooth.pose, smoothed(raw, 0.05).pose)
    for wrong in (-0.1, float("nan"), 2, "much"):
        with pytest.raises(ConfigError, match="smoothing must be"):
            model.generate("raise the left arm", smoothing=wrong)


def test_many_segments_cost_as_many_times_one(monkeypatch):
    model, seen = small_model(context=3), []
    logits = model.generator.logits

    def watched(tokens, *rest):
        seen.append(tokens.shape[1])
        return logits(tokens, *rest)

    monkeypatch.setattr(model.generator, "logits", watched)
    clip = model.generate(";".join(["raise the left arm"] * 30), seconds=1, steps=2)[0]
    assert len(clip) == 600
    assert max(seen) == 3 + 5


def test_a_model_learns_every_stage():
    model = small_model()
    entries = small_set().entries[:4]
    rows = [model.normalised(entry.clip) for entry in entries]
    frames = max(map(len, rows))
    x = torch.stack([torch.nn.functional.pad(row, (0, 0, 0, frames - len(row))) for row in rows])
    valid = torch.arange(frames) < torch.tensor([[len(row)] for row in rows])
    texts, ids = tuple(entry.texts[0] for entry in entries), tuple(entry.id for entry in entries)
    tokens, latents = model.encode(x, valid)
    whole = model.tokeniser.whole(valid)
    batches = {
        "tokeniser": MotionBatch(x, valid, texts, ids),
        "generator": TokenBatch(tokens, latents, whole, torch.tensor([0, 2, 0, 1]), texts, ids),
        "residual": TokenBatch(tokens, latents, whole, torch.tensor([0, 2, 0, 1]), texts, ids),
    }
    owners: dict[int, str] = {}
    for stage in model.stages:
        losses = model.train().loss(stage, batches[stage], torch.Generator().manual_seed(0))
        model.zero_grad()
        losses["loss"].backward()
        mine = {id(weight) for weight in model.stage(stage).parameters()}
        assert all(weight.grad is None or id(weight) in mine for weight in model.parameters())
        assert not mine & owners.keys()
        owners |= dict.fromkeys(mine, stage)
    assert owners.keys() == {id(weight) for weight in model.parameters()}


@pytest.mark.parametrize(
    ("texts", "fields", "words"),
    [
        ("", {}, "empty"),
        ("  ", {}, "empty"),
        (" ; ;", {}, "no words"),
        ([], {}, "No text"),
        (["bow", 3], {}, "not int"),
        (7, {}, "not int"),
        ("x" * 2001, {}, "2000 are the most"),
        ("bow\0", {}, "no text"),
        (";".join(["bow"] * (MOST_SEGMENTS + 2)), {}, "segments"),
        ("bow; bow", {"seconds": [1.0]}, "2 segments"),
        ("bow", {"seconds": 0}, "more than 0"),
        ("bow", {"seconds": float("nan")}, "number"),
        ("bow", {"seconds": 1e9}, "at most"),
        ("bow", {"temperature": -1}, "temperature"),
        ("bow", {"guidance": float("inf")}, "guidance"),
        ("bow", {"top_p": 0}, "top_p"),
        ("bow", {"steps": 0}, "steps"),
        ("bow", {"seed": "7"}, "seed"),
    ],
)
def test_bad_requests_are_said(texts, fields, words):
    with pytest.raises(ConfigError, match=words):
        small_model().generate(texts, **fields)


def test_words_never_learnt_are_encoded_with_a_warning(caplog):
    with caplog.at_level(logging.WARNING):
        clip = small_model().generate("подними левую руку", seconds=0.4)[0]
    assert len(clip) == 8
    assert "never learnt, so they mean nothing here: " in caplog.text


def test_unknown_settings_are_said():
    with pytest.raises(ConfigError, match="mask_ratio"):
        TextToMotion.for_data(small_set(), mask_ration=0.5)
    with pytest.raises(ConfigError, match="layers must be at least 2"):
        TextToMotion.for_data(small_set(), **{**SMALL, "tokeniser_layers": 1})
