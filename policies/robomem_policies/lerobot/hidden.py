"""What a LeRobot policy keeps between calls, taken out of it: queues of observations and actions, ensembles of chunks.

They are attributes of the policy object, beside its modules and weights, that ``reset`` makes anew. Taken out and put
back, one network serves any number of episodes, each with its own.
"""

from __future__ import annotations

import copy
from typing import Any

from torch import nn

from robomem.errors import ConfigError

__all__ = ["Hidden"]

_NOT_OURS = {*vars(nn.Module()), "config"}


class Hidden:
    """Takes out and puts back what a policy keeps between calls.

    Args:
        policy: of LeRobot; what its modules themselves keep from call to call would be shared by all episodes.
    """

    def __init__(self, policy: nn.Module) -> None:
        self._policy = policy
        shared = [policy, *policy.modules(), *policy.parameters(), *policy.buffers()]
        self._shared = {id(thing): thing for thing in shared}
        self._first = self.copied(self.taken())

    def fresh(self) -> dict[str, Any]:
        """Return what it keeps at the beginning of an episode."""
        self.put_back(self._first)  # reset() may change in place what an episode still has
        self._policy.reset()  # type: ignore[operator]
        return self.copied(self.taken())

    def taken(self) -> dict[str, Any]:
        """Return what it keeps now."""
        return {name: value for name, value in vars(self._policy).items() if name not in _NOT_OURS}

    def put_back(self, kept: dict[str, Any]) -> None:
        """Let it go on from ``kept``, which stays as it is."""
        for name in self.taken():
            delattr(self._policy, name)
        vars(self._policy).update(self.copied(kept))

    def copied(self, kept: dict[str, Any]) -> dict[str, Any]:
        """Return a copy that shares nothing but modules and weights.

        Raises:
            ConfigError: something cannot be copied.
        """
        try:
            return copy.deepcopy(kept, dict(self._shared))
        except (TypeError, RuntimeError) as error:
            kind = type(self._policy).__name__
            raise ConfigError(f"{kind} keeps what cannot be told apart between episodes: {error}.") from error
