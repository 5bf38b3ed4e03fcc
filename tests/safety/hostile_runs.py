"""Random limits, arms and hostile commands, all from one seed."""

import numpy as np
from hypothesis import settings

from robomem.safety import JointLimits, SafetyFilter

LAWFUL = settings(max_examples=40, derandomize=True, database=None)
STREAMS = ("noise", "bang-bang", "huge", "drift", "still", "mixed")
ARMS = ("perfect", "lagging", "stuck", "jumping")


def random_limits(rng, joints=None):
    joints = joints or int(rng.integers(1, 8))
    lower = rng.uniform(-4, 3, joints)
    return JointLimits(
        names=tuple(f"joint{i}" for i in range(joints)),
        lower=lower,
        upper=lower + 10.0 ** rng.uniform(-2, 1, joints),
        velocity=10.0 ** rng.uniform(-2, 1.5, joints),
        acceleration=10.0 ** rng.uniform(-1, 2.5, joints),
        step=10.0 ** rng.uniform(-2.5, 1, joints),
    )


def random_filter(rng, **more):
    limits, period = random_limits(rng), float(10.0 ** rng.uniform(-3, -0.7))
    return SafetyFilter(limits, period, **more), limits, period


def inside(rng, limits):
    return rng.uniform(limits.lower, limits.upper)


def command(rng, stream, limits, t):
    """Return the t-th command of a stream; "mixed" also sends what is no command."""
    size, middle, half = len(limits.names), (limits.lower + limits.upper) / 2, (limits.upper - limits.lower) / 2
    if stream == "mixed":
        broken = [
            None,
            np.full(size, np.nan),
            np.full(size, -np.inf),
            np.zeros(size + 1),
            "up",
            [[0.0] * size],
            object(),
        ]
        if rng.random() < 0.3:
            return broken[rng.integers(len(broken))]
        stream = STREAMS[rng.integers(len(STREAMS) - 1)]
    if stream == "noise":
        return middle + rng.normal(size=size) * half
    if stream == "bang-bang":
        return middle + (1 if t // 25 % 2 else -1) * 10 * (1 + half)
    if stream == "huge":
        return rng.choice([-1, 1], size) * 10.0 ** rng.uniform(0, 308, size)
    if stream == "drift":
        return middle + half * 1.5 * np.sin(t / 10 + np.arange(size))
    return middle


def follow(rng, arm, limits, measured, sent):
    """Return where the arm is measured next."""
    if arm == "perfect":
        return sent.copy()
    if arm == "lagging":
        return measured + 0.3 * (sent - measured)
    if arm == "stuck":
        return measured
    return inside(rng, limits)
