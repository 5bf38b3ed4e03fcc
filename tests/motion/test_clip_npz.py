"""Our own clip file keeps every bit; npz files that lie, run code or are cut are refused before they are unpacked."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moving_bodies import wandering

from robomem.errors import DataError
from robomem.motion.files import read_motion, write_motion


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(1, 40))
def test_a_clip_survives_bit_for_bit(tmp_path_factory: pytest.TempPathFactory, seed: int, frames: int) -> None:
    clip = wandering(seed, frames=max(frames, 2))
    path = tmp_path_factory.mktemp("clip") / "clip.npz"
    write_motion(clip, path)
    again = read_motion(path)
    for name in ("pose", "root_position", "root_rotation"):
        np.testing.assert_array_equal(getattr(again, name), getattr(clip, name))
    assert (again.text, again.segments, again.fps) == (clip.text, clip.segments, clip.fps)
    assert again.body.to_json() == clip.body.to_json()
    assert read_motion(path, text="nod").text == "nod"


def test_a_cut_or_changed_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "clip.npz"
    write_motion(wandering(0), path)
    whole = path.read_bytes()
    for end in range(0, len(whole), 97):
        path.write_bytes(whole[:end])
        with pytest.raises(DataError, match=r"clip\.npz"):
            read_motion(path)
    for at in range(100, len(whole), 211):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x5A]) + whole[at + 1 :])
        try:
            read_motion(path)
        except DataError as error:
            assert "clip.npz" in str(error)  # noqa: PT017  (a flipped bit that no reader looks at is no error)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"robomem_clip": np.frombuffer(b"{}", dtype=np.uint8)}, "version"),
        ({"robomem_clip": np.frombuffer(b'{"version": 7}', dtype=np.uint8)}, "reads 1"),
        ({"robomem_clip": np.frombuffer(b"[" * 100_000, dtype=np.uint8)}, "no whole clip"),
        ({"pose": np.full((3, 8), np.nan)}, "not finite"),
        ({"pose": np.zeros((3, 9))}, "shape"),
        ({"pose": np.zeros(())}, "no whole clip"),
        ({"pose": np.array(["left"])}, "no whole clip|shape"),
    ],
)
def test_what_no_clip_holds_is_refused(tmp_path: Path, change: dict[str, np.ndarray], message: str) -> None:
    path = tmp_path / "clip.npz"
    write_motion(wandering(0, frames=3), path)
    np.savez(path, **{**dict(np.load(path)), **change})
    with pytest.raises(DataError, match=message):
        read_motion(path)


def test_code_is_never_run_and_lies_are_never_allocated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("robomem.motion.files.contents._LARGEST", 2**20)

    class Bomb:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "ran",))

    np.savez(tmp_path / "objects.npz", poses=np.array([Bomb()], dtype=object))
    (tmp_path / "pickled.npz").write_bytes(pickle.dumps(Bomb()))
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (2**40, 66)})
    (tmp_path / "vast.npy").write_bytes(header.getvalue())
    with zipfile.ZipFile(tmp_path / "vast.npz", "w") as archive:
        archive.writestr("poses.npy", header.getvalue())
    with (
        zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.npy", "w") as file,
    ):
        np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": (2**24,)})
        file.write(bytes(2**24))
    with zipfile.ZipFile(tmp_path / "many.npz", "w") as archive:
        for index in range(101):
            archive.writestr(f"{index}.npy", b"")
    for name, message in (
        ("objects.npz", "holds Python objects"),
        ("pickled.npz", "is no npz file"),
        ("vast.npz", "poses.npy says 580,"),
        ("vast.npy", "says it has 580,"),
        ("bomb.npz", "unpacks to 16,777,"),
        ("many.npz", "holds 101 arrays"),
    ):
        with pytest.raises(DataError, match=rf"{name}.*{message}"):
            read_motion(tmp_path / name)
    assert not (tmp_path / "ran").exists()
