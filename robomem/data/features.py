"""What the frames of a data set hold: names, types and shapes, as LeRobotDataset v3 writes them in ``info.json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.errors import ConfigError, DataError

__all__ = ["OWN", "Feature", "check_frame", "check_name", "numbers", "picture"]

_NUMBERS = ("float32", "float64", "int64", "int32", "int16", "int8", "uint8", "bool")
_PICTURES = ("video", "image")


@dataclass(frozen=True)
class Feature:
    """One part of a frame.

    Attributes:
        dtype: a number type, ``video`` (a lossy h264 film), ``image`` (a lossless PNG in the table) or ``string``.
        shape: of one frame's value; (height, width, 3) for pictures.
        names: what its numbers, or axes, are.
        facts: whatever else ``info.json`` says about it, e.g. the codec.
    """

    dtype: str
    shape: tuple[int, ...]
    names: tuple[str, ...] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def is_picture(self) -> bool:
        """Whether it is seen and not felt."""
        return self.dtype in _PICTURES

    @property
    def is_number(self) -> bool:
        """Whether it is an array of numbers."""
        return self.dtype in _NUMBERS

    def to_json(self) -> dict[str, Any]:
        """Return what ``info.json`` says."""
        names = None if self.names is None else list(self.names)
        return {"dtype": self.dtype, "shape": list(self.shape), "names": names, **self.facts}

    @classmethod
    def from_json(cls, name: str, content: Any) -> Feature:
        """Read what ``info.json`` says.

        Raises:
            DataError: it says nonsense.
        """
        try:
            dtype, shape = str(content["dtype"]), tuple(int(size) for size in content["shape"])
            names = content.get("names")
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise DataError(f"The feature {name!r} in info.json has no dtype or shape ({error}).") from error
        if dtype not in (*_NUMBERS, *_PICTURES, "string") or any(size < 1 for size in shape):
            raise DataError(f"The feature {name!r} is {dtype} {list(shape)}; known: {', '.join(_NUMBERS + _PICTURES)}.")
        if dtype in _PICTURES and len(shape) != 3:
            raise DataError(f"The picture {name!r} has the shape {list(shape)}, not [height, width, 3].")
        if isinstance(names, dict):  # older files name the axes: {"motors": […]}
            names = next((each for each in names.values() if isinstance(each, list)), None)
        if isinstance(names, list) and names and isinstance(names[0], list):
            names = names[0]
        facts = {key: value for key, value in content.items() if key not in ("dtype", "shape", "names")}
        return cls(dtype, shape, None if not names else tuple(map(str, names)), facts)


def numbers(size: int, names: tuple[str, ...] | None = None, dtype: str = "float32") -> Feature:
    """Return a feature of ``size`` numbers a frame.

    Raises:
        ConfigError: no such type, no numbers, or another number of names.
    """
    if dtype not in _NUMBERS or size < 1 or (names is not None and len(names) != size):
        raise ConfigError(f"{size} numbers of type {dtype} named {names} are no feature; types: {', '.join(_NUMBERS)}.")
    return Feature(dtype, (size,), names)


def picture(height: int, width: int, stored: str = "video") -> Feature:
    """Return a feature of RGB pictures.

    Args:
        height: in pixels, even for ``video``.
        width: likewise.
        stored: ``video`` is small and loses some colour, ``image`` is a PNG a frame and loses nothing.

    Raises:
        ConfigError: no such storage, or a size that h264 cannot take.
    """
    if stored not in _PICTURES:
        raise ConfigError(f"Pictures are stored as video or image, not {stored!r}.")
    if min(height, width) < 1 or (stored == "video" and (height % 2 or width % 2)):
        raise ConfigError(
            f"A {width}x{height} picture is no video: h264 takes even sizes. Store it as image, or resize."
        )
    return Feature(stored, (height, width, 3), ("height", "width", "channels"))


OWN: dict[str, Feature] = {
    "timestamp": Feature("float32", (1,)),
    "frame_index": Feature("int64", (1,)),
    "episode_index": Feature("int64", (1,)),
    "index": Feature("int64", (1,)),
    "task_index": Feature("int64", (1,)),
}
"""Columns that the writer fills in by itself."""


def check_name(name: str) -> str:
    """Return a feature's name, which becomes a folder for videos.

    Raises:
        ConfigError: it has a slash or is no name.
    """
    if not name or set(name) & set("/\\\0") or name in (".", ".."):
        raise ConfigError(
            f"{name!r} cannot name a feature: no slashes, and not empty. Try observation.{name or 'state'}."
        )
    return name


def check_frame(features: Mapping[str, Feature], frame: Mapping[str, Any]) -> dict[str, npt.NDArray[Any]]:
    """Return a frame with the types that the features ask for.

    Raises:
        DataError: something is missing, unknown, of another shape or type, or not finite.
    """
    missing, extra = features.keys() - frame.keys(), frame.keys() - features.keys()
    if missing or extra:
        parts = [f"lacks {sorted(missing)}"] * bool(missing) + [f"has the unknown {sorted(extra)}"] * bool(extra)
        raise DataError(f"The frame {' and '.join(parts)}; the features are {sorted(features)}.")
    checked = {}
    for name, feature in features.items():
        value = np.asarray(frame[name])
        dtype = np.dtype(np.uint8 if feature.is_picture else feature.dtype)
        if value.shape == () and feature.shape == (1,):
            value = value.reshape(1)
        if value.shape != feature.shape:
            raise DataError(f"{name} has the shape {list(value.shape)}, not {list(feature.shape)}.")
        if not np.can_cast(value.dtype, dtype, "same_kind"):
            raise DataError(f"{name} is {value.dtype}, which is no {dtype}.")
        if not np.isfinite(value).all():
            raise DataError(f"{name} is not finite: {value.tolist()}.")
        checked[name] = np.array(value, dtype)  # a copy: the caller may go on using its own
    return checked
