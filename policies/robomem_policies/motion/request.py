"""What is asked of a model of motion, checked; and what it answers, as a clip."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from robomem.errors import ConfigError
from robomem.motion import Clip, Features, Segment
from robomem.seeding import derive_seed
from robomem.types import FloatArray
from robomem_policies.motion.words import LONGEST, checked

__all__ = ["MOST_SECONDS", "MOST_SEGMENTS", "Request", "Seconds", "requests", "to_clip"]

Seconds: TypeAlias = float | Sequence[float] | Sequence[Sequence[float]] | None
MOST_SEGMENTS = 200
MOST_SECONDS = 600.0
"""Of a segment."""


@dataclass(frozen=True)
class Request:
    """One clip to be made.

    Attributes:
        segments: each a text and how many tokens it has, None for as many as the model chooses.
        seed: of its random numbers.
    """

    segments: tuple[tuple[str, int | None], ...]
    seed: int


def requests(texts: str | Iterable[str], seconds: Seconds, seed: int, *, tokens_per_second: float) -> list[Request]:
    """Return what is asked for; see `TextToMotion.generate`. Raises ConfigError for what cannot be done."""
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise ConfigError(f"seed must be a whole number, not {seed!r}.")
    if not isinstance(texts, str) and not isinstance(texts, Iterable):
        raise ConfigError(f"A text is asked for, or several, not {type(texts).__name__}: {texts!r:.60}.")
    several = [texts] if isinstance(texts, str) else list(texts)
    if not several:
        raise ConfigError("No text is given. Say what is to be done, e.g. 'wave with the right hand'.")
    own = _of_each(seconds, len(several))
    asked = []
    for place, text in enumerate(several):
        parts = _segments(text)
        lengths = _tokens(own[place], len(parts), tokens_per_second)
        asked.append(Request(tuple(zip(parts, lengths)), derive_seed(seed, "motion", place)))
    return asked


def to_clip(features: Features, numbers: FloatArray, texts: Sequence[str], frames: Sequence[int]) -> Clip:
    """Return the clip of features [T, D] whose segments have these texts and so many frames each."""
    clip = features.decode(numbers)
    segments, start = [], 0
    for text, count in zip(texts, frames, strict=True):
        segments.append(Segment(start, start + count, text))
        start += count
    text = "; ".join(texts)
    return Clip(clip.body, clip.fps, clip.pose, clip.root_position, clip.root_rotation, text, tuple(segments))


def _segments(text: object) -> list[str]:
    """Return the segments of a text; a long motion may have more characters than a text, but no segment may."""
    if isinstance(text, str) and ";" in text:
        if text.count(";") > MOST_SEGMENTS:
            raise ConfigError(f"The text has {text.count(';') + 1} segments; {MOST_SEGMENTS} are the most.")
        parts = [part for part in text.split(";") if part.strip()]
        if not parts:
            raise ConfigError("The text has no words between its semicolons. Say what is to be done.")
        if len(text) > LONGEST * len(parts):
            raise ConfigError(f"The text has {len(text)} characters; {LONGEST} a segment are the most.")
        return [checked(part) for part in parts]
    return [checked(text)]


def _of_each(seconds: Seconds, texts: int) -> list[Any]:
    """Return the seconds of each text, which may be told for each text apart."""
    if not isinstance(seconds, Sequence) or not any(isinstance(one, Sequence) for one in seconds):
        return [seconds] * texts
    if len(seconds) != texts:
        raise ConfigError(f"There are {texts} texts and seconds of {len(seconds)}; give them of each, or one for all.")
    return list(seconds)


def _tokens(seconds: float | Sequence[float] | None, segments: int, tokens_per_second: float) -> list[int | None]:
    if seconds is None:
        return [None] * segments
    each = [seconds] * segments if isinstance(seconds, int | float) else list(seconds)
    if len(each) != segments:
        raise ConfigError(f"There are {segments} segments and seconds for {len(each)}; give one number, or one each.")
    for one in each:
        if not isinstance(one, int | float) or isinstance(one, bool) or not math.isfinite(one):
            raise ConfigError(f"seconds must be a number, not {one!r}.")
        if not 0 < one <= MOST_SECONDS:
            raise ConfigError(f"A segment lasts more than 0 and at most {MOST_SECONDS:g} seconds, not {one:g}.")
    return [max(1, round(one * tokens_per_second)) for one in each]
