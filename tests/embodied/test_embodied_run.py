"""Runs of suites: the protocol, the books, and that nothing depends on how many processes play."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
from fetch_suite import SKILLS, FetchEnv, fetch_suite

from robomem.embodied import Action, AgentOptions, Plan, Reply, agents, suites
from robomem.errors import CheckpointError, ConfigError, EnvironmentFault, StorageError, UnknownNameError
from robomem.evaluate.embodied import (
    EpisodeRecord,
    compare,
    evaluate_suite,
    play_episode,
    read_results,
    score,
    visits,
    write_results,
)
from robomem.evaluate.embodied.units import cut
from robomem.serialization import claimed


class Scripted:
    """Answers with the replies it was given, one after the other, and remembers what it was told."""

    def __init__(self, *replies: Reply) -> None:
        self.replies, self.situations, self.begun = list(replies), [], []

    def begin(self, world, seed, facts):
        self.begun.append((world, seed, dict(facts)))

    def plan(self, situation):
        self.situations.append(situation)
        return self.replies.pop(0) if self.replies else Reply(Plan((), {}))


class Learner:
    """Tries places one after the other in its first visit and remembers, as long as it lives, where things went."""

    def __init__(self, options: AgentOptions) -> None:
        self.visited: list[int] = []

    def begin(self, world, seed, facts):
        self.visited.append(facts["day"])

    def plan(self, situation):
        return Reply(Plan((), {"reasoning_and_reflection": f"visits {self.visited}"}))


def plan(*names: str) -> Reply:
    return Reply(Plan(tuple(Action(SKILLS.index(name), name) for name in names), {}))


@pytest.fixture
def fetch(tmp_path, monkeypatch):
    suite = fetch_suite(tmp_path / "tasks")
    len(suites)  # plugins first: what they add must stay
    monkeypatch.setattr(suites, "_entries", {**suites._entries, "fetch": suite})
    return suite


@pytest.fixture
def task(fetch):
    return fetch.tasks("base")[0]


def test_a_plan_is_broken_off_at_its_first_invalid_action(task):
    agent = Scripted(plan("go to the table", "place at the table", "go to the chest"), plan("go to the bench"))
    record = play_episode(FetchEnv(), agent, task, seed=1, facts={"day": 0})
    first, second, last = record.calls
    assert [step.name for step in first.steps] == ["go to the table", "place at the table"]
    assert [step.success for step in first.steps] == [True, False]
    assert "Your hand is empty" in first.steps[1].feedback
    assert [step.name for step in second.steps] == ["go to the bench"]
    assert (last.steps, record.ended) == ((), "empty plan")
    history = agent.situations[1].history
    assert [(done.action.name, done.success) for done in history] == [
        ("go to the table", True),
        ("place at the table", False),
    ]
    assert agent.situations[1].steps_left == 28
    numbers = record.numbers()
    assert (numbers["replans"], numbers["planner_steps"], numbers["empty_plans"]) == (1, 3, 1)
    assert (record.env_steps, record.invalid_actions, numbers["invalid_ratio"]) == (3, 1, 1 / 3)


def test_an_answer_without_a_plan_is_one_invalid_action_and_the_agent_learns_why(task):
    agent = Scripted(Reply(None, "hm", "it is no JSON"), Reply(None))
    record = play_episode(FetchEnv(), agent, task, seed=1, facts={})
    assert [call.steps[0].action for call in record.calls[:2]] == [-1, -1]
    assert "it is no JSON" in agent.situations[1].history[0].feedback
    assert record.numbers()["output_errors"] == 2
    assert record.invalid_actions == 2


@pytest.mark.parametrize("action", [99, -5, 10**40, (1, 2, 3)])
def test_an_action_that_does_not_exist_is_invalid_and_said(task, action):
    agent = Scripted(Reply(Plan((Action(action), Action(0)), {})))
    record = play_episode(FetchEnv(), agent, task, seed=1, facts={})
    (step,) = record.calls[0].steps
    assert not step.success
    assert "no action" in step.feedback
    json.dumps(record.to_json())


def test_ten_invalid_actions_or_thirty_steps_end_an_episode(task):
    wrong = play_episode(FetchEnv(), Scripted(*[plan("open the chest")] * 40), task, seed=1, facts={})
    assert (wrong.ended, wrong.env_steps, wrong.invalid_actions) == ("invalid actions", 10, 10)
    slow = play_episode(FetchEnv(), Scripted(plan(*["go to the bench"] * 40)), task, seed=1, facts={})
    assert (slow.ended, slow.env_steps, len(slow.calls)) == ("steps", 30, 1)


def test_an_environment_that_does_not_count_its_steps_ends_too(task, monkeypatch):
    env = FetchEnv()
    step = env.step
    monkeypatch.setattr(env, "step", lambda action: (*(found := step(action))[:3], False, found[4]))
    record = play_episode(env, Scripted(*[plan("go to the bench")] * 99), task, seed=1, facts={})
    assert (len(record.calls), record.ended) == (30, "steps")


def test_success_ends_an_episode_in_the_middle_of_a_plan(task):
    env = FetchEnv()
    env.reset(options={"task": task})
    solution = [SKILLS[action] for action in env.expert_plan()]
    record = play_episode(env, Scripted(plan(*solution, "go to the bench")), task, seed=1, facts={})
    assert (record.ended, record.success, record.progress) == ("success", True, 1.0)
    assert len(record.calls[0].steps) == len(solution)
    assert len(record.calls[0].planned) == len(solution) + 1


def test_records_read_back(task):
    record = play_episode(FetchEnv(), agents["random"](AgentOptions()), task, seed=3, facts={}, film=True)
    assert EpisodeRecord.from_json(json.loads(json.dumps(record.to_json()))) == record
    assert all(step.frame for call in record.calls for step in call.steps)
    with pytest.raises(CheckpointError):
        EpisodeRecord.from_json({"task": "x"})


def test_oracle_solves_every_task_also_where_grasps_slip_and_random_hardly_one(tmp_path, monkeypatch):
    suite = fetch_suite(tmp_path / "tasks", slip=4)
    monkeypatch.setitem(suites._entries, "fetch", suite)
    oracle = evaluate_suite("fetch", "oracle", tmp_path / "oracle", film=0)
    assert len(oracle.records) == 8 + 8 + 9
    assert all(record.success for record in oracle.records)
    assert any(record.invalid_actions for record in oracle.records), "something slipped"
    guess = evaluate_suite("fetch:long", "random", tmp_path / "random", film=0)
    assert score(guess.records).success.value == 0
    difference = compare(oracle, guess).parts["long"]
    assert difference.episodes == 8
    assert difference.success.low > 0
    assert (difference.only_ours, difference.only_theirs) == (8, 0)


def steady(run) -> list[dict]:
    """Records without what depends on the clock."""
    records = [record.to_json() for record in run.records]
    for record in records:
        for call in record["calls"]:
            call.pop("latency_s")
    return records


def test_results_do_not_depend_on_the_number_of_processes(fetch, tmp_path):
    found = {}
    for jobs in (1, 2, 3):
        run = evaluate_suite("fetch", "random", tmp_path / str(jobs), jobs=jobs, film=1)
        write_results(run, tmp_path / str(jobs))
        results = json.loads((tmp_path / str(jobs) / "results.json").read_text())
        results.pop("timing")
        found[jobs] = (steady(run), results)
    assert found[1] == found[2] == found[3]


@pytest.mark.skipif(importlib.util.find_spec("ray") is not None, reason="Ray is installed")
def test_ray_that_is_missing_is_named(fetch, tmp_path):
    with pytest.raises(ConfigError, match=r"robomem\[ray\]"):
        evaluate_suite("fetch", "random", tmp_path / "run", ray=True)


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")
def test_ray_gives_the_same_records(fetch, tmp_path, monkeypatch):
    monkeypatch.setenv("RAY_raylet_start_wait_time_s", "240")  # a busy machine is no failure
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))  # the workers must find the suite's module
    import ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        spread = evaluate_suite("fetch:base", "random", tmp_path / "ray", ray=True, film=0)
    finally:
        ray.shutdown()
    assert steady(spread) == steady(evaluate_suite("fetch:base", "random", tmp_path / "one", film=0))


def test_days_of_a_world_are_played_in_order_by_one_agent(fetch, tmp_path, monkeypatch):
    monkeypatch.setitem(agents._entries, "learner", Learner)
    run = evaluate_suite("fetch:visits", "learner", tmp_path / "run", film=0)
    assert [(record.world, record.day) for record in run.records] == [
        (f"flat-{world}", day) for world in range(3) for day in range(3)
    ]
    thoughts = [record.calls[0].thoughts["reasoning_and_reflection"] for record in run.records]
    assert thoughts == ["visits [0]", "visits [0, 1]", "visits [0, 1, 2]"] * 3


def test_first_and_later_visits_are_scored_apart(fetch, tmp_path):
    run = evaluate_suite("fetch:visits", "oracle", tmp_path / "run", film=0)
    told = visits(run)["visits"]
    assert (told.first.episodes, told.later.episodes) == (3, 6)
    assert told.difference.value == 0
    assert told.difference.low < 0 < told.difference.high, "nine episodes leave room for doubt"
    assert visits(evaluate_suite("fetch:base", "oracle", tmp_path / "base", film=0)) == {}


def test_episodes_chooses_the_first_of_each_subset_with_the_same_seeds(fetch, tmp_path):
    some = evaluate_suite("fetch", "random", tmp_path / "some", episodes=2, film=0)
    assert [record.subset for record in some.records] == ["base"] * 2 + ["long"] * 2 + ["visits"] * 6
    every = {record.task: record for record in evaluate_suite("fetch", "random", tmp_path / "all", film=0).records}
    assert all(every[record.task].row() == record.row() for record in some.records)


def test_held_out_tasks_are_others(fetch, tmp_path):
    seen = evaluate_suite("fetch:base", "oracle", tmp_path / "seen", film=0)
    held_out = evaluate_suite("fetch:base", "oracle", tmp_path / "held", held_out=True, film=0)
    assert not {record.task for record in seen.records} & {record.task for record in held_out.records}
    with pytest.raises(ConfigError, match="held_out"):
        compare(seen, held_out)


def test_a_finished_run_is_read_and_not_played_again(fetch, tmp_path, monkeypatch):
    run = evaluate_suite("fetch:base", "random", tmp_path / "run", film=0)
    monkeypatch.setattr(FetchEnv, "reset", None)
    assert evaluate_suite("fetch:base", "random", tmp_path / "run", film=0).records == run.records


@pytest.mark.parametrize("damage", [b"", b"{", b'{"sha256": "0", "episodes": []}', b"[]", b"\xff\xfe", b"null"])
def test_a_damaged_journal_file_is_set_aside_and_played_again(fetch, tmp_path, damage, caplog):
    run = evaluate_suite("fetch:base", "random", tmp_path / "run", film=0)
    files = sorted((tmp_path / "run" / "episodes").glob("*.json"))
    before = [file.read_bytes() for file in files[1:]]
    files[0].write_bytes(damage)
    again = evaluate_suite("fetch:base", "random", tmp_path / "run", film=0)
    assert steady(again) == steady(run)
    assert [file.read_bytes() for file in files[1:]] == before, "the others are not touched"
    assert files[0].with_suffix(".damaged").read_bytes() == damage
    assert files[0].name in caplog.text


def test_an_entry_that_was_edited_is_noticed(fetch, tmp_path, caplog):
    run = evaluate_suite("fetch:base", "random", tmp_path / "run", film=0)
    (file,) = (tmp_path / "run" / "episodes").glob("fetch-base-3-*.json")
    file.write_text(file.read_text().replace('"success": false', '"success": true', 1))
    assert steady(evaluate_suite("fetch:base", "random", tmp_path / "run", film=0)) == steady(run)
    assert "checksum" in caplog.text


def test_a_whole_entry_of_other_tasks_is_noticed(fetch, tmp_path, caplog):
    run = evaluate_suite("fetch:base", "random", tmp_path / "run", film=0)
    one, other = sorted((tmp_path / "run" / "episodes").glob("*.json"))[:2]
    one.write_bytes(other.read_bytes())
    assert steady(evaluate_suite("fetch:base", "random", tmp_path / "run", film=0)) == steady(run)
    assert "other tasks" in caplog.text


@pytest.mark.parametrize(
    "other", [{"agent": "oracle"}, {"seed": 1}, {"episodes": 3}, {"options": AgentOptions(model="m")}]
)
def test_another_run_is_not_mixed_in(fetch, tmp_path, other):
    evaluate_suite("fetch:base", "random", tmp_path / "run", film=0)
    kwargs = {"agent": "random", **other}
    with pytest.raises(ConfigError, match="another run"):
        evaluate_suite("fetch:base", folder=tmp_path / "run", film=0, **kwargs)


def test_tasks_that_changed_are_not_mixed_in(fetch, tmp_path):
    evaluate_suite("fetch:base", "random", tmp_path / "run", film=0)
    path = fetch.folder / "base.yaml"
    path.write_text(path.read_text().replace("Bring", "Fetch", 1))
    with pytest.raises(ConfigError, match="tasks"):
        evaluate_suite("fetch:base", "random", tmp_path / "run", film=0)


def test_two_processes_do_not_play_one_run(fetch, tmp_path):
    with claimed(tmp_path / "run"), pytest.raises(StorageError, match="another process"):
        evaluate_suite("fetch:base", "random", tmp_path / "run", film=0)


@pytest.mark.parametrize("content", ["", "{}", '{"format": "other"}', "[1]"])
def test_damaged_settings_are_named(fetch, tmp_path, content):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text(content)
    with pytest.raises(CheckpointError, match=r"run\.json"):
        evaluate_suite("fetch:base", "random", tmp_path / "run", film=0)
    assert (tmp_path / "run" / "run.json").read_text() == content


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_world_that_breaks_is_named_and_the_rest_is_kept(fetch, tmp_path, jobs):
    with pytest.raises(EnvironmentFault, match=r"fetch-base-1.*the world broke"):
        evaluate_suite("fetch:base", "random", tmp_path / "run", env_kwargs={"broken": True}, film=0, jobs=jobs)
    assert list((tmp_path / "run" / "episodes").glob("fetch-base-0-*.json"))


def test_refused_arguments_and_unknown_names_are_errors(fetch, tmp_path):
    with pytest.raises(ConfigError, match="refused its arguments"):
        evaluate_suite("fetch", "random", tmp_path / "run", env_kwargs={"size": 3})
    with pytest.raises(UnknownNameError, match="Did you mean 'fetch'"):
        evaluate_suite("fetsh", "random", tmp_path / "run")
    with pytest.raises(UnknownNameError, match="Did you mean 'base'"):
        evaluate_suite("fetch:bsae", "random", tmp_path / "run")
    with pytest.raises(UnknownNameError, match="Did you mean 'oracle'"):
        evaluate_suite("fetch", "orcale", tmp_path / "run")
    for wrong in ({"jobs": 0}, {"episodes": 0}, {"film": -1}):
        with pytest.raises(ConfigError, match="at least one"):
            evaluate_suite("fetch", "random", tmp_path / "run", **wrong)


def test_units_have_names_of_their_own(fetch):
    units = cut(fetch.tasks())
    assert len({unit.name for unit in units}) == len(units) == 8 + 8 + 3
    assert cut(fetch.tasks(), seed=1)[0].seeds != units[0].seeds
    assert cut(fetch.tasks()[1:])[0] == units[1], "a task's seed does not depend on the tasks before it"


def test_results_read_back_and_name_what_is_missing(fetch, tmp_path):
    run = evaluate_suite("fetch:base", "oracle", tmp_path / "run", film=0)
    with pytest.raises(CheckpointError, match="not finished"):
        read_results(tmp_path / "run")
    write_results(run, tmp_path / "run")
    assert [record.success for record in read_results(tmp_path / "run").records] == [True] * 8
    assert compare(read_results(tmp_path / "run"), run).parts["base"].success.value == 0
    with pytest.raises(CheckpointError, match="no run of a suite"):
        read_results(tmp_path)
    (tmp_path / "run" / "results.json").write_text('{"episodes": [{}], "settings": {}}')
    with pytest.raises(CheckpointError, match="Cannot read"):
        read_results(tmp_path / "run")


def test_the_report_shows_every_episode_and_escapes_what_agents_say(fetch, tmp_path, task):
    agent = Scripted(Reply(None, "<script>alert(1)</script>", "<b>no</b> plan"), plan("open the chest"))
    record = play_episode(FetchEnv(), agent, task, seed=1, facts={}, film=True)
    run = evaluate_suite("fetch:visits", "oracle", tmp_path / "run", film=1)
    write_results(type(run)(run.settings, (*run.records, record)), tmp_path / "run")
    page = (tmp_path / "run" / "report.html").read_text()
    assert page.count('<details class="episode') == 10
    assert "<script>alert" not in page
    assert "<b>no</b> plan" not in page
    assert page.count("&lt;b&gt;no&lt;/b&gt; plan") >= 2, "among the errors and in its episode"
    assert "You cannot open the chest." in page
    assert "First and later visits" in page
    assert "http" not in page.replace("http-equiv", ""), "it needs no network"
    text = (tmp_path / "run" / "results.md").read_text()
    assert "| visits |" in text
    assert "## Answers without a plan" in text


def test_low_level_actions_run_to_the_end_of_a_plan_and_unusable_answers_are_random(task):
    env = LowLevel()
    plans = Reply(Plan((Action((9, 9)), Action((1, 1)), Action((0,)), Action(3)), {}))
    record = play_episode(env, Scripted(plans, Reply(None, "", "no JSON")), task, seed=5, facts={})
    assert len(record.calls[0].steps) == 4, "the invalid first action does not break the plan off"
    assert not record.calls[0].steps[0].success
    assert all(0 <= number < 4 for action in env.done[2:] for number in action)
    again = LowLevel()
    play_episode(again, Scripted(plans, Reply(None, "", "no JSON")), task, seed=5, facts={})
    assert np.array_equal(env.done, again.done)


class LowLevel(FetchEnv):
    """Takes two numbers from 0 to 3."""

    def __init__(self) -> None:
        import gymnasium as gym

        super().__init__()
        self.action_space, self.skills, self.done = gym.spaces.MultiDiscrete([4, 4]), (), []

    def step(self, action):
        self.done.append(action.tolist())
        valid = bool(((action >= 0) & (action < 4)).all())
        self.env_step += 1
        self.invalid += not valid
        told = {"last_action_success": valid, "env_feedback": "moved" if valid else "out of reach", "action_id": 0}
        return self._observe(), 0.0, False, self.env_step >= 15, {**self._info(), **told}
