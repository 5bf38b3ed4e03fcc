"""Plans as language models write them: what is meant is understood, what is not a plan is refused."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robomem.embodied import Action, PlanError, parse_plan

THOUGHTS = ("visual_state_description", "reasoning_and_reflection", "language_plan")


@given(
    st.lists(st.integers(-1, 300)),
    st.text(alphabet=st.characters(exclude_characters="{}", exclude_categories=("Cs",))),
)
def test_a_plan_in_the_published_form_reads_back_inside_any_text(ids, around):
    plan = {name: "words" for name in THOUGHTS}
    plan["executable_plan"] = [{"action_id": one, "action_name": f"skill {one}"} for one in ids]
    read = parse_plan(f"{around}```json\n{json.dumps(plan)}\n```{around}")
    assert [action.id for action in read.actions] == ids[:100]
    assert all(action.name == f"skill {action.id}" for action in read.actions)
    assert set(read.thoughts) == set(THOUGHTS)


@pytest.mark.parametrize(
    "plan",
    ['[{"action": "[50, 50, 20, 0, 60, 90, 1]"}]', '"[[50, 50, 20, 0, 60, 90, 1]]"', "[[50, 50, 20, 0, 60, 90, 1],]"],
)
def test_low_level_actions_are_lists_of_integers_or_texts_of_them(plan):
    assert parse_plan('{"executable_plan": ' + plan + "}").actions == (Action((50, 50, 20, 0, 60, 90, 1)),)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "I would open the fridge.",
        "{}",
        '{"language_plan": "open the fridge"}',
        '{"executable_plan": 3.5}',
        '{"executable_plan": [{"action_id": "open the fridge"}]}',
        '{"executable_plan": [{"action_id": true}]}',
        '{"executable_plan": [{"action_id": 1.5}]}',
        '{"executable_plan": [null]}',
        '{"executable_plan": [{"action_id": 3}',
        "{" * 5000 + "}" * 5000,
        '{"a":' * 3000 + "1" + "}" * 3000,
        "[" * 90_000,
        "{" + "x" * 200_000 + "}",
    ],
)
def test_an_answer_without_a_plan_is_refused(answer):
    with pytest.raises(PlanError):
        parse_plan(answer)


@given(st.text(max_size=300))
def test_any_text_gives_a_plan_or_a_plan_error(text):
    with contextlib.suppress(PlanError):
        parse_plan(text)
