"""The book that every suite's environment keeps of an episode."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robomem.embodied import EmbodiedTask
from robomem.embodied.tally import Tally, asked_task, require_observation, skill_number
from robomem.errors import ConfigError

TASK = EmbodiedTask("a-1", "a", "base", "home", 0, "Go.", ({"near": ["x"]},))


@given(
    st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=12), st.integers(1, 8), st.integers(1, 8)
)
def test_rewards_sum_to_the_progress_and_the_first_limit_cuts(actions, steps, invalid):
    tally, total = Tally(steps, invalid), 0.0
    for number, (valid, progress) in enumerate(actions, start=1):
        reward, terminated, truncated = tally.count(valid, progress)
        total += reward
        wrong = sum(not good for good, _ in actions[:number])
        assert terminated == (progress == 1)
        assert truncated == (not terminated and (number >= steps or wrong >= invalid))
        info = tally.info(TASK)
        assert (info["env_step"], info["invalid_actions"], info["task_success"]) == (number, wrong, float(terminated))
    assert total == pytest.approx(actions[-1][1])


def test_only_a_task_is_a_task():
    assert asked_task(None, TASK) is asked_task({}, TASK) is asked_task({"task": TASK}, TASK) is TASK
    with pytest.raises(ConfigError, match="must be an EmbodiedTask, not str"):
        asked_task({"task": "tidy up"}, TASK)


@pytest.mark.parametrize("arguments", [("pixels", 500), ("vision", 8), ("symbolic", 4096), ("vision", 1000, 960)])
def test_arguments_that_cannot_be_are_refused(arguments):
    require_observation("vision", 960, 960)
    with pytest.raises(ConfigError, match="must be"):
        require_observation(*arguments)


@pytest.mark.parametrize(
    ("action", "number"),
    [(3, 3), (np.int64(0), 0), (np.array(2), 2), (4, None), (-1, None), (True, None), (1.0, None), ("1", None)],
)
def test_an_id_is_a_whole_number_below_the_count(action, number):
    assert skill_number(action, 4) == number
