"""Films of episodes: h264 in mp4, written and read through the ffmpeg that imageio-ffmpeg brings.

Why not PyAV: ffmpeg runs in a process of its own, on another core while the robot's loop goes on; a broken file ends
that process and not ours; and the package is a dependency already.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.errors import DataError, StorageError

__all__ = ["CODEC_FACTS", "FilmWriter", "read_film"]

CODEC_FACTS = {"video.codec": "h264", "video.pix_fmt": "yuv420p", "video.channels": 3, "has_audio": False}
# Every other frame stands alone and none refers to a later one: training jumps about in films. LeRobot does the same.
_ENCODING = ["-preset", "veryfast", "-crf", "18", "-g", "2", "-bf", "0"]


class FilmWriter:
    """Writes pictures to an mp4 as they come.

    Args:
        path: of the file.
        height, width: in pixels.
        fps: frames a second.
    """

    def __init__(self, path: Path, height: int, width: int, fps: int) -> None:
        import imageio_ffmpeg

        self.path = path
        self._pipe: Any = imageio_ffmpeg.write_frames(
            path,
            (width, height),
            fps=fps,
            codec="libx264",
            macro_block_size=1,
            quality=None,
            ffmpeg_log_level="error",
            output_params=_ENCODING,
        )
        self._pipe.send(None)

    def add(self, pixels: npt.NDArray[np.uint8]) -> None:
        """Append a picture [H, W, 3].

        Raises:
            StorageError: the encoder died, e.g. of a full disk.
        """
        try:
            self._pipe.send(np.ascontiguousarray(pixels))
        except (OSError, StopIteration) as error:
            raise StorageError(f"Cannot write the film {self.path}: {error}") from error

    def close(self) -> None:
        """Complete the file; a second time is nothing.

        Raises:
            StorageError: there is none.
        """
        if self._pipe is None:
            return
        self._pipe.close()
        self._pipe = None
        if not self.path.is_file() or not self.path.stat().st_size:
            raise StorageError(f"The encoder left no film at {self.path}; is the disk full?")


def read_film(path: Path, fps: int, first: int = 0, count: int | None = None) -> Iterator[npt.NDArray[np.uint8]]:
    """Yield the pictures [H, W, 3] of a film.

    Args:
        path: of the mp4.
        fps: its frames a second, to find ``first``.
        first: number of the first picture.
        count: how many; None for all.

    Raises:
        DataError: the file is missing or no film; what it holds may still be fewer pictures than asked for.
    """
    import imageio_ffmpeg

    if not path.is_file():
        raise DataError(f"The film {path} is missing.")
    seek = ["-ss", f"{(first - 0.5) / fps:.6f}"] if first else []  # ffmpeg begins with the first frame after it
    only = [] if count is None else ["-frames:v", str(count)]
    reader: Any = imageio_ffmpeg.read_frames(path, input_params=seek, output_params=["-fps_mode", "passthrough", *only])
    with contextlib.closing(reader):
        try:
            width, height = next(reader)["size"]
            for data in reader:
                yield np.frombuffer(data, np.uint8).reshape(height, width, 3)
        except (OSError, RuntimeError, StopIteration, KeyError, ValueError) as error:
            line = next((line for line in str(error).splitlines()[::-1] if line.strip()), repr(error))
            raise DataError(f"{path} is damaged or no film: {line.strip()}") from error
