"""Laws of the evaluator: padding changes nothing, order matters, it learns, it is kept whole."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from motion_language import language

from robomem.errors import CheckpointError, ConfigError, DataError
from robomem.motion.metrics.meaning import cut, meaning, pieces
from robomem.motion.metrics.retrieval import r_precision
from robomem_policies.motion.evaluator import Evaluator, Fitting, fit_evaluator

SMALL = Fitting(epochs=12, width=48, size=32, batch=32)


@pytest.fixture(scope="module")
def evaluator() -> Evaluator:
    return fit_evaluator(language({"train": 300, "val": 64}, segments=(1, 2)), 0, SMALL)


def test_it_tells_clips_that_it_has_not_seen_by_their_texts(evaluator: Evaluator) -> None:
    unseen = language({"test": 128}, seed=7, segments=(1, 2))
    clips, texts = [one.clip for one in unseen.entries], [one.texts[1] for one in unseen.entries]
    means, rng = [meaning(one) for one in clips], np.random.default_rng(0)
    found = r_precision(evaluator.embed_texts(texts), evaluator.embed_clips(clips), means, rng)
    shuffled = r_precision(evaluator.embed_texts(texts), evaluator.embed_clips(clips[::-1]), means, rng)
    assert found[2] > 0.6 > 0.4 > shuffled[2]
    assert evaluator.facts["r_precision"][2] > 0.6


def test_a_clip_is_embedded_the_same_whatever_stands_beside_it(evaluator: Evaluator) -> None:
    clips = [one.clip for one in language({"test": 20}, seed=3, segments=(1, 3)).entries]
    clips += [cut(clips[0], 0, 2), cut(clips[1], 3, 10)]
    together = evaluator.embed_clips(clips)
    for row, clip in enumerate(clips):
        np.testing.assert_allclose(evaluator.embed_clips([clip])[0], together[row], atol=1e-5)
    texts = [clip.text for clip in clips] + ["", "gryphon"]
    together = evaluator.embed_texts(texts)
    for row, text in enumerate(texts):
        np.testing.assert_allclose(evaluator.embed_texts([text])[0], together[row], atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_order_matters_to_it(evaluator: Evaluator) -> None:
    one, other = evaluator.embed_texts(
        ["reach up with the left hand; wave down", "wave down; reach up with the left hand"]
    )
    assert np.linalg.norm(one - other) > 0.05


def test_the_same_seed_fits_the_same_and_the_callers_randomness_is_left_alone() -> None:
    data, few = language({"train": 64, "val": 32}), Fitting(epochs=1, width=8, size=8)
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first = fit_evaluator(data, 1, few).state_dict()
    assert torch.rand(1) == expected
    second, third = fit_evaluator(data, 1, few).state_dict(), fit_evaluator(data, 2, few).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not all(torch.equal(first[name], third[name]) for name in first)


def test_it_is_kept_whole_and_refuses_what_was_changed(evaluator: Evaluator, tmp_path: Path) -> None:
    evaluator.save(tmp_path)
    again = Evaluator.load(tmp_path)
    clip = language({"test": 1}, seed=9).entries[0].clip
    np.testing.assert_array_equal(again.embed_clips([clip]), evaluator.embed_clips([clip]))
    np.testing.assert_array_equal(again.embed_texts([clip.text]), evaluator.embed_texts([clip.text]))
    assert again.facts == json.loads(json.dumps(evaluator.facts))
    manifest = tmp_path / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"width": 48', '"width": 47'))
    with pytest.raises(CheckpointError):
        Evaluator.load(tmp_path)


def test_it_needs_clips_to_learn_from_and_to_stop_by() -> None:
    with pytest.raises(DataError, match="16 clips"):
        fit_evaluator(language({"train": 64, "val": 15}))
    with pytest.raises(ConfigError, match="rate"):
        Fitting(rate=0.0)


def test_pieces_are_the_frames_of_their_segments_and_paraphrases_mean_the_same() -> None:
    entry = language({"test": 1}, seed=2, segments=(3, 3)).entries[0]
    parts = pieces(entry.clip)
    np.testing.assert_array_equal(np.concatenate([part.pose for part in parts]), entry.clip.pose)
    assert [part.text for part in parts] == [segment.text for segment in entry.clip.segments]
    assert all(len(part.segments) == 1 and part.segments[0].end == len(part) for part in parts)
    assert meaning(parts[0]) == (tuple(sorted(entry.clip.segments[0].labels.items())),)
    with pytest.raises(DataError):
        cut(entry.clip, 3, 3)
