"""The roles of planner and memory played by models that are real: over HTTP in another process, or with weights here."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from episodes import by_rules, task, world_of

from robomem.embodied import AgentOptions, Executed, Reply, Situation, agents
from robomem.lifelong.records import Trust

SERVER = Path(__file__).with_name("model_server.py")
TOLD = "Put the apple in the sink. That is where I like my apples to be."
GOAL = {"things": ["apple_1"], "at": ["sink_1"]}


@contextmanager
def serving(plan: list[int]) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run the endpoint; give its address and its process."""
    command = [sys.executable, str(SERVER), json.dumps(plan)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def solution() -> list[int]:
    one = task(GOAL, instruction=TOLD)
    env = world_of(one)
    info, history = by_rules(env, one, agents["planner"](AgentOptions(memory="none")))
    assert info["task_success"]
    return [int(done.action.id) for done in history]


@pytest.fixture(scope="module")
def endpoint(solution: list[int]) -> Iterator[str]:
    pytest.importorskip("openai")
    with serving(solution) as (url, _):
        yield url


def played(model: str, base_url: str | None = None, after: Any = None, **extra: Any) -> tuple[bool, list[Reply], Any]:
    """Play one episode, with ``after`` called after its first step; return success, the replies and the agent."""
    told = AgentOptions(model=model, base_url=base_url, extra={"encoder": "hash", "cache": False, **extra})
    agent: Any = agents["planner"](told)
    one = task(GOAL, instruction=TOLD)
    env = world_of(one)
    observation, info = env.reset(options={"task": one})
    agent.begin(one.world, 0, {})
    replies: list[Reply] = []
    history: list[Executed] = []
    while True:
        left = env.max_steps - len(history)
        replies.append(agent.plan(Situation(TOLD, env.skills, env.action_space, observation, tuple(history), left)))
        plan = replies[-1].plan
        if plan is None or not plan.actions:
            break
        observation, _, terminated, truncated, info = env.step(plan.actions[0].id)
        history.append(Executed(plan.actions[0], bool(info["last_action_success"]), info["env_feedback"]))
        if after is not None and len(history) == 1:
            after()
        if terminated or truncated:
            break
    agent.begin(one.world, 0, {})  # the episode is over
    agent._session.end()
    return bool(info["task_success"]), replies, agent


def degraded(replies: list[Reply]) -> str:
    return "\n".join(reply.plan.thoughts.get("degraded", "") for reply in replies if reply.plan is not None)


def test_a_model_behind_http_plays_every_role(endpoint, solution):
    solved, replies, agent = played("good", endpoint)
    assert solved
    assert "rules decided" not in degraded(replies)
    assert not agent.stand_in.degraded
    assert [reply.plan.actions[0].id for reply in replies if reply.plan.actions] == solution
    assert sum(reply.tokens_in for reply in replies) >= 100 * len(replies)
    (memory,) = agent._session._memories.values()
    told = [fact for fact in memory.facts() if fact.subject_name == "red mug"]
    assert [(fact.relation, fact.object_name, fact.trust) for fact in told] == [("on", "sofa", Trust.MODEL)]
    assert "rules decided" not in " ".join(agent._session.take_notes())
    assert any(item.text == "Apples go into the sink." for item in memory.recall(["Apples go into the sink."]).semantic)


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ("nonsense", "holds no JSON object|has no|rules decided"),
        ("late", "no answer within|no whole answer within"),
        ("silent", "no answer within|no whole answer within"),
        ("drops", "broke"),
    ],
)
def test_rules_take_over_from_an_endpoint_that_misbehaves(endpoint, model, why):
    slow = {"deadline_s": 0.3} if model in ("late", "silent") else {}
    solved, replies, agent = played(model, endpoint, **slow)
    assert solved
    assert {"planner", "summariser", "queries"} <= set(agent.stand_in.degraded)
    said = degraded(replies)
    for role in ("planner", "summariser", "queries", "memory spatial"):
        assert f"{role}: " in said
    assert re.search(why, said)
    (memory,) = agent._session._memories.values()
    assert memory.facts()  # what was seen was taken in all the same


def test_some_good_answers_among_nonsense_are_used(endpoint):
    solved, replies, agent = played("mixed", endpoint)
    assert solved
    assert 0 < sum(agent.stand_in.degraded.values())
    assert sum(reply.tokens_in for reply in replies) > 0


def test_an_endpoint_that_dies_on_the_way_leaves_rules(solution):
    pytest.importorskip("openai")
    with serving(solution) as (url, process):

        def die() -> None:
            process.kill()
            process.wait()

        solved, replies, agent = played("good", url, after=die)
    assert solved
    assert "degraded" not in replies[0].plan.thoughts
    assert "no connection" in degraded(replies[1:])


TALK = "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"


def tiny_model(folder: Path) -> Path:
    """Write a causal language model with random weights, and a tokenizer of words, as ``save_pretrained`` does."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    torch.manual_seed(0)
    words = ["<unk>", "<s>", "{", "}", '"', ":", ",", "facts", "summary", "queries", "apple", "sink", "true", "0"]
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>", bos_token="<s>")
    fast.chat_template = TALK
    fast.save_pretrained(folder)
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = LlamaConfig(vocab_size=len(words), max_position_embeddings=8192, **sizes)
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.mark.skipif(importlib.util.find_spec("transformers") is None, reason="transformers is not installed")
def test_rules_take_over_from_a_model_of_random_weights(tmp_path):
    solved, replies, agent = played(f"hf:{tiny_model(tmp_path / 'model')}", max_tokens=8)
    assert solved
    assert {"planner", "summariser", "queries"} <= set(agent.stand_in.degraded)
    said = degraded(replies)
    for role in ("planner", "summariser", "queries", "memory spatial"):
        assert f"{role}: " in said
    assert "rules decided" in said
    assert sum(reply.tokens_in for reply in replies) > 1_000  # it did read
    assert sum(reply.tokens_out for reply in replies) > 8
    (memory,) = agent._session._memories.values()
    assert memory.facts()


def test_the_memory_too_leaves_a_model_alone_that_fails_in_a_row(endpoint):
    _, replies, agent = played("nonsense", endpoint)
    alone = [reply for reply in replies if "memory spatial: AnswerError: it is left alone" in degraded([reply])]
    assert alone
    assert all("queries: it is left alone" in degraded([reply]) for reply in alone[:1])
