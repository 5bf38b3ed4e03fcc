"""One thing under a name that was never heard: told by class and spot, kept as a merge, and undone when disproved.

Likeness of names does not tell: for all-MiniLM-L6-v2 "rucksack" is less like "backpack" than "coat" like "jacket". What
tells is that a thing of the same class stands exactly where the known one is held to be, and the known one is not seen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import select

from robomem.errors import DataError
from robomem.lifelong.records import Entity, Observation
from robomem.lifelong.spatial.identity import merge, split
from robomem.lifelong.spatial.things import Thing
from robomem.lifelong.store.names import normal
from robomem.lifelong.store.nodes import get_nodes
from robomem.lifelong.store.schema import Audit, Edge
from robomem.lifelong.store.transaction import Transaction

__all__ = ["RULE", "join", "not_replaced", "part"]

RULE = "rule: same class, same spot"
"""Who merged, in the audit."""


def join(change: Transaction, renamed: Iterable[tuple[Entity, Thing]]) -> list[str]:
    """Merge new things into the known ones that they are taken for; return notes."""
    notes = []
    for known, thing in renamed:
        merge(change, known.id, thing.id, RULE, "a name that was never heard, where the known thing is")
        notes.append(
            f"{thing.name!r} is where {known.name!r} (#{known.id}) is, which was not seen, and of its class: it was "
            f"taken for the same. Split #{thing.id} if it is another."
        )
        thing.id = known.id
    return notes


def part(change: Transaction, observation: Observation, seen: Sequence[Thing]) -> list[str]:
    """Undo what ``join`` did where a step disproves it; return notes.

    It does where both names are seen at once as two things, and where the known thing is seen elsewhere by a name of
    its own.

    Args:
        change: the transaction.
        observation: the step.
        seen: the thing of each of its sightings, as far as is known before.
    """
    names: dict[Thing, set[str]] = {}
    for sighting, thing in zip(observation.sightings, seen, strict=True):
        names.setdefault(thing, set()).add(normal(sighting.name))
    notes = []
    for thing, mine in names.items():
        if thing.known is None or not thing.known.aliases:
            continue
        others = {name for one, some in names.items() if one is not thing for name in some} & thing.names
        if not others and not thing.moved_m:
            continue
        joined = _joined(change, thing.id)
        last = max((number for number, one in enumerate(joined) if _disproved(one, mine, others, thing)), default=-1)
        # a merge is undone only after those that came later
        notes += [_undo(change, one, thing) for one in joined[: last + 1]]
    return notes


def not_replaced(change: Transaction, facts: Collection[int]) -> list[int]:
    """Return those of new facts that no merge replaced."""
    query = select(Edge.id).where(Edge.id.in_(facts), Edge.replaced_at.is_(None)).order_by(Edge.id)
    return list(change.connection.execute(query).scalars())


def _disproved(merged: Entity, mine: set[str], others: set[str], thing: Thing) -> bool:
    theirs = {normal(name) for name in (merged.name, *merged.aliases)}
    together = bool(others) and bool(mine & theirs) != bool(others & theirs)
    return together or (thing.moved_m > 0 and not mine & theirs)


def _undo(change: Transaction, merged: Entity, thing: Thing) -> str:
    told = f"{merged.name!r} (#{merged.id}) is not {thing.name!r} (#{thing.id})"
    try:
        split(change, merged.id, RULE, "the two were seen at once, or the known one elsewhere")
    except DataError as error:
        return f"{told}, but that it was taken for it could not be undone: {error}"
    return f"{told} after all, and is another thing again."


def _joined(change: Transaction, kept: int) -> list[Entity]:
    """Return what ``join`` merged into an entity, the latest first."""
    query = select(Audit.details).where(
        Audit.namespace_id == change.namespace_id, Audit.what == "merge", Audit.who == RULE
    )
    rows = change.connection.execute(query.order_by(Audit.id.desc())).scalars()
    ids = list(dict.fromkeys(details["merged"] for details in rows if details["kept"] == kept))
    known = get_nodes(change, ids)
    return [known[id] for id in ids if known[id].merged_into == kept]
