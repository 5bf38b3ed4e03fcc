"""A clip as pictures: a film, and a strip of frames with the words under them."""

from __future__ import annotations

import io
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from robomem.errors import StorageError
from robomem.motion import Clip
from robomem.motion.robots import RobotMotion
from robomem.serialization import temporary_sibling, write_atomically

__all__ = ["write_film", "write_strip"]

_PICTURES, _ROW = 16, 8


def write_film(path: Path | str, robot: RobotMotion, clip: Clip, *, size: tuple[int, int] = (480, 360)) -> None:
    """Write an mp4 of a robot in a clip's poses at the clip's own speed.

    Args:
        path: of the file.
        robot: who is drawn.
        clip: of its body.
        size: width and height, even.

    Raises:
        StorageError: it cannot be written.
    """
    import imageio.v2 as imageio  # dear to import; whoever films pays

    try:
        with temporary_sibling(path) as partial:
            # Its own `with` does not close the encoder after an exception; closing() does.
            with closing(cast(Any, imageio.get_writer(partial, fps=clip.fps, macro_block_size=1, quality=7))) as film:
                for picture in robot.film(clip, size=size):
                    film.append_data(picture)
    except OSError as error:
        raise StorageError(f"Cannot write the film {path}: {error}.") from error


def write_strip(path: Path | str, robot: RobotMotion, clip: Clip, *, size: tuple[int, int] = (200, 200)) -> None:
    """Write a PNG with evenly spaced frames of a clip, each with its second and the words of its segment.

    Args:
        path: of the file.
        robot: who is drawn.
        clip: of its body.
        size: width and height of a frame.

    Raises:
        StorageError: it cannot be written.
    """
    from PIL import Image, ImageDraw

    count = min(_PICTURES, len(clip))
    chosen = np.linspace(0, len(clip) - 1, count).round().astype(int).tolist()
    columns, line = min(count, _ROW), 28
    sheet = Image.new("RGB", (columns * size[0], -(-count // columns) * (size[1] + line)), "white")
    draw = ImageDraw.Draw(sheet)
    parts = {name: getattr(clip, name)[chosen] for name in ("pose", "root_position", "root_rotation")}
    pictures = robot.film(replace(clip, segments=(), **parts), size=size)
    for number, (frame, picture) in enumerate(zip(chosen, pictures, strict=True)):
        row, column = divmod(number, columns)
        left, top = column * size[0], row * (size[1] + line)
        sheet.paste(Image.fromarray(picture), (left, top))
        words = next((each.text for each in clip.segments if each.start <= frame < each.end), clip.text)
        draw.text((left + 4, top + size[1] + 2), f"{frame / clip.fps:.1f} s", fill="black")
        draw.text((left + 4, top + size[1] + 14), _short(words, size[0] // 7), fill="black")
    content = io.BytesIO()
    sheet.save(content, "PNG")
    write_atomically(path, content.getvalue())


def _short(text: str, most: int) -> str:
    """Return the text, cut to what fits; the built-in letters are Latin."""
    plain = text.encode("latin-1", "replace").decode("latin-1")
    return plain if len(plain) <= most else plain[: most - 1] + "."
