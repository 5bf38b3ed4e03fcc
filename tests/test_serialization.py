"""Bundles: whole or absent, never half; every byte checked; nothing ever executed."""

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from robomem.errors import CheckpointError, StorageError
from robomem.serialization import move_into_place, read_bundle, write_atomically, write_bundle, write_json

ARRAYS = {"weights": {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array(3, np.int64)}}


@pytest.fixture
def bundle(tmp_path):
    write_bundle(tmp_path / "b", "thing", {"name": "x"}, ARRAYS)
    return tmp_path / "b"


@settings(max_examples=30)
@given(
    st.dictionaries(
        st.text("abc.", min_size=1, max_size=5),
        hnp.arrays(
            st.sampled_from([np.float32, np.float64, np.int64, np.uint8, np.bool_]), hnp.array_shapes(min_dims=0)
        ),
        min_size=1,
        max_size=3,
    )
)
def test_a_bundle_gives_back_what_was_written(tmp_path_factory, arrays):
    folder = tmp_path_factory.mktemp("bundle")
    write_bundle(folder, "thing", {"n": 1}, {"group": arrays})
    read = read_bundle(folder, "thing").arrays["group"]
    assert read.keys() == arrays.keys()
    for name, array in arrays.items():
        assert (read[name].dtype, read[name].shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(read[name], array)


def test_replacing_leaves_no_stale_file(bundle):
    write_bundle(bundle, "thing", {"name": "y"}, {"weights": {"a": np.zeros(3)}})
    assert read_bundle(bundle, "thing").meta == {"name": "y"}
    assert len(list(bundle.iterdir())) == 2


def test_every_flipped_byte_is_noticed(bundle):
    rng = np.random.default_rng(0)
    for path in list(bundle.iterdir()):
        original = path.read_bytes()
        for position in rng.integers(len(original), size=25):
            damaged = bytearray(original)
            damaged[position] ^= 1 << rng.integers(8)
            path.write_bytes(bytes(damaged))
            try:  # a flip inside JSON's own white space or a key's case may break parsing: also a CheckpointError
                read = read_bundle(bundle, "thing")
            except CheckpointError:
                pass
            else:
                assert json.loads(bytes(damaged)) == json.loads(original), position
                assert read.meta == {"name": "x"}
        path.write_bytes(original)


def test_truncated_files_are_refused(bundle):
    for path in list(bundle.iterdir()):
        original = path.read_bytes()
        for length in (0, 1, len(original) // 2, len(original) - 2):
            path.write_bytes(original[:length])
            with pytest.raises(CheckpointError):
                read_bundle(bundle, "thing")
        path.write_bytes(original)


def test_a_missing_weights_file_is_named(bundle):
    weights = next(bundle.glob("*.safetensors"))
    weights.unlink()
    with pytest.raises(CheckpointError, match=weights.name):
        read_bundle(bundle, "thing")


def test_another_version_and_another_kind_are_named(bundle):
    with pytest.raises(CheckpointError, match=r"robomem\.thing.*robomem\.policy"):
        read_bundle(bundle, "policy")
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["version"] = 99
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CheckpointError, match="version 99"):
        read_bundle(bundle, "thing")


def test_a_manifest_cannot_point_outside_its_folder(bundle, tmp_path):
    """Even with a right seal, only the folder's own files are read."""
    from robomem.serialization import _seal

    outside = tmp_path / "outside.safetensors"
    shutil.copy(next(bundle.glob("*.safetensors")), outside)
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest.pop("sha256")
    manifest["files"]["weights"]["file"] = "../outside.safetensors"
    manifest["sha256"] = _seal(manifest)
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CheckpointError, match="missing"):
        read_bundle(bundle, "thing")


class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/robomem_pwned",)


@pytest.mark.parametrize("name", ["policy.pt", "policy.pkl", "policy.zip"])
def test_a_malicious_file_is_refused_and_not_run(tmp_path, name):
    path, trace = tmp_path / name, Path("/tmp/robomem_pwned")
    trace.unlink(missing_ok=True)
    if name.endswith("zip"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("data.pkl", pickle.dumps(Bomb()))
    else:
        path.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(CheckpointError, match="never opens"):
        read_bundle(path, "policy")
    folder = tmp_path / "folder"
    folder.mkdir()
    shutil.copy(path, folder / "manifest.json")
    with pytest.raises(CheckpointError, match="not a manifest"):
        read_bundle(folder, "policy")
    assert not trace.exists()


def test_a_full_disk_leaves_the_old_bundle_whole(bundle, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match=r"No space left.*untouched"):
        write_bundle(bundle, "thing", {"name": "new"}, {"weights": {"a": np.ones(9)}})
    monkeypatch.undo()
    assert read_bundle(bundle, "thing").meta == {"name": "x"}
    assert not list(bundle.glob(".*.tmp"))


def test_nan_is_not_json(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "x.json", {"a": float("nan")})
    assert not (tmp_path / "x.json").exists()


def test_write_atomically_replaces(tmp_path):
    write_atomically(tmp_path / "x", b"old")
    write_atomically(tmp_path / "x", b"new")
    assert (tmp_path / "x").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


WRITER = """
import sys, numpy as np
from robomem.serialization import write_bundle
n = 0
while True:
    n += 1
    write_bundle(sys.argv[1], "thing", {"n": n}, {"weights": {"a": np.full(200_000, n, np.float32)}})
"""


def test_killed_at_random_moments_it_is_never_unreadable(tmp_path):
    rng, last = np.random.default_rng(0), 0
    for _ in range(12):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "b")])
        while not (tmp_path / "b" / "manifest.json").exists():
            time.sleep(0.005)
        time.sleep(0.25 + rng.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        process.wait()
        read = read_bundle(tmp_path / "b", "thing")
        assert (read.arrays["weights"]["a"] == read.meta["n"]).all()
        last = max(last, read.meta["n"])
    assert last > 1


def test_what_is_moved_into_place_is_synced_first_and_stays_where_it_was_if_it_cannot(tmp_path, monkeypatch):
    source = tmp_path / "hand"
    (source / "inside").mkdir(parents=True)
    for name in ("a", "inside/b"):
        (source / name).write_text(name)
    synced = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.readlink(f"/proc/self/fd/{handle}")))
    move_into_place(source, tmp_path / "kept" / "episode")
    assert (tmp_path / "kept/episode/inside/b").read_text() == "inside/b"
    inside = {str(source / name) for name in ("a", "inside/b", "inside")} | {str(source)}
    assert set(synced[:-1]) == inside
    assert synced[-1] == str(tmp_path / "kept")
    (tmp_path / "taken/episode").mkdir(parents=True)
    (tmp_path / "taken/episode/other").touch()
    with pytest.raises(StorageError, match="Cannot write"):
        move_into_place(tmp_path / "kept/episode", tmp_path / "taken/episode")
    assert (tmp_path / "kept/episode/a").read_text() == "a"
