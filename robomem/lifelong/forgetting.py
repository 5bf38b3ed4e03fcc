"""Forgetting what was not used for long. Items are retired and kept for the past; ``erasure`` removes for good."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from robomem.errors import ConfigError
from robomem.lifelong.records import ITEM_KINDS, Item, Trust
from robomem.lifelong.store.items import read_items, retire_items
from robomem.lifelong.store.transaction import Transaction

__all__ = ["Policy", "expire", "strength"]

DAY_S = 86_400.0


@dataclass(frozen=True)
class Policy:
    """When items are forgotten.

    Attributes:
        half_life_s: after how long without use half of an item's strength is gone, by kind; kinds that are not named
            keep theirs.
        ttl_s: after how long without use an item is forgotten, however strong, by kind; kinds that are not named never.
        outcome_weight: of attempts, by outcome; 1 where it is not named.
        least: strength below which an item is forgotten.
        spare: items told with this trust or more are never forgotten.
    """

    half_life_s: Mapping[str, float] = field(
        default_factory=lambda: {"episode": 30 * DAY_S, "action": 60 * DAY_S, "task": 120 * DAY_S}
    )
    ttl_s: Mapping[str, float] = field(default_factory=lambda: {"episode": 365 * DAY_S})
    outcome_weight: Mapping[str, float] = field(default_factory=lambda: {"success": 1.0, "failure": 0.7})
    least: float = 0.05
    spare: Trust = Trust.USER

    def __post_init__(self) -> None:
        for kind in {*self.half_life_s, *self.ttl_s} - set(ITEM_KINDS):
            raise ConfigError(f"There are no items of kind {kind!r:.80}. Known: {', '.join(ITEM_KINDS)}.")
        for span in (*self.half_life_s.values(), *self.ttl_s.values()):
            if not (math.isfinite(span) and span > 0):
                raise ConfigError(f"A half-life or time to live is a finite number of seconds above zero, not {span}.")
        for number in (self.least, *self.outcome_weight.values()):
            if not (math.isfinite(number) and number >= 0):
                raise ConfigError(f"A weight or least strength is finite and not below zero; {number} is.")


def strength(item: Item, now: float, policy: Policy) -> float:
    """Return how well an item is remembered: ``w * (1 + log2(1 + uses)) * 2 ** (-idle / half_life)``.

    ``w`` is the weight of its outcome, ``idle`` the seconds since it was last used or, if never, recorded. Each
    doubling of uses adds one, so an item that was used 7 times lives two half-lives longer than one that never was.
    """
    half_life = policy.half_life_s.get(item.kind)
    kept = 1.0 if half_life is None else math.exp2(-_idle(item, now) / half_life)
    return policy.outcome_weight.get(item.outcome, 1.0) * (1.0 + math.log2(1 + item.uses)) * kept


def expire(change: Transaction, policy: Policy, who: str = "policy") -> tuple[int, ...]:
    """Retire what is forgotten by now, with a line in the audit, and return the ids."""
    weak, old = [], []
    for item in read_items(change, kinds={*policy.half_life_s, *policy.ttl_s}):
        if item.trust >= policy.spare:
            continue
        if _idle(item, change.now) > policy.ttl_s.get(item.kind, math.inf):
            old.append(item.id)
        elif item.kind in policy.half_life_s and strength(item, change.now, policy) < policy.least:
            weak.append(item.id)
    gone = (*retire_items(change, weak, "forgotten: weak"), *retire_items(change, old, "forgotten: old"))
    if gone:
        change.audit("expire", who, items=sorted(gone))
    return tuple(sorted(gone))


def _idle(item: Item, now: float) -> float:
    return max(0.0, now - max(item.recorded_at, -math.inf if item.last_used is None else item.last_used))
