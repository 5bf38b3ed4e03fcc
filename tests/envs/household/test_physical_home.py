"""The Home protocol in MuJoCo: every motion, every refusal, and nothing that only looks like it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from robomem.errors import UnknownNameError
from robomem_envs.household.home import Home, Outcome
from robomem_envs.household.physical import PhysicalHome


@pytest.fixture
def home() -> PhysicalHome:
    return PhysicalHome("apartment-1", 0)


def fetched(home: Home, thing: str) -> Outcome:
    """Go to a thing, open what it is in, and take it."""
    place = home.where(thing)[1]
    assert home.go(thing).ok
    if place in home.fixtures and home.fixtures[place].opens:
        assert home.set_open(place, True).ok
    return home.grasp(thing)


def until_held(home: Home, thing: str) -> None:
    """Take a thing; what slips is tried again."""
    for _ in range(8):
        outcome = fetched(home, thing)
        if outcome.ok:
            return
        assert outcome.reason == "slipped", outcome.text
    raise AssertionError(f"{thing} slipped eight times")


def on_top(home: Home) -> list[str]:
    """Things that lie open to the hand."""
    return [thing for thing in home.things if home.where(thing)[0] == "on"]


def test_what_is_held_moves_with_the_robot_and_is_put_where_it_is_asked(home: PhysicalHome) -> None:
    thing = on_top(home)[0]
    start = home.position(thing)
    until_held(home, thing)
    assert home.holding == thing
    assert home.where(thing) == ("hand", "")
    assert home.go("bed_1").ok
    assert math.dist(home.position(thing)[:2], home.position("robot")[:2]) < 0.4
    assert home.put("bed_1").ok
    assert home.holding is None
    assert home.where(thing) == ("on", "bed_1")
    assert np.linalg.norm(home.position(thing) - start) > 0.5


def test_it_refuses_what_cannot_be(home: PhysicalHome) -> None:
    first, second = on_top(home)[:2]
    assert home.put("bed_1").reason == "hand_empty"
    assert home.drop().reason == "hand_empty"
    assert home.set_open("bed_1", True).reason == "not_openable"
    assert home.switch("bed_1", True).reason == "not_switchable"
    home.go("toilet_1")
    assert home.set_open("fridge_1", True).reason == "far"
    assert home.switch("stove_1", True).reason == "far"
    until_held(home, first)
    assert home.grasp(second).reason == "hand_full"
    home.go("fridge_1")
    assert home.put("fridge_1").reason == "closed"
    home.go("floor_lamp_1")
    assert home.put("floor_lamp_1").reason == "unreachable"
    assert home.holding == first


def test_unknown_names_are_refused_with_what_exists(home: PhysicalHome) -> None:
    for call in (home.go, home.grasp, home.where, home.put, home.is_on, home.near):
        with pytest.raises(UnknownNameError, match="Known"):
            call("unicorn_1")
    with pytest.raises(UnknownNameError, match="apartment-1"):
        PhysicalHome("apartment-99", 0)


def test_a_closed_door_hides_and_keeps_what_is_behind_it(home: PhysicalHome) -> None:
    thing = next(t for t in home.things if home.where(t)[1] == "fridge_1")
    assert home.go("fridge_1").ok
    assert thing not in home.visible()
    assert home.grasp(thing).reason == "closed"
    assert home.set_open("fridge_1", True).ok
    assert home.is_open("fridge_1")
    assert thing in home.visible()


def test_equal_actions_give_bit_identical_states() -> None:
    def play() -> np.ndarray:
        home = PhysicalHome("apartment-1", 3)
        for thing in on_top(home)[:4]:
            if home.go(thing).ok and home.grasp(thing).ok:
                home.go("sofa_1")
                home.put("sofa_1")
        home.go("fridge_1")
        home.set_open("fridge_1", True)
        home.move(0.0, 0.0, 0.3, 0.1)
        return home.state()

    first, second = play(), play()
    np.testing.assert_array_equal(first, second)
    assert np.isfinite(first).all()


def test_another_seed_is_another_morning() -> None:
    first, second = PhysicalHome("apartment-1", 0), PhysicalHome("apartment-1", 1)
    assert {t: first.where(t) for t in first.things} != {t: second.where(t) for t in second.things}
