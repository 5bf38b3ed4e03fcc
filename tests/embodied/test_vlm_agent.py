"""The agent ``vlm`` before an endpoint that answers well, badly, late or not at all."""

import base64
import importlib.util
import itertools
import json
import threading

import imageio.v3 as iio
import numpy as np
import pytest
from fetch_suite import SKILLS, FetchEnv, fetch_suite
from hypothesis import given
from hypothesis import strategies as st
from openai_stub import Answer, fails, openai_stub, says

from robomem.embodied import AgentOptions, agents, parse_plan, suites
from robomem.errors import ConfigError
from robomem.evaluate.embodied import evaluate_suite, play_episode, write_results
from robomem.evaluate.embodied.summary import errors_of
from robomem.serve.request import parse_request
from robomem_policies.planner.vlm.agent import VlmAgent
from robomem_policies.planner.vlm.chat import EndpointError
from robomem_policies.planner.vlm.examples import examples_for
from robomem_policies.planner.vlm.pacing import Pace
from robomem_policies.planner.vlm.prompt import messages, plan_schema

pytest.importorskip("openai")


@pytest.fixture
def stub(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with openai_stub() as endpoint:
        yield endpoint


@pytest.fixture
def task(tmp_path):
    return fetch_suite(tmp_path / "tasks").tasks("base")[0]


def options(stub, **extra) -> AgentOptions:
    return AgentOptions(model="some-model", base_url=stub.url, extra={"cache": False, "retries": 2, **extra})


def solution(task) -> list[int]:
    env = FetchEnv()
    env.reset(options={"task": task})
    return env.expert_plan()


def play(stub, task, env=None, **extra):
    return play_episode(env or FetchEnv(), VlmAgent(options(stub, **extra)), task, seed=0, facts={})


def test_a_good_answer_solves_the_task_and_is_accounted_for(stub, task):
    stub.answers = [says(*solution(task), reasoning_and_reflection="I know.")]
    record = play(stub, task, prices=[2.0, 8.0])
    assert record.success
    (call,) = record.calls
    assert (call.tokens_in, call.tokens_out) == (100, 10)
    assert call.cost == pytest.approx((100 * 2 + 10 * 8) / 1e6)
    assert call.thoughts == {"reasoning_and_reflection": "I know."}
    (request,) = stub.requests
    assert request["response_format"]["json_schema"]["schema"]["properties"]["executable_plan"]["type"] == "array"
    assert (request["model"], request["temperature"]) == ("some-model", 0)


@pytest.mark.parametrize("skills", [SKILLS, ["move forward by 0.25 m", "rotate to the left by 90 degrees"]])
def test_the_worked_examples_are_plans_of_the_kind_that_is_asked_for(skills):
    shown = examples_for(skills)
    assert len(shown) == 2
    for text in shown:
        plan = parse_plan(text.partition("Answer: ")[2])
        assert plan.actions
        verbs = {action.name.split()[0] for action in plan.actions}
        assert verbs <= ({"move", "rotate"} if "move forward by 0.25 m" in skills else {"go", "open", "pick", "place"})


def test_the_prompt_has_all_that_the_published_form_has(stub, task):
    stub.answers = [says(SKILLS.index("open the chest")), says()]
    play(stub, task, FetchEnv(observation="vision"))
    image, text = stub.requests[1]["messages"][0]["content"]
    picture = iio.imread(base64.b64decode(image["image_url"]["url"].removeprefix("data:image/png;base64,")))
    assert np.array_equal(picture, _first_picture(task))
    for number, name in enumerate(SKILLS):
        assert f"\naction id {number}: {name}" in text["text"]
    assert task.instruction.rstrip(".") in text["text"]
    asked = parse_request(stub.requests[1])
    assert (asked.instruction, asked.skills) == (task.instruction, SKILLS)
    assert [(done.action.id, done.success) for done in asked.history] == [(SKILLS.index("open the chest"), False)]
    assert asked.history[0].feedback == "Last action is invalid. You cannot open the chest."


def _first_picture(task):
    env = FetchEnv(observation="vision")
    return env.reset(options={"task": task})[0]["rgb"]


def test_a_malformed_answer_is_asked_for_once_more_and_told_why(stub, task):
    stub.answers = [Answer("I would open the chest."), says(*solution(task))]
    record = play(stub, task)
    assert record.success
    assert record.calls[0].tokens_in == 200
    complaint = stub.requests[1]["messages"][-1]["content"]
    assert "no JSON object" in complaint


MALFORMED = {
    "words": (Answer("I would open the chest."), "no JSON object"),
    "half": (Answer('{"executable_plan": [{"action_id": 1'), "no"),
    "other": (Answer('{"plan": []}'), "executable_plan"),
    "names": (Answer('{"executable_plan": [{"action_id": "open"}]}'), "not JSON"),
    "empty": (Answer(""), "empty"),
    "null": (Answer(None), "empty"),
    "html": (Answer(body=b"<html>busy</html>", content_type="text/html"), "no chat completion"),
    "lie": (Answer(body=b"<html>busy</html>"), "no chat completion"),
    "nothing": (Answer(body=b""), "no chat completion"),
    "list": (Answer(body=b"[]"), "no chat completion"),
    "no choices": (Answer(body=b'{"choices": []}'), "no chat completion"),
    "deep": (Answer(body=b"[" * 100_000), "no chat completion"),
    "huge": (Answer(body=b" " * 5_000_000), "more than"),
    "long": (Answer("x" * 200_000), "characters"),
    "zip": (Answer(body=b"no gzip", headers={"content-encoding": "gzip"}), "broke off"),
    "cut off": (Answer(says(0).text, cut_off=True), "broke off"),
    "429": (fails(429), "HTTP 429"),
    "500": (fails(500), "HTTP 500"),
    "503": (fails(503), "HTTP 503"),
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_the_agent_survives_and_the_record_says_what_happened(stub, task, kind):
    wrong, said = MALFORMED[kind]
    good = says(*solution(task))
    times = 3 if kind in ("429", "500", "503") else 1  # as often as a request is sent
    stub.answers = [*[wrong] * (2 * times), good]
    record = play(stub, task)
    assert record.success, "it went on"
    assert said in record.calls[0].error
    assert record.calls[0].steps[0].action == -1
    assert record.numbers()["output_errors"] == 1
    assert said in next(iter(errors_of([record])))


@pytest.mark.parametrize("status", [429, 500])
def test_a_failure_that_passes_is_only_a_retry(stub, task, status):
    stub.answers = [fails(status), fails(status), says(*solution(task))]
    record = play(stub, task)
    assert record.success
    assert record.numbers()["output_errors"] == 0
    assert len(stub.requests) == 3


def test_a_json_content_type_is_not_needed(stub, task):
    good = says(*solution(task))
    good.content_type = "text/plain"
    stub.answers = [good]
    assert play(stub, task).success


def test_a_slow_answer_is_given_up(stub, task):
    released = threading.Event()
    slow = says(0)
    slow.stall = released
    stub.answers = [slow, slow, says(*solution(task))]
    record = play(stub, task, timeout_s=0.3, retries=0)
    released.set()
    assert record.success
    assert record.calls[0].error


def test_unknown_actions_are_invalid_and_fed_back(stub, task):
    stub.answers = [says(99), says(-7), says(*solution(task))]
    record = play(stub, task)
    assert record.success
    assert record.invalid_actions == 2
    assert "There is no action 99." in stub.requests[1]["messages"][0]["content"][-1]["text"]


def test_an_endpoint_that_takes_no_schema_is_asked_without(stub, task):
    good = says(*solution(task))
    stub.respond = lambda request: fails(400) if "response_format" in request else good
    assert play(stub, task).success
    assert ["response_format" in request for request in stub.requests] == [True, False]


def test_an_endpoint_that_knows_other_arguments_is_asked_with_those(stub, task):
    def respond(request):
        for name in ("max_tokens", "temperature"):
            if name in request:
                return Answer(status=400, body=json.dumps({"error": {"message": f"'{name}' is unknown"}}).encode())
        return says(*solution(task))

    stub.respond = respond
    assert play(stub, task, max_tokens=77).success
    assert stub.requests[-1]["max_completion_tokens"] == 77
    assert "response_format" in stub.requests[-1]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_an_endpoint_that_refuses_stops_the_run(stub, task, status):
    stub.answers = [fails(status)]
    with pytest.raises(EndpointError, match=f"HTTP {status}"):
        play(stub, task)


def test_an_endpoint_that_fails_for_ever_stops_the_run_and_what_is_finished_is_kept(stub, tmp_path, monkeypatch):
    monkeypatch.setitem(suites._entries, "fetch", fetch_suite(tmp_path / "tasks"))
    good = iter([says()] * 3)
    stub.respond = lambda request: next(good, fails(500))
    with pytest.raises(EndpointError, match="failed 5 times in a row"):
        evaluate_suite("fetch:base", "vlm", tmp_path / "run", options=options(stub, retries=0), film=0)
    assert len(list((tmp_path / "run" / "episodes").glob("*.json"))) == 3
    stub.respond = lambda request: says()
    run = evaluate_suite("fetch:base", "vlm", tmp_path / "run", options=options(stub, retries=0), film=0)
    assert len(run.records) == 8
    assert {record.ended for record in run.records} == {"empty plan"}


def test_failures_between_answers_do_not_add_up(stub, task):
    stub.answers = [*[fails(500), fails(500), says(0)] * 4, says(*solution(task))]
    record = play(stub, task, retries=0)
    assert record.success
    assert record.numbers()["output_errors"] == 4


def test_an_endpoint_that_is_down_is_named(task):
    with openai_stub() as endpoint:
        gone = endpoint
    with pytest.raises(EndpointError, match=r"no connection.*--base-url"):
        play(gone, task, retries=0)


def test_a_run_played_again_asks_nothing_and_is_the_same(stub, tmp_path, monkeypatch):
    monkeypatch.setitem(suites._entries, "fetch", fetch_suite(tmp_path / "tasks"))
    number = iter(range(10**6))
    stub.respond = lambda request: says(next(number) % 13)  # never the same twice
    told = options(stub, cache=str(tmp_path / "answers"))
    first = evaluate_suite("fetch:base", "vlm", tmp_path / "first", options=told, episodes=3, film=0)
    asked = len(stub.requests)
    second = evaluate_suite("fetch:base", "vlm", tmp_path / "second", options=told, episodes=3, film=0)
    assert len(stub.requests) == asked
    assert [record.row() for record in first.records] == [record.row() for record in second.records]
    for file in (tmp_path / "answers").rglob("*.json"):
        file.write_bytes(b"{")
    evaluate_suite("fetch:base", "vlm", tmp_path / "third", options=told, episodes=1, film=0)
    assert len(stub.requests) > asked, "a damaged answer is asked for again"


def test_the_report_of_a_bad_endpoint_says_what_happened(stub, tmp_path, monkeypatch):
    monkeypatch.setitem(suites._entries, "fetch", fetch_suite(tmp_path / "tasks"))
    stub.answers = [Answer("nothing but words")]
    run = evaluate_suite("fetch:base", "vlm", tmp_path / "run", options=options(stub), episodes=2, film=0)
    write_results(run, tmp_path / "run")
    errors = json.loads((tmp_path / "run" / "results.json").read_text())["errors"]
    assert errors == {"The answer holds no JSON object.": 20}
    for name in ("results.md", "report.html"):
        assert "The answer holds no JSON object." in (tmp_path / "run" / name).read_text()


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (AgentOptions(), "needs --model"),
        (AgentOptions(model="m", extra={"timeout": 3}), "Did you mean 'timeout_s'"),
        (AgentOptions(model="m", extra={"timeout_s": -1}), "above 0"),
        (AgentOptions(model="m", extra={"retries": 1.5}), "whole number"),
        (AgentOptions(model="m", extra={"prices": "cheap"}), "two numbers"),
        (AgentOptions(model="hf:/nowhere"), r"config\.json"),
    ],
)
def test_wrong_options_are_errors(told, said):
    with pytest.raises(ConfigError, match=said):
        agents["vlm"](told)


@given(st.lists(st.floats(0, 1e4), min_size=2, max_size=20), st.floats(1, 600))
def test_requests_are_spaced(tmp_path_factory, times, per_minute):
    pace = Pace(str(tmp_path_factory.mktemp("pace")), per_minute)
    slots = [pace.take(now) for now in sorted(times)]
    assert all(slot >= now for slot, now in zip(slots, sorted(times)))
    assert all(later - slot >= 60 / per_minute - 1e-6 for slot, later in itertools.pairwise(slots))


@pytest.mark.skipif(importlib.util.find_spec("transformers") is None, reason="transformers is not installed")
@pytest.mark.parametrize("sees", [False, True])
def test_a_local_model_is_loaded_and_answers(tmp_path, task, sees):
    (_tiny_seeing_model if sees else _tiny_model)(tmp_path / "model")
    told = AgentOptions(model=f"hf:{tmp_path / 'model'}", extra={"cache": False, "max_tokens": 8})
    observation = "vision" if sees else "text"
    record, same = [play_episode(FetchEnv(observation), VlmAgent(told), task, seed=0, facts={}) for _ in range(2)]
    assert record.numbers()["output_errors"] > 0, "it has random weights"
    assert record.calls[0].tokens_in > 100
    assert 0 < record.calls[0].tokens_out <= 16
    assert [call.answer for call in same.calls] == [call.answer for call in record.calls]


TALK = "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
LOOK = (
    "{% for message in messages %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %} <image> {% else %}{{ part['text'] }}{% endif %}{% endfor %}\n{% endfor %}"
)
WORDS = ["<unk>", "<s>", "<image>", "action", "id", "the", "chest", "{", "}"]
SIZES = {"hidden_size": 16, "intermediate_size": 16, "num_attention_heads": 2}


def _tokenizer():
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="<unk>"))
    raw.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    special = {"unk_token": "<unk>", "bos_token": "<s>", "additional_special_tokens": ["<image>"]}
    return PreTrainedTokenizerFast(tokenizer_object=raw, **special)


def _tiny_model(folder):
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    tokenizer = _tokenizer()
    tokenizer.chat_template = TALK
    tokenizer.save_pretrained(folder)
    LlamaForCausalLM(LlamaConfig(vocab_size=len(WORDS), num_hidden_layers=1, **SIZES)).save_pretrained(folder)


def _tiny_seeing_model(folder):
    import torch
    import transformers as hf

    torch.manual_seed(0)
    eyes = hf.CLIPVisionConfig(num_hidden_layers=2, image_size=28, patch_size=14, **SIZES)
    mind = hf.LlamaConfig(vocab_size=len(WORDS), num_hidden_layers=1, **SIZES)
    config = hf.LlavaConfig(vision_config=eyes, text_config=mind, image_token_id=WORDS.index("<image>"))
    hf.LlavaForConditionalGeneration(config).save_pretrained(folder)
    images = hf.CLIPImageProcessor(size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28})
    told = {"patch_size": 14, "vision_feature_select_strategy": "default", "num_additional_image_tokens": 1}
    hf.LlavaProcessor(images, _tokenizer(), chat_template=LOOK, image_token="<image>", **told).save_pretrained(folder)


def test_low_level_actions_are_described_and_asked_for_as_numbers(task):
    import gymnasium as gym

    from robomem.embodied import Situation

    space = gym.spaces.MultiDiscrete([101, 101, 2])
    situation = Situation("Stack the cubes.", (), space, {"scene": "{}"}, (), 15)
    text = messages(situation)[0]["content"][-1]["text"]
    assert "0 to 100, 0 to 100, 0 to 1" in text
    step = plan_schema(situation)["properties"]["executable_plan"]["items"]
    assert step["required"] == ["action"]
