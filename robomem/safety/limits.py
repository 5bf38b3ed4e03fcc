"""What each joint may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from robomem.errors import ConfigError, suggest
from robomem.types import FloatArray

__all__ = ["JointLimits"]

_FIELDS = ("lower", "upper", "velocity", "acceleration", "step")


@dataclass(frozen=True, eq=False)
class JointLimits:
    """The limits of J joints; the arrays are copied to read-only float64.

    Attributes:
        names: the joints, in the order of every array.
        lower, upper: [J] rad.
        velocity: [J] rad/s, > 0, the largest speed of the command.
        acceleration: [J] rad/s², > 0, the largest change of that speed, for speeding up and braking.
        step: [J] rad, > 0, the largest distance of a command from the measured pose.

    Raises:
        ConfigError: lengths differ, a name repeats, or a value is not finite, not positive or inverted.
    """

    names: tuple[str, ...]
    lower: FloatArray
    upper: FloatArray
    velocity: FloatArray
    acceleration: FloatArray
    step: FloatArray

    def __post_init__(self) -> None:
        names = tuple(self.names)
        object.__setattr__(self, "names", names)
        if not names:
            raise ConfigError("joint limits need at least one joint; there is none.")
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ConfigError(f"joint limits: {', '.join(twice)} appears twice. Name every joint once.")
        for field in _FIELDS:
            object.__setattr__(self, field, self._checked(field))
        for name, lower, upper in zip(names, self.lower, self.upper):
            if not lower < upper:
                raise ConfigError(
                    f"joint {name!r}: the limits are inverted: lower {lower:g} rad must be less than upper {upper:g}."
                )

    def _checked(self, field: str) -> FloatArray:
        """Return the field as a read-only float64 array [J] of finite, where needed positive numbers."""
        try:
            values: FloatArray = np.array(getattr(self, field), dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise ConfigError(f"joint limits: {field} must be {len(self.names)} numbers: {error}.") from error
        if values.shape != (len(self.names),):
            raise ConfigError(
                f"joint limits: {field} has shape {values.shape}, but there are {len(self.names)} joints "
                f"({', '.join(self.names)}). Give one number per joint."
            )
        for name, value in zip(self.names, values):
            if not np.isfinite(value):
                raise ConfigError(f"joint {name!r}: {field} must be finite, not {value}.")
            if field not in ("lower", "upper") and value <= 0:
                raise ConfigError(f"joint {name!r}: {field} must be > 0, not {value:g}.")
        values.setflags(write=False)
        return values

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Mapping[str, Any]]) -> JointLimits:
        """Return the limits written as ``{joint: {lower, upper, velocity, acceleration, step}}``, e.g. from YAML.

        Raises:
            ConfigError: a field is unknown, missing or no number, or the values contradict each other.
        """
        if not isinstance(mapping, Mapping):
            raise ConfigError(f"joint limits must be a mapping of joints, not {mapping!r}.")
        rows = [_row(str(name), fields) for name, fields in mapping.items()]
        columns = {field: np.array([row[field] for row in rows]) for field in _FIELDS}
        return cls(names=tuple(map(str, mapping)), **columns)


def _row(joint: str, fields: Any) -> dict[str, float]:
    """Return one joint's limits as numbers; YAML reads 1e-3 as text."""
    if not isinstance(fields, Mapping):
        raise ConfigError(f"joint {joint!r} must be a mapping of {', '.join(_FIELDS)}, not {fields!r}.")
    for field in fields:
        if field not in _FIELDS:
            raise ConfigError(f"joint {joint!r} has no limit {field!r}. {suggest(str(field), _FIELDS)}")
    missing = [field for field in _FIELDS if field not in fields]
    if missing:
        raise ConfigError(f"joint {joint!r} lacks {', '.join(missing)}. Every joint needs {', '.join(_FIELDS)}.")
    row = {}
    for field, value in fields.items():
        try:
            row[field] = float("no" if isinstance(value, bool) else value)
        except (TypeError, ValueError) as error:
            raise ConfigError(f"joint {joint!r}: {field} must be a number, not {value!r}.") from error
    return row
