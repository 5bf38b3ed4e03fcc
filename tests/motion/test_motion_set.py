"""A motion set is what was put in it: through its folder, its splits and its statistics, and nothing else gets in."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from moving_bodies import torso, wandering

from robomem.errors import DataError, RobomemError, StorageError, UnknownNameError
from robomem.motion import Clip
from robomem.motion.motion_set import SPLITS, Entry, MotionSet, read, write
from robomem.serialization import write_bundle


def _set(seed: int = 0, clips: int = 7) -> MotionSet:
    body = torso()
    entries = []
    for index in range(clips):
        clip = wandering(seed + index, frames=4 + index, body=body)
        entries.append(Entry(f"clip{index}", (clip.text, "wink"), SPLITS[index % 3], clip))
    return MotionSet(body, 20.0, tuple(entries), {"generator": "random walks", "seed": seed})


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(0, 9))
def test_a_folder_tells_the_set(tmp_path_factory: pytest.TempPathFactory, seed: int, clips: int) -> None:
    made = _set(seed, clips)
    folder = tmp_path_factory.mktemp("motion") / "set"
    write(folder, made)
    again = read(folder)
    assert again.fingerprint() == made.fingerprint()
    assert (again.about, again.fps, again.body.to_json()) == (made.about, made.fps, made.body.to_json())
    assert [one.name for one in folder.parent.iterdir()] == ["set"]
    for one, two in zip(made.entries, again.entries, strict=True):
        assert (one.id, one.texts, one.split, one.clip.segments) == (two.id, two.texts, two.split, two.clip.segments)
        np.testing.assert_allclose(two.clip.pose, one.clip.pose, rtol=1e-6, atol=1e-7)


def test_the_fingerprint_is_of_the_content() -> None:
    made = _set()
    first = made.entries[0]
    moved = replace(first.clip, root_position=first.clip.root_position + 1e-3)
    others = [
        replace(made, entries=made.entries[1:]),
        replace(made, entries=(replace(first, split="test"), *made.entries[1:])),
        replace(made, entries=(replace(first, texts=(first.texts[0], "nod")), *made.entries[1:])),
        replace(made, entries=(replace(first, clip=moved), *made.entries[1:])),
        replace(made, entries=(replace(first, clip=replace(first.clip, segments=())), *made.entries[1:])),
    ]
    assert len({one.fingerprint() for one in [made, *others]}) == 6
    assert replace(made, about={}).fingerprint() == _set().fingerprint() == made.fingerprint()


def test_splits_share_nothing_and_leave_nothing_out() -> None:
    made = _set()
    parts = [made.of(split) for split in SPLITS]
    assert sorted(entry.id for part in parts for entry in part.entries) == sorted(entry.id for entry in made.entries)
    assert all(entry.split == split for part, split in zip(parts, SPLITS) for entry in part.entries)
    with pytest.raises(UnknownNameError, match="Known: test, train, val"):
        made.of("training")


def test_statistics_are_those_of_the_frames_to_train_on() -> None:
    made = _set(clips=9)
    mean, std = made.statistics()
    features = made.features()
    frames = np.concatenate([features.encode(entry.clip) for entry in made.entries if entry.split == "train"])
    np.testing.assert_allclose(mean, frames.mean(0), atol=1e-5)
    groups = [slice(0, 1), slice(1, 3), slice(3, 4), slice(4, 10)]
    groups += [features.parts[name] for name in ("joints", "points", "speeds", "contacts")]
    for group in groups:
        np.testing.assert_allclose(std[group], max(frames.std(0)[group].mean(), 1e-2), rtol=1e-4)
    assert mean.dtype == std.dtype == np.float32
    with pytest.raises(DataError, match="no clip in split"):
        made.of("val").statistics()


def test_a_number_that_never_changes_is_not_blown_up() -> None:
    body = torso()
    still = Clip.at_rest(body, 20.0, np.tile(body.zero, (5, 1)), text="stand")
    _, std = MotionSet(body, 20.0, (Entry("still", ("stand",), "train", still),)).statistics()
    np.testing.assert_array_equal(std, np.float32(1e-2))


def test_what_does_not_belong_is_refused() -> None:
    made, clip = _set(), wandering(0)
    other = replace(torso(), lower=np.full(5, -1.0))
    with pytest.raises(DataError, match="another torso"):
        replace(made, entries=(Entry("x", (clip.text,), "val", replace(clip, body=other)),))
    with pytest.raises(DataError, match="resample"):
        replace(made, entries=(Entry("x", (clip.text,), "val", replace(clip, fps=30.0)),))
    with pytest.raises(DataError, match="Two clips"):
        replace(made, entries=made.entries[:1] * 2)
    with pytest.raises(DataError, match="first text"):
        Entry("x", ("another",), "val", clip)
    with pytest.raises(DataError, match="words"):
        Entry("x", (clip.text, " "), "val", clip)
    with pytest.raises(UnknownNameError, match="split"):
        Entry("x", (clip.text,), "dev", clip)


def test_nothing_is_overwritten_and_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = _set()
    write(tmp_path / "set", made)
    with pytest.raises(StorageError, match="not overwritten"):
        write(tmp_path / "set", made)
    huge = replace(made.entries[0].clip, root_position=made.entries[0].clip.root_position + 1e39)
    with pytest.raises(DataError, match="too large"):
        write(tmp_path / "huge", replace(made, entries=(replace(made.entries[0], clip=huge),)))

    def full(*_: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr("robomem.motion.motion_set.folder.write_bundle", full)
    with pytest.raises(StorageError, match="full"):
        write(tmp_path / "other", made)
    assert [one.name for one in tmp_path.iterdir()] == ["set"]


def test_a_damaged_folder_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "good", _set())
    for index, damage in enumerate((_truncate, _tamper, _leave_out, _make_newer, _make_other)):
        folder = tmp_path / f"bad{index}"
        shutil.copytree(tmp_path / "good", folder)
        damage(folder)
        with pytest.raises(DataError, match="No motion set can be read"):
            read(folder)
    with pytest.raises(DataError, match="does not exist"):
        read(tmp_path / "nowhere")


def test_a_folder_with_a_good_seal_and_impossible_content_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "good", _set())
    meta = json.loads((tmp_path / "good/manifest.json").read_text())["meta"]
    arrays = safetensors.numpy.load(next((tmp_path / "good").glob("*.safetensors")).read_bytes())
    first = meta["clips"][0]
    hostile: list[tuple[dict, dict]] = [
        ({}, {"pose": np.where(np.arange(len(arrays["pose"]))[:, None] == 2, np.nan, arrays["pose"])}),
        ({}, {"length": arrays["length"] * 2**40}),
        ({}, {"length": -arrays["length"]}),
        ({}, {"length": arrays["length"][:-1]}),
        ({}, {"pose": arrays["pose"][:-1]}),
        ({}, {"pose": arrays["pose"][:, :-1]}),
        ({"clips": [{**first, "segments": [[0, 10**9, "long", {}]]}, *meta["clips"][1:]]}, {}),
        ({"clips": [{**first, "segments": 3}, *meta["clips"][1:]]}, {}),
        ({"clips": [{**first, "texts": []}, *meta["clips"][1:]]}, {}),
        ({"clips": 5}, {}),
        ({"fps": "fast"}, {}),
        ({"body": {}}, {}),
    ]
    for index, (said, held) in enumerate(hostile):
        write_bundle(tmp_path / f"bad{index}", "motion", {**meta, **said}, {"clips": {**arrays, **held}})
        with pytest.raises(RobomemError, match="cannot be") as caught:
            read(tmp_path / f"bad{index}")
        assert isinstance(caught.value, DataError)


def _truncate(folder: Path) -> None:
    path = next(folder.glob("*.safetensors"))
    path.write_bytes(path.read_bytes()[:-7])


def _tamper(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace("wink", "nod"))


def _leave_out(folder: Path) -> None:
    next(folder.glob("*.safetensors")).unlink()


def _make_newer(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": 99}))


def _make_other(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": "robomem.policy"}))
