"""Rows of observations, which hold all that came in, and of the work that is still to be done on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import insert, select, update

from robomem.lifelong.attempts import Attempt
from robomem.lifelong.records import Observation, Pose, Sighting, Source, Triple, Trust, clean
from robomem.lifelong.store.schema import Job, ObservationRow
from robomem.lifelong.store.transaction import Snapshot, Transaction, new_uid
from robomem.lifelong.store.words import put_words

__all__ = ["OpenJob", "add_job", "add_observation", "end_job", "open_jobs", "read_attempts", "read_observations"]

OpenJob = tuple[int, str, int]
"""Id of the job, name of the memory, id of the observation."""
_USUAL = vars(Sighting("-"))
_ADD = insert(ObservationRow).returning(ObservationRow.id)


def add_observation(
    change: Transaction, observation: Observation, queries: Sequence[str] = (), attempt: Attempt | None = None
) -> int:
    """Write an observation down as it came and return its id."""
    row = {
        "namespace_id": change.namespace_id,
        "uid": new_uid(),
        "time": observation.time,
        "recorded_at": change.now,
        "summary": clean(observation.summary),
        "action": clean(observation.action),
        "success": observation.success,
        "pose": None if observation.pose is None else asdict(observation.pose),
        "media": clean(observation.media),
        "writer": clean(observation.source.writer),
        "trust": int(observation.source.trust),
        "content": _content(observation, queries, attempt),
    }
    id = int(change.connection.execute(_ADD, row).scalar_one())
    if observation.summary:
        put_words(change, "observation", id, observation.summary, fresh=True)
    return id


def read_observations(view: Snapshot, ids: Iterable[int]) -> dict[int, Observation]:
    """Return observations by id, as they came in."""
    wanted = sorted(set(ids))
    table = ObservationRow.__table__
    query = select(table).where(table.c.namespace_id == view.namespace_id, table.c.id.in_(wanted))
    return {row["id"]: _observation(dict(row)) for row in view.connection.execute(query).mappings()} if wanted else {}


def read_attempts(view: Snapshot, ids: Iterable[int]) -> dict[int, Attempt]:
    """Return the attempts that ended with these observations."""
    wanted = sorted(set(ids))
    table = ObservationRow.__table__
    query = select(table).where(table.c.namespace_id == view.namespace_id, table.c.id.in_(wanted))
    rows = [dict(row) for row in view.connection.execute(query).mappings()] if wanted else []
    found = {row["id"]: (row, row["content"].get("attempt")) for row in rows}
    return {
        id: replace(
            Attempt.of_details(told, told["outcome"], row["time"], Trust(row["trust"])), source=_observation(row).source
        )
        for id, (row, told) in found.items()
        if told
    }


def add_job(change: Transaction, module: str, observation: int) -> int:
    """Write down that a memory has yet to take an observation in; once for the two."""
    row = {
        "namespace_id": change.namespace_id,
        "key": f"{module}/{observation}",
        "module": module,
        "observation_id": observation,
        "payload": {},
        "state": "open",
        "created_at": change.now,
    }
    return int(change.connection.execute(insert(Job).returning(Job.id), row).scalar_one())


def end_job(change: Transaction, job: int, *, error: str = "") -> bool:
    """Close a job in the transaction that does its work; return False if another process has done so."""
    ended = (
        update(Job)
        .where(Job.id == job, Job.state == "open")
        .values(state="failed" if error else "done", error=error[:2000], tries=Job.tries + 1)
    )
    return bool(change.connection.execute(ended).rowcount)


def open_jobs(view: Snapshot) -> list[OpenJob]:
    """Return what is still to be done, oldest first."""
    query = select(Job.id, Job.module, Job.observation_id).where(
        Job.namespace_id == view.namespace_id, Job.state == "open"
    )
    return [(row.id, row.module, row.observation_id) for row in view.connection.execute(query.order_by(Job.id))]


def _content(observation: Observation, queries: Sequence[str], attempt: Attempt | None) -> dict[str, Any]:
    content = {
        "sightings": [_short(one) for one in observation.sightings],
        "triples": [asdict(one) for one in observation.triples],
        "complete_for": list(observation.complete_for),
        "model": observation.source.model,
        "prompt_hash": observation.source.prompt_hash,
        "queries": list(queries),
        "attempt": attempt and {"outcome": attempt.outcome, **attempt.details()},
    }
    return {name: _cleaned(value) for name, value in content.items() if value}


def _cleaned(value: Any) -> Any:
    """Return JSON without the characters that no database keeps, as NUL."""
    if isinstance(value, str):
        return value if value.isprintable() else clean(value)
    if isinstance(value, dict):
        return {_cleaned(name): _cleaned(one) for name, one in value.items()}
    return [_cleaned(one) for one in value] if isinstance(value, (list, tuple)) else value


def _short(sighting: Sighting) -> dict[str, Any]:
    """Return what is not as usual: most of a day's database would be defaults."""
    kept = {name: value for name, value in vars(sighting).items() if name == "name" or value != _USUAL[name]}
    return kept if sighting.pose is None else kept | {"pose": vars(sighting.pose)}


def _observation(row: dict[str, Any]) -> Observation:
    content = row["content"]
    source = Source(row["writer"], Trust(row["trust"]), content.get("model", ""), content.get("prompt_hash", ""))
    return Observation(
        time=row["time"],
        summary=row["summary"],
        sightings=tuple(_sighting(one) for one in content.get("sightings", ())),
        triples=tuple(Triple(**one) for one in content.get("triples", ())),
        complete_for=tuple(content.get("complete_for", ())),
        pose=_pose(row["pose"]),
        media=row["media"],
        action=row["action"],
        success=row["success"],
        source=source,
    )


def _sighting(content: dict[str, Any]) -> Sighting:
    facts = tuple((relation, name) for relation, name in content.get("facts", ()))
    return Sighting(**content | {"pose": _pose(content.get("pose")), "facts": facts})


def _pose(content: dict[str, Any] | None) -> Pose | None:
    if content is None:
        return None
    turned, spread = content.get("orientation"), content.get("covariance")
    return Pose(
        tuple(content["position"]),
        tuple(turned) if turned else None,
        tuple(tuple(line) for line in spread) if spread else None,
        content.get("frame", "map"),
    )
