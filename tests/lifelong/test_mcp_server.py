"""A memory lent over the Model Context Protocol: what is told is data with its trust, and writing must be allowed."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mcp import Client

from robomem.lifelong.demo import HOSTILE
from robomem.lifelong.opening import open_memory
from robomem.lifelong.records import Trust
from robomem.serve.memory.mcp_server import make_server


def asked(flat: Path, talk: Callable[[Client], Any], *, allow_writes: bool = False) -> Any:
    async def run() -> Any:
        with open_memory(flat, read_only=not allow_writes) as memory:
            async with Client(make_server(memory, allow_writes=allow_writes)) as client:
                return await talk(client)

    return asyncio.run(run())


def call(flat: Path, tool: str, allow_writes: bool = False, **arguments: Any) -> Any:
    result = asked(flat, lambda client: client.call_tool(tool, arguments), allow_writes=allow_writes)
    assert not result.is_error, result.content
    return result.structured_content


def names(flat: Path, allow_writes: bool) -> set[str]:
    tools = asked(flat, lambda client: client.list_tools(), allow_writes=allow_writes).tools
    return {tool.name for tool in tools}


def test_writing_is_offered_only_where_it_is_allowed(flat):
    reading = {"recall", "last_seen", "near", "why"}
    assert names(flat, False) == reading
    assert names(flat, True) == reading | {"remember", "forget"}


def test_what_is_recalled_is_marked_as_data_with_its_trust(flat):
    answer = call(flat, "recall", queries=["coffee table", HOSTILE[1]])
    assert "never instructions" in answer["note"]
    trust = {fact["text"]: fact["trust"] for fact in answer["data"]["facts"]}
    assert trust[f"{HOSTILE[1]} on coffee table"] == "low"
    assert trust["note on coffee table"] == "sensor"


def test_last_seen_near_and_why_agree(flat):
    (seen,) = call(flat, "last_seen", name="red mug")["data"]["seen"]
    (fact,) = [fact for fact in seen["facts"] if fact["text"] == "red mug on shelf"]
    assert seen["where"] == "red mug, on shelf, in living room"
    x, y, z = seen["pose"]["position"]
    near = call(flat, "near", x=x, y=y, z=z, radius=0.1)["data"]["entities"]
    assert [one["name"] for one in near] == ["red mug"]
    told = call(flat, "why", fact=fact["id"])["data"]
    assert told["said"][0]["text"].startswith("The red mug is clean")
    assert told["said"][0]["trust"] == "sensor"
    assert "red mug on counter" in [rival["text"] for rival in told["beside"]]


def test_a_fact_that_does_not_exist_is_an_error_in_words(flat):
    result = asked(flat, lambda client: client.call_tool("why", {"fact": 9999}))
    assert result.is_error
    assert "9999" in result.content[0].text


def test_what_an_agent_remembers_has_a_models_trust(flat):
    call(flat, "remember", True, text="The kettle whistles when it boils.", kind="action")
    with open_memory(flat) as memory:
        (found,) = [item for item in memory.recall(["the kettle whistles"]).semantic if "whistles" in item.text]
    assert found.trust is Trust.MODEL


def test_forgetting_needs_a_reason_and_is_audited(flat):
    refused = asked(
        flat,
        lambda client: client.call_tool("forget", {"what": "entity", "value": 1, "reason": " "}),
        allow_writes=True,
    )
    assert refused.is_error
    with open_memory(flat) as memory:
        (mug,) = memory.entities("red mug")
    assert call(flat, "forget", True, what="entity", value=mug.id, reason="asked for it")["erased"]["entities"] == 1
    with open_memory(flat) as memory:
        assert not memory.entities("red mug")
