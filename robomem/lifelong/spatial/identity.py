"""Two entities that are one, and undoing that: merge and split.

Merging rewrites the facts of the one as facts of the other: the old rows are replaced and kept, for what was known
before. Where both were said to be so at one time, e.g. in two places, the later word wins, as if it had been one thing
all along. The audit row of a merge says which rows it replaced by which, so that a split can restore them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, insert, literal, or_, select, true, update

from robomem.errors import DataError
from robomem.lifelong.records import Entity
from robomem.lifelong.spatial.things import forget_poses
from robomem.lifelong.store.nodes import change_node, get_nodes, put_names, words_of
from robomem.lifelong.store.schema import Audit, Edge, Provenance
from robomem.lifelong.store.transaction import Transaction, new_uid
from robomem.lifelong.store.words import put_words

__all__ = ["merge", "split"]

_FACT = (
    "subject",
    "relation",
    "grouping",
    "object",
    "value",
    "confidence",
    "trust",
    "disputed",
    "valid_from",
    "valid_to",
    "retired_at",
    "retired_by",
    "reason",
    "confirmed",
)
_CITED = ("namespace_id", "item_id", "observation_id", "writer", "model", "prompt_hash", "confidence", "time")
_Fact = dict[str, Any]


def merge(change: Transaction, a: int, b: int, who: str, reason: str) -> tuple[str, ...]:
    """Let entity ``b`` be the same as ``a``, which stays; return what was out of the ordinary.

    Raises:
        DataError: there is no such entity, or it is merged into another already.
    """
    kept, gone = _entities(change, a, b)
    notes = []
    if kept.category and gone.category and kept.category != gone.category:
        notes.append(f"{kept.name!r} is of class {kept.category!r}, {gone.name!r} was of class {gone.category!r}.")
    rows = _rows(change, [a, b])
    facts = [_fact(row) | {"was": [row.id]} for row in rows]
    for fact in facts:
        fact["subject"] = a if fact["subject"] == b else fact["subject"]
        fact["object"] = a if fact["object"] == b else fact["object"]
    between = [fact for fact in facts if fact["subject"] == fact["object"]]
    if between:
        notes.append(f"{len(between)} facts between the two were left out.")
    times = _said_at(change, (row.id for row in rows))
    after = _as_of_one([fact for fact in facts if fact["subject"] != fact["object"]], times)
    old = {row.id: _fact(row) for row in rows}
    changed = [fact for fact in after if len(fact["was"]) > 1 or _plain(fact) != old[fact["was"][0]]]
    stayed = {fact["was"][0] for fact in after} - {id for fact in changed for id in fact["was"]}
    replaced = sorted(set(old) - stayed)
    added = _enter(change, changed)
    _replace(change, replaced)
    aliases = tuple(dict.fromkeys([*kept.aliases, gone.name, *gone.aliases]))
    aliases = tuple(name for name in aliases if name != kept.name)
    newer = gone if gone.pose and (not kept.pose or gone.last_seen > kept.last_seen) else kept
    values = {"aliases": list(aliases), "category": kept.category or gone.category, "key": kept.key or gone.key}
    change_node(change, a, time=gone.last_seen, pose=newer.pose, **values)
    change_node(change, a, time=gone.first_seen)
    change_node(change, b, merged_into=a)
    _name(change, a)
    details = {
        "kept": a,
        "merged": b,
        "replaced": replaced,
        "added": [[id, fact["was"]] for id, fact in zip(added, changed, strict=True)],
        "aliases": list(kept.aliases),
        "category": kept.category,
        "key": kept.key,
        "moved": newer is gone,
    }
    change.audit("merge", who, reason, **details)
    return tuple(notes)


def split(change: Transaction, b: int, who: str, reason: str) -> tuple[str, ...]:
    """Undo that ``b`` was merged into another entity; return what was out of the ordinary.

    What was said since then stays with the other one, as it was said of that.

    Raises:
        DataError: there is no such entity, or it is not merged into another.
    """
    known = get_nodes(change, [b])
    a = known[b].merged_into if b in known else None
    if a is None:
        raise DataError(f"#{b} is not merged into another entity. Only a merge can be undone.")
    if not known[b].name:
        raise DataError(f"#{b} was erased; nothing of it can come back.")
    details = _written(change, a, b)
    before = {row.id: row for row in _by_id(change, details["replaced"])}
    after = {row.id: row for row in _by_id(change, [id for id, _ in details["added"]])}
    follows = {was: id for id, some in details["added"] for was in some}
    restored = []
    for id, row in before.items():
        fact = _fact(row) | {"was": [id]}
        now = after.get(follows.get(id, -1))
        own = a in (row.subject, row.object)
        if now is not None and now.replaced_at is not None and own:
            continue  # what was told since of the past has taken its place
        if now is not None and now.valid_to is not None and own:
            # what ended since ended for the one that stays, of which that was said
            end = now.valid_to if fact["valid_to"] is None else min(fact["valid_to"], now.valid_to)
            clipped = now.recorded_at == row.replaced_at and now.retired_at == now.recorded_at
            if not clipped:
                ended = {"valid_to": end, "retired_at": now.retired_at, "retired_by": now.retired_by}
                fact |= ended | {"reason": now.reason}
        restored.append(fact)
    still = [id for id, row in after.items() if row.replaced_at is None]
    _replace(change, still)
    _enter(change, restored)
    values = {"aliases": details["aliases"], "category": details["category"], "key": details["key"]}
    change_node(change, a, **values)
    if details["moved"]:
        forget_poses(change, [a])
    change_node(change, b, merged_into=None)
    _name(change, a)
    change.audit("split", who, reason, kept=a, merged=b)
    since = len(_rows(change, [a])) - len([fact for fact in restored if a in (fact["subject"], fact["object"])])
    return (f"{since} facts that were said of #{a} otherwise stay with it.",) if since > 0 else ()


def _written(change: Transaction, a: int, b: int) -> dict[str, Any]:
    """Return what the audit says of the merge of ``b`` into ``a``."""
    query = select(Audit.details).where(Audit.namespace_id == change.namespace_id, Audit.what == "merge")
    later: list[int] = []
    for details in change.connection.execute(query.order_by(Audit.id.desc())).scalars():
        if (details["merged"], details["kept"]) == (b, a):
            still = [id for id, one in get_nodes(change, later).items() if one.merged_into == a]
            if still:
                raise DataError(f"#{still[0]} was merged into #{a} after #{b}. Split that first.")
            return dict(details)
        if details["kept"] == a:
            later.append(details["merged"])
    raise DataError(f"How #{b} was merged into #{a} is not written down, so it cannot be undone.")


def _entities(change: Transaction, a: int, b: int) -> tuple[Entity, Entity]:
    known = get_nodes(change, [a, b])
    for id in (a, b):
        if id not in known:
            raise DataError(f"There is no entity #{id} in this memory.")
        if not known[id].name:
            raise DataError(f"#{id} was erased; nothing is known of it that could be merged.")
        if known[id].merged_into is not None:
            raise DataError(f"#{id} is merged into #{known[id].merged_into} already. Use that one.")
    if a == b:
        raise DataError(f"#{a} is itself; two different entities are merged.")
    return known[a], known[b]


def _rows(change: Transaction, entities: Sequence[int]) -> Sequence[Row[*tuple[Any, ...]]]:
    columns = [getattr(Edge, name) for name in _FACT]
    query = select(Edge.id, Edge.recorded_at, Edge.replaced_at, *columns).where(
        Edge.namespace_id == change.namespace_id,
        Edge.replaced_at.is_(None),
        or_(Edge.subject.in_(entities), Edge.object.in_(entities)),
    )
    return change.connection.execute(query.order_by(Edge.id)).all()


def _by_id(change: Transaction, ids: Iterable[int]) -> Sequence[Row[*tuple[Any, ...]]]:
    columns = [getattr(Edge, name) for name in _FACT]
    query = select(Edge.id, Edge.recorded_at, Edge.replaced_at, *columns).where(Edge.id.in_(sorted(set(ids))))
    return change.connection.execute(query.order_by(Edge.id)).all()


def _fact(row: Row[*tuple[Any, ...]]) -> _Fact:
    return {name: getattr(row, name) for name in _FACT}


def _plain(fact: _Fact) -> _Fact:
    return {name: fact[name] for name in _FACT}


def _as_of_one(facts: Sequence[_Fact], times: Mapping[int, Sequence[float]]) -> list[_Fact]:
    """Replay what was said of two things as if of one, given when each fact was said to be so.

    Of a functional group what was last said is so, until the next word or until its own end; else no fact stands twice.
    """
    groups: dict[tuple[Any, ...], list[tuple[float, int]]] = {}
    for number, fact in enumerate(facts):
        functional = fact["grouping"] and not fact["disputed"]
        group = (fact["subject"], fact["grouping"]) if functional else (fact["disputed"], *_says(fact))
        said = {fact["valid_from"], *times.get(fact["was"][0], ())}
        groups.setdefault(group, []).extend((time, number) for time in said)
    result: list[_Fact] = []
    for statements in groups.values():
        last: _Fact | None = None
        for time, number in sorted(statements):
            fact = facts[number]
            holds = last is not None and (last["valid_to"] is None or last["valid_to"] > time)
            if last is not None and holds and _says(last) == _says(fact):
                _prolong(last, fact, time)
                continue
            if last is not None and holds:
                last |= {"valid_to": time, "retired_by": None, "reason": "then elsewhere, under another name"}
            last = {**fact, "was": list(fact["was"]), "valid_from": time, "confirmed": time}
            result.append(last)
    return result


def _prolong(fact: _Fact, again: _Fact, time: float) -> None:
    """Let a fact last as long as one that says the same at ``time``."""
    if again["was"][0] not in fact["was"]:
        fact["was"] += again["was"]
        if again["valid_to"] is None or (fact["valid_to"] is not None and again["valid_to"] > fact["valid_to"]):
            fact |= {name: again[name] for name in ("valid_to", "retired_at", "retired_by", "reason")}
        fact |= {name: max(fact[name], again[name]) for name in ("confidence", "trust")}
    fact["confirmed"] = time


def _says(fact: _Fact) -> tuple[Any, ...]:
    return fact["subject"], fact["relation"], fact["object"], fact["value"]


def _said_at(change: Transaction, facts: Iterable[int]) -> dict[int, list[float]]:
    """Return the times at which facts were said to be so."""
    query = select(Provenance.edge_id, Provenance.time).where(Provenance.edge_id.in_(sorted(facts))).distinct()
    times: dict[int, list[float]] = {}
    for row in change.connection.execute(query):
        times.setdefault(row.edge_id, []).append(row.time)
    return times


def _enter(change: Transaction, facts: Sequence[_Fact]) -> list[int]:
    """Write facts anew, with the provenance of what they replace."""
    if not facts:
        return []
    rows = []
    for fact in facts:
        row = _plain(fact) | {"namespace_id": change.namespace_id, "uid": new_uid(), "recorded_at": change.now}
        row["retired_at"] = None if fact["valid_to"] is None else change.now
        rows.append(row | {"replaced_at": None, "changed": change.seq})
    added = change.connection.execute(insert(Edge).returning(Edge.id, Edge.uid), rows)
    of_uid = {row.uid: int(row.id) for row in added}
    ids = [of_uid[row["uid"]] for row in rows]
    for id, fact in zip(ids, facts, strict=True):
        cited = [getattr(Provenance, name) for name in (*_CITED, "recorded_at")]
        source = select(literal(id), *cited).where(
            Provenance.edge_id.in_(fact["was"]),
            Provenance.time >= fact["valid_from"],
            true() if fact["valid_to"] is None else Provenance.time < fact["valid_to"],
        )
        change.connection.execute(insert(Provenance).from_select(["edge_id", *_CITED, "recorded_at"], source))
    return ids


def _replace(change: Transaction, ids: Sequence[int]) -> None:
    if ids:
        values = {"replaced_at": change.now, "changed": change.seq}
        change.connection.execute(update(Edge).where(Edge.id.in_(ids)).values(values))
        still = update(Edge).where(Edge.id.in_(ids), Edge.retired_at.is_(None))
        change.connection.execute(still.values(retired_at=change.now))


def _name(change: Transaction, id: int) -> None:
    entity = get_nodes(change, [id])[id]
    put_names(change, {id: (entity.name, *entity.aliases)})
    put_words(change, "node", id, words_of(entity))
