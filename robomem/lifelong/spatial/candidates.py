"""Known entities that a name or key may mean, for all names of a step at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from robomem.lifelong.records import Entity, Pose
from robomem.lifelong.store.graph import Called, Graph
from robomem.lifelong.store.relations import PLACE

__all__ = ["MOST", "by_key", "by_name", "facts_that_hold"]

MOST = 16
"""So many entities of one name are looked at wherever they are; of a name that more have, those near a sighting."""


def by_key(graph: Graph, keys: Iterable[str]) -> dict[str, Entity]:
    """Return the entities with these keys; one that was merged into another stands for that one."""
    meant = {key: one.merged_into or one.id for key, one in graph.keyed(key for key in keys if key).items()}
    known = graph.nodes(meant.values())
    while merged := {key: known[id].merged_into for key, id in meant.items() if known[id].merged_into is not None}:
        meant |= {key: id for key, id in merged.items() if id is not None}
        known |= graph.nodes(meant.values())
    return {key: known[id] for key, id in meant.items()}


def by_name(graph: Graph, names: Mapping[str, Sequence[Pose]], reach_m: float) -> dict[str, list[Entity]]:
    """Return the entities of each name, the most recently seen first.

    Args:
        graph: of the namespace.
        names: as ``normal`` writes them, with the poses at which something of that name was seen.
        reach_m: how far around a pose entities of a frequent name are looked for.
    """
    called = {name: [one for one in some if one.merged_into is None] for name, some in graph.called(names).items()}
    kept = {name: _kept(some, names[name], reach_m) for name, some in called.items()}
    entities = graph.nodes(id for ids in kept.values() for id in ids)
    return {name: [entities[id] for id in kept.get(name, ())] for name in names}


def _kept(called: Sequence[Called], poses: Sequence[Pose], reach_m: float) -> list[int]:
    if len(called) <= MOST:
        return [one.id for one in called]
    centres = [pose.position[:2] for pose in poses]
    near = [
        one.id
        for one in called
        if one.x is not None
        and one.y is not None
        and any(abs(one.x - x) <= reach_m and abs(one.y - y) <= reach_m for x, y in centres)
    ]
    # two more, so that a choice is seen to be one
    return list(dict.fromkeys([*near, *(one.id for one in called[: MOST if not poses else 2])]))


def facts_that_hold(graph: Graph, subjects: Collection[int]) -> dict[int, tuple[set[int], dict[str, str]]]:
    """Return where entities are (ids of places) and their values by relation, as far as undisputed."""
    result: dict[int, tuple[set[int], dict[str, str]]] = {id: (set(), {}) for id in subjects}
    for fact in graph.holding(subjects):
        places, values = result[fact.subject]
        if fact.object is not None and fact.grouping == PLACE:
            places.add(fact.object)
        elif fact.value is not None:
            values[fact.relation] = fact.value
    return result
