"""The apartments: what they hold, and that nothing in them overlaps, falls or is out of reach."""

from __future__ import annotations

import itertools

import mujoco
import numpy as np
import pytest

from robomem_assets.household.apartments import load, names
from robomem_assets.household.objects import CATEGORIES
from robomem_envs.household.physical import PhysicalHome, stands
from robomem_envs.household.physical.world import World

ROOMS = {"kitchen", "living room", "bedroom", "bath"}
STANDING_ON = {"toaster", "coffee_machine", "microwave", "tv", "table_lamp"}


def test_there_are_eight_apartments_and_over_sixty_kinds_of_things() -> None:
    assert len(names()) == 8
    assert len(CATEGORIES) >= 60
    shown = {item.category.name for name in names() for item in load(name).items.values()}
    assert shown == set(CATEGORIES), "every kind is in some apartment"


@pytest.mark.parametrize("name", names())
def test_it_has_four_rooms_and_enough_that_holds_opens_and_switches(name: str) -> None:
    furniture = load(name).furniture.values()
    holding = [piece for piece in furniture if piece.holds]
    assert {piece.room for piece in furniture} == ROOMS == set(load(name).plan.rooms)
    assert len(holding) >= 25
    assert 3 * sum(piece.door is not None for piece in holding) >= len(holding)
    switched = {piece.category for piece in furniture if piece.switch}
    assert {"stove", "microwave", "sink", "floor_lamp", "toaster", "coffee_machine", "tv"} <= switched


@pytest.mark.parametrize("name", names())
def test_furniture_stands_in_its_room_and_in_nothing_else(name: str) -> None:
    apartment = load(name)
    world = World(apartment)
    world.refresh()
    boxes = {}
    for piece in apartment.furniture.values():
        origin, turn = world.frame(piece.name)
        x0, x1, y0, y1 = piece.footprint
        corners = np.array([origin + turn @ [x, y, 0.0] for x in (x0, x1) for y in (y0, y1)])
        own = np.flatnonzero(world.owner == world.index[piece.name])
        height = world.data.geom_xpos[own, 2]
        half = np.einsum(
            "nij,nj->ni", np.abs(world.data.geom_xmat[own].reshape(-1, 3, 3)), world.model.geom_aabb[own, 3:]
        )
        low, high = (
            [*corners.min(axis=0)[:2], (height - half[:, 2]).min()],
            [*corners.max(axis=0)[:2], (height + half[:, 2]).max()],
        )
        boxes[piece.name] = np.array([low, high])
        left, bottom, right, top = apartment.plan.rooms[piece.room]
        assert left - 0.01 < low[0] < high[0] < right + 0.01, piece.name
        assert bottom - 0.01 < low[1] < high[1] < top + 0.01, piece.name
    for (one, a), (other, b) in itertools.combinations(boxes.items(), 2):
        if {one.rsplit("_", 1)[0], other.rsplit("_", 1)[0]} & STANDING_ON:
            continue
        overlap = np.minimum(a[1], b[1]) - np.maximum(a[0], b[0])
        assert not (overlap > 0.045).all(), f"{one} stands in {other}: {overlap}"


@pytest.mark.parametrize("name", names())
def test_the_robot_can_stand_before_everything(name: str) -> None:
    found = stands.of(name)
    assert [piece for piece in load(name).furniture if not found.at(piece)] == []


@pytest.mark.parametrize("name", names())
def test_things_start_in_their_places_and_stay_there(name: str) -> None:
    home = PhysicalHome(name, 5)
    before = {thing: home.position(thing) for thing in home.things}
    home._world.settle(250)
    for thing in home.things:
        relation, place = home.where(thing)
        assert relation == home.fixtures[place].holds
        assert np.linalg.norm(home.position(thing) - before[thing]) < 0.004, thing
        assert home._contents.locate(thing) == (relation, place)
    assert np.isfinite(home.state()).all()


def test_joints_turn_as_far_as_they_say() -> None:
    """Degrees taken for radians once left every door two degrees to move in."""
    model = load(names()[0]).model
    for piece in load(names()[0]).furniture.values():
        if piece.door is not None:
            assert model.joint(piece.door.joint).range[1] == pytest.approx(piece.door.open)
    assert model.joint("head_pan").range == pytest.approx((-4.04, 1.73))
    assert model.joint("lift").range == pytest.approx((0.0, 1.1))


def test_a_world_is_compiled_once() -> None:
    assert load("apartment-2") is load("apartment-2")
    first, second = PhysicalHome("apartment-2", 0), PhysicalHome("apartment-2", 0)
    assert first._world.model is not second._world.model
    first.replace("apple_1", "sliced")
    assert not np.array_equal(first._world.model.geom_rgba, second._world.model.geom_rgba)
    assert isinstance(first._world.model, mujoco.MjModel)
