"""Task files: what is written reads back, what is malformed names its place."""

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from robomem.embodied import EmbodiedTask, Suite, read_tasks, write_tasks
from robomem.errors import ConfigError, UnknownNameError

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
GOALS = st.lists(st.dictionaries(WORDS, WORDS, min_size=1, max_size=3), min_size=1, max_size=3)
GOOD = {"id": "a", "world": "flat", "seed": 1, "instruction": "Put it down.", "goals": [{"object": "mug"}]}


@given(st.lists(st.tuples(WORDS, GOALS, st.integers(0, 3)), min_size=1, max_size=4, unique_by=lambda one: one[0]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_tasks_read_back(tmp_path, content):
    tasks = tuple(
        EmbodiedTask(name, "household", "base", "flat", 7, f"Do {name}", tuple(goals), day)
        for name, goals, day in content
    )
    write_tasks(tmp_path / "base.yaml", tasks)
    assert read_tasks(tmp_path / "base.yaml") == tasks


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seeed": 3}, "seeed"),
        ({"seed": "3"}, "seed must be int"),
        ({"seed": True}, "seed must be int"),
        ({"instruction": ""}, "instruction"),
        ({"goals": []}, "goals"),
        ({"goals": [{}]}, "goals"),
        ({"goals": "on the table"}, "goals"),
        ({"day": -1}, "day"),
        ({"details": 3}, "details"),
    ],
)
def test_a_malformed_task_is_refused_with_its_place(tmp_path, change, said):
    path = tmp_path / "base.yaml"
    tasks = [{**GOOD, "id": "b"}, {**GOOD, **change}]
    path.write_text(yaml.safe_dump({"suite": "household", "subset": "base", "tasks": tasks}))
    with pytest.raises(ConfigError, match="task 2") as error:
        read_tasks(path)
    assert said in str(error.value)


@pytest.mark.parametrize("text", ["", "tasks: 3", "tasks: [3]", "{", "!!python/object:os.system {}", "\xff\xfe"])
def test_a_file_that_holds_no_tasks_is_refused(tmp_path, text):
    path = tmp_path / "base.yaml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError):
        read_tasks(path)


def test_two_tasks_of_one_name_and_an_unknown_subset_are_refused(tmp_path):
    path = tmp_path / "base.yaml"
    path.write_text(yaml.safe_dump({"suite": "household", "subset": "base", "tasks": [GOOD, GOOD]}))
    suite = Suite("household", "a house", tmp_path, make=lambda: None)
    with pytest.raises(ConfigError, match="two tasks"):
        suite.tasks("base")
    with pytest.raises(UnknownNameError, match="base"):
        suite.tasks("bsae")
