"""What a learner depends on as named arrays, exact to the bit, whatever the number of processes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy.typing as npt
import torch
from torch import Tensor

from robomem.errors import CheckpointError
from robomem.train.adam import moments, put_back_moments
from robomem.train.arrays import Arrays, from_tensors, into_tensors, learnt

if TYPE_CHECKING:
    from robomem.train.imitation.learner import Learner

__all__ = ["Groups", "capture", "restore"]

Groups = dict[str, Arrays]


def capture(learner: Learner) -> Groups:
    """Return weights that learn and buffers, the optimizer's moments, the averaged weights, what streams remember."""
    groups = {
        "weights": from_tensors(learnt(learner.module)),
        "optimizer": moments(learner.optimizer, learner.named),
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
        weights, stored, memory = (groups[name] for name in ("weights", "optimizer", "memory"))
        averages = groups["average"] if learner.average is not None else {}
    except KeyError as error:
        raise CheckpointError(
            f"The checkpoint lacks {error}; it is not one of learning from demonstrations."
        ) from error
    into_tensors("weights", learnt(learner.module), weights)
    put_back_moments(learner.optimizer, learner.named, stored)
    if learner.average is not None:
        into_tensors("averaged weights", dict(zip(learner.named, learner.average.averages, strict=True)), averages)
    _remember(learner, memory)


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
