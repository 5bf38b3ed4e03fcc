"""A symbolic memory beside the bank: what happened in words, and from it what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from robomem_policies.memory_vla.symbolic.coupling import Symbolic

__all__ = ["make"]


def make(names: Sequence[str], tokens: int, width: int) -> Symbolic:
    """Return a symbolic memory, see ``Symbolic``; only who has one needs the packages of the lifelong memory."""
    from robomem_policies.memory_vla.symbolic.coupling import Symbolic

    return Symbolic(names, tokens=tokens, width=width)
