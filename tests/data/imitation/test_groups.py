"""Groups: of one episode, in order, without replacement, padded at the end alone, a function of seed and step."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_frames import CUE_STEPS, DECIDING, make, same

from robomem.data.imitation import GroupLoader, Loading, Looks, loader
from robomem.data.imitation.events import find_events
from robomem.data.imitation.motion import moving
from robomem.errors import ConfigError

PLAIN = Looks(shift=0)
SAMPLERS = ("event", "uniform", "window")
lengths = st.lists(st.integers(1, 40), min_size=1, max_size=6)


@settings(max_examples=60)
@given(
    lengths, st.sampled_from(SAMPLERS), st.integers(1, 12), st.integers(0, 20), st.integers(1, 6), st.integers(0, 99)
)
def test_laws_of_a_group(lengths, sampler, least, more, chunk, step):
    frames = make(lengths)
    loading = Loading(sampler=sampler, groups=3, frames=(least, least + more), labels=True, looks=PLAIN)
    batch = GroupLoader(frames, loading, chunk).batch(step)
    width = batch.time.shape[1]
    assert least <= width <= least + more
    assert batch.start.all()
    for row in range(3):
        real = int(batch.valid[row].sum())
        assert batch.valid[row, :real].all()  # padding is at the end
        episode = int(batch.observation["proprio"][row, 0, 0])
        assert (batch.observation["proprio"][row, :, 0] == episode).all()
        assert real == min(width, lengths[episode])
        time = batch.time[row].astype(int)
        assert (np.diff(time[:real]) > 0).all()  # sorted, none twice
        assert (time[real:] == time[real - 1]).all()
        assert not batch.action_valid[row, real:].any()
        number = frames.first[episode] + time
        assert (batch.observation["pixels"][row] == frames.observation["pixels"][number]).all()
        assert (batch.label[row] == episode % 3).all()
        assert batch.text[row] == ("touch", "push")[episode % 2]
        for place in range(real):
            for ahead in range(chunk):
                wanted = min(time[place] + ahead, lengths[episode] - 1)
                assert batch.action[row, place, ahead, 0] == 1000 * episode + wanted
                assert batch.action_valid[row, place, ahead] == (time[place] + ahead < lengths[episode])


@settings(max_examples=30)
@given(lengths, st.sampled_from(SAMPLERS), st.integers(0, 9), st.integers(0, 9))
def test_a_batch_is_a_function_of_seed_and_step(lengths, sampler, seed, step):
    loading = Loading(sampler=sampler, groups=2, frames=(3, 7), seed=seed, looks=Looks(shift=1, hue=0.2))
    used = GroupLoader(make(lengths), loading, 2)
    for other in (step + 1, step, 0):
        used.batch(other)
    assert same(used.batch(step), GroupLoader(make(lengths), loading, 2).batch(step))


def test_seeds_and_steps_differ():
    frames, loading = make([30, 31, 32]), Loading(groups=4, frames=(6, 6))
    batches = [GroupLoader(frames, loading, 1).batch(step) for step in range(3)]
    batches.append(GroupLoader(frames, Loading(groups=4, frames=(6, 6), seed=1), 1).batch(0))
    assert len({batch.time.tobytes() for batch in batches}) == 4


@settings(max_examples=40)
@given(st.lists(st.integers(3 * CUE_STEPS + 1, 60), min_size=1, max_size=4), st.integers(4, 12), st.integers(0, 99))
def test_event_groups_hold_cue_and_decision(lengths, width, step):
    batch = GroupLoader(make(lengths), Loading(groups=4, frames=(width, width)), 1).batch(step)
    for time, proprio in zip(batch.time, batch.observation["proprio"], strict=True):
        decision = 2 * lengths[int(proprio[0, 0])] // 3
        assert (time < CUE_STEPS).sum() >= 2
        assert 0 in time
        assert decision in time
        assert ((time >= decision) & (time < decision + DECIDING)).sum() >= 2


def test_where_there_is_no_room_the_decision_stays():
    for step in range(20):
        time = GroupLoader(make([30]), Loading(groups=1, frames=(1, 1)), 1).batch(step).time
        assert time.tolist() == [[20]]


def test_uniform_groups_miss_events_and_reach_every_frame():
    batches = [GroupLoader(make([30]), Loading(sampler="uniform", frames=(4, 4)), 1).batch(k) for k in range(40)]
    times = np.concatenate([batch.time for batch in batches]).astype(int)
    assert set(times.ravel()) == set(range(30))
    assert ((times < CUE_STEPS).sum(axis=1) == 0).mean() > 0.3
    counts = np.bincount(times.ravel(), minlength=30)  # each frame is as likely: 64 expected, deviation below 8
    assert np.abs(counts - counts.mean()).max() < 5 * np.sqrt(counts.mean())


def test_half_of_the_batches_have_the_least_frames():
    loading = Loading(groups=1, frames=(4, 12))
    widths = [GroupLoader(make([30]), loading, 1).batch(step).time.shape[1] for step in range(200)]
    assert set(widths) == set(range(4, 13))
    assert 0.4 < np.mean(np.array(widths) == 4) < 0.7


def test_a_window_is_consecutive_at_its_stride():
    loading = Loading(sampler="window", groups=8, frames=(5, 5), stride=3)
    firsts = set()
    for step in range(20):
        batch = GroupLoader(make([20, 16]), loading, 1).batch(step)
        assert (np.diff(batch.time, axis=1) == 3).all()
        firsts |= set(batch.time[:, 0].astype(int).tolist())
    assert firsts == set(range(8))


def test_still_frames_are_left_out_but_for_events_and_ends():
    frames = make([60], still_until=0.5)
    for sampler in ("event", "uniform", "window"):
        seen = set()
        loading = Loading(sampler=sampler, groups=4, frames=(6, 6), still=0.0, moved=0.01)
        for step in range(30):
            batch = GroupLoader(frames, loading, 1).batch(step)
            seen |= set(batch.time.astype(int).ravel().tolist())
        assert seen & set(range(CUE_STEPS, 30)) == set()
        assert seen >= {0, 59, 40}


def test_still_frames_are_rarer():
    frames = make([60], annotated=False, still_until=0.5)
    waits = []
    for still in (1.0, 0.1):
        loading = Loading(sampler="uniform", groups=8, frames=(6, 6), still=still, moved=0.01)
        time = np.concatenate([GroupLoader(frames, loading, 1).batch(step).time for step in range(30)])
        waits.append(float((time < 30).mean()))
    assert waits[1] < 0.4 * waits[0]


def test_slow_movement_adds_up_and_trembling_does_not():
    frames = make([50, 50], annotated=False, still_until=1.0)
    frames.action[:, 1] = np.tile(np.where(np.arange(50) % 2, 0.4, 0.0), 2)  # trembles by 1 % of the range
    frames.action[:50, 0] = np.arange(50) * 0.1  # drifts by 2 % of the range in all
    frames.action[75:, 1] += 40.0
    frames.action[50:, 0] = 200.0
    kept = np.flatnonzero(moving(frames, 0.03))
    assert kept.tolist() == [0, 49, 50, 75, 99]
    assert set(np.flatnonzero(moving(frames, 0.004))) == {*range(50), *range(50, 100)}
    frames.action[:, 1] = 0.0
    frames.action[:, 0] = np.concatenate([np.arange(50), np.arange(50)])
    assert np.diff(np.flatnonzero(moving(frames, 0.11))[:5]).tolist() == [6, 6, 6, 6]


def test_without_annotations_peaks_of_change_are_the_events():
    frames = make([40, 40], annotated=False)
    frames.observation["pixels"][:] = 0
    frames.observation["pixels"][11:] += 90  # the scene changes in frame 11 of the first episode
    assert np.flatnonzero(find_events(frames)).tolist() == [11, 12, 13]  # and not where the next episode begins
    source = GroupLoader(frames, Loading(groups=4, frames=(4, 4)), 1)
    assert source.guessed_events
    for step in range(10):
        batch = source.batch(step)
        for time, proprio in zip(batch.time, batch.observation["proprio"], strict=True):
            assert proprio[0, 0] == 1 or 11 in time
    assert not GroupLoader(make([40]), Loading(), 1).guessed_events


@pytest.mark.parametrize(
    "wrong",
    [
        {"groups": 0},
        {"frames": (4, 2)},
        {"frames": (0, 2)},
        {"sampler": "stream", "frames": (2, 4)},
        {"stride": 2},
        {"still": -0.1},
        {"still": float("nan")},
        {"moved": 0.0},
    ],
)
def test_a_configuration_that_cannot_be_is_refused(wrong):
    with pytest.raises(ConfigError):
        Loading(**wrong)


def test_a_chunk_has_an_action():
    with pytest.raises(ConfigError, match="chunk"):
        loader(make([5]), Loading(), 0)
