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
    thing = "egg_1"
    assert home.relocate(thing, "fridge_1").ok
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


@pytest.mark.slow
@pytest.mark.parametrize("number", range(1, 9))
def test_everything_can_be_taken_and_put_back(number: int) -> None:
    home = PhysicalHome(f"apartment-{number}", 2)
    for thing in home.things:
        place = home.where(thing)[1]
        until_held(home, thing)
        assert home.go(place).ok
        outcome = home.put(place)
        assert outcome.ok or outcome.reason in ("full", "occluded", "unreachable"), outcome.text
        if not outcome.ok:  # what was put back before takes up room
            home.go("bed_1")
            assert home.put("bed_1").ok
        if home.fixtures[place].opens:
            home.go(place)
            assert home.set_open(place, False).ok
        assert np.isfinite(home.state()).all()


@pytest.mark.parametrize("number", range(1, 9))
def test_everything_opens_closes_and_switches(number: int) -> None:
    home = PhysicalHome(f"apartment-{number}", 0)
    for name, fixture in home.fixtures.items():
        assert home.go(name).ok, name
        assert home.near(name)
        if fixture.opens:
            for open_ in (True, False):
                assert home.set_open(name, open_).ok, name
                assert home.is_open(name) == open_
        if fixture.switches:
            assert home.switch(name, True).ok, name
            assert home.is_on(name)
            assert home.switch(name, False).ok
            assert not home.is_on(name)


def test_a_drawer_takes_its_contents_along(home: PhysicalHome) -> None:
    drawer = next(n for n, f in home.fixtures.items() if f.category.endswith("drawer") and home._contents.on(n))
    things = home._contents.on(drawer)
    closed = {thing: home.position(thing) for thing in things}
    assert home.go(drawer).ok
    assert home.set_open(drawer, True).ok
    for thing in things:
        assert np.linalg.norm(home.position(thing) - closed[thing]) > 0.2
        assert home.where(thing) == ("in", drawer)
    assert home.set_open(drawer, False).ok
    for thing in things:
        np.testing.assert_allclose(home.position(thing), closed[thing], atol=1e-6)


def test_a_full_shelf_takes_nothing_more(home: PhysicalHome) -> None:
    moved = 0
    for thing in home.things:
        outcome = home.relocate(thing, "coffee_machine_1")
        if not outcome.ok:
            assert outcome.reason == "full"
            break
        moved += 1
        assert home.where(thing)[1] == "coffee_machine_1"
    assert 0 < moved < len(home.things)


def test_what_stands_in_front_is_in_the_way(home: PhysicalHome) -> None:
    world, shelf = home._world, home._furniture["fridge_1"].surfaces[0]
    for thing in home._contents.on("fridge_1"):
        home.relocate(thing, "bed_1")
    origin, turn = world.frame("fridge_1")
    front = [name for name in ("pot_1", "kettle_1", "bread_1") if home.relocate(name, "bed_1").ok]
    for name, x, y in (("egg_1", 0.2, 0.0), (front[0], 0.45, 0.0), (front[1], 0.45, 0.2), (front[2], 0.45, -0.2)):
        world.place(name, origin + turn @ np.array([x, y, shelf.centre[2] + 0.001]), 0.0)
        home._contents.place[name] = ("in", "fridge_1")
    world.refresh()
    home.go("fridge_1")
    assert home.set_open("fridge_1", True).ok
    outcome = home.grasp("egg_1")
    assert outcome.reason == "occluded"
    assert any(name.replace("_", " ") in outcome.text for name in front)


def test_driving_into_a_wall_is_refused(home: PhysicalHome) -> None:
    before = home.position("robot")
    assert home.move(30.0, 0.0, 0.0, 0.0).reason == "blocked"
    np.testing.assert_array_equal(home.position("robot"), before)
    assert home.move(0.0, 0.0, 0.5, 0.0).ok


def test_a_dropped_thing_lies_somewhere_and_can_be_taken_up_again(home: PhysicalHome) -> None:
    thing = on_top(home)[0]
    until_held(home, thing)
    home.go("bed_1")
    assert home.drop().ok
    relation, place = home.where(thing)
    assert relation in ("floor", "on")
    assert place in home.fixtures or place == "bedroom"
    until_held(home, thing)


def test_a_slippery_thing_slips_as_often_as_it_says() -> None:
    slips, tries = 0, 0
    for seed in range(6):
        home = PhysicalHome("apartment-1", seed)
        for _ in range(25):
            home.go("soap_bar_1")
            place = home.where("soap_bar_1")[1]
            if home.fixtures[place].opens and not home.is_open(place):
                home.set_open(place, True)
            outcome = home.grasp("soap_bar_1")
            tries += 1
            if outcome.ok:
                home.put(place)
            elif outcome.reason == "slipped":
                slips += 1
                assert home.holding is None
            if home.holding:
                home.drop()
                break
    assert 0.02 < slips / tries < 0.3


@pytest.mark.slow
def test_slow_motion_ends_where_fast_motion_does() -> None:
    ends = []
    for fast in (True, False):
        home = PhysicalHome("apartment-1", 0, fast=fast)
        thing = on_top(home)[0]
        until_held(home, thing)
        assert home.go("sofa_1").ok
        assert home.put("sofa_1").ok
        assert home.go("fridge_1").ok
        assert home.set_open("fridge_1", True).ok
        assert home.set_open("fridge_1", False).ok
        ends.append((home.where(thing), home.position(thing), home.position("robot")))
    assert ends[0][0] == ends[1][0]
    np.testing.assert_allclose(ends[0][1], ends[1][1], atol=0.03)
    np.testing.assert_allclose(ends[0][2], ends[1][2], atol=0.05)
