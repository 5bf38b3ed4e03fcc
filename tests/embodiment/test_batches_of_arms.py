"""An arm's control and its sense of itself do not depend on how many arms are served, nor on how many were before."""

from __future__ import annotations

import numpy as np
import pytest

from robomem.embodiment import JointControl, Proprioception

LOW, HIGH, HOME = np.array([-1.0, -2.0, 0.1]), np.array([1.5, 0.5, 3.0]), np.array([0.2, -0.3, 1.0])
SIZES = (4, 1, 7, 7, 0, 2)


@pytest.mark.parametrize("mode", ["joint_position", "joint_delta"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_each_arm_obeys_as_it_would_alone(mode: str, dtype: type) -> None:
    rng, control = np.random.default_rng(0), JointControl(mode, LOW, HIGH, HOME)
    for size in SIZES:
        before, moving = rng.uniform(LOW, HIGH, (size, 3)), rng.random(size) < 0.7
        action, together = rng.uniform(-1.5, 1.5, (size, 3)).astype(dtype), before.copy()
        control.move(together, action, moving)
        for row in range(size):
            alone = before[row : row + 1].copy()
            JointControl(mode, LOW, HIGH, HOME).move(alone, action[row : row + 1], moving[row : row + 1])
            np.testing.assert_array_equal(together[row], alone[0])
        assert ((together >= LOW) & (together <= HIGH)).all()
        np.testing.assert_array_equal(together[~moving], before[~moving])


@pytest.mark.parametrize("gripper", [None, (0.0, 1.2)])
def test_each_arm_feels_as_it_would_alone(gripper: tuple[float, float] | None) -> None:
    rng, feel = np.random.default_rng(0), Proprioception(LOW, HIGH, gripper)
    for size in SIZES:
        joints, hand = rng.normal(0, 9, (3, size, 3)), rng.normal(size=(size, 3))
        grip = None if gripper is None else rng.uniform(*gripper, size)
        together = feel(*joints, hand, grip)
        assert together.shape == (size, feel.size)
        for row in range(size):
            one = slice(row, row + 1)
            alone = Proprioception(LOW, HIGH, gripper)(*joints[:, one], hand[one], None if grip is None else grip[one])
            np.testing.assert_array_equal(together[row], alone[0])
