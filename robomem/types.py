"""Shared type aliases. Letters in shapes: B environments, T steps, D features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Action", "BoolArray", "FloatArray", "IntArray", "Observation", "PolicyState"]

FloatArray: TypeAlias = npt.NDArray[np.floating[Any]]
IntArray: TypeAlias = npt.NDArray[np.integer[Any]]
BoolArray: TypeAlias = npt.NDArray[np.bool_]

Observation: TypeAlias = npt.NDArray[Any] | Mapping[str, npt.NDArray[Any]]
"""One observation, or a batch of them with a leading B."""

Action: TypeAlias = npt.NDArray[Any]
"""One action, or a batch of them with a leading B."""

PolicyState: TypeAlias = Mapping[str, npt.NDArray[Any]]
"""What a policy remembers: named arrays whose first axis is B. Opaque to whoever carries it."""
