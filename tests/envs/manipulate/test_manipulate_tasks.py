"""The tasks: enough of them, told once each, all solvable and none by chance."""

import numpy as np
import pytest
from tables import follow_oracle

from robomem.embodied import AgentOptions, agents, suites
from robomem.evaluate.embodied.episode import play_episode
from robomem_envs.manipulate.environment import ManipulateEnv
from robomem_envs.manipulate.generation.make import SUBSETS, make_subset
from robomem_envs.manipulate.goals import parse_goals, progress

SUITE = suites["manipulate"]
SPLITS = pytest.mark.parametrize("held_out", [False, True], ids=["open", "held-out"])
EACH = pytest.mark.parametrize("subset", list(SUBSETS))


@pytest.fixture(scope="module")
def env():
    env = ManipulateEnv()
    yield env
    env.close()


def test_the_subsets_are_the_benchmarks():
    assert set(SUITE.subsets()) == {"base", "common_sense", "complex_instruction", "spatial", "visual_appearance"}


@EACH
def test_there_are_enough_and_no_two_are_alike(subset):
    here, apart = SUITE.tasks(subset), SUITE.tasks(subset, held_out=True)
    assert len(here) >= 30
    assert len(apart) >= 25
    assert {task.seed for task in here}.isdisjoint(task.seed for task in apart)
    told = [task.instruction for task in (*here, *apart)]
    assert len({(task.world, task.seed, task.instruction) for task in (*here, *apart)}) == len(told)
    assert {task.world for task in here} == {"blocks", "stacks", "sorter", "areas"}
    for words in told:
        assert words[0].isupper()
        assert words[-1] in ".!?"
        assert "{" not in words
        assert "  " not in words


@EACH
def test_the_oracle_solves_a_sample_and_nothing_is_done_from_the_start(env, subset):
    for task in SUITE.tasks(subset)[:4]:
        _, info = env.reset(options={"task": task})
        assert info["task_progress"] == 0.0
        info = follow_oracle(env, task)
        assert info["task_success"] == 1.0, task.id
        assert info["invalid_actions"] == 0


@pytest.mark.slow
@SPLITS
@EACH
def test_the_oracle_solves_every_task(env, subset, held_out):
    missed = [
        task.id for task in SUITE.tasks(subset, held_out=held_out) if not follow_oracle(env, task)["task_success"]
    ]
    assert missed == []


@pytest.mark.slow
@EACH
def test_rules_solve_what_they_understand_without_privileges(env, subset):
    agent = agents["rules"](AgentOptions())
    tasks = SUITE.tasks(subset, held_out=True)
    solved = sum(play_episode(env, agent, task, seed=0, facts={}).success for task in tasks)
    assert solved >= 0.9 * len(tasks)


@EACH
def test_rules_solve_a_sample(env, subset):
    agent = agents["rules"](AgentOptions())
    for task in SUITE.tasks(subset)[4:8]:
        assert play_episode(env, agent, task, seed=0, facts={}).success, task.id


def test_chance_solves_nothing_of_a_sample(env):
    agent = agents["random"](AgentOptions())
    tasks = [SUITE.tasks(subset)[k] for k, subset in enumerate(SUBSETS)]
    assert sum(play_episode(env, agent, task, seed=k, facts={}).success for k, task in enumerate(tasks)) == 0


@pytest.mark.slow
@EACH
def test_chance_stays_under_five_percent(env, subset):
    agent = agents["random"](AgentOptions())
    tasks = SUITE.tasks(subset)
    solved = sum(play_episode(env, agent, task, seed=k, facts={}).success for k, task in enumerate(tasks))
    assert solved <= 0.05 * len(tasks)


@EACH
def test_the_files_are_what_the_generator_makes(subset):
    made = next(iter(make_subset(subset, 1)))
    assert made == SUITE.tasks(subset)[0]


@EACH
def test_a_plan_one_action_short_is_no_success(env, subset):
    """Leave out the last action of the oracle: the cube is still held, the stroke not drawn, the lift too low."""
    for task in SUITE.tasks(subset)[8:12]:
        env.reset(options={"task": task})
        actions = []
        while plan := env.expert_plan():
            for action in plan:
                actions.append(action)
                if env.step(action)[2]:
                    break
            else:
                continue
            break
        env.reset(options={"task": task})
        for action in actions[:-1]:
            *_, info = env.step(action)
        assert info["task_success"] == 0.0, task.id


def test_goals_of_other_tasks_do_not_hold_by_accident(env):
    tasks = SUITE.tasks("base")
    for task in tasks[:8]:
        info = follow_oracle(env, task)
        assert info["task_success"] == 1.0
        for other in tasks:
            if other.world == task.world and set(map(str, other.goals)) != set(map(str, task.goals)):
                names = {name for goal in other.goals for value in goal.values() if value is not True for name in value}
                if names <= set(env.bench.things) and not _shared(task, other):
                    assert progress(parse_goals(other.goals, env.bench, "x"), env.bench) < 1.0
    assert np.isfinite(env.bench.data.qpos).all()


def _shared(one, other) -> bool:
    return any(str(goal) in map(str, one.goals) for goal in other.goals)
