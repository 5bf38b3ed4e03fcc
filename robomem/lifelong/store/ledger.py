"""The book of facts: entered, confirmed and ended, never overwritten.

A fact contradicts another only if both have the same subject and the same functional group. What is newer in the world
wins, whatever the order in which it is told: a fact that is told late is entered with the end that is known by then.
What is said with less trust than what it contradicts is entered as disputed, beside it; but where a thing is, the robot
sees for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Row, RowMapping, and_, case, func, insert, literal, or_, select, update

from robomem.lifelong.records import Fact, Source, Trust
from robomem.lifelong.store.relations import PLACE
from robomem.lifelong.store.schema import Edge, Node, Provenance
from robomem.lifelong.store.transaction import Snapshot, Transaction, new_uid

__all__ = [
    "COLUMNS",
    "Claim",
    "Entered",
    "citation",
    "end_facts",
    "enter",
    "fact_row",
    "facts_by_id",
    "facts_of",
    "named_fact",
    "outranked",
    "read_facts",
    "rivals_of",
    "says",
    "sources_of",
    "what",
]


@dataclass(frozen=True)
class Claim:
    """A fact that is to be entered.

    Attributes:
        subject: entity.
        relation, grouping: of it; ``grouping`` is ``""`` where a subject may have many.
        object: entity, or None.
        value: or None.
        time: from when it holds.
        confidence: within 0 and 1.
        source: where it comes from.
        observation: it rests on, if any.
        object_name: what the object is called, for reasons.
    """

    subject: int
    relation: str
    grouping: str
    object: int | None
    value: str | None
    time: float
    confidence: float = 1.0
    source: Source = field(default_factory=Source)
    observation: int | None = None
    object_name: str = ""


@dataclass(frozen=True)
class Entered:
    """What came of a claim.

    Attributes:
        fact: that says it now.
        new: it was not known.
        ended: facts that it ended.
        disputed: it contradicts what was said with more trust.
    """

    fact: int
    new: bool
    ended: tuple[int, ...] = ()
    disputed: bool = False


def enter(change: Transaction, claim: Claim) -> Entered:
    """Enter one fact.

    What holds at a time is what was last said to be so at that time or before, as if all had been told in order.
    """
    rivals = _rivals(change, claim)
    here = next((row for row in rivals if row.valid_from <= claim.time and not row.disputed), None)
    if here is not None and says(here, claim):
        return _confirm(change, here, claim)
    following = _next_said(change, rivals, claim.time)
    if here is not None and outranked(here.trust, claim):
        known = next(
            (row for row in rivals if row.disputed and row.valid_from <= claim.time and says(row, claim)), None
        )
        if known is not None:
            return _confirm(change, known, claim)
        return Entered(_add(change, claim, until=following, disputed=True), new=True, disputed=True)
    ended = [] if here is None else [_cut(change, here, claim, following)]
    fact = _add(change, claim, until=following)
    if following is None:
        beaten = [row.id for row in rivals if row.disputed and row.valid_to is None and row.trust <= claim.source.trust]
        end_facts(change, beaten, claim.time, "decided by a better source", claim.observation)
        ended += beaten
    return Entered(fact, new=True, ended=tuple(ended))


def outranked(trust: int, claim: Claim) -> bool:
    """Whether a claim only disputes what it contradicts, as that was said with more trust.

    Where a thing is changes: what the robot perceives ends what its owner said before, who was right when he said it.
    """
    most = Trust.SENSOR if claim.grouping == PLACE else Trust.USER
    return min(trust, most) > claim.source.trust


def end_facts(
    change: Transaction, ids: Iterable[int], time: float, reason: str, observation: int | None = None
) -> None:
    """End facts that still hold: from ``time`` on they are not so, and from now on that is known."""
    wanted = sorted(set(ids))
    if not wanted:
        return
    still = and_(Edge.id.in_(wanted), Edge.namespace_id == change.namespace_id, Edge.retired_at.is_(None))
    ended = {"retired_at": change.now, "retired_by": observation, "reason": reason, "changed": change.seq}
    since = update(Edge).where(still, Edge.valid_from <= time).values(valid_to=time, **ended)
    change.connection.execute(since)
    never = update(Edge).where(still).values(valid_to=Edge.valid_from, **ended)
    change.connection.execute(never)


def facts_by_id(view: Snapshot, ids: Iterable[int]) -> dict[int, Fact]:
    """Return facts by id, ended ones too."""
    wanted = sorted(set(ids))
    return {fact.id: fact for fact in read_facts(view, Edge.id.in_(wanted))} if wanted else {}


def facts_of(view: Snapshot, entities: Iterable[int], *, disputed: bool = True) -> list[Fact]:
    """Return the facts of entities, as subject or object, that hold at the view's time."""
    wanted = sorted(set(entities))
    if not wanted:
        return []
    conditions = [view.when.facts(), or_(Edge.subject.in_(wanted), Edge.object.in_(wanted))]
    if not disputed:
        conditions.append(Edge.disputed.is_(False))
    return read_facts(view, *conditions)


def read_facts(view: Snapshot, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Fact]:
    """Return the facts of the namespace that meet conditions, by id."""
    own = (Edge.namespace_id == view.namespace_id, Edge.relation != "")  # an erased fact has no relation
    query = _NAMED.where(*own, *conditions).order_by(Edge.id).limit(limit)
    facts = [named_fact(row, row.subject_name, row.object_name or "") for row in view.connection.execute(query)]
    until = min((time for time in (view.when.valid, view.when.known) if time is not None), default=None)
    if until is None:
        return facts
    return [replace(one, missed_at=None) if (one.missed_at or 0.0) > until else one for one in facts]


def sources_of(view: Snapshot, fact: int) -> list[RowMapping]:
    """Return the provenance of a fact, oldest first."""
    table = Provenance.__table__
    query = select(table).where(table.c.edge_id == fact, table.c.namespace_id == view.namespace_id)
    return list(view.connection.execute(query.order_by(table.c.time, table.c.id)).mappings())


def rivals_of(view: Snapshot, fact: int) -> list[Fact]:
    """Return the other facts of the same subject and functional group, whenever they held, oldest first."""
    own = select(Edge.subject, Edge.grouping).where(Edge.id == fact).subquery()
    same = and_(Edge.subject == own.c.subject, Edge.grouping == own.c.grouping, own.c.grouping != "", Edge.id != fact)
    among = select(Edge.id).where(same, Edge.replaced_at.is_(None))
    return sorted(read_facts(view, Edge.id.in_(among)), key=lambda one: (one.valid_from, one.id))


COLUMNS = (
    Edge.id,
    Edge.subject,
    Edge.relation,
    Edge.object,
    Edge.value,
    Edge.confidence,
    Edge.trust,
    Edge.disputed,
    Edge.valid_from,
    Edge.valid_to,
    Edge.recorded_at,
    Edge.retired_at,
    Edge.retired_by,
    Edge.reason,
    case((Edge.missed > Edge.confirmed, Edge.missed)).label("missed_at"),
)

_FIELDS = tuple(str(column.key) for column in COLUMNS)

_SUBJECT, _OBJECT = Node.__table__.alias("s"), Node.__table__.alias("o")
_NAMED = select(*COLUMNS, _SUBJECT.c.name.label("subject_name"), _OBJECT.c.name.label("object_name")).select_from(
    Edge.__table__.join(_SUBJECT, Edge.subject == _SUBJECT.c.id).outerjoin(_OBJECT, Edge.object == _OBJECT.c.id)
)


def _rivals(change: Transaction, claim: Claim) -> Sequence[Row[*tuple[Any, ...]]]:
    """What bears on a claim: of its subject in its group, or the very same fact, at its time or later; oldest first."""
    target = Edge.object == claim.object if claim.object is not None else Edge.value == claim.value
    about = Edge.grouping == claim.grouping if claim.grouping else and_(Edge.relation == claim.relation, target)
    query = select(*COLUMNS, Edge.uid, Edge.grouping, Edge.confirmed).where(
        Edge.namespace_id == change.namespace_id,
        Edge.subject == claim.subject,
        about,
        Edge.replaced_at.is_(None),
        or_(Edge.valid_to.is_(None), Edge.valid_to > claim.time),
    )
    return change.connection.execute(query.order_by(Edge.valid_from, Edge.id)).all()


def says(row: Row[*tuple[Any, ...]], claim: Claim) -> bool:
    """Whether a fact says what a claim says."""
    return (row.relation, row.object, row.value) == (claim.relation, claim.object, claim.value)


def _next_said(change: Transaction, rivals: Sequence[Row[*tuple[Any, ...]]], time: float) -> float | None:
    """Return the next time after ``time`` at which something of the group was said; almost always there is none."""
    later = [row.id for row in rivals if row.confirmed > time and not row.disputed]
    if not later:
        return None
    query = select(func.min(Provenance.time)).where(Provenance.edge_id.in_(later), Provenance.time > time)
    return change.connection.execute(query).scalar_one()


def _cut(change: Transaction, row: Row[*tuple[Any, ...]], claim: Claim, following: float | None) -> int:
    """End a fact where a claim begins; if it was said again at ``following``, it goes on from there."""
    reason = f"then {what(claim)}"
    if row.valid_to is None and following is None:
        end_facts(change, [row.id], claim.time, reason, claim.observation)
        return int(row.id)
    change.connection.execute(
        update(Edge)
        .where(Edge.id == row.id)
        .values(replaced_at=change.now, retired_at=func.coalesce(Edge.retired_at, change.now), changed=change.seq)
    )
    before = Provenance.time < claim.time
    _copy(change, row, row.valid_from, claim.time, f"{reason}, as was told later", before)
    if following is not None and (row.valid_to is None or row.valid_to > following):
        _copy(change, row, following, row.valid_to, row.reason, Provenance.time >= following)
    return int(row.id)


def what(claim: Claim) -> str:
    """Return what a claim says of its subject, as a reason gives it."""
    return f"{claim.relation} {claim.value if claim.object is None else claim.object_name or f'#{claim.object}'}"


def _copy(
    change: Transaction,
    row: Row[*tuple[Any, ...]],
    valid_from: float,
    valid_to: float | None,
    reason: str,
    cited: ColumnElement[bool],
) -> None:
    """Enter a part of a replaced fact, with the part of its provenance that it rests on."""
    kept = ("subject", "relation", "grouping", "object", "value", "confidence", "trust", "disputed")
    values = {name: getattr(row, name) for name in kept} | {
        "namespace_id": change.namespace_id,
        "uid": new_uid(),
        "valid_from": valid_from,
        "valid_to": valid_to,
        "recorded_at": change.now,
        "retired_at": None if valid_to is None else change.now,
        "retired_by": row.retired_by,
        "reason": reason,
        "confirmed": row.confirmed if valid_to is None else min(row.confirmed, valid_to),
        "changed": change.seq,
    }
    id = int(change.connection.execute(insert(Edge).returning(Edge.id), values).scalar_one())
    names = (
        "namespace_id",
        "item_id",
        "observation_id",
        "writer",
        "model",
        "prompt_hash",
        "confidence",
        "time",
        "recorded_at",
    )
    columns = [getattr(Provenance, name) for name in names]
    source = select(literal(id), *columns).where(Provenance.edge_id == row.id, cited)
    change.connection.execute(insert(Provenance).from_select(["edge_id", *names], source))


def _confirm(change: Transaction, row: Row[*tuple[Any, ...]], claim: Claim) -> Entered:
    values: dict[str, Any] = {
        "confirmed": max(row.confirmed, claim.time),
        "confidence": max(row.confidence, claim.confidence),
        "trust": max(row.trust, int(claim.source.trust)),
    }
    change.connection.execute(update(Edge).where(Edge.id == row.id).values(changed=change.seq, **values))
    _cite(change, row.id, claim)
    return Entered(row.id, new=False, disputed=row.disputed)


def _add(change: Transaction, claim: Claim, *, until: float | None = None, disputed: bool = False) -> int:
    row = fact_row(change, claim, until=until, disputed=disputed)
    id = int(change.connection.execute(insert(Edge).returning(Edge.id), row).scalar_one())
    _cite(change, id, claim)
    return id


def fact_row(
    change: Transaction, claim: Claim, *, until: float | None = None, disputed: bool = False
) -> dict[str, Any]:
    """Return the row of a new fact."""
    return {
        "namespace_id": change.namespace_id,
        "uid": new_uid(),
        "subject": claim.subject,
        "relation": claim.relation,
        "grouping": claim.grouping,
        "object": claim.object,
        "value": claim.value,
        "confidence": claim.confidence,
        "trust": int(claim.source.trust),
        "disputed": disputed,
        "valid_from": claim.time,
        "valid_to": until,
        "recorded_at": change.now,
        "retired_at": None if until is None else change.now,
        "reason": "" if until is None else "told after what followed it",
        "confirmed": claim.time,
        "changed": change.seq,
    }


def _cite(change: Transaction, fact: int, claim: Claim) -> None:
    change.connection.execute(insert(Provenance), [citation(change, fact, claim)])


def citation(change: Transaction, fact: int, claim: Claim) -> dict[str, Any]:
    """Return the row that says what a fact rests on."""
    return {
        "namespace_id": change.namespace_id,
        "edge_id": fact,
        "observation_id": claim.observation,
        "writer": claim.source.writer,
        "model": claim.source.model,
        "prompt_hash": claim.source.prompt_hash,
        "confidence": claim.confidence,
        "time": claim.time,
        "recorded_at": change.now,
    }


def named_fact(row: Row[*tuple[Any, ...]], subject_name: str, object_name: str) -> Fact:
    """Return a row that begins with ``COLUMNS`` as a fact."""
    found = object.__new__(Fact)  # its own way of setting each attribute takes most of an answer's time
    vars(found).update(zip(_FIELDS, row), subject_name=subject_name, object_name=object_name)
    vars(found).update(trust=Trust(row.trust), disputed=bool(row.disputed))
    return found
