"""Weights that follow the gradient of a policy's loss on demonstrations."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy.typing as npt
import torch
from torch import Tensor, nn

from robomem.data.batch import Batch
from robomem.errors import RobomemError
from robomem.seeding import derive_seed
from robomem.train.adam import Diverged, make_adam, set_rate
from robomem.train.imitation import learner_state
from robomem.train.imitation.average import Average
from robomem.train.imitation.config import ImitationConfig
from robomem.train.imitation.imitator import Imitator, Memory
from robomem.train.imitation.policy_loss import PolicyLoss

if TYPE_CHECKING:
    from accelerate import Accelerator

__all__ = ["Learner"]

Numbers = npt.NDArray[Any]


class Learner:
    """A policy that learns, one part of a batch after the other, alone or beside other processes.

    A step draws all its randomness from (seed, step, part), where parts are numbered over all processes: there is no
    random state to save, and processes times parts can be dealt in any way.

    Args:
        config: of the run.
        policy: what learns.
        accelerator: of this process.
    """

    def __init__(self, config: ImitationConfig, policy: Imitator, accelerator: Accelerator) -> None:
        self.config, self.accelerator, self.parts = config, accelerator, config.optim.accumulate
        self.policy = policy
        self.memories: list[Memory] = [None] * self.parts
        module = PolicyLoss(policy, config.optim.compile).to(accelerator.device)
        self.named = {name: weight for name, weight in self.module.named_parameters() if weight.requires_grad}
        self.weights = list(self.named.values())
        if not self.weights:
            raise RobomemError(f"{config.policy} has no weight that learns; look at policy_kwargs.")
        self.optimizer = make_adam(self.named, config.optim, accelerator.device)
        # The optimizer stays as it is: Accelerate's, for fp16 and TPUs, searches the disk for a package in every step.
        self._loss = accelerator.prepare(module)
        self.average = Average(self.weights, config.optim.ema) if config.optim.ema else None

    @property
    def module(self) -> nn.Module:
        """The policy as the module that it is."""
        return cast(nn.Module, self.policy)

    def update(self, step: int, batch: Batch[Numbers]) -> dict[str, Tensor]:
        """Make update ``step``, counted from 0, with this process's share of its groups.

        Returns:
            this process's scalars: the losses, ``grad_norm``, ``frames``.

        Raises:
            Diverged: the gradient is not finite.
        """
        optim = self.config.optim
        set_rate(self.optimizer, optim, step, self.config.steps)
        self.module.train(True)
        sums: dict[str, Tensor] = {}
        for part in range(self.parts):
            last = part == self.parts - 1
            with contextlib.nullcontext() if last else self.accelerator.no_sync(self._loss):
                losses = self._backward(step, part, self._to_device(_part(batch, part, self.parts)))
            for name, value in losses.items():
                sums[name] = sums[name] + value.detach() / self.parts if name in sums else value.detach() / self.parts
        norm = torch.as_tensor(self.accelerator.clip_grad_norm_(self.weights, optim.clip_norm))
        if not torch.isfinite(norm):
            raise Diverged(
                f"At step {step} the gradient is not finite (loss {float(sums['loss']):.3g}). The weights are still "
                "those before it. Lower optim.learning_rate, or look for huge numbers in the data (robomem data stats)."
            )
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        if self.average is not None:
            self.average.update(step)
        return {**sums, "grad_norm": norm, "frames": torch.tensor(float(batch.valid.sum()))}

    def _backward(self, step: int, part: int, batch: Batch[Tensor]) -> dict[str, Tensor]:
        generator = self._generator("step", step, self.accelerator.process_index * self.parts + part)
        losses, memory = self._loss(batch, self.memories[part], generator)
        self.memories[part] = memory and {name: value.detach() for name, value in memory.items()}
        self.accelerator.backward(losses["loss"] / self.parts)
        return cast(dict[str, Tensor], losses)

    def validation_loss(self, index: int, batch: Batch[Numbers]) -> float:
        """Return the loss on held-out groups, the ``index``-th batch of them, always with the same noise."""
        with torch.no_grad(), self.accelerator.autocast():
            losses, _ = self.policy.loss(self._to_device(batch), None, self._generator("validation", index))
        return float(losses["loss"])

    @contextlib.contextmanager
    def acting(self) -> Iterator[Imitator]:
        """Yield the policy as it is to act and to be saved: the averaged weights, if there are any, and no dropout."""
        self.module.train(False)
        with self.average.in_place() if self.average is not None else contextlib.nullcontext():
            yield self.policy

    def checkpoint_state(self) -> learner_state.Groups:
        """Return what learning depends on beside the configuration and the step; every process must call it."""
        return learner_state.capture(self)

    def load_checkpoint_state(self, groups: Mapping[str, Mapping[str, Numbers]]) -> None:
        """Go back to what ``checkpoint_state`` returned; raises CheckpointError if it does not fit."""
        learner_state.restore(self, groups)

    def _generator(self, *path: str | int) -> torch.Generator:
        seed = derive_seed(self.config.seed, "imitation", *path)
        torch.manual_seed(seed)  # dropout has no generator of its own
        return torch.Generator(self.accelerator.device).manual_seed(seed)

    def _to_device(self, batch: Batch[Numbers]) -> Batch[Tensor]:
        return batch.map(lambda array: torch.as_tensor(array).to(self.accelerator.device, non_blocking=True))


def _part(batch: Batch[Numbers], part: int, parts: int) -> Batch[Numbers]:
    size = len(batch.start) // parts
    rows = slice(part * size, (part + 1) * size)
    return batch if parts == 1 else replace(batch.map(lambda array: array[rows]), text=batch.text[rows])
