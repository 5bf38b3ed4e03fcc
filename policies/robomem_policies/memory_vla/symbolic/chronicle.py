"""What happened, as a text: RoboMemory's temporal memory (arXiv 2508.01415), short enough to be a row's state."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from robomem.lifelong.temporal import RuleCompressor

__all__ = ["BYTES", "happened", "noted"]

_CHARACTERS = 480
BYTES = 4 * _CHARACTERS
"""Of a text in UTF-8, at most."""
_TIMES = re.compile(r"(?P<name>.*) \(x(?P<times>\d+)\)")
_LEFT_OUT = re.compile(r"\(\d+ earlier left out\)")


@functools.lru_cache(maxsize=4096)
def noted(text: str, name: str) -> str:
    """Return ``text`` with one more thing that happened: what happened before is counted, what is new comes last."""
    return RuleCompressor(_CHARACTERS).compress([text, name] if text else [name])


def happened(text: str) -> Sequence[tuple[str, int]]:
    """Return what happened and how often, in the order in which each happened first."""
    found = []
    for part in filter(None, text.split("; ")):
        if _LEFT_OUT.fullmatch(part):
            continue
        repeated = _TIMES.fullmatch(part)
        found.append((repeated["name"], int(repeated["times"])) if repeated else (part, 1))
    return found
