"""Other colours and a shifted camera change pictures and nothing else."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recall_suite import make

from robomem.errors import ConfigError
from robomem_assets import arms, scenes
from robomem_envs.arm.camera import shift_camera
from robomem_envs.recall.looks import palette_of

PAINTED = ("ShellGame", "ObjectPermanence", "TakeItBack", "Push", "PickPlace")
SHIFTED = ("ShellGame", "TakeItBack", "RememberColor3")
CHANGES = [(name, {"palette": "new"}) for name in PAINTED] + [(name, {"camera_shift": 0.05}) for name in SHIFTED]
USUAL = {"palette": "usual", "camera_shift": 0.0}


def played(name, steps=3, **options):
    """Play some steps on either side of the go signal; return all observations and rewards."""
    env = make(name, 1, observation="pixels+state", delay=2, **options)
    seen, rewards = [env.reset(seed=9)[0]], []
    for _ in range(env.task.go_at + steps):
        observation, reward, *_ = env.step(env.expert_action())
        seen.append(observation)
        rewards.append(reward)
    env.close()
    return {key: np.array([each[key] for each in seen]) for key in seen[0]}, np.array(rewards)


def camera(model):
    """Return where the policy camera stands, its right and its forward direction, each [3]."""
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    frame = data.camera("policy").xmat.reshape(3, 3)
    return data.camera("policy").xpos, frame[:, 0], -frame[:, 2]


@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_only_pictures_change(name, change):
    (usual, reward), (changed, reward_changed) = played(name), played(name, **change)
    pictures, others = usual.pop("pixels"), changed.pop("pixels")
    for key, value in usual.items():
        np.testing.assert_array_equal(changed[key], value, err_msg=key)
    np.testing.assert_array_equal(reward_changed, reward)
    differing = (pictures != others).any(axis=-1).mean(axis=(-2, -1))
    assert differing.min() > 0.02
    said = {key: value for key, value in USUAL.items() if key in change}
    np.testing.assert_array_equal(played(name, **said)[0]["pixels"], pictures)  # and nothing lingers


@pytest.mark.parametrize("robot", ["so101", "panda"])
@settings(max_examples=20)
@given(shift=st.floats(-0.5, 0.5))
def test_the_shifted_camera_looks_at_the_same_point_upright(robot, shift):
    model = scenes.tabletop(arms.load(robot)).compile()
    before, right, forward = camera(model)
    aim = before - before[2] / forward[2] * forward
    shift_camera(model, "policy", shift)
    after, right_after, forward_after = camera(model)
    np.testing.assert_allclose(after - before, shift * right, atol=1e-12)
    np.testing.assert_allclose(right, [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(after - after[2] / forward_after[2] * forward_after, aim, atol=1e-9)
    assert abs(right_after[2]) < 1e-12
    assert right_after[1] > 0


def test_new_things_look_like_none_of_the_usual_ones():
    usual, new = palette_of("usual"), palette_of("new")
    assert len(usual.things) == len(new.things) == 5
    for palette in (usual, new):
        things = np.array(palette.things)
        apart = np.linalg.norm(things[:, None] - things[None], axis=-1) + np.eye(5)
        assert apart.min() > 0.3  # told apart at 64 pixels
    away = np.linalg.norm(np.array(new.things)[:, None] - np.array(usual.things)[None], axis=-1)
    assert away.min() > 0.25


@pytest.mark.parametrize("wrong", [{"camera_shift": np.nan}, {"camera_shift": -0.6}, {"camera_shift": "left"}])
def test_no_camera_stands_nowhere(wrong):
    with pytest.raises(ConfigError, match=r"camera_shift|ShellGame"):
        make("ShellGame", 1, **wrong)


@pytest.mark.parametrize("name", PAINTED)
def test_a_palette_that_does_not_exist_is_refused(name):
    with pytest.raises(ConfigError, match="usual"):
        make(name, 1, palette="usal")


def test_remembered_colours_are_not_exchanged():
    with pytest.raises(ConfigError, match="no option 'palette'"):
        make("RememberColor3", 1, palette="new")
