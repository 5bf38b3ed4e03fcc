"""Data sets as what a policy sees: names, statistics, origin; and clear words for what does not fit."""

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from robomem.data import Dataset, DatasetWriter, numbers, picture
from robomem.data.imitation import Demonstrations, Loading, loader
from robomem.errors import ConfigError, DataError, StorageError

FEATURES = {
    "observation.state": numbers(2),
    "observation.light": numbers(1),
    "observation.images.front": picture(6, 8, "image"),
    "action": numbers(2),
}
NOTES = {
    "annotation.cue": numbers(1, dtype="int64"),
    "annotation.event": numbers(1, dtype="bool"),
    "annotation.imitate": numbers(1, dtype="bool"),
}
BOUNDS = {"action_low": [-1.0, -2.0], "action_high": [1.0, 2.0]}
ORIGIN = {"env": "robomem/ShellGame-v0", "env_kwargs": {"delay": 5, "observation": "pixels+state"}, **BOUNDS}


def write(folder, lengths=(5, 3), features=FEATURES, fps=20, task="touch", facts=None):
    with DatasetWriter(folder, fps, features) as writer:
        for episode, length in enumerate(lengths):
            for step in range(length):
                frame = {}
                for name, feature in features.items():
                    dtype = np.uint8 if feature.is_picture else feature.dtype
                    frame[name] = np.full(feature.shape, 10 * episode + step, dtype)
                if "annotation.imitate" in frame:
                    frame["annotation.imitate"][:] = step != 1
                writer.add(frame, task)
            writer.save_episode(facts[episode] if isinstance(facts, list) else facts)
    return folder


def spoil(folder, name, value):
    """Write a value into the first frame of the table of episode 1, past the writer's own checks."""
    path = folder / Dataset(folder).episodes[1].data.data()
    table = pq.read_table(path)
    column = table.column(name)
    spoilt = pa.array([value, *column.to_pylist()[1:]], column.type)
    pq.write_table(table.set_column(table.column_names.index(name), name, spoilt), path)


def test_pictures_and_proprio_are_seen_under_the_environments_names(tmp_path):
    demonstrations = Demonstrations([write(tmp_path / "demo")])
    spec, frames = demonstrations.spec, demonstrations.frames()
    assert set(spec.observation_space) == set(frames.observation) == {"proprio", "front"}
    assert spec.observation_space["front"].shape == (6, 8, 3)
    assert (spec.fps, spec.tasks, spec.labels, spec.env) == (20, ("touch",), 0, None)
    values = np.array([0, 1, 2, 3, 4, 10, 11, 12])
    assert (frames.observation["proprio"] == values[:, None]).all()
    assert (frames.observation["front"] == values[:, None, None, None]).all()
    assert (frames.action == values[:, None]).all()
    assert frames.time.tolist() == [0, 1, 2, 3, 4, 0, 1, 2]
    assert (spec.action_space.low == 0).all()
    assert (spec.action_space.high == 12).all()
    assert spec.statistics["action"]["mean"] == pytest.approx([values.mean()] * 2)
    assert spec.statistics["proprio"]["q99"] == pytest.approx([np.quantile(values, 0.99)] * 2)
    assert set(spec.statistics) == {"action", "proprio"}


def test_senses_are_seen_when_named(tmp_path):
    write(tmp_path / "demo")
    spec = Demonstrations([tmp_path / "demo"], ["light", "front"]).spec
    assert list(spec.observation_space) == ["front", "light"]
    with pytest.raises(DataError, match=r"no observation 'lihgt'.*light"):
        Demonstrations([tmp_path / "demo"], ["lihgt"])
    with pytest.raises(DataError, match="must see something"):
        Demonstrations([tmp_path / "demo"], [])


def test_several_folders_are_one(tmp_path):
    one = write(tmp_path / "one", task="touch", facts=ORIGIN)
    two = write(tmp_path / "two", (4,), {**FEATURES, **NOTES}, task="push")
    demonstrations = Demonstrations([one, two])
    frames = demonstrations.frames()
    assert demonstrations.spec.tasks == ("touch", "push")
    assert demonstrations.spec.env is None  # one of them does not say
    assert frames.length.tolist() == [5, 3, 4]
    assert frames.first.tolist() == [0, 5, 8]
    assert frames.task.tolist() == [0] * 8 + [1] * 4
    assert frames.cue.tolist() == [-1] * 8 + [0, 1, 2, 3]
    assert demonstrations.spec.labels == 4
    assert frames.event.tolist() == [False] * 9 + [True] * 3
    assert frames.imitate.tolist() == [True] * 9 + [False] + [True] * 2
    assert (demonstrations.spec.action_space.low == [-1, -2]).all()
    assert (demonstrations.spec.action_space.high == [12, 12]).all()


def test_the_environment_and_its_bounds_are_known_from_the_notes(tmp_path):
    other = {**ORIGIN, "env_kwargs": {"delay": 9, "observation": "pixels+state"}}
    features = {**FEATURES, "observation.images.pixels": picture(4, 4, "image")}
    write(tmp_path / "demo", features=features, facts=[ORIGIN, other])
    spec = Demonstrations([tmp_path / "demo"], ["pixels", "proprio"]).spec
    assert spec.env == "robomem/ShellGame-v0"
    assert spec.env_kwargs == {"observation": "pixels"}  # the delays differ, and the senses are not seen
    assert (spec.action_space.high == [1, 2]).all()
    spec = Demonstrations([tmp_path / "demo"], ["pixels", "proprio", "light"]).spec
    assert spec.env_kwargs == {"observation": "pixels+state"}


@pytest.mark.parametrize("bounds", [{"action_low": [0]}, {"action_low": [3, 3]}, {"action_high": "high"}])
def test_notes_that_fit_no_action_are_named(tmp_path, bounds):
    write(tmp_path / "demo", facts={**ORIGIN, **bounds})
    with pytest.raises(DataError, match="bounds that fit no action"):
        Demonstrations([tmp_path / "demo"])


def test_what_differs_is_named(tmp_path):
    one = write(tmp_path / "one")
    wide = write(tmp_path / "wide", features={**FEATURES, "action": numbers(3)})
    slow = write(tmp_path / "slow", fps=10)
    blind = write(tmp_path / "blind", features={k: f for k, f in FEATURES.items() if not f.is_picture})
    with pytest.raises(DataError, match=r"action is float32 \[2\] here and float32 \[3\] there"):
        Demonstrations([one, wide])
    with pytest.raises(DataError, match=r"fps is 20 here and 10 there"):
        Demonstrations([one, slow])
    with pytest.raises(DataError, match=r"observation.images.front is picture \[6, 8, 3\] here and missing there"):
        Demonstrations([one, blind])
    assert Demonstrations([one, blind], ["proprio"]).frames().episodes == 4


def test_what_cannot_be_imitated_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="nothing to imitate"):
        Demonstrations([])
    write(tmp_path / "empty", ())
    with pytest.raises(DataError, match="no episode"):
        Demonstrations([tmp_path / "empty"])
    with pytest.raises(DataError, match="does not exist"):
        Demonstrations([tmp_path / "nothing"])
    write(tmp_path / "classes", features={**FEATURES, "action": numbers(1, dtype="int64")})
    with pytest.raises(DataError, match="row of float numbers"):
        Demonstrations([tmp_path / "classes"])
    write(tmp_path / "numb", features={"observation.light": numbers(1), "action": numbers(1)})
    with pytest.raises(DataError, match=r"neither pictures nor proprio.*light"):
        Demonstrations([tmp_path / "numb"])
    write(tmp_path / "twice", features={**FEATURES, "observation.front": numbers(1)})
    with pytest.raises(DataError, match="both 'front'"):
        Demonstrations([tmp_path / "twice"])
    write(tmp_path / "odd", features={**FEATURES, "annotation.cue": numbers(2)})
    with pytest.raises(DataError, match=r"annotation.cue as float32 \[2\]; it must be int64"):
        Demonstrations([tmp_path / "odd"])


@pytest.mark.parametrize("name", ["action", "observation.state"])
def test_nan_is_named_with_its_frame(tmp_path, name):
    write(tmp_path / "demo")
    spoil(tmp_path / "demo", name, [float("nan"), 0.0])
    with pytest.raises(DataError, match=rf"{name} in frame 0 of episode 1 .*not finite"):
        Demonstrations([tmp_path / "demo"])


def test_a_task_that_is_not_listed_is_refused(tmp_path):
    write(tmp_path / "demo")
    spoil(tmp_path / "demo", "task_index", 7)
    with pytest.raises(DataError, match="task"):
        Demonstrations([tmp_path / "demo"])


def test_pictures_that_are_missing_or_damaged_are_refused(tmp_path):
    write(tmp_path / "demo")
    spoil(tmp_path / "demo", "observation.images.front", {"bytes": b"no picture", "path": None})
    with pytest.raises(DataError, match=r"observation.images.front.*damaged"):
        Demonstrations([tmp_path / "demo"]).frames()
    film = {**FEATURES, "observation.images.front": picture(6, 8)}
    write(tmp_path / "film", features=film)
    frames = Demonstrations([tmp_path / "film"]).frames()
    assert np.abs(frames.observation["front"][:5, 0, 0, 0].astype(int) - np.arange(5)).max() <= 3
    next((tmp_path / "film/videos").rglob("*.mp4")).unlink()
    with pytest.raises(DataError, match="missing"):
        Demonstrations([tmp_path / "film"]).frames()


def test_too_many_pictures_for_memory_lie_in_a_cache(tmp_path):
    demonstrations = Demonstrations([write(tmp_path / "demo"), write(tmp_path / "more")])
    with pytest.raises(DataError, match="Give a folder to cache them in"):
        demonstrations.frames(most_bytes=1000)
    in_memory = demonstrations.frames().observation["front"]
    cache = tmp_path / "cache"
    for _ in range(2):
        mapped = demonstrations.frames(cache, most_bytes=1000).observation["front"]
        assert isinstance(mapped, np.memmap)
        assert (mapped == in_memory).all()
    (kept,) = cache.iterdir()
    assert kept.name.startswith("frames-")
    write_more = Demonstrations([write(tmp_path / "third")])
    write_more.frames(cache)
    assert len(list(cache.iterdir())) == 2  # other data, another name
    (kept / "front.npy").write_bytes(b"half")
    with pytest.raises(DataError, match="made anew"):
        demonstrations.frames(cache)


def test_a_cache_that_fails_leaves_nothing(tmp_path):
    write(tmp_path / "demo")
    spoil(tmp_path / "demo", "observation.images.front", {"bytes": b"no picture", "path": None})
    with pytest.raises(DataError, match="damaged"):
        Demonstrations([tmp_path / "demo"]).frames(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="Cannot write"):
        Demonstrations([write(tmp_path / "fine")]).frames(tmp_path / "file")


def test_a_chunk_may_be_longer_than_an_episode(tmp_path):
    frames = Demonstrations([write(tmp_path / "demo", (2,))]).frames()
    batch = loader(frames, Loading(groups=1, frames=(4, 4)), 6).batch(0)
    assert batch.action.shape == (1, 4, 6, 2)
    assert batch.action_valid.sum(axis=-1).tolist() == [[2, 1, 0, 0]]
    assert batch.label is None
    labelled = loader(frames, Loading(groups=1, frames=(4, 4), labels=True), 6).batch(0)
    assert labelled.label.tolist() == [[-1] * 4]  # nobody said


def test_a_data_set_of_another_version_is_refused(tmp_path):
    write(tmp_path / "demo")
    info = tmp_path / "demo/meta/info.json"
    info.write_text(json.dumps({**json.loads(info.read_text()), "codebase_version": "v2.1"}))
    with pytest.raises(DataError, match="converter"):
        Demonstrations([tmp_path / "demo"])


def test_frames_that_are_not_to_be_imitated_are_not_valid(tmp_path):
    frames = Demonstrations([write(tmp_path / "demo", (4,), {**FEATURES, **NOTES})]).frames()
    batch = loader(replace(frames, event=None), Loading(sampler="window", groups=1, frames=(4, 4)), 2).batch(0)
    assert batch.action_valid.astype(int).tolist() == [[[1, 0], [0, 0], [1, 1], [1, 0]]]


def test_what_goes_on_is_counted_and_put_into_words(tmp_path):
    features = {**FEATURES, "annotation.happening": numbers(1, dtype="int64")}
    words = {**ORIGIN, "happenings": [f"thing {number}" for number in range(13)]}
    demonstrations = Demonstrations([write(tmp_path / "one", (5, 3), features, facts=words)])
    assert demonstrations.spec.happenings[0] == "thing 0"
    assert demonstrations.spec.histories[0] == ()
    assert (1, 2, 3) in demonstrations.spec.histories
    frames = demonstrations.frames()
    assert frames.happening.tolist() == [0, 1, 2, 3, 4, 10, 11, 12]
    assert frames.history.tolist()[-2:] == [[10, 0, 0], [10, 11, 0]]
    for asked in (False, True):
        batch = loader(frames, Loading(happenings=asked, sampler="uniform", groups=2, frames=(3, 3)), 1).batch(0)
        assert (batch.happening is not None) == (batch.history is not None) == asked
    assert (batch.happening == batch.observation["proprio"][..., 0]).all()
    assert batch.history.shape == (2, 3, 3)


def test_what_goes_on_must_be_told_alike_and_in_words(tmp_path):
    features = {**FEATURES, "annotation.happening": numbers(1, dtype="int64")}
    few = write(tmp_path / "few", (2,), features, facts={**ORIGIN, "happenings": []})
    with pytest.raises(DataError, match="a happening 0 to 1, and words for 0"):
        Demonstrations([few])
    one = write(tmp_path / "one", (2,), features, facts={**ORIGIN, "happenings": ["a lamp"]})
    two = write(tmp_path / "two", (2,), features, facts={**ORIGIN, "happenings": ["a bell"]})
    with pytest.raises(DataError, match=r"a lamp in .*a bell in"):
        Demonstrations([one, two])
    none = write(tmp_path / "none", (2,), features, facts={**ORIGIN, "happenings": "a lamp"})
    with pytest.raises(DataError, match="no list of words"):
        Demonstrations([none])
