"""What to do next, against another way to tell it: by counting and by walking along the order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from robomem_policies.memory_vla.symbolic.chronicle import happened, noted
from robomem_policies.memory_vla.symbolic.subgoals import subgoal

COUNT = "press the button as often as the lamp flashed, then touch the pad"
ORDER = "press the buttons in the order in which they lit up"
BUTTONS = ["the blue button", "the green button", "the orange button", "the purple button", "the red button"]


def told(instruction, names):
    log = ""
    for name in names:
        log = noted(log, name)
    return subgoal(instruction, happened(log))


@given(st.lists(st.sampled_from(["the lamp flashed", "press the button"]), max_size=40))
def test_it_presses_as_often_as_it_flashed(names):
    left = names.count("the lamp flashed") - names.count("press the button")
    assert told(COUNT, names) == ("press the button" if left > 0 else "touch the pad")


@given(st.permutations(BUTTONS), st.integers(1, 5), st.data())
def test_it_presses_in_the_order_of_the_lights(order, length, data):
    pressed = data.draw(st.integers(0, length))
    names = [f"{button} lit up" for button in order[:length]] + [f"press {button}" for button in order[:pressed]]
    expected = f"press {order[pressed]}" if pressed < length else ORDER
    assert told(ORDER, names) == expected


def test_other_instructions_are_told_what_happened():
    wish = "Put the mug back."
    assert told(wish, []) == wish
    said = "Put the mug back. So far: the drawer opened (2 times); the mug fell"
    assert told(wish, ["the drawer opened", "the mug fell", "the drawer opened"]) == said


@given(st.lists(st.sampled_from(["a lamp flashed", "it is shut", "press 7"]), min_size=1, max_size=60))
def test_a_chronicle_counts_and_keeps_the_order_of_the_first(names):
    log = ""
    for name in names:
        log = noted(log, name)
    assert happened(log) == [(name, names.count(name)) for name in dict.fromkeys(names)]


@given(st.lists(st.text("aäß漢 ", min_size=1, max_size=60).map(lambda text: f"x{text.strip()}"), max_size=40))
def test_a_chronicle_has_an_end(names):
    log = ""
    for name in names:
        log = noted(log, name)
    assert len(log.encode()) <= 4 * 480
    assert all(times >= 1 for _, times in happened(log))
