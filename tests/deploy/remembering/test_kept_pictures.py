"""Pictures are kept small and whole, until there is no more room."""

import io

import numpy as np
import pytest
from PIL import Image

from robomem.deploy.remembering import PictureFolder
from robomem.errors import DataError, StorageError


def encoded(width=64, height=48, kind="JPEG"):
    pixels = np.random.default_rng(width).integers(0, 255, (height, width, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_is_kept_once_and_no_larger_than_asked(tmp_path, kind):
    folder = PictureFolder(tmp_path / "seen", side=100)
    content = encoded(400, 200, kind)
    file = folder.keep(content, 12.5)
    assert folder.keep(content, 12.5) == file
    assert list((tmp_path / "seen").iterdir()) == [file]
    with Image.open(file) as kept:
        assert (kept.size, kept.format) == ((100, 50), "JPEG")
    assert folder.used_bytes == file.stat().st_size == PictureFolder(tmp_path / "seen").used_bytes


def test_a_full_folder_takes_no_more_and_loses_nothing(tmp_path):
    room = len(PictureFolder(tmp_path / "probe").keep(encoded(), 0.0).read_bytes()) + 10
    folder = PictureFolder(tmp_path / "seen", most_bytes=room)
    file = folder.keep(encoded(), 1.0)
    with pytest.raises(StorageError, match="full"):
        folder.keep(encoded(), 2.0)
    assert list((tmp_path / "seen").iterdir()) == [file]


@pytest.mark.parametrize("content", [b"", b"no picture", encoded()[:200], b"GIF89a" + bytes(20)])
def test_what_is_no_whole_picture_is_refused(tmp_path, content):
    with pytest.raises(DataError):
        PictureFolder(tmp_path).keep(content, 1.0)
    assert not list(tmp_path.iterdir())


def test_a_huge_picture_is_refused_before_it_is_unpacked(tmp_path):
    file = io.BytesIO()
    Image.new("1", (8_000, 8_000)).save(file, "PNG")
    with pytest.raises(DataError, match="too large"):
        PictureFolder(tmp_path).keep(file.getvalue(), 1.0)


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        PictureFolder(tmp_path / "file")
