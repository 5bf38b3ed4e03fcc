"""Many facts at once: what ``ledger.enter`` does to one after the other, in as many statements as for one.

Almost every claim of a step is of the present and meets no dispute. Those are read and written together; what is told
late, disputes or decides a dispute goes through ``enter``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Update, bindparam, insert, or_, select, update

from robomem.lifelong.store.ledger import COLUMNS, Claim, Entered, citation, enter, fact_row, outranked, says, what
from robomem.lifelong.store.schema import Edge, Provenance
from robomem.lifelong.store.transaction import Transaction

__all__ = ["enter_all"]

_AT_ONCE = 500
"""A statement has a bounded number of parameters."""
_RIVALS = (
    select(*COLUMNS, Edge.grouping, Edge.confirmed)
    .where(
        Edge.namespace_id == bindparam("namespace"),
        Edge.subject.in_(bindparam("subjects", expanding=True)),
        or_(
            Edge.grouping.in_(bindparam("groups", expanding=True)),
            Edge.relation.in_(bindparam("relations", expanding=True)),
        ),
        Edge.replaced_at.is_(None),
        or_(Edge.valid_to.is_(None), Edge.valid_to > bindparam("since")),
    )
    .order_by(Edge.valid_from, Edge.id)
)


def _setting(which: str, *names: str) -> Update:
    """Return the statement that sets columns of a fact."""
    return update(Edge).where(Edge.id == bindparam(which)).values({name: bindparam(name) for name in names})


_END = _setting("ended", "valid_to", "retired_at", "retired_by", "reason", "changed")
_CONFIRM = _setting("said", "confirmed", "confidence", "trust", "changed")
_ADD = insert(Edge).returning(Edge.id, Edge.uid)
_CITE = insert(Provenance)
_Key = tuple[Any, ...]
_Rival = Row[*tuple[Any, ...]]


def enter_all(change: Transaction, claims: Sequence[Claim]) -> list[Entered]:
    """Enter facts, to the same effect as ``enter`` for each in order; return what came of each."""
    done: dict[int, Entered] = {}
    waiting = list(range(len(claims)))
    while waiting:
        wave: list[int] = []
        later: list[int] = []
        keys: set[_Key] = set()
        for number in waiting:
            # what two claims of a wave are about must not meet: the later one has to see what the earlier one did
            about = set(_keys(claims[number]))
            (later if about & keys else wave).append(number)
            keys |= about
        entered = _enter_apart(change, [claims[number] for number in wave])
        done |= dict(zip(wave, entered, strict=True))
        waiting = later
    return [done[number] for number in range(len(claims))]


def _keys(claim: Claim) -> list[_Key]:
    same = (claim.subject, claim.relation, claim.object, claim.value)
    return [same, (claim.subject, claim.grouping)] if claim.grouping else [same]


def _enter_apart(change: Transaction, claims: Sequence[Claim]) -> list[Entered]:
    """Enter claims of which no two bear on each other."""
    result: dict[int, Entered] = {}
    fresh: list[tuple[int, Claim, list[int]]] = []
    confirmed: list[tuple[_Rival, Claim]] = []
    ended: list[dict[str, Any]] = []
    for number, (claim, rivals) in enumerate(zip(claims, _rivals(change, claims), strict=True)):
        here = rivals[0] if len(rivals) == 1 else None
        if not rivals:
            fresh.append((number, claim, []))
        elif here is None or here.disputed or here.valid_from > claim.time:
            result[number] = enter(change, claim)
        elif says(here, claim):
            confirmed.append((here, claim))
            result[number] = Entered(here.id, new=False)
        elif here.valid_to is not None or here.confirmed > claim.time or outranked(here.trust, claim):
            result[number] = enter(change, claim)
        else:
            ended.append(
                {
                    "ended": here.id,
                    "valid_to": claim.time,
                    "retired_at": change.now,
                    "retired_by": claim.observation,
                    "reason": f"then {what(claim)}",
                    "changed": change.seq,
                }
            )
            fresh.append((number, claim, [here.id]))
    rows = [fact_row(change, claim) for _, claim, _ in fresh]
    ids = _write(change, rows, ended, confirmed)
    cited = [citation(change, row.id, claim) for row, claim in confirmed]
    for id, (number, claim, beaten) in zip(ids, fresh, strict=True):
        result[number] = Entered(id, new=True, ended=tuple(beaten))
        cited.append(citation(change, id, claim))
    if cited:
        change.connection.execute(_CITE, cited)
    return [result[number] for number in range(len(claims))]


def _write(
    change: Transaction,
    fresh: list[dict[str, Any]],
    ended: list[dict[str, Any]],
    confirmed: list[tuple[_Rival, Claim]],
) -> list[int]:
    """Write rows of facts and return the new ones' ids."""
    if ended:
        change.connection.execute(_END, ended)
    if confirmed:
        rows = [
            {
                "said": row.id,
                "confirmed": max(row.confirmed, claim.time),
                "confidence": max(row.confidence, claim.confidence),
                "trust": max(row.trust, int(claim.source.trust)),
                "changed": change.seq,
            }
            for row, claim in confirmed
        ]
        change.connection.execute(_CONFIRM, rows)
    if not fresh:
        return []
    added = change.connection.execute(_ADD, fresh)
    of_uid = {row.uid: int(row.id) for row in added}
    return [of_uid[row["uid"]] for row in fresh]


def _rivals(change: Transaction, claims: Sequence[Claim]) -> list[list[_Rival]]:
    """Return, for each claim, what bears on it, as ``ledger`` reads it for one; oldest first."""
    about: dict[_Key, list[_Rival]] = defaultdict(list)
    seen: set[int] = set()
    for first in range(0, len(claims), _AT_ONCE):
        part = claims[first : first + _AT_ONCE]
        groups = sorted({claim.grouping for claim in part if claim.grouping})
        relations = sorted({claim.relation for claim in part if not claim.grouping})
        about_these = {
            "namespace": change.namespace_id,
            "subjects": sorted({claim.subject for claim in part}),
            "groups": groups,
            "relations": relations,
            "since": min(claim.time for claim in part),
        }
        for row in change.connection.execute(_RIVALS, about_these):
            if row.id in seen:
                continue
            seen.add(row.id)
            about[row.subject, row.relation, row.object, row.value].append(row)
            if row.grouping:
                about[row.subject, row.grouping].append(row)
    return [
        [row for row in about[_keys(claim)[-1]] if row.valid_to is None or row.valid_to > claim.time]
        for claim in claims
    ]
