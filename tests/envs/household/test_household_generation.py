"""Tasks from seeds: solvable, not done yet, hard to solve by chance, in plain words, and the same each time."""

import re
from collections import Counter

import pytest
from episodes import by_chance, by_rules, oracle, world_of
from symbolic_home import NAMES, SymbolicHome

from robomem.embodied import read_tasks, write_tasks
from robomem.seeding import generator
from robomem_envs.household.generation import twists, wish
from robomem_envs.household.generation.lifelong import make_lifelong
from robomem_envs.household.generation.make import make_subset
from robomem_envs.household.generation.speaker import Speaker
from robomem_envs.household.generation.subsets import SUBSETS
from robomem_envs.household.generation.vocabulary import plural
from robomem_envs.household.generation.wish import HOUSEHOLD, REARRANGE, Choice

CELLS = [(suite, subset) for suite in ("household", "rearrange") for subset in SUBSETS]
LEAST_BY_RULES = {"base": 0.8, "common_sense": 0.4, "complex_instruction": 0.3}
cells = pytest.mark.parametrize(("suite", "subset"), CELLS, ids=[":".join(cell) for cell in CELLS])


@cells
def test_the_oracle_does_every_task_chance_hardly_any_and_rules_most(suite, subset, tmp_path):
    tasks = list(make_subset(suite, subset, 10, NAMES, SymbolicHome))
    write_tasks(tmp_path / "tasks.yaml", tasks)
    assert read_tasks(tmp_path / "tasks.yaml") == tuple(tasks)
    assert len({task.instruction for task in tasks}) == len(tasks)
    solved = Counter()
    for task in tasks:
        env = world_of(task)
        _, info = env.reset(options={"task": task})
        assert info["task_progress"] < 1.0
        solved["oracle"] += oracle(env, task)["task_success"]
        for seed in range(4):
            solved["chance"] += by_chance(env, task, seed)["task_success"]
        solved["rules"] += by_rules(env, task)[0]["task_success"]
    assert solved["oracle"] == len(tasks)
    assert solved["chance"] <= 0.05 * 4 * len(tasks)
    assert solved["rules"] >= LEAST_BY_RULES.get(subset, 0.6) * len(tasks)


@cells
def test_the_same_arguments_make_the_same_tasks_and_held_out_ones_differ(suite, subset):
    first = list(make_subset(suite, subset, 3, NAMES, SymbolicHome))
    assert list(make_subset(suite, subset, 3, NAMES, SymbolicHome)) == first
    apart = list(make_subset(suite, subset, 3, NAMES, SymbolicHome, held_out=True))
    assert not {task.seed for task in apart} & {task.seed for task in first}


KINDS = {kind.__name__ + str(number): kind for number, kind in enumerate((*HOUSEHOLD, *REARRANGE, *twists.TWISTS))}


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_template_makes_sentences_in_plain_words(kind):
    made = set()
    for number, world in enumerate(NAMES):
        rng = generator(1, world)
        home = SymbolicHome(world, number)
        speaker = Speaker(home, rng)
        for _ in range(150):
            one = kind(Choice(speaker, rng, speaker.plainly, speaker.place))
            if one is not None:
                made.add(one.words)
                assert set(one.uses) <= set(home.things)
    assert made
    for words in made:
        assert not re.search(r"_|\d|  |\bNone\b|[{}]| ,| \.", words), words
        assert not re.search(r"\ba [aeio]|\ban [^aeiouh]", words, re.IGNORECASE), words
        assert words[0].islower(), words


@pytest.mark.parametrize("manner", ["plainly", "by_use", "by_looks", "by_place"])
def test_a_phrase_fits_the_thing_and_says_no_more_than_is_true(manner):
    said = 0
    for number, world in enumerate(NAMES):
        home = SymbolicHome(world, number)
        speaker = Speaker(home, generator(2, world))
        for name in home.things:
            phrase = getattr(speaker, manner)(name)
            if phrase is None:
                continue
            said += 1
            assert name in phrase.names
            if manner == "by_looks":
                looks = {home.things[name].colour, home.things[name].size, home.things[name].shape}
                others = [one for one in home.things.values() if one.name != name]
                words = [word for word in looks if re.search(rf"\b{word}\b", phrase.words)]
                alike = [one for one in others if set(words) <= {one.colour, one.size, one.shape}]
                head = phrase.words.split()[-1]
                assert head != "thing" or all(
                    one.material != home.things[name].material
                    or "thing" not in head
                    or home.things[name].material not in phrase.words
                    for one in alike
                )
            if phrase.definite and not phrase.whole:
                assert phrase.names == (name,)
    assert said > 20


def test_the_closest_is_clearly_closest():
    home = SymbolicHome(NAMES[0], 0)
    speaker = Speaker(home, generator(3))
    phrases = [(name, speaker.place_by_relation(name)) for name in home.fixtures]
    told = [(name, phrase) for name, phrase in phrases if phrase is not None]
    assert told
    for name, phrase in told:
        assert phrase.names == (name,)
        assert re.search(r"(closest to|farthest from) the [A-Za-z ]+$", str(phrase))


def test_plurals():
    assert [plural(word) for word in ("mug", "knife", "wine_glass", "tomato", "toothbrush", "bread", "scissors")] == [
        "mugs",
        "knives",
        "wine glasses",
        "tomatoes",
        "toothbrushes",
        "",
        "",
    ]


@pytest.mark.parametrize("suite", ["household", "rearrange"])
def test_a_life_of_several_days_has_moves_returning_tasks_and_preferences_told_once(suite):
    tasks = list(make_lifelong(suite, NAMES[:2], SymbolicHome))
    assert [task.day for task in tasks[:19]] == [0] * 4 + [1] * 5 + [2] * 5 + [3] * 5
    assert list(make_lifelong(suite, NAMES[:2], SymbolicHome)) == tasks
    for world in NAMES[:2]:
        life = [task for task in tasks if task.world == world]
        first = {task.instruction for task in life if task.day == 0}
        assert all(any(task.instruction in first for task in life if task.day == day) for day in (1, 2, 3))
        told = [task.details["tells"] for task in life if task.day == 0 and "tells" in task.details]
        asked = [task.details["tells"] for task in life if task.day and "tells" in task.details]
        assert len(told) == len(set(told)) == 2
        assert {tell.removeprefix("asks for ") for tell in asked} <= set(told)
        moves = [task.details.get("moves", []) for task in life]
        assert len(moves[-1]) > len(moves[5]) > len(moves[0]) == 0
    for task in tasks:
        assert oracle(world_of(task), task)["task_success"], task.id


def test_wishes_leave_alone_what_was_asked_for_before():
    for task in make_subset("household", "long_horizon", 6, NAMES, SymbolicHome):
        places = [goal for goal in task.goals if "at" in goal and len(goal["at"]) == 1 and len(goal["things"]) == 1]
        assert len({goal["things"][0] for goal in places}) == len(places)
    assert wish.place in HOUSEHOLD
