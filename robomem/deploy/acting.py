"""A policy that is asked in the control path, as it is in Gymnasium: it answers before the next step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from robomem.deploy.chunk import ChunkQueue
from robomem.policy import Policy
from robomem.types import FloatArray, Observation, PolicyState

__all__ = ["Acting"]


class Acting:
    """Calls ``predict`` where a plan is due; one that does not return holds up the control path.

    Args:
        policy: who acts; it may return one action [A] or a chunk [H, A].
        queue: for its chunks.
        replan: steps after which a chunk is planned anew; None: when it is used up.

    Attributes:
        failure: always empty: what it raises, ``action`` raises.
    """

    failure = ""

    def __init__(self, policy: Policy, queue: ChunkQueue, replan: int | None = None) -> None:
        self.policy, self.queue, self.replan = policy, queue, replan
        self.begin()

    def begin(self) -> None:
        """Begin an episode; nothing is left of the last."""
        self._state: PolicyState | None = None
        self._first, self._planned = True, 0
        self.queue.clear()

    @property
    def remembers(self) -> bool:
        """Whether the policy has carried anything from the last step to this one."""
        return bool(self._state)

    def action(self, step: int, observe: Callable[[], Observation]) -> FloatArray:
        """Return the action [A] of a step; ``observe`` is asked for what is seen where a plan is due."""
        due = self.queue.depth(step) <= 0 or (self.replan is not None and step - self._planned >= self.replan)
        if due:
            chosen, self._state = self.policy.predict(observe(), self._state, np.array(self._first), deterministic=True)
            self._first, self._planned = False, step
            self.queue.add(step, np.atleast_2d(np.asarray(chosen, np.float64)))
        action = self.queue.at(step)
        assert action is not None
        return action

    def missed(self, step: int) -> None:
        """Say that nothing could be seen in a step, which such a policy does not count."""

    def thoughts(self) -> None:
        """Return None: it is never behind."""

    def close(self, patience_s: float = 0.0) -> None:
        """Do nothing: there is no thread."""
