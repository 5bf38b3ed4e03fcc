"""The grasp and the plan for laying a thing, on made-up scenes of boxes."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robomem.errors import ConfigError
from robomem_envs.external.libero import expert
from robomem_envs.external.libero.poses import ACTION_SPACE, DOWN, Workspace

SPACE = Workspace((0.0, 0.0, 0.0))


def box(center: tuple[float, float, float], half: tuple[float, float, float], angle: float = 0.0) -> np.ndarray:
    signs = np.stack(np.meshgrid([-1, 1], [-1, 1], [-1, 1]), -1).reshape(-1, 3)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array(center) + (signs * half) @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])


@dataclass
class Boxes:
    """What the expert asks of a scene."""

    goals: tuple[tuple[str, ...], ...]
    things: dict[str, np.ndarray]
    regions: dict[str, tuple[str, np.ndarray]] = field(default_factory=dict)
    holding: tuple[bool, ...] = (False,)
    workspace: Workspace = SPACE

    @property
    def problem(self) -> Any:
        return SimpleNamespace(goals=self.goals, suite="libero_toy", number=4, instruction="put it there")

    def holding_goals(self) -> tuple[bool, ...]:
        return self.holding

    def corners(self, thing: str) -> np.ndarray | None:
        return self.things.get(thing)

    def region(self, name: str) -> tuple[str, np.ndarray] | None:
        return self.regions.get(name)


CAN = box((0.1, -0.2, 0.05), (0.03, 0.03, 0.05))
BASKET = box((-0.1, 0.25, 0.08), (0.08, 0.08, 0.08))
IN = ("in", "can_1", "basket_1_contain_region")
REGIONS = {IN[2]: ("basket_1", np.array([-0.1, 0.25, 0.1]))}


def places(plan: list[list[int]]) -> np.ndarray:
    return np.array([SPACE.position(np.array(action)) for action in plan])


def test_a_can_is_taken_carried_over_the_basket_and_let_go() -> None:
    plan = expert.plan(Boxes((IN,), {"can_1": CAN, "basket_1": BASKET}, REGIONS))
    assert all(ACTION_SPACE.contains(np.array(action)) for action in plan)
    where, open_ = places(plan), [action[6] for action in plan]
    closed = open_.index(0)
    np.testing.assert_allclose(where[closed, :2], [0.1, -0.2], atol=0.006)
    assert 0.02 < where[closed, 2] < 0.08
    let_go = open_.index(1, closed)
    np.testing.assert_allclose(where[let_go, :2], [-0.1, 0.25], atol=0.006)
    carried = where[closed:let_go]
    sideways = np.flatnonzero(np.abs(np.diff(carried[:, 1])) > 0.05)
    lowest = carried[sideways][:, 2].min() - 0.05  # the can's lower end while it moves sideways
    assert lowest > BASKET[:, 2].max()


@given(st.floats(-1.4, 1.4), st.floats(0.008, 0.03), st.floats(0.04, 0.07))
def test_fingers_close_across_the_thin_side(angle: float, thin: float, long: float) -> None:
    thing = box((0, 0, 0.05), (long, thin, 0.04), angle)
    _, turn = expert._grasp(thing)
    axis = np.array([-np.sin(turn), np.cos(turn)])
    assert np.ptp(thing[:, :2] @ axis) < 2 * thin + 0.012
    assert np.ptp(thing[:, :2] @ axis) <= expert.WIDEST_M


def test_a_bowl_is_taken_by_its_rim() -> None:
    bowl = box((0, 0, 0.03), (0.06, 0.06, 0.03))
    grip, turn = expert._grasp(bowl)
    assert turn == 0
    assert abs(np.linalg.norm(grip[:2]) - 0.06) < 0.015
    assert 0.03 < grip[2] < 0.06


def test_a_tall_thing_is_taken_where_the_hand_does_not_hit_it() -> None:
    grip, _ = expert._grasp(box((0, 0, 0.12), (0.02, 0.02, 0.12)))
    assert 0.24 - grip[2] <= expert.FINGER_M


def test_only_what_is_missing_is_done() -> None:
    goals = (IN, ("on", "can_1", "plate_1"))
    things = {"can_1": CAN, "basket_1": BASKET, "plate_1": box((0.3, 0.3, 0.01), (0.07, 0.07, 0.01))}
    scene = Boxes(goals, things, REGIONS, holding=(True, False))
    np.testing.assert_allclose(places(expert.plan(scene))[-1, :2], [0.3, 0.3], atol=0.006)
    scene.holding = (True, True)
    assert expert.plan(scene) == []


@pytest.mark.parametrize(
    "goal",
    [
        ("open", "cabinet_1_top_region"),
        ("turnon", "flat_stove_1"),
        ("in", "can_1", "cabinet_1_top_region"),
        ("on", "can_1", "cabinet_1_top_side"),
        ("on", "cabinet_1", "can_1"),
    ],
)
def test_what_it_cannot_do_it_says(goal: tuple[str, ...]) -> None:
    regions = {name: ("cabinet_1", np.zeros(3)) for name in ("cabinet_1_top_region", "cabinet_1_top_side")}
    with pytest.raises(ConfigError, match=rf"no plan for the goal '{' '.join(goal)}' of libero_toy, task-4"):
        expert.plan(Boxes((goal,), {"can_1": CAN}, regions))


def test_down_is_down_in_the_plan() -> None:
    plan = expert.plan(Boxes((IN,), {"can_1": CAN, "basket_1": BASKET}, REGIONS))
    assert {tuple(action[3:5]) for action in plan} == {DOWN[:2]}
