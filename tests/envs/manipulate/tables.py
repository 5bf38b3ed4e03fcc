"""Tables, and things put where a test wants them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mujoco
import numpy as np

from robomem.embodied import EmbodiedTask
from robomem_envs.manipulate.bench import Bench
from robomem_envs.manipulate.environment import ManipulateEnv
from robomem_envs.manipulate.frame import voxels
from robomem_envs.manipulate.layout import draw


def task(world: str, *goals: dict[str, Any], seed: int = 2, instruction: str = "Do it.") -> EmbodiedTask:
    return EmbodiedTask("a-task", "manipulate", "base", world, seed, instruction, goals)


def first(world: str, shapes: Sequence[str], seed: int = 2) -> str:
    """Return the name of the first thing of such a shape."""
    return next(thing.name for thing in draw(world, seed) if thing.shape in shapes)


PRISMS = ("cube", "cylinder", "triangle", "star", "moon")


def lifting(seed: int = 2, **options: Any) -> ManipulateEnv:
    """Return an environment whose task is to lift a thing."""
    goal = {"things": [first("blocks", PRISMS, seed)], "lifted": True}
    return ManipulateEnv(task=task("blocks", goal, seed=seed), **options)


def put(bench: Bench, name: str, point: Sequence[float], tilt: float = 0.0) -> None:
    """Put a thing somewhere by hand, tilted about x."""
    address = int(bench.model.joint(name).qposadr[0])
    bench.data.qpos[address : address + 3] = point
    bench.data.qpos[address + 3 : address + 7] = [np.cos(tilt / 2), np.sin(tilt / 2), 0, 0]
    mujoco.mj_forward(bench.model, bench.data)


def over(bench: Bench, name: str, height: int = 0) -> tuple[int, int, int]:
    """Return the voxel of a thing, raised."""
    x, y, z = voxels(bench.position(name)).tolist()
    return x, y, z + height


def follow_oracle(env: ManipulateEnv, one: EmbodiedTask) -> dict[str, Any]:
    """Play an episode by the expert's plans, as the protocol has it."""
    _, info = env.reset(options={"task": one})
    while plan := env.expert_plan():
        for action in plan:
            _, _, terminated, truncated, info = env.step(action)
            if terminated or truncated:
                return info
    return info
