"""AdamW over named weights: how it is made, what it remembers as named arrays, and a gradient it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt
import torch
from torch import Tensor, nn

from robomem.errors import RobomemError
from robomem.train.adam_config import AdamConfig
from robomem.train.arrays import Arrays, from_tensors, into_tensors
from robomem.train.schedule import rate

__all__ = ["Diverged", "make_adam", "moments", "put_back_moments", "set_rate"]

Weights = Mapping[str, nn.Parameter]
_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


class Diverged(RobomemError, ArithmeticError):
    """A gradient that is not finite; the weights are still those before it."""


def make_adam(named: Weights, config: AdamConfig, device: torch.device) -> torch.optim.AdamW:
    """Return AdamW over weights by name, of which vectors do not decay."""
    groups = [
        {"params": [weight for weight in named.values() if weight.ndim > 1], "weight_decay": config.weight_decay},
        {"params": [weight for weight in named.values() if weight.ndim <= 1], "weight_decay": 0.0},
    ]
    first, second = config.betas
    return torch.optim.AdamW(
        [group for group in groups if group["params"]],
        lr=config.learning_rate,
        betas=(first, second),
        fused=device.type in ("cpu", "cuda"),
    )


def set_rate(optimizer: torch.optim.Optimizer, config: AdamConfig, step: int, steps: int) -> None:
    """Give the optimizer the learning rate of update ``step``, counted from 0, of ``steps``."""
    share = rate(step, steps, config.warmup, config.decay)
    for group in optimizer.param_groups:
        group["lr"] = config.learning_rate * share


def moments(optimizer: torch.optim.Optimizer, named: Weights) -> Arrays:
    """Return what the optimizer remembers of each weight."""
    return from_tensors(
        {
            f"{part}.{name}": optimizer.state[weight][part]
            for name, weight in named.items()
            for part in optimizer.state.get(weight, {})
        }
    )


def put_back_moments(optimizer: torch.optim.Optimizer, named: Weights, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Put back what ``moments`` returned; raises CheckpointError if it is of another architecture."""
    state: dict[Tensor, dict[str, Tensor]] = {
        weight: {part: torch.zeros(() if part == "step" else weight.shape, device=weight.device) for part in _MOMENTS}
        for name, weight in named.items()
        if f"step.{name}" in arrays
    }
    for weight, parts in state.items():
        parts.update({part: value.to(weight.dtype) for part, value in parts.items() if part != "step"})
    names: dict[Tensor, str] = {weight: name for name, weight in named.items()}
    targets = {f"{part}.{names[weight]}": value for weight, parts in state.items() for part, value in parts.items()}
    into_tensors("optimizer's moments", targets, arrays)
    optimizer.state.clear()
    optimizer.state.update(state)
