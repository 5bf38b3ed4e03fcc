"""A guard against going round in circles, in code: no model is asked whether it does."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

__all__ = ["LoopGuard"]

MOST = 3


class LoopGuard:
    """Counts how often an action was taken in the same state.

    Attributes:
        hits: how often it stopped one.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._taken: Counter[tuple[int, str]] = Counter()
        self.hits = 0

    def stops(self, action: int, scene: Mapping[str, Any]) -> bool:
        """Return whether an action has been taken in this state so often that it leads nowhere."""
        stopped = self._taken[action, _state(scene)] >= self._most
        self.hits += stopped
        return stopped

    def take(self, action: int, scene: Mapping[str, Any]) -> None:
        """Count an action."""
        self._taken[action, _state(scene)] += 1


def _state(scene: Mapping[str, Any]) -> str:
    """What of a scene makes it another state: all but the count of steps."""
    kept = {name: value for name, value in scene.items() if name != "step"}
    return hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode()).hexdigest()
