"""The rules of single tasks, each against its plain statement."""

from __future__ import annotations

import numpy as np
import pytest
from recall_suite import make


def follow(env, place, steps=60):
    """Go to ``place(task)`` until all rows have ended; return terminated and success of each row's first end."""
    over, success, terminated = (np.zeros(env.num_envs, bool) for _ in range(3))
    for _ in range(env.task.go_at + steps):
        _, _, ends, cuts, info = env.step(env.task.go_to(place(env.task)))
        first = ~over & (ends | cuts)
        if first.any():
            success[first], terminated[first] = info["final_info"]["success"][first], ends[first]
        over |= first
        if over.all():
            break
    return terminated, success


@pytest.mark.parametrize("swaps", [0, 1, 4])
def test_the_cube_goes_where_its_cup_is_seen_to_go(swaps):
    env = make("ShellGame", 40, mode="Disabled", swaps=swaps)
    observation, _ = env.reset(seed=11)
    cup = observation["cube"].argmax(axis=1)
    seen = []
    for _ in range(env.task.go_at):
        seen.append(observation["cups"].reshape(40, 3, 2))
        observation, *_ = env.step(np.zeros(env.action_space.shape, np.float32))
    followed = seen[0][np.arange(40), cup]  # by eye: the cup nearest to where it was heading, from picture to picture
    velocity = np.zeros_like(followed)
    for cups in seen[1:]:
        step = cups[np.arange(40), np.linalg.norm(cups - (followed + velocity)[:, None], axis=2).argmin(axis=1)]
        velocity, followed = step - followed, step
    reach = env.task.arm.workspace[1][0]
    np.testing.assert_allclose(followed * reach, env.task.places[env.task.wanted(), :2], atol=1e-5)
    moved = (env.task.wanted() != cup).mean()
    assert moved == 0 if swaps == 0 else moved > 0.3


def test_a_sequence_is_lost_at_the_first_wrong_press():
    env = make("ButtonSequence4", 16)
    env.reset(seed=0)

    def spoil_the_third(task):
        order, hits = task.episode.order, task.episode.hits
        wrong = order[:, 3]
        return np.where(hits < 2, order[np.arange(16), np.minimum(hits, 3)], wrong)

    terminated, success = follow(env, spoil_the_third, 80)
    assert terminated.all()
    assert not success.any()


def test_a_pressed_button_glows():
    env = make("ButtonSequence2", 8, mode="Disabled")
    env.reset(seed=0)
    glowed = np.zeros(8, bool)
    for _ in range(env.task.go_at + 12):
        observation, _, ends, _, _ = env.step(env.expert_action())
        if ends.any():
            break
        held = env.task.episode.held
        if (env.task.clock > env.task.go_at).all():
            lit = np.where(observation["light"].any(axis=1), observation["light"].argmax(axis=1), -1)
            np.testing.assert_array_equal(lit, held)
            glowed |= held >= 0
    assert glowed.any()


@pytest.mark.parametrize("error", [-1, 0, 1])
def test_the_count_must_be_exact(error):
    env = make("ButtonCount", 20)
    env.reset(seed=0)
    count = env.task.episode.flash.sum(axis=1)
    assert set(count) == {1, 2, 3, 4, 5}
    terminated, success = follow(env, lambda task: np.where(task.episode.hits < count + error, 0, 1), 90)
    assert terminated.all()
    assert success.all() == (error == 0)
    assert success.any() == (error == 0)


def test_the_lamp_flashes_as_often_as_it_says():
    env = make("ButtonCount", 20, mode="Disabled")
    observation, _ = env.reset(seed=0)
    lamp = []
    for _ in range(env.task.go_at):
        lamp.append(observation["lamp"][:, 0])
        observation, *_ = env.step(np.zeros(env.action_space.shape, np.float32))
    rises = (np.diff(np.array(lamp), axis=0, prepend=0) > 0).sum(axis=0)
    np.testing.assert_array_equal(rises, env.task.touches() - 1)


def test_every_object_is_shown_once_and_the_one_asked_for_is_in_its_box():
    env = make("ObjectPermanence", 30, mode="Disabled")
    observation, _ = env.reset(seed=0)
    seen = np.zeros((30, 3, 4))
    for _ in range(env.task.go_at):
        seen += observation["object"][:, :, None] * observation["box"][:, None]
        assert not observation["asked"].any()
        observation, *_ = env.step(np.zeros(env.action_space.shape, np.float32))
    assert ((seen > 0).sum(axis=2) == 1).all()  # each object in one box
    assert ((seen > 0).sum(axis=1) <= 1).all()  # each box at most one object
    asked = observation["asked"].argmax(axis=1)
    np.testing.assert_array_equal(seen[np.arange(30), asked].argmax(axis=1), env.task.wanted())


def test_taking_the_cube_to_another_place_loses():
    env = make("TakeItBack", 12)
    env.reset(seed=0)
    success = np.ones(12, bool)
    over = np.zeros(12, bool)
    for _ in range(env.task.max_steps):
        _, _, ends, cuts, info = env.step(env.task.take_to((env.task.episode.place + 1) % 3))
        first = ~over & (ends | cuts)
        if first.any():
            success[first] = info["final_info"]["success"][first]
            assert not (first & cuts).any()
        over |= first
        if over.all():
            break
    assert over.all()
    assert not success.any()


def test_a_cube_in_the_air_over_its_goal_is_not_there_yet():
    env = make("PickPlace", 4, mode="Disabled")
    env.reset(seed=0)
    task = env.task
    rows = np.arange(4)
    task.put_cube(rows, task.goal()[:, :2])
    task.simulation.qpos[:, task._cube + 2] += 0.15
    _, _, ends, _, _ = env.step(np.ones(env.action_space.shape, np.float32))
    assert not ends.any()
    for _ in range(12):
        _, _, ends, _, _ = env.step(np.ones(env.action_space.shape, np.float32))
        if ends.any():
            break
    assert ends.all()


@pytest.mark.parametrize("name", ["Push", "PickPlace", "TakeItBack"])
def test_a_cube_that_falls_off_the_table_ends_the_episode(name):
    env = make(name, 3, mode="Disabled")
    env.reset(seed=0)
    stay = np.zeros(env.action_space.shape, np.float32)
    for _ in range(env.task.go_at + 1):
        env.step(stay)
    env.task.simulation.qpos[1, env.task._cube] = 2.0
    for _ in range(8):
        observation, reward, ends, _, info = env.step(stay)
        assert reward.min() >= env.task.reward_range[0]
        if ends.any():
            break
    assert ends.tolist() == [False, True, False]
    assert not info["success"].any()
    assert env.observation_space.contains(observation)


UNKNOWN_UNTIL = {
    "RememberColor3": lambda task: task.go_at,
    "RememberColor9": lambda task: task.go_at,
    "ObjectPermanence": lambda task: task.go_at,
    "ShellGame with swaps": lambda task: task._still_at,
}


@pytest.mark.parametrize("control", ["joint_position", "joint_delta", "ee_delta"])
@pytest.mark.parametrize("name", UNKNOWN_UNTIL)
def test_the_expert_holds_still_until_the_goal_can_be_known(name, control):
    env = make(name, 6, mode="Disabled", control=control, delay=3)
    env.reset(seed=0)
    task, known = env.task, UNKNOWN_UNTIL[name](env.task)
    for step in range(task.go_at + 1):
        action, target = env.expert_action(), task.episode.joint_target.copy()
        led = target.copy()
        task.control.move(led, action, np.ones(6, bool))  # as if the arm were not held
        if step < known:
            np.testing.assert_allclose(led, target, atol=1e-6 if control != "ee_delta" else 5e-3)
            assert control == "joint_position" or not action.any()
        else:
            assert (np.abs(led - target).max(axis=1) > 0.02).all()
        env.step(action)
