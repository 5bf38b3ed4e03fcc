"""BABEL (Punnakkal et al. 2021): what happens when, for motions of AMASS."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from robomem.errors import DataError
from robomem.motion.clip import Clip, Segment
from robomem.motion.files.contents import bytes_of
from robomem.motion.files.human import human
from robomem.motion.files.motion_file import read_motion
from robomem.motion.motion_set import SPLITS, Entry, MotionSet

__all__ = ["read_babel"]


def read_babel(
    labels: Path | str,
    motions: Path | str,
    *,
    fps: float = 30.0,
    limit: int | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> MotionSet:
    """Return BABEL's clips with their segments.

    BABEL's labels may overlap; our segments do not: in the order in which they begin, each starts where the one before
    it ends at the earliest, and one of which nothing is left is dropped.

    Args:
        labels: folder with train.json, val.json and test.json.
        motions: folder of AMASS, under which the labels' `feat_p` lead to npz files.
        fps: frames a second to resample to.
        limit: read so many clips of each split at most.
        told: called with what was left out.

    Raises:
        DataError: nothing to read, or a file that is damaged; says which.
    """
    labels, motions = Path(labels), Path(motions)
    entries: list[Entry] = []
    missing = 0
    for split in SPLITS:
        path = labels / f"{split}.json"
        if not path.is_file():
            continue
        for count, (name, one) in enumerate(_sequences(path)):
            if limit is not None and count >= limit:
                break
            motion = _found(motions, str(one.get("feat_p", "")))
            if motion is None:
                missing += 1
                continue
            clip = read_motion(motion, fps=fps)
            try:
                entry = _entry(name, split, clip, one)
            except (LookupError, TypeError, ValueError, AttributeError) as error:
                raise DataError(f"{path}: the labels of {name!r} cannot be read: {error}") from error
            if entry is None:
                missing += 1
            else:
                entries.append(entry)
    if missing:
        told(f"{missing} of BABEL's sequences have no words, or no motion in {motions}; they were left out.")
    if not entries:
        raise DataError(
            f"{labels} and {motions} hold no labelled motion; BABEL's train.json and AMASS's folders go there."
        )
    return MotionSet(human(), fps, tuple(entries), {"source": "BABEL, AMASS"})


def _sequences(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        told = json.loads(bytes_of(path))
        yield from ((str(name), dict(one)) for name, one in told.items())
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path} is no list of BABEL's sequences, perhaps cut: {error}.") from error


def _found(motions: Path, told: str) -> Path | None:
    """Return the file that `feat_p` means; its first folder names the data set and is often doubled."""
    for path in (motions / told, motions / Path(*Path(told).parts[1:])):
        if path.is_file():
            if not path.resolve().is_relative_to(motions.resolve()):
                raise DataError(f"{told!r} leads out of {motions}; it is not read.")
            return path
    return None


def _entry(name: str, split: str, clip: Clip, one: dict[str, Any]) -> Entry | None:
    """Return a sequence's entry; None if nobody said a word about it."""
    texts = [text for label in _labels(one, "seq_ann") if (text := str(label["raw_label"]).strip())]
    segments: list[Segment] = []
    last = 0
    parts = sorted(_labels(one, "frame_ann"), key=lambda label: (float(label["start_t"]), float(label["end_t"])))
    for label in parts:
        start = max(round(float(label["start_t"]) * clip.fps), last)
        end = min(round(float(label["end_t"]) * clip.fps), len(clip))
        text = str(label["raw_label"]).strip()
        if start < end and text:
            kinds = label.get("act_cat")
            segments.append(Segment(start, end, text, {"act_cat": ", ".join(map(str, kinds))} if kinds else {}))
            last = end
    texts = list(dict.fromkeys(texts)) or (["; ".join(part.text for part in segments)] if segments else [])
    if not texts:
        return None
    return Entry(name, tuple(texts), split, replace(clip, text=texts[0], segments=tuple(segments)))


def _labels(one: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return the labels of a sequence or of its frames; the `extra` files have several annotators' in a list."""
    said = one.get(kind) or (one.get(f"{kind}s") or [None])[0]
    return list(said["labels"]) if said else []
