"""Tensors as numpy arrays and back, for checkpoints; bfloat16, which numpy lacks, as the integers of its bits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt
import torch
from torch import Tensor, nn

from robomem.errors import CheckpointError

__all__ = ["Arrays", "from_tensors", "into_tensors", "learnt"]

Arrays = dict[str, npt.NDArray[Any]]


def learnt(module: nn.Module) -> dict[str, Tensor]:
    """Return a module's weights that learn, and buffers, but not what is frozen, which is made anew."""
    frozen = {name for name, weight in module.named_parameters() if not weight.requires_grad}
    return {name: value for name, value in module.state_dict().items() if name not in frozen}


def from_tensors(tensors: Mapping[str, Tensor]) -> Arrays:
    """Return copies as arrays."""
    return {name: _plain(tensor.detach()).cpu().numpy().copy() for name, tensor in tensors.items()}


@torch.no_grad()
def into_tensors(what: str, tensors: Mapping[str, Tensor], arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write arrays into the tensors of the same names.

    Raises:
        CheckpointError: names, shapes or types differ; nothing was written.
    """
    wanted = {name: _kind(_plain(tensor)) for name, tensor in tensors.items()}
    stored = {name: torch.tensor(array) for name, array in arrays.items()}
    found = {name: _kind(tensor) for name, tensor in stored.items()}
    if wanted != found:
        names = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
        name = names[0]
        raise CheckpointError(
            f"The checkpoint's {what} are of another architecture: {name} is {found.get(name, 'missing')} there and "
            f"{wanted.get(name, 'missing')} here ({len(names)} differ). Resume with the policy and the RoboMem that "
            "wrote it, or start a new run."
        )
    for name, tensor in tensors.items():
        _plain(tensor).copy_(stored[name])


def _plain(tensor: Tensor) -> Tensor:
    return tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor


def _kind(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {list(tensor.shape)}"
