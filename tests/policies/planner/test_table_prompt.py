"""What a model is told at a table, and that what its examples say is what the environment does."""

import json
import re

import pytest

from robomem.embodied import Action, Executed, Situation, parse_plan, suites
from robomem_policies.planner.vlm import table
from robomem_policies.planner.vlm.prompt import messages, plan_schema, prompt


@pytest.fixture(scope="module")
def env():
    env = suites["manipulate"].make(observation="vision", picture_size=64)
    yield env
    env.close()


def situation(env, history=()):
    observation, info = env.reset()
    return Situation(info["instruction"], env.skills, env.action_space, observation, tuple(history), 15)


def test_a_model_at_a_table_is_told_the_frame_the_coordinates_and_the_picture(env):
    put = situation(env)
    image, text = messages(put)[0]["content"]
    assert image["type"] == "image_url"
    for part in (table.RULES, table.GUIDELINES, put.instruction.rstrip("."), json.loads(put.observation["scene"])):
        assert (part if isinstance(part, str) else json.dumps(part["coordinates"])) in text["text"]
    assert "cabinet" not in text["text"]
    assert plan_schema(put)["properties"]["executable_plan"]["items"]["required"] == ["action"]


def test_moves_and_their_feedback_are_told(env):
    done = Executed(Action((50, 50, 10, 0, 60, 60, 1)), False, "Last action is invalid. It would hit the table.")
    told = prompt(situation(env, [done]))
    assert "Step 0, action [50, 50, 10, 0, 60, 60, 1], env feedback: Last action is invalid." in told


def test_the_examples_are_plans_that_can_be_read_and_done(env):
    for example in table.EXAMPLES:
        plan = parse_plan(example.partition("Answer:")[2])
        env.reset()
        for action in plan.actions:
            assert "must be" not in env.step(action.id)[4]["env_feedback"]


def test_the_rules_say_what_the_frame_is():
    from robomem_envs.manipulate.frame import COUNTS, DOWN, FEWEST_VOXEL

    assert f"Z {FEWEST_VOXEL}." in " ".join(table.RULES.split())
    assert re.search(rf"Roll {DOWN[0]} and pitch {DOWN[1]}", table.RULES)
    assert list(COUNTS) == table._COUNTS
