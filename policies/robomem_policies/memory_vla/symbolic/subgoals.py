"""What to do next, by rules, from what is to be done and what happened.

A planner writes the text that the policy acts on, as in RoboMME's symbolic memories (arXiv 2603.04639). A language
model could take the place of these rules: text in, text out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

__all__ = ["subgoal"]

_AS_OFTEN = re.compile(r"(?P<act>.+?) as often as (?P<sign>.+?), then (?P<then>.+)")
_IN_ORDER = re.compile(r"(?P<verb>\w+) the [\w ]+? in the order in which they (?P<sign>.+)")


def subgoal(instruction: str, happened: Sequence[tuple[str, int]]) -> str:
    """Return what to do next, in words.

    "ACT as often as SIGN, then OTHER" is ACT while SIGN happened more often than ACT, else OTHER. "VERB the THINGS in
    the order in which they SIGN" is VERB the first thing that did so and has not been VERBed. Every other instruction
    stays as it is, and what happened is added.

    Args:
        instruction: what is to be done.
        happened: what happened and how often, in the order in which each happened first.
    """
    wish = instruction.strip().rstrip(".")
    if rule := _AS_OFTEN.fullmatch(wish):
        times = Counter(dict(happened))
        return rule["act"] if times[rule["sign"]] > times[rule["act"]] else rule["then"]
    if rule := _IN_ORDER.fullmatch(wish):
        names = [name for name, _ in happened]
        things = [name.removesuffix(rule["sign"]).strip() for name in names if name.endswith(f" {rule['sign']}")]
        left = [act for act in (f"{rule['verb']} {thing}" for thing in things) if act not in names]
        return left[0] if left else instruction
    said = "; ".join(name if times == 1 else f"{name} ({times} times)" for name, times in happened)
    return f"{wish}. So far: {said}" if said else instruction
