"""Relations as they are stored: one wording, one direction."""

from __future__ import annotations

import re

from robomem.lifelong.store.relations import Relations

__all__ = ["directed", "worded"]

_SAME = {
    "inside of": "in",
    "inside": "in",
    "into": "in",
    "within": "in",
    "onto": "on",
    "on top of": "on",
    "atop": "on",
    "lying on": "on",
    "standing on": "on",
    "sitting on": "on",
    "located in": "in",
    "located on": "on",
    "located at": "at",
    "placed on": "on",
    "placed in": "in",
    "beneath": "under",
    "underneath": "under",
    "by": "near",
    "close to": "near",
    "adjacent to": "next to",
    "hold": "holds",
    "holding": "holds",
    "carries": "holds",
    "carrying": "holds",
    "contain": "contains",
    "containing": "contains",
    "like": "likes",
    "prefer": "prefers",
    "coloured": "colour",
    "color": "colour",
}


def worded(relation: str) -> str:
    """Return the wording of a relation that is stored: ``"is_inside"`` is ``"in"``."""
    words = re.sub(r"[\s_\-]+", " ", relation.casefold()).strip() or relation.strip()
    short = re.sub(r"^(?:is|are|was|were) (?=\S)", "", words)
    return _SAME.get(short, short)


def directed(relations: Relations, relation: str) -> tuple[str, bool]:
    """Return the relation as which one between things is stored, and whether its ends are exchanged for that."""
    kind = relations.kind(relation)
    return (kind.canonical, True) if kind.canonical else (relation, False)
