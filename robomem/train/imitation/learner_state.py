"""What a learner depends on as named arrays, exact to the bit, whatever the number of processes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy.typing as npt
import torch
from torch import Tensor

from robomem.errors import CheckpointError
from robomem.train.imitation.arrays import Arrays, from_tensors, into_tensors

if TYPE_CHECKING:
    from robomem.train.imitation.learner import Learner

__all__ = ["Groups", "capture", "restore"]

Groups = dict[str, Arrays]
_ADAM = ("step", "exp_avg", "exp_avg_sq")


def capture(learner: Learner) -> Groups:
    """Return weights that learn and buffers, the optimizer's moments, the averaged weights, what streams remember."""
    moments = {
        f"{part}.{name}": learner.optimizer.state[weight][part]
        for name, weight in learner.named.items()
        for part in learner.optimizer.state.get(weight, {})
    }
    groups = {
        "weights": from_tensors(_learnt(learner)),
        "optimizer": from_tensors(moments),
        "memory": from_tensors(_memory(learner)),
    }
    if learner.average is not None:
        groups["average"] = from_tensors(dict(zip(learner.named, learner.average.averages, strict=True)))
    return groups


def restore(learner: Learner, groups: Mapping[str, Mapping[str, npt.NDArray[Any]]]) -> None:
    """Put back what ``capture`` returned.

    Raises:
        CheckpointError: it is of another architecture.
    """
    try:
        weights, moments, memory = (groups[name] for name in ("weights", "optimizer", "memory"))
        averages = groups["average"] if learner.average is not None else {}
    except KeyError as error:
        raise CheckpointError(
            f"The checkpoint lacks {error}; it is not one of learning from demonstrations."
        ) from error
    into_tensors("weights", _learnt(learner), weights)
    state: dict[Tensor, dict[str, Tensor]] = {
        weight: {part: torch.zeros(() if part == "step" else weight.shape, device=weight.device) for part in _ADAM}
        for name, weight in learner.named.items()
        if f"step.{name}" in moments
    }
    for weight, parts in state.items():
        parts.update({part: value.to(weight.dtype) for part, value in parts.items() if part != "step"})
    names: dict[Tensor, str] = {weight: name for name, weight in learner.named.items()}
    targets = {f"{part}.{names[weight]}": value for weight, parts in state.items() for part, value in parts.items()}
    into_tensors("optimizer's moments", targets, moments)
    learner.optimizer.state.clear()
    learner.optimizer.state.update(state)
    if learner.average is not None:
        into_tensors("averaged weights", dict(zip(learner.named, learner.average.averages, strict=True)), averages)
    _remember(learner, memory)


def _learnt(learner: Learner) -> dict[str, Tensor]:
    """Return the weights without those that are frozen, which ``for_data`` makes anew."""
    frozen = {name for name, weight in learner.module.named_parameters() if not weight.requires_grad}
    return {name: value for name, value in learner.module.state_dict().items() if name not in frozen}


def _memory(learner: Learner) -> dict[str, Tensor]:
    """Return what all streams of all processes remember, [G, ...] in the order of the batch."""
    parts = [memory for memory in learner.memories if memory is not None]
    if len(parts) < learner.parts:
        return {}
    joined = {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
    return {name: learner.accelerator.gather(value.contiguous()) for name, value in joined.items()}


def _remember(learner: Learner, memory: Mapping[str, npt.NDArray[Any]]) -> None:
    if not memory:
        learner.memories = [None] * learner.parts
        return
    index, size = learner.accelerator.process_index, learner.config.loading.groups
    share = size // (learner.accelerator.num_processes * learner.parts)
    learner.memories = []
    for part in range(learner.parts):
        begin = (index * learner.parts + part) * share
        rows = {name: torch.tensor(array[begin : begin + share]) for name, array in memory.items()}
        learner.memories.append({name: value.to(learner.accelerator.device) for name, value in rows.items()})
