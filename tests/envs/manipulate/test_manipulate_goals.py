"""Goals hold where they should, and a nearly right final state is not success."""

import math

import numpy as np
import pytest
from tables import put

from robomem_assets.props.sorter import SORTER_HEIGHT_M
from robomem_envs.manipulate.bench import PRISM_M, Bench
from robomem_envs.manipulate.goals import TOWARDS, lies_in, parse_goals, progress
from robomem_envs.manipulate.layout import draw
from robomem_envs.manipulate.wiping import SPOTS

HALF = PRISM_M / 2


def named(world: str, seed: int, *shapes: str) -> list[str]:
    return [thing.name for thing in draw(world, seed) if thing.shape in shapes]


@pytest.fixture
def stacks():
    return Bench(draw("stacks", 0))


def met(bench: Bench, goal: dict) -> bool:
    return progress(parse_goals([goal], bench, "a task"), bench) == 1.0


@pytest.mark.parametrize(
    ("offset", "tilt", "holds"),
    [
        ((0, 0, PRISM_M), 0.0, True),
        ((0.012, 0.008, PRISM_M), 0.0, True),
        ((0.03, 0, PRISM_M), 0.0, False),
        ((0, 0, PRISM_M + 0.01), 0.0, False),
        ((0, 0, 2 * PRISM_M), 0.0, False),
        ((0, 0.06, 0), 0.0, False),
        ((0, 0, PRISM_M), 0.4, False),
    ],
)
def test_on_means_upright_on_the_other_and_touching(stacks, offset, tilt, holds):
    one, two = [thing.name for thing in stacks.layout][:2]
    put(stacks, one, stacks.position(two) + offset, tilt)
    assert met(stacks, {"things": [one], "on": [two]}) is holds
    assert not met(stacks, {"things": [two], "on": [one]})
    other = stacks.layout[2].name
    assert not met(stacks, {"things": [one], "on": [other]})


@pytest.mark.parametrize(
    ("offset", "holds"),
    [
        ((0, 0, 0.004 + HALF), True),
        ((0.04, -0.04, 0.004 + HALF), True),
        ((0.09, 0, HALF), False),
        ((0, 0, 0.1), False),
        ((0.075, 0, 0.045 + HALF), False),
    ],
)
def test_in_a_container_means_between_its_walls_and_down(offset, holds):
    bench = Bench(draw("blocks", 0))
    thing, (box, other) = named("blocks", 0, "cube", "star", "moon", "cylinder")[0], named("blocks", 0, "container")
    put(bench, thing, [*(np.array(bench.things[box].point) + offset[:2]), offset[2]])
    assert lies_in(bench, thing, box) is holds
    assert not lies_in(bench, thing, other)


@pytest.mark.parametrize(
    ("offset", "height", "holds"),
    [
        ((0, 0), 0.004 + HALF, True),
        ((0.006, 0), 0.004 + HALF, True),
        ((0, 0), SORTER_HEIGHT_M + HALF, False),
        ((0, 0), SORTER_HEIGHT_M - 0.01 + HALF, False),
        ((0.03, 0), 0.004 + HALF, False),
    ],
)
def test_sorted_means_down_in_the_pit_of_its_shape(offset, height, holds):
    bench = Bench(draw("sorter", 3))
    pit, wrong = [thing for thing in bench.layout if thing.shape == "pit"][:2]
    thing = next(one.name for one in bench.layout if one.movable)
    put(bench, thing, [*(np.array(pit.point) + offset), height])
    assert lies_in(bench, thing, pit.name) is holds
    assert not lies_in(bench, thing, wrong.name)


def test_lifted_means_between_the_jaws():
    bench = Bench(draw("blocks", 0))
    thing = named("blocks", 0, "cube", "star", "moon", "cylinder")[0]
    goal = {"things": [thing], "lifted": True}
    assert not met(bench, goal)
    put(bench, thing, [0.5, 0.0, 0.3])
    assert not met(bench, goal), "in the air, but not held"


def test_a_thing_that_is_still_held_is_not_yet_there(stacks, monkeypatch):
    one, two = [thing.name for thing in stacks.layout][:2]
    put(stacks, one, stacks.position(two) + [0, 0, PRISM_M])
    monkeypatch.setattr(Bench, "held", property(lambda self: one))
    assert not met(stacks, {"things": [one], "on": [two]})


def test_progress_is_the_share_of_conditions(stacks):
    one, two, three = [thing.name for thing in stacks.layout][:3]
    goals = [{"things": [one], "on": [two]}, {"things": [three], "on": [one]}]
    parsed = parse_goals(goals, stacks, "a task")
    assert progress(parsed, stacks) == 0.0
    put(stacks, one, stacks.position(two) + [0, 0, PRISM_M])
    assert progress(parsed, stacks) == 0.5
    put(stacks, three, stacks.position(one) + [0, 0, PRISM_M])
    assert progress(parsed, stacks) == 1.0


@pytest.fixture
def wiped():
    """A bench, one of its areas, and the directions along and against its spots."""
    bench = Bench(draw("areas", 1))
    area = named("areas", 1, "area")[0]
    spots = bench.wiping.spots(area)
    ahead = (spots[-1] - spots[0]) / math.dist(spots[0], spots[-1])
    along = max(TOWARDS, key=lambda name: float(np.dot(ahead, TOWARDS[name])))
    against = min(TOWARDS, key=lambda name: float(np.dot(ahead, TOWARDS[name])))
    return bench, area, along, against


def test_an_area_is_clean_when_every_spot_was_wiped(wiped):
    bench, area, *_ = wiped
    bench.wiping.last[area][:] = 5
    assert met(bench, {"areas": [area], "wiped": True})
    bench.wiping.last[area][SPOTS // 2] = -1
    assert not met(bench, {"areas": [area], "wiped": True})


def test_a_stroke_counts_in_the_direction_of_the_last_pass(wiped):
    bench, area, along, against = wiped
    last = bench.wiping.last[area]
    last[:] = np.arange(SPOTS)
    last[-3:] = last[-1]
    goals = [{"areas": [area], "towards": towards} for towards in (along, against)]
    assert [met(bench, goal) for goal in goals] == [True, False]
    across = next(name for name in TOWARDS if name not in (along, against))
    assert not met(bench, {"areas": [area], "towards": across})
    last[:] = last[::-1].copy()
    assert [met(bench, goal) for goal in goals] == [False, True]
    last[4], last[5] = last[5], last[4]
    assert [met(bench, goal) for goal in goals] == [False, False], "there and back again in the middle"
    last[:] = 7
    assert [met(bench, goal) for goal in goals] == [False, False], "put down everywhere at once"
