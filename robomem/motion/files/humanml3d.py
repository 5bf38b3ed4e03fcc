"""HumanML3D (Guo et al. 2022): 263 numbers a frame at 20 frames a second, and sentences for every clip.

The numbers: [0] half the heading's turn a frame about y, rad; [1, 2] the root's step over the floor in the heading's
frame; [3] its height; [4:67] 21 joints from the root's place on the floor, heading's frame; [67:193] rotations of bones
without twist, 6 each; [193:259] velocities; [259:263] contacts of the feet. y is up, x to the left, z forward, metres.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from robomem.errors import DataError
from robomem.motion.body import Body
from robomem.motion.clip import Clip
from robomem.motion.files.axes import vectors_from_y_up
from robomem.motion.files.contents import array_of, bytes_of
from robomem.motion.files.human import clip_through, measured
from robomem.motion.motion_set import SPLITS, Entry, MotionSet
from robomem.types import FloatArray

__all__ = ["humanml3d_clip", "read_humanml3d"]

_FPS, _WIDTH, _LONGEST = 20.0, 263, 10**6


def read_humanml3d(
    folder: Path | str, *, limit: int | None = None, told: Callable[[str], None] = lambda _: None
) -> MotionSet:
    """Return the clips of a HumanML3D folder: new_joint_vecs/, texts/, and train.txt, val.txt and test.txt.

    All its clips are of one skeleton, which is measured on the first. A sentence about a part of a clip makes an entry
    of its own, as the published loader does.

    Args:
        folder: as the authors' scripts leave it.
        limit: read so many clips of each split at most.
        told: called with what is listed and not there.

    Raises:
        DataError: nothing to read, or a file of it that is damaged; says which.
    """
    folder = Path(folder)
    entries: list[Entry] = []
    missing, body = 0, None
    for split in SPLITS:
        listing = folder / f"{split}.txt"
        names = bytes_of(listing).decode("utf-8", "replace").split() if listing.is_file() else []
        for name in names[:limit]:
            motion, words = _inside(folder, "new_joint_vecs", f"{name}.npy"), _inside(folder, "texts", f"{name}.txt")
            if not motion.is_file() or not words.is_file():
                missing += 1
                continue
            try:
                clip = humanml3d_clip(array_of(motion), body)
                entries += _entries(name, split, clip, bytes_of(words, 2**20).decode("utf-8", "replace"))
            except DataError as error:
                raise DataError(f"{name} in {folder}: {error}") from error
            body = clip.body
    if missing:
        told(f"{missing} clips are listed in {folder} but have no motion or no text there; they were left out.")
    if body is None:
        raise DataError(f"{folder} holds no HumanML3D clips: it needs train.txt, new_joint_vecs/*.npy and texts/*.txt.")
    return MotionSet(body, _FPS, tuple(entries), {"source": "HumanML3D"})


def humanml3d_clip(numbers: npt.NDArray[Any], body: Body | None = None) -> Clip:
    """Return the clip of numbers [T, 263], through where they say the joints are (the published `recover_from_ric`).

    Their bones' rotations say no more than that, since they are the shortest turns towards the same places.

    Args:
        numbers: as the files have them, not normalised.
        body: who moves; None to measure the bones on this clip.

    Raises:
        DataError: another shape, or numbers that are not finite.
    """
    if numbers.ndim != 2 or numbers.shape[1] != _WIDTH or not 0 < len(numbers) <= _LONGEST:
        raise DataError(f"HumanML3D's numbers are [T, {_WIDTH}], not {numbers.shape}.")
    if numbers.dtype.kind != "f":
        raise DataError(f"HumanML3D's numbers are floats, not {numbers.dtype}.")
    numbers = numbers.astype(np.float64)
    if not np.isfinite(numbers).all():
        raise DataError(f"It is not finite in frame {int(np.argwhere(~np.isfinite(numbers))[0][0])}.")
    joints = _places(numbers)
    return clip_through(body or measured(joints), joints, _FPS)


def _places(numbers: FloatArray) -> FloatArray:
    """Return where the joints are, [T, 22, 3] m in our axes."""
    half = np.concatenate([[0.0], np.cumsum(numbers[:-1, 0])])
    outwards = Rotation.from_euler("y", -2 * half[:, None])  # from the heading's frame into the world
    steps = np.zeros((len(numbers), 3))
    steps[1:, [0, 2]] = numbers[:-1, 1:3]
    root = np.cumsum(outwards.apply(steps), axis=0)
    root[:, 1] = numbers[:, 3]
    joints = np.empty((len(numbers), 22, 3))
    joints[:, 0] = root
    for index in range(21):
        joints[:, index + 1] = outwards.apply(numbers[:, 4 + 3 * index : 7 + 3 * index])
        joints[:, index + 1, [0, 2]] += root[:, [0, 2]]
    return vectors_from_y_up(joints)


def _entries(name: str, split: str, clip: Clip, words: str) -> list[Entry]:
    """Return an entry for all that is said of the whole clip, and one for each sentence about a part."""
    whole, parts = [], []
    for number, line in enumerate(filter(str.strip, words.splitlines()), 1):
        said = line.split("#")
        try:
            start, end = (0.0 if value.strip() == "nan" else float(value) for value in said[-2:])
        except ValueError as error:
            raise DataError(f'Line {number} of its text is not "sentence#words#start#end".') from error
        text = said[0].strip()
        if len(said) < 4 or not text or not (np.isfinite([start, end]).all() and 0 <= start <= end):
            raise DataError(f'Line {number} of its text is not "sentence#words#start#end".')
        first, last = int(start * _FPS), min(int(end * _FPS), len(clip))
        if start == end == 0:
            whole.append(text)
        elif first < last:
            cut = replace(
                clip,
                pose=clip.pose[first:last],
                root_position=clip.root_position[first:last],
                root_rotation=clip.root_rotation[first:last],
                text=text,
            )
            parts.append(Entry(f"{name}.{number}", (text,), split, cut))
    if whole:
        parts.insert(0, Entry(name, tuple(whole), split, replace(clip, text=whole[0])))
    return parts


def _inside(folder: Path, part: str, name: str) -> Path:
    path = folder / part / name
    if path.resolve().parent != (folder / part).resolve():
        raise DataError(f"{name!r} in the lists of {folder} leads out of the folder; it is not read.")
    return path
