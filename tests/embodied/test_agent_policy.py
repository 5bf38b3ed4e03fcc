"""An agent that plans is a policy like any other: saved, loaded, evaluated, with its episode in an explicit state."""

import copy
from typing import ClassVar

import gymnasium as gym
import numpy as np
import pytest
from fetch_suite import SKILLS, fetch_suite

from robomem import policy as policy_files
from robomem.embodied import Action, AgentOptions, AgentPolicy, Plan, Reply, SuiteEnv, agents, suites
from robomem.embodied.suite_env import GIVE_UP
from robomem.embodied.words import WORDS, from_words, to_words
from robomem.errors import ConfigError, EnvironmentFault, SpaceError, UnknownNameError
from robomem.evaluate import evaluate


class Fetcher:
    """Looks at every place for the thing of its task; counts the episodes that it began in their midst."""

    made: ClassVar[list] = []

    def __init__(self, options: AgentOptions) -> None:
        self.options, self.begun, self.situations, self.resumed = options, [], [], 0
        self.made.append(self)

    def begin(self, world, seed, facts):
        self.begun.append((world, seed, dict(facts)))
        self.asked = False

    def plan(self, situation):
        self.situations.append(situation)
        self.resumed += bool(situation.history) and not self.asked
        self.asked = True
        words = situation.instruction.rstrip(".").split()
        thing, place = words[2], words[-1]
        held = any(done.success and done.action.name == f"pick up the {thing}" for done in situation.history)
        looked = {done.action.name for done in situation.history}
        if held:
            chest = ["open the chest"] * (place == "chest" and "open the chest" not in looked)
            return reply(f"go to the {place}", *chest, f"place at the {place}")
        for each in ("table", "bench", "shelf", "chest"):
            if f"go to the {each}" not in looked:
                chest = ["open the chest"] * (each == "chest")
                return reply(f"go to the {each}", *chest, f"pick up the {thing}")
        return Reply(Plan((), {}))


def reply(*names):
    return Reply(Plan(tuple(Action(SKILLS.index(name), name) for name in names), {}))


@pytest.fixture
def fetch(tmp_path, monkeypatch):
    suite = fetch_suite(tmp_path / "tasks")
    Fetcher.made = []
    monkeypatch.setitem(suites._entries, "fetch", suite)
    monkeypatch.setitem(agents._entries, "fetcher", Fetcher)
    return suite


@pytest.fixture
def env(fetch):
    with SuiteEnv("fetch", "base") as made:
        yield made


def planner(env, agent="fetcher", **options):
    return AgentPolicy(agent, AgentOptions(**options), env.observation_space, env.action_space)


def test_the_suite_is_an_environment_that_tells_everything(env):
    observation, info = env.reset(seed=11)
    assert env.observation_space.contains(observation)
    told = from_words(observation["words"])
    assert told["instruction"] == info["instruction"] == suites["fetch"].tasks("base")[11 % 8].instruction
    assert (told["skills"], told["steps_left"], told["world"]) == (list(SKILLS), 30, "flat")
    assert "worked" not in told
    observation, *_, info = env.step(900)
    told = from_words(observation["words"])
    assert (told["worked"], told["steps_left"]) == (False, 29)
    assert "no action 900" in told["feedback"]
    _, reward, terminated, truncated, info = env.step(GIVE_UP)
    assert (reward, terminated, truncated, info["success"]) == (0.0, False, True, False)
    with pytest.raises(ConfigError, match="numbers"):
        SuiteEnv("manipulate", "base")
    with pytest.raises(UnknownNameError, match="base"):
        SuiteEnv("fetch", "bas")


def test_a_saved_planner_is_evaluated_and_the_number_of_rows_changes_nothing(env, tmp_path):
    policy_files.save(
        planner(env, extra={"path": "kitchen.db"}), tmp_path / "planner", info={"env": "robomem/Suite-v0"}
    )
    loaded = policy_files.load(tmp_path / "planner")
    assert type(loaded) is AgentPolicy
    asked = {"suite": "fetch", "subset": "base"}
    found = [evaluate(loaded, "suite", episodes=20, num_envs=rows, env_kwargs=asked) for rows in (1, 7)]
    assert found[0].rows == found[1].rows
    assert found[0].success.value == 1.0  # each place is looked at, and no grasp slips
    assert len(Fetcher.made) == 7  # the first served alone, and then as one of seven
    assert Fetcher.made[0].options.extra == {"path": "kitchen.db"}
    assert sum(agent.resumed for agent in Fetcher.made) == 0  # each episode has its agent to its end
    assert len(Fetcher.made[0].begun) >= 20
    assert {seed for _, seed, _ in Fetcher.made[0].begun} >= {row.seed for row in found[0].rows}


def play(policy, env, seed, state=None):
    observation, _ = env.reset(seed=seed)
    actions, over, begin = [], False, True
    while not over:
        action, state = policy.predict(observation, state, begin)
        actions.append(int(action))
        observation, _, terminated, truncated, info = env.step(action)
        over, begin = terminated or truncated, False
    return actions, info["success"]


def test_the_state_says_what_was_done_and_another_process_goes_on_from_it(env):
    policy, (observation, _) = planner(env), env.reset(seed=3)
    state = policy.initial_state(1, [5])
    state = {name: array for name, array in state.items()}
    row = {name: part[None] for name, part in observation.items()}
    _, state = policy.predict(row, state, True)
    before = copy.deepcopy(state)
    again = [policy.predict(row, state, False)[0] for _ in range(2)]
    assert again[0] == again[1]  # what was handed in is not changed
    assert all(np.array_equal(before[name], state[name]) for name in state)
    assert Fetcher.made[0].begun == [("flat", 5, {"day": 0})]
    actions, success = [], False
    while not success:
        observation = env.step(int(from_words(state["so_far"][0])["acting"][0]))[0]
        fresh = planner(env)  # which has none of the agents of before
        row = {name: part[None] for name, part in observation.items()}
        action, state = fresh.predict(row, state, False)
        actions.append(int(action[0]))
        success = env._info["success"]
        assert len(actions) < 30
    assert success
    asked = [agent.situations[0] for agent in Fetcher.made[1:] if agent.situations]
    assert [agent.resumed for agent in Fetcher.made[1:] if agent.situations] == [1] * len(asked)
    assert [len(situation.history) for situation in asked] == sorted(len(situation.history) for situation in asked)
    assert asked[-1].history[-1].feedback


@pytest.mark.parametrize(
    ("answer", "ends"),
    [(Reply(None, error="nonsense"), 10), (Reply(Plan((Action(-7), Action(0)), {})), 10), (Reply(Plan((), {})), 1)],
)
def test_an_answer_without_a_plan_is_an_invalid_action_and_an_empty_one_gives_up(env, monkeypatch, answer, ends):
    monkeypatch.setattr(Fetcher, "plan", lambda self, situation: answer)
    actions, success = play(planner(env), env, 0)
    assert (len(actions), success) == (ends, False)
    assert set(actions) == ({GIVE_UP} if ends == 1 else {len(SKILLS)})


def test_what_does_not_fit_is_refused(env):
    policy, (observation, _) = planner(env), env.reset(seed=0)
    _, state = policy.predict(observation)
    with pytest.raises(SpaceError, match="words"):
        AgentPolicy("fetcher", AgentOptions(), gym.spaces.Dict({}), env.action_space)
    with pytest.raises(SpaceError, match="Suite-v0"):
        AgentPolicy("fetcher", AgentOptions(), env.observation_space, gym.spaces.Discrete(3))
    with pytest.raises(UnknownNameError, match="fetcher"):
        planner(env, "fetchr")
    with pytest.raises(ConfigError, match="observations alone"):
        planner(env, "oracle").predict(observation)
    with pytest.raises(SpaceError, match="no JSON"):
        policy.predict({"words": np.full(WORDS, 200, np.uint8)})
    state["so_far"][0] = to_words({"else": 1})
    with pytest.raises(SpaceError, match="another policy"):
        policy.predict(observation, state, False)
    with pytest.raises(EnvironmentFault, match="room for"):
        to_words({"scene": "x" * WORDS})
