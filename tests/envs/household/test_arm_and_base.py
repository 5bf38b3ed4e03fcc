"""Kinematics against MuJoCo, paths against the obstacles."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem_assets.household.apartments import load, names
from robomem_envs.household.physical.body import RobotBody
from robomem_envs.household.physical.floor_map import FloorMap, clear
from robomem_envs.household.physical.reach import hand_at, solve
from robomem_envs.household.physical.route import length, route
from robomem_envs.household.physical.stands import of
from robomem_envs.household.physical.world import World

WORLD = World(load("apartment-1"))
BODY = RobotBody(WORLD)


@settings(max_examples=60)
@given(
    st.floats(-math.pi, math.pi),
    st.floats(0.3, 1.1),
    st.floats(0.0, 1.35),
    st.sampled_from((-1.57, -0.8, -0.35, 0.0, 0.35)),
)
def test_the_hand_comes_to_where_inverse_kinematics_sends_it(
    angle: float, far: float, high: float, pitch: float
) -> None:
    base = (5.0, 5.0)
    point = np.array([base[0] + far * math.cos(angle), base[1] + far * math.sin(angle), high])
    reach = solve(base, point, pitch)
    if reach is None:
        return
    BODY.take(base, reach)
    WORLD.refresh()
    np.testing.assert_allclose(WORLD.data.site("grasp").xpos, point, atol=1e-9)
    np.testing.assert_allclose(hand_at(base, reach), point, atol=1e-9)
    assert 0.0 <= reach.lift <= 1.1
    assert 0.0 <= reach.extend <= 0.52


def test_what_is_too_far_or_too_high_is_not_reached() -> None:
    assert solve((0.0, 0.0), np.array([1.3, 0.0, 0.8]), 0.0) is None
    assert solve((0.0, 0.0), np.array([0.7, 0.0, 1.6]), 0.35) is None
    assert solve((0.0, 0.0), np.array([0.01, 0.0, 0.8]), 0.0) is None


@pytest.mark.parametrize("name", names())
def test_the_base_touches_nothing_on_its_way(name: str) -> None:
    world = World(load(name))
    world.refresh()
    body, free = RobotBody(world), FloorMap(world).free([])
    here = load(name).plan.start[:2]
    for piece in list(load(name).furniture)[::4]:
        end = of(name).at(piece)[0]
        path = route(free, here, end)
        assert path is not None, piece
        assert math.dist(path[0], here) < 1e-9
        assert math.dist(path[-1], end) < 1e-9
        body.stow()
        for a, b in pairwise(path):
            assert clear(free, a, b) or len(path) > 2
            for share in np.linspace(0.0, 1.0, max(2, int(math.dist(a, b) / 0.1))):
                body.stand(tuple(a + share * (b - a)), 0.7)
                world.refresh()
                assert world.contacts(world.robot) == [], piece
        here = end


def test_a_wall_is_gone_around_and_a_closed_room_is_not_entered() -> None:
    free = np.ones((60, 60), bool)
    free[30, :50] = False
    path = route(free, (0.5, 0.5), (2.5, 0.5))
    assert path is not None
    assert length(path) > 3.5
    free[30, :] = False
    assert route(free, (0.5, 0.5), (2.5, 0.5)) is None
