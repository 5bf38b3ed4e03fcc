"""EmbodiedBench both ways: its requests are answered, and its evaluators can drive our environments."""

import json
import threading
from typing import ClassVar

import numpy as np
import pytest
from fetch_suite import SKILLS, FetchEnv, fetch_suite
from hypothesis import given
from hypothesis import strategies as st
from published_request import PICTURE, gripper_request, request

from robomem.embodied import Action, AgentOptions, EmbodiedBenchSurface, Plan, Reply, agents, parse_plan
from robomem.errors import ConfigError
from robomem.serve import RequestError, parse_request

pytest.importorskip("starlette")
openai = pytest.importorskip("openai")
uvicorn = pytest.importorskip("uvicorn")

NAMES = st.text(st.characters(categories=("L", "N"), include_characters=" _"), min_size=1, max_size=20).map(
    lambda name: " ".join(name.split()) or "x"
)
SAID = ["Last action executed successfully.", "Last action is invalid. The hand is full.", "It is at the table now."]


class Echo:
    """Plans the skills whose names are words of the instruction, and counts what it was told."""

    met: ClassVar[list] = []

    def __init__(self, options):
        self.begun = 0

    def begin(self, world, seed, facts):
        self.begun += 1

    def plan(self, situation):
        Echo.met.append((self, situation))
        if "gibberish" in situation.instruction:
            return Reply(None, "gibberish", "it is gibberish")
        if "fault" in situation.instruction:
            raise ZeroDivisionError("agent")
        left = [number for number, name in enumerate(situation.skills) if name in situation.instruction]
        actions = tuple(Action(number, situation.skills[number]) for number in left)
        return Reply(Plan(actions, {"reasoning_and_reflection": f"{len(situation.history)} done"}), "", "", 7, 3)


@pytest.fixture
def url():
    from robomem.serve import make_app
    from robomem.serve.address import listen

    Echo.met = []
    listening = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(make_app("echo", Echo, AgentOptions()), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
    server.should_exit = True
    thread.join(20)


@given(
    st.lists(NAMES, min_size=1, max_size=40),
    NAMES,
    st.lists(st.tuples(st.integers(0, 39), st.sampled_from(SAID)), max_size=5),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["2025", "2026", "2026-id"]),
)
def test_what_the_published_form_says_is_read(skills, instruction, done, picture, chat, wording):
    history = [(action % len(skills), said) for action, said in done]
    if wording == "2026":  # an action is known by its name alone
        history = [(skills.index(skills[action]), said) for action, said in history]
    asked = parse_request(request(skills, instruction + ".", history, picture=picture, chat=chat, wording=wording))
    assert asked.instruction == instruction + "."
    assert asked.skills == tuple(skills)
    assert [(one.action.id, one.action.name, one.feedback) for one in asked.history] == [
        (action, skills[action], said) for action, said in history
    ]
    assert [one.success for one in asked.history] == ["invalid" not in said for _, said in history]
    assert (asked.picture is None) != picture
    if picture:
        assert np.array_equal(asked.picture, PICTURE)


VOXEL, TURN = st.integers(0, 100), st.integers(0, 120)
POSE = st.tuples(VOXEL, VOXEL, VOXEL, TURN, TURN, TURN, st.integers(0, 1)).map(list)
TABLE = ["Last action is valid. The reward is 0.", "Last action is invalid. 'A path' could not be found."]


@given(
    NAMES,
    st.lists(st.tuples(VOXEL, VOXEL, VOXEL).map(list), max_size=6),
    st.lists(st.tuples(POSE, st.sampled_from(TABLE)), max_size=5),
    st.booleans(),
    st.booleans(),
)
def test_what_the_manipulation_form_says_is_read(instruction, spots, history, picture, chat):
    named = {f"object {number}": spot for number, spot in enumerate(spots, 1)}
    asked = parse_request(gripper_request(instruction + ".", named, history, picture=picture, chat=chat))
    assert asked.instruction == instruction + "."
    assert asked.skills == ()
    assert [(one.action.id, one.success, one.feedback) for one in asked.history] == [
        (tuple(action), "invalid" not in said, said) for action, said in history
    ]
    assert (asked.picture is None) != picture
    if spots and not (chat and history):
        assert json.loads(asked.scene) == {"step": len(history), "coordinates": named}
    else:
        assert asked.scene == ""


def test_coordinates_are_read_as_numpy_writes_them():
    body = gripper_request("Stack.", {})
    (part,) = (part for part in body["messages"][0]["content"] if part["type"] == "text")
    part["text"] = part["text"].replace(
        "Input: {}", "Input: {'object 1': [np.int64(57), np.int64(6), np.int64(18)], 'object 2': array([1., 2., 3.])}"
    )
    scene = json.loads(parse_request(body).scene)
    assert scene["coordinates"] == {"object 1": [57, 6, 18], "object 2": [1, 2, 3]}


def test_the_last_instruction_counts():
    body = request(["go", "stay"], "stay.")
    text = body["messages"][0]["content"][1]
    text["text"] = f"## Task Execution Example 0: \n The human instruction is: go.\n{text['text']}"
    assert parse_request(body).instruction == "stay."
    body["messages"] = [*request(["go", "stay"], "go.")["messages"], *body["messages"]]
    assert parse_request(body).instruction == "stay."


def test_history_without_feedback_is_read():
    asked = parse_request(request(["go", "stay"], "move.", [(1, "-")], feedback=False))
    assert [(one.action.id, one.action.name, one.feedback) for one in asked.history] == [(1, "stay", "")]


def test_the_official_client_gets_a_plan_in_the_published_form(url):
    client = openai.OpenAI(base_url=url, api_key="anything", max_retries=0)
    body = request(list(SKILLS), "go to the bench then open the chest.")
    answer = client.chat.completions.create(**body)
    content = json.loads(answer.choices[0].message.content)
    steps = ["go to the bench", "open the chest"]
    assert [step["action_name"] for step in content["executable_plan"]] == steps
    assert [SKILLS[step["action_id"]] for step in content["executable_plan"]] == steps
    assert set(content) == {
        "visual_state_description",
        "reasoning_and_reflection",
        "language_plan",
        "executable_plan",
    }
    assert [action.id for action in parse_plan(answer.choices[0].message.content).actions] == [
        SKILLS.index(step) for step in steps
    ]
    assert (answer.model, answer.usage.prompt_tokens, answer.usage.completion_tokens) == ("gpt-robomem", 7, 3)
    assert client.models.list().data[0].id == "echo"


def test_an_episode_has_one_agent_and_begins_when_nothing_was_done(url):
    client = openai.OpenAI(base_url=url, api_key="anything", max_retries=0)
    for history in ([], [(0, SAID[0])], [(0, SAID[0]), (1, SAID[1])], []):
        client.chat.completions.create(**request(list(SKILLS), "go to the bench.", history))
    client.chat.completions.create(**request(list(SKILLS), "go to the shelf."))
    agents_met = [agent for agent, _ in Echo.met]
    assert agents_met[0] is agents_met[1] is agents_met[2] is agents_met[3]
    assert agents_met[0].begun == 2
    assert agents_met[4] is not agents_met[0]
    assert [len(situation.history) for _, situation in Echo.met] == [0, 1, 2, 0, 0]
    assert "scene" not in Echo.met[0][1].observation  # a picture says much, but not that there is nothing


def test_seven_integers_are_answered_in_the_published_form():
    import ast

    from starlette.testclient import TestClient

    from robomem.serve import make_app

    client = TestClient(make_app("random", agents["random"], AgentOptions()))
    plans = []
    for history in ([], [([1, 2, 3, 4, 5, 6, 0], TABLE[0])]):
        answer = client.post("/v1/chat/completions", json=gripper_request("Stack.", {"object 1": [1, 2, 3]}, history))
        content = json.loads(answer.json()["choices"][0]["message"]["content"])
        plans.append([ast.literal_eval(step["action"]) for step in content["executable_plan"]])
        assert content["language_plan"]
        for numbers, most in zip(plans[-1][0], (100, 100, 100, 120, 120, 120, 1), strict=True):
            assert isinstance(numbers, int)
            assert 0 <= numbers <= most
    assert plans[0] != plans[1]  # one episode, which goes on


def ask_rules(body):
    from starlette.testclient import TestClient

    from robomem.serve import make_app

    client = TestClient(make_app("rules", agents["rules"], AgentOptions()))
    return json.loads(client.post("/v1/chat/completions", json=body).json()["choices"][0]["message"]["content"])


@pytest.mark.parametrize(
    "body", [request(list(SKILLS), "go to the bench."), gripper_request("Lift the cube.", {"object 1": [50, 50, 17]})]
)
def test_an_agent_that_needs_a_scene_and_gets_a_picture_says_so(body):
    content = ask_rules(body)
    assert content["executable_plan"] == []
    assert "scene" in content["reasoning_and_reflection"]


def test_an_agent_that_is_told_what_lies_on_the_table_plans_in_seven_integers():
    import gymnasium as gym

    from robomem.embodied import Situation, suites
    from robomem_policies.planner.vlm.prompt import messages

    env = suites["manipulate"].make()
    observation, info = env.reset()
    assert isinstance(env.action_space, gym.spaces.MultiDiscrete)
    situation = Situation(info["instruction"], (), env.action_space, observation, (), 15)
    steps = ask_rules({"messages": messages(situation)})["executable_plan"]
    env.close()
    assert steps
    for step in steps:
        assert env.action_space.contains(np.array(json.loads(step["action"])))


def test_an_agent_without_a_plan_is_heard_as_it_spoke(url):
    client = openai.OpenAI(base_url=url, api_key="anything", max_retries=0)
    answer = client.chat.completions.create(**request(list(SKILLS), "gibberish."))
    assert answer.choices[0].message.content == "gibberish"


def test_an_agent_that_fails_is_a_500_and_the_server_goes_on(url):
    client = openai.OpenAI(base_url=url, api_key="anything", max_retries=0)
    with pytest.raises(openai.InternalServerError, match="echo failed"):
        client.chat.completions.create(**request(list(SKILLS), "fault."))
    assert client.chat.completions.create(**request(list(SKILLS), "go to the bench."))


def post(url, content: bytes, kind="application/json"):
    import urllib.error
    import urllib.request

    asked = urllib.request.Request(f"{url}/chat/completions", content, {"content-type": kind})
    try:
        with urllib.request.urlopen(asked, timeout=30) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


@pytest.mark.parametrize(
    ("content", "kind", "status", "said"),
    [
        (b"{", "application/json", 400, "not JSON"),
        (b"[" * 100_000, "application/json", 400, "not JSON"),
        (b"\xff\xfe", "application/json", 400, "not JSON"),
        (b"3", "application/json", 400, "JSON object"),
        (b"{}", "application/json", 400, "messages"),
        (b"{}", "text/plain", 415, "application/json"),
        (b" " * (32 * 2**20 + 1), "application/json", 413, "larger"),
    ],
)
def test_wrong_requests_are_refused_with_a_reason(url, content, kind, status, said):
    code, body = post(url, content, kind)
    assert code == status
    assert said in body["error"]["message"]


def spoilt(**changes):
    return {**request(list(SKILLS), "go."), **changes}


def words(text):
    return spoilt(messages=[{"role": "user", "content": text}])


def pictured(url):
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "action id 0: go"}]
    return spoilt(
        messages=[{"role": "user", "content": [*content, {"type": "text", "text": "human instruction is: x."}]}]
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (spoilt(stream=True), "Streaming"),
        (spoilt(n=3), "One answer"),
        (spoilt(messages=[]), "at least one"),
        (spoilt(messages=["hello"]), "at least one"),
        (words(3), "content"),
        (words([{"type": "input_audio"}]), "input_audio"),
        (words([3]), "part"),
        (words("hello"), "what the actions are"),
        (words("a gripper action, please"), "instruction"),
        (words("action id 0: go\naction id 1: stay"), "instruction"),
        (words("x" * 1_000_001), "characters"),
        (pictured("http://169.254.169.254/latest"), "not fetched"),
        (pictured("file:///etc/passwd"), "not fetched"),
        (pictured("data:image/png;base64,???"), "cannot be read"),
        (pictured("data:image/png;base64,aGVsbG8="), "cannot be read"),
        (pictured("data:image/svg+xml;base64,PHN2Zy8+"), "cannot be read"),
    ],
)
def test_what_is_no_request_for_a_plan_is_refused(body, said):
    with pytest.raises(RequestError, match=said):
        parse_request(body)


FIELDS = st.sampled_from(["messages", "role", "content", "type", "text", "image_url", "url"])


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(FIELDS, inner),
    )
)
def test_any_json_is_read_or_refused(body):
    with pytest.raises(RequestError):
        parse_request(body)


def test_an_agent_that_looks_into_the_environment_is_not_served():
    from robomem.serve import make_app

    with pytest.raises(ConfigError, match="cannot be served"):
        make_app("oracle", agents["oracle"], AgentOptions())


def test_their_evaluator_drives_our_environment(tmp_path):
    """The loop of the published evaluators, with the names that they use."""
    tasks = fetch_suite(tmp_path / "tasks").tasks("base")[:3]
    env = EmbodiedBenchSurface(FetchEnv(), tasks, tmp_path / "log")
    results = []
    assert env.number_of_episodes == 3
    while env._current_episode_num < env.number_of_episodes:
        obs = env.reset()
        image = env.save_image(obs)
        assert image.endswith(f"episode_{env._current_episode_num}_step_0.png")
        assert env.episode_language_instruction == tasks[env._current_episode_num - 1].instruction
        plan, done = [env.language_skill_set.index("open the chest"), *env.env.expert_plan()], False
        while not done:
            for action in plan[: env._max_episode_steps - env._current_step]:
                obs, _, done, info = env.step(action, reasoning="{}")
                env.save_image(obs)
                if done or info["last_action_success"] == 0:
                    break
            plan = env.env.expert_plan()
        assert info["action_description"] == env.language_skill_set[info["action_id"]]
        assert env._cur_invalid_actions == 1
        results.append((info["task_success"], info["task_progress"], info["subgoal_reward"], info["env_step"]))
        assert info["env_feedback"]
        env.save_episode_log()
        (log,) = (tmp_path / "log").glob(f"episode_{env._current_episode_num}_step_*.json")
        assert [json.loads(line) for line in log.read_text().splitlines()] == env.episode_log
    assert [result[:3] for result in results] == [(1.0, 1.0, 1.0)] * 3
    with pytest.raises(ConfigError, match="All 3"):
        env.reset()
    env.close()
    assert env.env.closed


def test_answers_without_a_plan_count_towards_the_limit_of_invalid_actions(tmp_path):
    env = EmbodiedBenchSurface(FetchEnv(), fetch_suite(tmp_path / "tasks").tasks("base"), tmp_path)
    with pytest.raises(ConfigError, match="Reset"):
        env.step(0)
    env.reset()
    env._cur_invalid_actions += 9  # their evaluators count them so, without a step
    _, _, done, info = env.step("fly to the moon")
    assert done
    assert info["last_action_success"] == 0.0
    env.reset()
    for unknown in ({"action": "pickup_by_point", "point": [3, 4]}, "MoveAhead", ["a"], None):
        _, _, done, info = env.step(unknown)
        assert (done, info["last_action_success"]) == (False, 0.0)
    with pytest.raises(ConfigError, match="needs tasks"):
        EmbodiedBenchSurface(FetchEnv(), [], tmp_path)


def test_the_first_world_is_there_before_the_first_reset(tmp_path):
    tasks = fetch_suite(tmp_path / "tasks").tasks("visits")
    env = EmbodiedBenchSurface(FetchEnv(), tasks, tmp_path)
    assert env.env.task == tasks[0]
    env.reset()
    assert env.env.task == tasks[0]


@pytest.mark.parametrize("told", [True, False])
def test_a_scene_goes_along_in_the_picture_if_asked_for(tmp_path, told):
    import base64

    tasks = fetch_suite(tmp_path / "tasks").tasks("base")
    env = EmbodiedBenchSurface(FetchEnv("vision"), tasks, tmp_path, scene_in_pictures=told)
    observation = env.reset()
    assert np.array_equal(observation["head_rgb"], observation["rgb"])
    with open(env.save_image(observation), "rb") as file:
        data = base64.b64encode(file.read()).decode()
    body = request(list(SKILLS), tasks[0].instruction)
    body["messages"][0]["content"][0]["image_url"]["url"] = f"data:image/png;base64,{data}"
    asked = parse_request(body)
    assert asked.scene == (observation["scene"] if told else "")
    assert np.array_equal(asked.picture, observation["rgb"])
