"""Demonstrations in memory, and batches of them to imitate."""

from robomem.data.imitation.spec import DataSpec

__all__ = ["DataSpec"]
