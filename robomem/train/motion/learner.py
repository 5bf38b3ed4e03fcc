"""The weights of one stage, which follow the gradient of its loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy.typing as npt
import torch
from torch import Tensor, nn

from robomem.errors import CheckpointError, RobomemError
from robomem.motion.learners import MotionBatch, MotionLearner, TokenBatch
from robomem.seeding import derive_seed
from robomem.train.adam import Diverged, make_adam, moments, put_back_moments, set_rate
from robomem.train.arrays import Arrays, from_tensors, into_tensors, learnt
from robomem.train.motion.config import StageConfig

__all__ = ["StageLearner"]


class StageLearner:
    """Learns one stage. A step draws all its randomness from (seed, stage, step): there is no random state to save.

    Args:
        model: whose stage.
        name: of the stage.
        config: of the stage.
        seed: of the run.
        device: where the model is.
    """

    def __init__(self, model: MotionLearner, name: str, config: StageConfig, seed: int, device: torch.device) -> None:
        self.model, self.name, self.config, self.seed, self.device = model, name, config, seed, device
        self.module = model.stage(name)
        self.named = {key: weight for key, weight in self.module.named_parameters() if weight.requires_grad}
        if not self.named:
            raise RobomemError(f"The stage {name} has no weight that learns; look at model_kwargs.")
        self.optimizer = make_adam(self.named, config, device)
        cast(nn.Module, model).train(False)  # what was learnt before is as it acts, also after a resume

    def update(self, step: int, batch: MotionBatch | TokenBatch) -> dict[str, Tensor]:
        """Make update ``step`` of the stage, counted from 0, and return its scalars.

        Raises:
            Diverged: the gradient is not finite.
        """
        set_rate(self.optimizer, self.config, step, self.config.steps)
        self.module.train(True)
        losses = self.model.loss(self.name, batch.to(self.device), self._generator("step", step))
        losses["loss"].backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(list(self.named.values()), self.config.clip_norm)
        if not torch.isfinite(norm):
            raise Diverged(
                f"At step {step} of the {self.name} the gradient is not finite (loss {losses['loss'].item():.3g}). "
                f"Lower {self.name}.learning_rate, or look for huge numbers in the data (robomem motion show)."
            )
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return {**{name: value.detach() for name, value in losses.items()}, "grad_norm": norm}

    @torch.no_grad()
    def validation(self, index: int, batch: MotionBatch | TokenBatch) -> dict[str, float]:
        """Return the scalars on a batch of the split val, the ``index``-th, always with the same noise."""
        self.module.train(False)
        losses = self.model.loss(self.name, batch.to(self.device), self._generator("validation", index))
        return {name: float(value) for name, value in losses.items()}

    def weights(self) -> Arrays:
        """Return the stage's weights that learn, and buffers."""
        return from_tensors(learnt(self.module))

    def state(self) -> dict[str, Arrays]:
        """Return what learning depends on beside the configuration and the step."""
        return {"weights": self.weights(), "optimizer": moments(self.optimizer, self.named)}

    def load_state(self, groups: Mapping[str, Mapping[str, npt.NDArray[Any]]]) -> None:
        """Go back to what ``state`` returned; raises CheckpointError if it does not fit."""
        try:
            weights, stored = groups["weights"], groups["optimizer"]
        except KeyError as error:
            raise CheckpointError(f"The checkpoint lacks {error}; it is not one of learning motion.") from error
        into_tensors(f"weights of the {self.name}", learnt(self.module), weights)
        put_back_moments(self.optimizer, self.named, stored)

    def _generator(self, *path: str | int) -> torch.Generator:
        seed = derive_seed(self.seed, "motion", self.name, *path)
        torch.manual_seed(seed)  # dropout has no generator of its own
        return torch.Generator(self.device).manual_seed(seed)
