"""Plain layers, started orthogonally as PPO likes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import nn

from robomem.errors import ConfigError

__all__ = ["linear", "mlp", "require_widths"]


_ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}


def linear(inputs: int, outputs: int, gain: float = math.sqrt(2)) -> nn.Linear:
    """Return a linear layer with orthogonal weights and no bias at the start."""
    layer = nn.Linear(inputs, outputs)
    nn.init.orthogonal_(layer.weight, gain)
    nn.init.zeros_(layer.bias)
    return layer


def mlp(inputs: int, hidden: Sequence[int], activation: str = "relu") -> nn.Sequential:
    """Return layers of the given widths, each with its activation (relu or tanh); the identity when there are none.

    Raises:
        ConfigError: there is no such activation.
    """
    if activation not in _ACTIVATIONS:
        raise ConfigError(f"activation must be {' or '.join(_ACTIVATIONS)}, not {activation!r}.")
    kind, sizes = _ACTIVATIONS[activation], (inputs, *hidden)
    return nn.Sequential(*[part for a, b in pairwise(sizes) for part in (linear(a, b), kind())])


def require_widths(**widths: Sequence[int]) -> None:
    """Raise ConfigError unless all widths are positive multiples of 8.

    Other widths leave remainders that matrix kernels compute with other instructions for some rows of a batch than for
    others, and a row's result would depend on its place (see ``tiles``).
    """
    for name, values in widths.items():
        for value in values:
            if value < 8 or value % 8:
                raise ConfigError(f"{name} has a layer of width {value}; widths are multiples of 8, e.g. 64.")
