"""The tasks that ship: enough of them, well formed, in plain words; the oracle does them all, chance hardly any."""

import re

import pytest
from episodes import by_chance, oracle

from robomem.embodied import EmbodiedTask, suites
from robomem_envs.household.generation.checks import ENVIRONMENTS
from robomem_envs.household.generation.subsets import SUBSETS

SUITES = ("household", "rearrange")
CELLS = [(suite, subset) for suite in SUITES for subset in (*SUBSETS, "lifelong")]
cells = pytest.mark.parametrize(("suite", "subset"), CELLS, ids=[":".join(cell) for cell in CELLS])
SHIPPED = {(suite, subset): suites[suite].tasks(subset) for suite, subset in CELLS}
HELD_OUT = {(suite, subset): suites[suite].tasks(subset, held_out=True) for suite, subset in CELLS}


def environment(task: EmbodiedTask):
    return ENVIRONMENTS[task.suite](task=task)


@cells
def test_there_are_enough_tasks_of_different_seeds_in_plain_words(suite, subset):
    tasks, apart = SHIPPED[suite, subset], HELD_OUT[suite, subset]
    assert len(tasks) >= 25
    assert len(apart) >= 25
    assert not {(task.world, task.seed) for task in tasks} & {(task.world, task.seed) for task in apart}
    assert not {task.id for task in tasks} & {task.id for task in apart}
    for task in (*tasks, *apart):
        assert task.subset == subset
        assert re.fullmatch(r"[A-Z][A-Za-z,;:.?!' -]+[.?!]", task.instruction), task.instruction
    if subset != "lifelong":
        assert len({task.world for task in tasks}) == 8
        assert len({task.instruction for task in tasks}) == len(tasks)


@pytest.mark.parametrize("suite", SUITES)
def test_the_oracle_does_the_first_task_in_the_simulator(suite):
    task = SHIPPED[suite, "base"][0]
    env = environment(task)
    assert oracle(env, task)["task_success"] == 1.0
    env.close()


@pytest.mark.slow
@cells
def test_the_oracle_does_every_task_and_chance_hardly_any(suite, subset):
    tasks = (*SHIPPED[suite, subset], *HELD_OUT[suite, subset])
    by_luck = []
    for number, task in enumerate(tasks):
        env = environment(task)
        info = oracle(env, task)
        assert info["task_success"] == 1.0, (task.id, task.instruction, info["env_feedback"])
        if number % 4 == 0:  # chance wanders until the time is up, and takes longer than the oracle
            by_luck.append(by_chance(env, task, seed=task.seed)["task_success"])
        env.close()
    assert sum(by_luck) <= 0.05 * len(by_luck)
