"""Streams: windows that follow one another, every frame once an epoch, a function of seed and step."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from made_frames import make, same

from robomem.data.imitation import Loading, Looks, StreamLoader

lengths = st.lists(st.integers(1, 23), min_size=1, max_size=7)


def loading(groups, window, seed=0, **options):
    return Loading(sampler="stream", groups=groups, frames=(window, window), seed=seed, **options)


def visits(source, steps, groups):
    """Return the episodes that were read, in the order in which they were begun: episode and times."""
    begun, reading = [], [None] * groups
    for step in range(steps):
        batch = source.batch(step)
        for row in range(groups):
            real = int(batch.valid[row].sum())
            assert real > 0  # never idle
            assert batch.valid[row, :real].all()
            episode = int(batch.observation["proprio"][row, 0, 0])
            assert (batch.observation["proprio"][row, :, 0] == episode).all()
            if batch.start[row]:
                reading[row] = (episode, [])
                begun.append(reading[row])
            assert reading[row][0] == episode
            reading[row][1].extend(batch.time[row, :real].astype(int).tolist())
    return begun, reading


@settings(max_examples=40)
@given(lengths, st.integers(1, 4), st.integers(1, 9), st.integers(0, 3))
def test_every_frame_once_an_epoch_in_order(lengths, groups, window, seed):
    begun, reading = visits(StreamLoader(make(lengths), loading(groups, window, seed), 2), 25, groups)
    episodes = [episode for episode, _ in begun]
    for epoch in range(len(episodes) // len(lengths)):
        part = episodes[epoch * len(lengths) : (epoch + 1) * len(lengths)]
        assert sorted(part) == list(range(len(lengths)))
    for visit in begun:
        whole = list(range(lengths[visit[0]]))
        unfinished = any(visit is now for now in reading)
        assert visit[1] == (whole[: len(visit[1])] if unfinished else whole)


@settings(max_examples=30)
@given(lengths, st.integers(0, 9), st.integers(0, 20))
def test_a_batch_is_a_function_of_seed_and_step(lengths, seed, step):
    look = Looks(shift=1, area=0.8, contrast=0.3)
    used = StreamLoader(make(lengths), loading(3, 4, seed, looks=look), 2)
    for other in (step + 3, step, 1):
        used.batch(other)
    assert same(used.batch(step), StreamLoader(make(lengths), loading(3, 4, seed, looks=look), 2).batch(step))


def test_epochs_are_shuffled_differently():
    frames = make([2] * 12)
    begun, _ = visits(StreamLoader(frames, loading(1, 2), 1), 24, 1)
    order = [episode for episode, _ in begun]
    assert order[:12] != order[12:]
    assert order[:12] != sorted(order[:12])


def test_looks_last_for_an_episode_and_change_with_the_next():
    frames = make([12])
    frames.observation["pixels"][:] = np.random.default_rng(0).integers(0, 256, frames.observation["pixels"].shape[1:])
    source = StreamLoader(frames, loading(1, 4, looks=Looks(shift=2, brightness=0.5)), 1)
    pictures = [source.batch(step).observation["pixels"][0] for step in range(30)]
    for episode in range(10):
        parts = np.concatenate(pictures[3 * episode : 3 * episode + 3])
        assert (parts == parts[0]).all()
    assert len({picture.tobytes() for picture in pictures[::3]}) == 10


def test_still_frames_are_left_out():
    frames = make([40], annotated=False, still_until=0.5)
    begun, _ = visits(StreamLoader(frames, loading(1, 8, still=0.0, moved=0.01), 1), 20, 1)
    assert begun[0][1] == [0, *range(21, 40)]
