"""A memory for other agents, over the Model Context Protocol."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from robomem.errors import RobomemError
from robomem.lifelong.erasure import Selector
from robomem.lifelong.memory import LifelongMemory
from robomem.lifelong.records import Entity, Pose, Source, Trust
from robomem.serve.memory.fence import NOTE, fact_record, iso, item_record

__all__ = ["make_server"]

WRITER = "mcp"
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_ADDS = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)
_ERASES = ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=False)

Metres = Annotated[float, Field(allow_inf_nan=False)]


def make_server(memory: LifelongMemory, *, allow_writes: bool = False) -> MCPServer[Any]:
    """Return the server of a memory.

    Args:
        memory: that is lent.
        allow_writes: with the tools ``remember`` and ``forget``. What an agent remembers has the trust of a language
            model: it never ends what was perceived, or what the owner said.
    """
    server = MCPServer("robomem-memory", instructions=f"What a robot remembers of a place. {NOTE}")
    _add_reading(server, memory)
    if allow_writes:
        _add_writing(server, memory)
    return server


def _add_reading(server: MCPServer[Any], memory: LifelongMemory) -> None:
    @server.tool(annotations=_READS)
    def recall(queries: Annotated[list[str], Field(min_length=1, max_length=20)]) -> dict[str, Any]:
        """Recall what bears on questions: facts about things and places, attempts, experience, what was done lately."""
        with _in_words():
            found = memory.recall(queries)
        return _data(
            facts=[fact_record(fact) for fact in found.spatial],
            attempts=[item_record(item) for item in found.episodic],
            experience=[item_record(item) for item in found.semantic],
            lately=list(found.temporal),
            not_heard_from=dict(found.missing),
        )

    @server.tool(annotations=_READS)
    def last_seen(name: str) -> dict[str, Any]:
        """Tell when and where things of a name were last seen."""
        with _in_words():
            seen = [
                {
                    **_entity(one.entity, one.pose),
                    "last_seen": iso(one.time),
                    "where": str(one),
                    "facts": [fact_record(fact) for fact in memory.facts(one.entity.id)],
                }
                for one in memory.last_seen(name)
            ]
            return _data(seen=seen)

    @server.tool(annotations=_READS)
    def near(x: Metres, y: Metres, z: Metres, radius: Annotated[float, Field(gt=0, le=1000)]) -> dict[str, Any]:
        """List what was last seen within a radius of a position in the map, in metres, the nearest first."""
        with _in_words():
            return _data(entities=[_entity(one, one.pose) for one in memory.near(x, y, z, radius)])

    @server.tool(annotations=_READS)
    def why(fact: int) -> dict[str, Any]:
        """Tell what a fact rests on: who said so, when; what ended it; what was before, after and beside it."""
        with _in_words():
            found = memory.why(fact)
        said = [
            {
                "by": one.writer,
                "model": one.model,
                "time": iso(one.time),
                "confidence": one.confidence,
                "trust": one.observation.source.trust.name.lower() if one.observation else None,
                "text": one.observation.summary if one.observation else "",
            }
            for one in found.citations
        ]
        ender = found.ended_by.summary if found.ended_by else None
        rivals = [fact_record(rival) for rival in found.rivals]
        return _data(fact=fact_record(found.fact), said=said, reason=found.fact.reason, ended_by=ender, beside=rivals)


def _add_writing(server: MCPServer[Any], memory: LifelongMemory) -> None:
    @server.tool(annotations=_ADDS)
    def remember(text: str, kind: Literal["action", "task", "preference"] = "task") -> dict[str, Any]:
        """Remember experience: of an action, of whole tasks, or what somebody prefers. One sentence."""
        with _in_words():
            item = memory.remember(text, kind=kind, source=Source(WRITER, Trust.MODEL))
        return {"item": item}

    @server.tool(annotations=_ERASES)
    def forget(what: Literal["item", "entity", "observation", "text"], value: int | str, reason: str) -> dict[str, Any]:
        """Erase for good: an item, entity or observation by its id, or all in which a text stands."""
        if not reason.strip():
            raise ToolError("Say why; the audit keeps it.")
        if isinstance(value, str) != (what == "text"):
            raise ToolError(f"{what} takes {'words' if what == 'text' else 'an id'}.")
        chosen: dict[str, Any] = {what: value}
        with _in_words():
            erased = memory.forget(Selector(**chosen), reason=reason, who=WRITER)
        names = ("items", "entities", "facts", "observations", "steps")
        return {"erased": {name: len(getattr(erased, name)) for name in names}, "notes": list(erased.notes)}


@contextmanager
def _in_words() -> Iterator[None]:
    """Errors of ours are told to the agent; of others the server tells that there was one."""
    try:
        yield
    except RobomemError as error:
        raise ToolError(str(error)) from error


def _data(**parts: Any) -> dict[str, Any]:
    return {"note": NOTE, "data": parts}


def _entity(one: Entity, pose: Pose | None) -> dict[str, Any]:
    at = None if pose is None else {"position": list(pose.position), "frame": pose.frame}
    return {"id": one.id, "name": one.name, "kind": one.kind, "last_seen": iso(one.last_seen), "pose": at}
