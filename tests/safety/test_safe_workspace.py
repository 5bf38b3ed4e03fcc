"""The box: forward kinematics by homogeneous matrices, and no rest outside."""

import copy

import numpy as np
import pytest
from hostile_runs import LAWFUL
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.errors import ConfigError
from robomem.safety import ChainJoint, JointLimits, SafetyFilter, Workspace, stopping_distance

SEEDS = st.integers(0, 2**32 - 1)
STRAIGHT = [1, 0, 0, 0]
PLANAR = [ChainJoint([0, 0, 0], STRAIGHT, [0, 0, 1]), ChainJoint([0.5, 0, 0], STRAIGHT, [0, 0, 1])]


def unit(vector):
    return vector / np.linalg.norm(vector)


def random_chain(rng, joints=None):
    draw = [(rng.normal(size=3) * 0.3, unit(rng.normal(size=4)), unit(rng.normal(size=3))) for _ in range(joints or 6)]
    return [ChainJoint(*row) for row in draw], rng.normal(size=3) * 0.2


def times(p, q):
    """Hamilton product of two quaternions w, x, y, z."""
    w, v, s, u = p[0], p[1:], q[0], q[1:]
    return np.array([w * s - v @ u, *(w * u + s * v + np.cross(v, u))])


def homogeneous(joint, angle):
    """Return the 4×4 matrix of a joint by rotating the three unit vectors with its quaternions."""
    turn = times(joint.rotation, np.array([np.cos(angle / 2), *(np.sin(angle / 2) * joint.axis)]))
    matrix = np.eye(4)
    for i in range(3):
        matrix[:3, i] = times(times(turn, np.array([0.0, *np.eye(3)[i]])), turn * [1, -1, -1, -1])[1:]
    matrix[:3, 3] = joint.origin
    return matrix


@LAWFUL
@given(seed=SEEDS)
def test_forward_kinematics_by_homogeneous_matrices(seed):
    rng = np.random.default_rng(seed)
    chain, tool = random_chain(rng, int(rng.integers(1, 8)))
    q = rng.uniform(-7, 7, len(chain) + 1)  # one more: a gripper
    frame = np.eye(4)
    for joint, angle in zip(chain, q):
        frame = frame @ homogeneous(joint, angle)
    space = Workspace(chain, tool, [-9] * 3, [9] * 3)
    np.testing.assert_allclose(space.end_effector(q), (frame @ [*tool, 1])[:3], atol=1e-12)


def test_a_planar_arm_by_hand():
    space = Workspace(PLANAR, [0.5, 0, 0], [-0.1, -0.1, -0.1], [1.0, 0.6, 0.1])
    np.testing.assert_allclose(space.end_effector([0, 0]), [1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(space.end_effector([0, np.pi / 2]), [0.5, 0.5, 0], atol=1e-12)
    assert space.allows([0, np.pi / 2])
    assert not space.allows([np.pi / 2, 0])
    assert space.outside_by([np.pi / 2, 0]) == pytest.approx(0.4)


@settings(LAWFUL, max_examples=12)
@given(seed=SEEDS)
def test_a_random_walk_never_rests_outside(seed):
    rng = np.random.default_rng(seed)
    chain, tool = random_chain(rng, 4)
    limits = JointLimits(tuple("abcd"), [-2] * 4, [2] * 4, rng.uniform(0.5, 6, 4), rng.uniform(2, 60, 4), [9] * 4)
    dt, pose = 0.05, rng.uniform(-1, 1, 4)
    free = Workspace(chain, tool, [-9] * 3, [9] * 3)
    place = free.end_effector(pose)
    space = Workspace(chain, tool, place - 0.1, place + 0.1)
    guard, goal, hits = SafetyFilter(limits, dt, space), pose, 0
    guard.reset(pose)
    for t in range(60):
        if t % 10 == 0:
            goal = rng.uniform(-2, 2, 4)
        again = copy.deepcopy(guard) if t % 17 else None
        out = guard.apply(goal if t % 17 else None, pose)
        if again:
            np.testing.assert_array_equal(again.apply(out.positions, pose).positions, out.positions)
        hits += "workspace" in out.reasons
        pose = out.positions
        rest = pose + np.sign(out.velocities) * stopping_distance(np.abs(out.velocities), limits.acceleration, dt)
        assert space.outside_by(rest) < 1e-9
    guard.stop("end")
    while (out := guard.apply(None, pose)).velocities.any():
        pose = out.positions
    pose = out.positions
    assert space.outside_by(pose) < 1e-9
    assert hits > 0


def test_a_way_out_of_the_box_and_back_into_it_is_not_taken():
    # A hinge whose tool leaves the box between -0.2 and 0.2 rad; braking from the last command would end beyond both.
    space = Workspace([ChainJoint([0, 0, 0], STRAIGHT, [0, 0, 1])], [1, 0, 0], [-2, -2, -2], [np.cos(0.2), 2, 2])
    limits = JointLimits(("a",), [-2], [2], [5], [6], [9])
    arm = SafetyFilter(limits, 0.1, space)
    pose = np.array([-0.745])
    arm.reset(pose)
    for way in (0.06, 0.12, 0.18):
        pose = pose + way
        assert arm.apply(pose, pose).verdict == "passed"
    out, beyond = pose + 0.24, pose + 0.24 + 0.36
    assert [space.allows(q) for q in (pose, out, beyond)] == [True, False, True]
    assert arm.apply(out, pose).reasons == ("workspace",)


def test_an_arm_outside_may_go_back_in_but_not_farther_out():
    space = Workspace(PLANAR, [0.5, 0, 0], [-2, -2, -1], [0.9, 2, 1])
    limits = JointLimits(("a", "b"), [-3] * 2, [3] * 2, [1] * 2, [8] * 2, [1] * 2)
    guard, pose = SafetyFilter(limits, 0.02, space), np.array([0.3, 0.0])
    guard.reset(pose)
    out = guard.apply(pose - [0.002, 0.0], pose)
    assert (out.reasons, out.positions.tolist()) == (("workspace",), pose.tolist())
    assert guard.apply(pose + [0.002, 0.0], pose).verdict == "passed"


GOOD = {
    "joints": [{"origin": [0, 0, 0], "rotation": STRAIGHT, "axis": [0, 0, 1]}],
    "tool": [1, 0, 0],
    "low": [-1, -1, -1],
    "high": [1, 1, 1],
}
JOINT = GOOD["joints"][0]


def test_from_mapping():
    space = Workspace.from_mapping({**GOOD, "joints": [{**JOINT, "axis": [0, 0, 1.0001]}]})
    np.testing.assert_allclose(space.end_effector([np.pi / 2]), [0, 1, 0], atol=1e-12)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({**GOOD, "tol": 1}, "workspace has no field 'tol'. Did you mean 'tool'"),
        ({"joints": []}, "workspace lacks tool, low, high"),
        ({**GOOD, "joints": []}, "at least one joint"),
        ({**GOOD, "joints": "all"}, "joints must be a list"),
        ({**GOOD, "joints": [3]}, "workspace joint 0 must be a mapping"),
        ({**GOOD, "joints": [{**JOINT, "axs": 1}]}, "workspace joint 0 has no field 'axs'"),
        ({**GOOD, "joints": [{"axis": [0, 0, 1]}]}, "workspace joint 0 lacks origin, rotation"),
        ({**GOOD, "joints": [{**JOINT, "axis": [0, 0, 2]}]}, "axis must have length 1, not 2"),
        ({**GOOD, "joints": [{**JOINT, "rotation": [0, 0, 0, 0]}]}, "rotation must have length 1"),
        ({**GOOD, "joints": [{**JOINT, "rotation": [1, 0, 0]}]}, "rotation must be 4 finite numbers"),
        ({**GOOD, "joints": [{**JOINT, "origin": [0, 0, np.nan]}]}, "origin must be 3 finite numbers"),
        ({**GOOD, "tool": "hand"}, "tool must be 3 numbers"),
        ({**GOOD, "low": [-1, 1, -1]}, "inverted in y"),
        ({**GOOD, "high": [np.inf, 1, 1]}, "high must be 3 finite"),
        (None, "workspace must be a mapping"),
    ],
)
def test_from_mapping_says_what_is_wrong(mapping, message):
    with pytest.raises(ConfigError, match=message):
        Workspace.from_mapping(mapping)


def test_pose_and_chain_must_fit():
    space = Workspace(PLANAR, [0.5, 0, 0], [-1] * 3, [1] * 3)
    with pytest.raises(ConfigError, match=r"the chain has 2 joints; the pose has shape \(1,\)"):
        space.end_effector(np.zeros(1))
    with pytest.raises(ConfigError, match="chain has 2 joints, the limits name 1"):
        SafetyFilter(JointLimits(("a",), [-1], [1], [1], [1], [1]), 0.02, space)
