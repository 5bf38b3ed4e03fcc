"""Which texts mean the same, and the stretches of clips that have a text of their own."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from robomem.errors import DataError
from robomem.motion.clip import Clip

__all__ = ["cut", "meaning", "pieces"]


def meaning(clip: Clip) -> Hashable:
    """Return what a clip's words mean, equal for paraphrases: the labels of its segments where it has them.

    Of a clip without labels it is the text, whatever its capitals, spaces and full stop.
    """
    if clip.segments and all(segment.labels for segment in clip.segments):
        return tuple(tuple(sorted(segment.labels.items())) for segment in clip.segments)
    return " ".join(clip.text.lower().rstrip(".! ").split())


def cut(clip: Clip, start: int, end: int) -> Clip:
    """Return frames [start, end) as a clip of their own, with the segments that lie within; its text is theirs.

    Raises:
        DataError: the frames are not all there.
    """
    if not 0 <= start < end <= len(clip):
        raise DataError(f"Frames {start} to {end} are not in a clip of {len(clip)}.")
    inside = [segment for segment in clip.segments if start <= segment.start and segment.end <= end]
    return replace(
        clip,
        pose=clip.pose[start:end],
        root_position=clip.root_position[start:end],
        root_rotation=clip.root_rotation[start:end],
        text="; ".join(segment.text for segment in inside) or clip.text,
        segments=tuple(replace(one, start=one.start - start, end=one.end - start) for one in inside),
    )


def pieces(clip: Clip) -> list[Clip]:
    """Return each segment as a clip of its own."""
    return [cut(clip, segment.start, segment.end) for segment in clip.segments]
