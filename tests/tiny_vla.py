"""A MemoryVLA for an SO-101, as small as it can be, untrained, without need of diffusers or a text encoder."""

import gymnasium as gym
import numpy as np
import torch

from robomem_policies.memory_vla.policy import MemoryVLA

TASK = "touch the lit pad"


def tiny_vla(kind=MemoryVLA, pixels=32, **options):
    """Return one that sees ``pixels`` and feels itself, and plans eight actions of which it executes two."""
    torch.manual_seed(0)
    seen = gym.spaces.Dict(
        pixels=gym.spaces.Box(0, 255, (pixels, pixels, 3), np.uint8), proprio=gym.spaces.Box(-10, 10, (23,), np.float32)
    )
    given = {
        "tasks": (TASK,),
        "encoder_kwargs": {"text": "hash", "width": 24, "depth": 1, "fusion": 1},
        "width": 8,
        "memory_kwargs": {"length": 4},
        "expert_kwargs": {"width": 32, "depth": 1, "heads": 2, "process": "flow", "steps": 2, "guidance": 1.0},
        "chunk": 8,
        "execute": 2,
    }
    return kind(seen, gym.spaces.Box(-1, 1, (5,), np.float32), **given, **options).eval()
