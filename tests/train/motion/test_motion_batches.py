"""What a stage learns from: windows and tokens, as functions of the seed and the step."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from mover import FRAMES_PER_TOKEN, Mover, moves

from robomem.errors import DataError
from robomem.motion.learners import TokenBatch
from robomem.train.motion.clips import Clips, clips_of
from robomem.train.motion.tokens import TokenBatches, Tokens, tokenised
from robomem.train.motion.windows import Windows

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def clips() -> Clips:
    motion_set = moves(40, val=False)
    return clips_of(motion_set, "train", *motion_set.statistics())


@pytest.fixture(scope="module")
def tokens(clips: Clips) -> Tokens:
    torch.manual_seed(0)
    return tokenised(Mover.for_data(moves(2)), clips, 400, CPU)


def test_features_are_normalised(clips: Clips) -> None:
    joined = np.concatenate(clips.features)
    np.testing.assert_allclose(joined.mean(0), 0, atol=1e-3)
    assert 0.3 < joined.std() < 3


def test_windows_are_pieces_of_their_clips(clips: Clips) -> None:
    draw = Windows(clips, 32, 16, seed=1)
    by_id = {entry.id: features for entry, features in zip(clips.entries, clips.features)}
    for step in range(4):
        batch = draw(step)
        assert batch.x.shape[:2] == batch.valid.shape == (16, 32)
        for x, valid, name in zip(batch.x.numpy(), batch.valid.numpy(), batch.ids):
            whole, count = by_id[name], int(valid.sum())
            assert count == min(len(whole), 32)
            assert valid[:count].all()
            assert not x[count:].any()
            starts = range(len(whole) - count + 1)
            assert any(np.array_equal(whole[start : start + count], x[:count]) for start in starts)
    assert torch.equal(draw(2).x, Windows(clips, 32, 16, seed=1)(2).x)
    assert not torch.equal(draw(2).x, Windows(clips, 32, 16, seed=2)(2).x)


def test_every_window_is_as_likely(clips: Clips) -> None:
    draw = Windows(clips, 32, 256, seed=1)
    drawn = Counter(name for step in range(40) for name in draw(step).ids)
    windows = np.maximum(clips.lengths - 32, 0) + 1
    share = np.array([drawn[entry.id] for entry in clips.entries]) / drawn.total()
    np.testing.assert_allclose(share, windows / windows.sum(), atol=0.01)


def test_tokens_do_not_depend_on_who_is_encoded_beside_them(clips: Clips, tokens: Tokens) -> None:
    torch.manual_seed(0)
    model = Mover.for_data(moves(2))
    for at in (0, 7, 23):
        one = tokenised(model, Clips(clips.entries[at : at + 1], clips.features[at : at + 1]), 400, CPU)
        assert torch.equal(one.tokens[0], tokens.tokens[at])
        torch.testing.assert_close(one.latents[0], tokens.latents[at])
        assert len(tokens.tokens[at]) == len(clips.features[at]) // FRAMES_PER_TOKEN


def test_long_clips_are_left_out(clips: Clips, caplog: pytest.LogCaptureFixture) -> None:
    some = tokenised(Mover.for_data(moves(2)), clips, 40, CPU)
    assert {entry.id for entry in some.entries} == {
        entry.id for entry, frames in zip(clips.entries, clips.lengths) if frames <= 40
    }
    assert f"{int((clips.lengths > 40).sum())} of 40 clips" in caplog.text
    with pytest.raises(DataError, match="No clip has 4 to 5 frames"):
        tokenised(Mover.for_data(moves(2)), clips, 5, CPU)


def test_an_epoch_meets_every_clip_once(tokens: Tokens) -> None:
    batches = TokenBatches(tokens, 8, 0.0, seed=3)
    assert batches.per_epoch == 5
    for epoch in range(2):
        met = [name for step in range(5) for name in batches(5 * epoch + step).ids]
        assert sorted(met) == sorted(entry.id for entry in tokens.entries)
    assert batches(1).ids != batches(6).ids
    again = TokenBatches(tokens, 8, 0.0, seed=3)(6)
    assert (again.ids, again.texts) == (batches(6).ids, batches(6).texts)


def test_like_lengths_are_together(tokens: Tokens) -> None:
    batches = TokenBatches(tokens, 8, 0.0, seed=3)
    filled = [batches(step).valid.float().mean() for step in range(5)]
    assert np.mean(filled) > 0.8


def test_all_ways_to_say_it_are_learnt(tokens: Tokens) -> None:
    batches = TokenBatches(tokens, 8, 0.0, seed=3)
    said: dict[str, set[str]] = {}
    for step in range(100):
        batch = batches(step)
        for name, text in zip(batch.ids, batch.texts):
            said.setdefault(name, set()).add(text)
    for entry in tokens.entries:
        assert said[entry.id] == set(entry.texts)


def test_a_segment_comes_with_what_was_before_it_and_with_its_own_words(tokens: Tokens) -> None:
    by_id = {entry.id: at for at, entry in enumerate(tokens.entries)}
    batches, seen = TokenBatches(tokens, 8, 1.0, seed=3), set()
    for step in range(20):
        batch = batches(step)
        assert isinstance(batch, TokenBatch)
        for row, name in enumerate(batch.ids):
            at, count, prefix = by_id[name], int(batch.valid[row].sum()), int(batch.prefix[row])
            whole, segments = tokens.tokens[at], tokens.entries[at].clip.segments
            mine = batch.tokens[row, :count]
            assert not batch.tokens[row, count:].any()
            if not segments:
                assert torch.equal(mine, whole)
                assert prefix == 0
                continue
            number = [segment.text for segment in segments].index(batch.texts[row])
            seen.add(number)
            border = segments[1].start // FRAMES_PER_TOKEN
            if number == 0:
                assert prefix == 0
                assert torch.equal(mine, whole[: -(-segments[0].end // FRAMES_PER_TOKEN)])
            else:
                assert prefix == border
                assert torch.equal(mine, whole)
    assert seen == {0, 1}
