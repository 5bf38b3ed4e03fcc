"""Weights from a checkpoint into an encoder: all of them, or none."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from robomem.errors import CheckpointError

__all__ = ["take"]


def take(module: nn.Module, arrays: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    """Load ``arrays`` into ``module``.

    Args:
        module: whose parameters and buffers are changed.
        arrays: by name.
        wanted: the names that must be there, no others, and their shapes.

    Raises:
        CheckpointError: a name is missing or too many, a shape is another, or a number is not finite; nothing is
            changed.
    """
    missing, extra = sorted(set(wanted) - set(arrays)), sorted(set(arrays) - set(wanted))
    if missing or extra:
        what = f"lack {missing[0]!r}" if missing else f"hold {extra[0]!r}, which this encoder has not"
        raise CheckpointError(
            f"The saved weights are of another encoder: they {what} ({len(missing) + len(extra)} so)."
        )
    for name, value in wanted.items():
        if value.shape != arrays[name].shape:
            shapes = f"{tuple(arrays[name].shape)} instead of {tuple(value.shape)}"
            raise CheckpointError(f"The saved weights are of another encoder: {name!r} is {shapes}.")
        if not torch.isfinite(arrays[name]).all():
            raise CheckpointError(f"The saved weights are damaged: {name!r} holds numbers that are not finite.")
    module.load_state_dict(dict(arrays), strict=False)
