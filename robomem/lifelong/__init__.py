"""A robot's memory for life: what was where and when, what was tried, what is known, in a database."""

from robomem.lifelong.aio import AsyncLifelongMemory
from robomem.lifelong.attempts import ActionTaken, Attempt
from robomem.lifelong.erasure import Erased, Selector
from robomem.lifelong.forgetting import Policy
from robomem.lifelong.memory import LifelongMemory
from robomem.lifelong.recollection import Receipt, Recollection
from robomem.lifelong.records import (
    Entity,
    Fact,
    Item,
    Namespace,
    Observation,
    Pose,
    Sighting,
    Source,
    Triple,
    Trust,
)
from robomem.lifelong.roles import Roles
from robomem.lifelong.store.relations import RelationKind
from robomem.lifelong.view import Explanation, LifelongView

__all__ = [
    "ActionTaken",
    "AsyncLifelongMemory",
    "Attempt",
    "Entity",
    "Erased",
    "Explanation",
    "Fact",
    "Item",
    "LifelongMemory",
    "LifelongView",
    "Namespace",
    "Observation",
    "Policy",
    "Pose",
    "Receipt",
    "Recollection",
    "RelationKind",
    "Roles",
    "Selector",
    "Sighting",
    "Source",
    "Triple",
    "Trust",
]
