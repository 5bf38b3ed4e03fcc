"""What is said when a request cannot be answered."""

from __future__ import annotations

from robomem.errors import RobomemError

__all__ = ["RequestError"]


class RequestError(RobomemError, ValueError):
    """A request that cannot be answered; the message says what is wrong with it."""
