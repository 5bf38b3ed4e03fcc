"""Layouts, shapes, physics of the grasp, and ways of the arm."""

import math

import mujoco
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import PRISMS, first, over, put

from robomem.errors import ConfigError, EnvironmentFault
from robomem_assets.props.prisms import SHAPES, outline
from robomem_assets.props.sorter import pits
from robomem_assets.workbench import PALETTE
from robomem_envs.arm.kinematics import shared
from robomem_envs.manipulate.bench import Bench
from robomem_envs.manipulate.frame import DOWN, metres, rotation
from robomem_envs.manipulate.layout import AREA_M, TABLES, draw
from robomem_envs.manipulate.obstacles import Obstacles
from robomem_envs.manipulate.reach import UnreachableError, find_path, pose
from robomem_envs.manipulate.scene import yaw_of


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(list(TABLES)), st.integers(0, 10**6))
def test_layouts_keep_things_apart_and_can_be_told_apart(world, seed):
    layout = draw(world, seed)
    assert layout == draw(world, seed)
    things = [thing for thing in layout if thing.shape not in ("pit", "area")]
    for k, one in enumerate(things):
        assert one.colour in PALETTE
        assert all(math.dist(one.point, other.point) > one.radius + other.radius for other in things[:k])
    told = [(thing.shape, thing.colour, thing.hole) for thing in layout]
    assert len(set(told)) == len(told)
    assert len({thing.name for thing in layout}) == len(layout)


def test_an_unknown_table_is_an_error_with_a_suggestion():
    with pytest.raises(ConfigError, match="blocks"):
        draw("block", 0)


@pytest.mark.parametrize("shape", SHAPES)
def test_outlines_turn_left_are_centred_and_fit_between_the_jaws(shape):
    x, y = outline(shape).T
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    area = cross.sum() / 2
    assert area > 0
    middle = [((c + np.roll(c, -1)) * cross).sum() / (6 * area) for c in (x, y)]
    np.testing.assert_allclose(middle, 0.0, atol=1e-12)
    assert np.ptp(x) < 0.065, "the jaws close along x"


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_falls_into_its_own_pit(shape):
    """Released over the pit within half a voxel either way, it ends up inside; over another's pit it may not."""
    for dx, dy in ((0, 0), (0.004, -0.004), (-0.004, 0.004)):
        bench = _sorter_with(shape)
        pit = next(thing for thing in bench.layout if thing.hole == shape)
        name = next(thing.name for thing in bench.layout if thing.shape == shape)
        put(bench, name, [pit.point[0] + dx, pit.point[1] + dy, 0.04 + 0.0225])
        for _ in range(300):
            mujoco.mj_step(bench.model, bench.data)
        assert bench.position(name)[2] == pytest.approx(0.004 + 0.0225, abs=0.002)


def _sorter_with(shape: str) -> Bench:
    for seed in range(50):
        layout = draw("sorter", seed)
        if any(thing.shape == shape for thing in layout):
            return Bench(layout)
    raise AssertionError(shape)


def test_pits_lie_in_two_columns_without_overlap():
    places = list(pits(SHAPES).values())
    assert len(set(places)) == len(SHAPES)


@pytest.mark.parametrize("shape", [*PRISMS, "sponge"])
def test_the_jaws_hold_by_friction_alone(shape):
    world = "areas" if shape == "sponge" else "blocks"
    seed = next(seed for seed in range(30) if any(thing.shape == shape for thing in draw(world, seed)))
    bench = Bench(draw(world, seed))
    assert bench.model.neq == 1, "the fingers mirror each other; nothing is welded"
    name = first(world, (shape,), seed)
    x, y, z = over(bench, name)
    yaw = yaw_of(bench, name)
    for height in (12, 0):
        _go(bench, (x, y, z + height), (*DOWN[:2], yaw))
    bench.grip(False)
    assert bench.held == name
    for voxel in ((45, 50, 45), (60, 30, 40), (x, y, z + 12)):
        _go(bench, voxel, (*DOWN[:2], yaw))
    assert bench.held == name
    assert bench.position(name)[2] > 0.1
    assert bench.matrix(name)[2, 2] > 0.99
    bench.grip(True)
    assert bench.held is None
    assert bench.position(name)[2] < 0.03


def _go(bench: Bench, voxel, steps) -> None:
    bench.follow(find_path(bench.joints, pose(metres(voxel), rotation(steps).as_matrix()), Obstacles(bench)))
    assert np.linalg.norm(bench.tool[0] - metres(voxel)) < 0.004


def test_physics_that_diverges_is_a_fault_and_not_a_result():
    bench = Bench(draw("blocks", 0))
    bench.data.qvel[3] = np.nan
    with pytest.raises(EnvironmentFault):
        bench.grip(False)


def test_the_arm_goes_around_a_tower_and_does_not_touch_it():
    bench = Bench(draw("stacks", 0))
    names = [thing.name for thing in bench.layout][:3]
    for height, name in enumerate(names):
        put(bench, name, [0.5, 0.0, 0.0225 + 0.045 * height])
    _go(bench, (50, 32, 20), DOWN)
    before = [bench.position(name) for name in names]
    _go(bench, (50, 67, 20), DOWN)
    for name, point in zip(names, before):
        np.testing.assert_allclose(bench.position(name), point, atol=0.002)


def test_what_is_carried_goes_over_what_only_it_would_hit():
    bench = Bench(draw("stacks", 0))
    carried, obstacle = [thing.name for thing in bench.layout][:2]
    put(bench, carried, [0.505, -0.175, 0.0225])
    put(bench, obstacle, [0.5, 0.0, 0.0225])
    _go(bench, (50, 32, 30), DOWN)
    _go(bench, (50, 32, 17), DOWN)
    bench.grip(False)
    assert bench.held == carried
    _go(bench, (50, 32, 20), DOWN)
    _go(bench, (50, 67, 20), DOWN)
    assert bench.held == carried
    np.testing.assert_allclose(bench.position(obstacle), [0.5, 0.0, 0.0225], atol=0.002)


def test_where_a_thing_stands_the_closed_hand_cannot_be():
    bench = Bench(draw("stacks", 0))
    name = bench.layout[0].name
    bench.grip(False)
    with pytest.raises(UnreachableError) as caught:
        find_path(bench.joints, pose(bench.position(name), rotation(DOWN).as_matrix()), Obstacles(bench))
    assert caught.value.obstacle == name


def test_far_away_is_out_of_reach_without_an_obstacle():
    bench = Bench(draw("stacks", 0))
    with pytest.raises(UnreachableError) as caught:
        find_path(bench.joints, pose(np.array([0.95, 0.45, 0.8]), rotation(DOWN).as_matrix()), Obstacles(bench))
    assert caught.value.obstacle == ""


@settings(max_examples=25, deadline=None)
@given(
    st.tuples(st.floats(0.32, 0.65), st.floats(-0.3, 0.3), st.floats(0.05, 0.35)),
    st.integers(40, 80),
)
def test_poses_are_solved_as_asked(point, yaw):
    solver = shared("panda", 0.3)
    target = pose(np.array(point), rotation((*DOWN[:2], yaw)).as_matrix())
    joints, left, turn = solver.solve_pose(target, solver.rest)
    found = solver.pose(joints)
    assert left < 1e-3
    assert turn < 0.01
    np.testing.assert_allclose(found.translation(), point, atol=1e-3)
    assert np.linalg.norm(found.rotation().inverse().multiply(target.rotation()).log()) < 0.01


def test_the_sponge_wipes_only_where_it_lies_on_the_table():
    bench = Bench(draw("areas", 1))
    area = next(thing for thing in bench.layout if thing.shape == "area")
    spots = bench.wiping.spots(area.name)
    assert math.dist(spots[0], spots[-1]) < AREA_M[0]
    for height, wiped in ((0.0225, True), (0.04, False)):
        bench.wiping.last[area.name][:] = -1
        put(bench, "sponge", [*spots[3], height])
        for _ in range(4):
            bench.wiping.watch()
        last = bench.wiping.last[area.name]
        assert bool(last[3] >= 0) is wiped
        assert last[-1] < 0
