"""The loss of a policy as a module, compiled where that is asked for and can be done."""

from __future__ import annotations

import logging
from typing import Any

import torch
from torch import Tensor, nn

from robomem.data.batch import Batch
from robomem.train.imitation.imitator import Imitator, Memory

__all__ = ["PolicyLoss"]

_log = logging.getLogger(__name__)


class PolicyLoss(nn.Module):
    """The loss of a policy as ``forward``, which is what distributed training and mixed precision wrap.

    What cannot be compiled is said once in the log and runs as it is.

    Args:
        policy: whose loss.
        compiled: whether to try.
    """

    def __init__(self, policy: Imitator, compiled: bool) -> None:
        super().__init__()
        self.policy = policy
        self._run = torch.compile(policy.loss) if compiled else policy.loss

    def forward(self, batch: Batch[Tensor], memory: Memory, generator: torch.Generator) -> Any:
        """See ``Imitator.loss``."""
        drawn = generator.get_state()
        try:
            return self._run(batch, memory, generator)
        except torch._dynamo.exc.TorchDynamoException as error:
            reason = str(error).strip().split("\n")[0]
            _log.warning("the loss could not be compiled and goes on uncompiled: %s", reason)
            self._run = self.policy.loss
            generator.set_state(drawn)
            return self._run(batch, memory, generator)
