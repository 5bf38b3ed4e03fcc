"""Runs that learn from demonstrations, by name. What to learn from is ``data``, which every run must say itself."""

from __future__ import annotations

from robomem.data.imitation.loading import Loading
from robomem.data.imitation.looks import Looks
from robomem.train.imitation.config import ImitationConfig
from robomem.train.imitation.settings import OptimConfig

__all__ = ["cpu", "debug", "one_gpu", "paper"]

_LOOKS = Looks(shift=0, area=0.9, brightness=0.2, contrast=0.2, saturation=0.2, hue=0.05)
"""Of MemoryVLA's recipe."""


def debug() -> ImitationConfig:
    """Seconds: every part of a run is exercised, nothing much is learnt."""
    return ImitationConfig(
        policy_kwargs={
            "encoder": "small",
            "encoder_kwargs": {"text": "hash", "width": 32, "depth": 1, "fusion": 1, "heads": 2},
            "width": 16,
            "memory": "bank",
            "memory_kwargs": {"length": 4},
            "expert_kwargs": {"width": 32, "depth": 1, "heads": 2},
            "chunk": 4,
            "execute": 2,
        },
        steps=20,
        held_out=0.2,
        loading=Loading(groups=2, frames=(6, 6)),
        optim=OptimConfig(warmup=2),
        log_every=5,
        eval_every=10,
        eval_episodes=2,
        logger=(),
    )


def cpu() -> ImitationConfig:
    """What docs/results/memory_vla.md is measured with: small networks from scratch, a quarter hour of one core."""
    return ImitationConfig(
        policy_kwargs={
            "encoder": "small",
            "encoder_kwargs": {"depth": 0},
            "width": 32,
            "memory": "bank",
            "memory_kwargs": {"length": 16, "backprop": "within_group"},
            "expert_kwargs": {"width": 96, "depth": 3, "repeat": 2, "prediction": "sample", "guidance": 1.0},
            "chunk": 8,
            "execute": 4,
            "regression_weight": 1.0,
            "regression_heads": 4,
        },
        steps=2000,
        # The camera stands still in simulation: pictures that are moved cost an encoder from scratch twice the steps.
        loading=Loading(sampler="uniform", groups=12, frames=(16, 24), looks=Looks(shift=0)),
        optim=OptimConfig(learning_rate=1e-3),
        eval_every=1000,
        eval_episodes=40,
    )


def one_gpu() -> ImitationConfig:
    """One graphics card of 8 to 24 GB: a frozen vision–language model of the hub with LoRA, bf16, averaged weights."""
    return ImitationConfig(
        policy_kwargs={
            "encoder": "hub:HuggingFaceTB/SmolVLM2-500M-Video-Instruct",
            "encoder_kwargs": {"freeze": "lora-16", "layer": "half", "dtype": "bfloat16"},
            "memory": "bank",
            "memory_kwargs": {"length": 16, "backprop": "detach"},
            "expert_kwargs": {"width": 384, "depth": 6, "heads": 4},
            "chunk": 16,
            "execute": 8,
        },
        steps=20_000,
        loading=Loading(groups=4, frames=(12, 24), looks=_LOOKS),
        workers=4,
        optim=OptimConfig(learning_rate=1e-4, warmup=500, ema=0.999, precision="bf16", accumulate=2),
        eval_every=2000,
        device="auto",
    )


def paper() -> ImitationConfig:
    """The publication's recipe for large GPUs: 256 frames a step in groups of 16, 20 k steps, constant rate, bf16."""
    return ImitationConfig(
        policy_kwargs={
            "encoder": "hub:google/paligemma-3b-pt-224",
            "encoder_kwargs": {"freeze": "none"},
            "memory": "bank",
            "memory_kwargs": {"length": 16, "backprop": "detach"},
            "expert_kwargs": {"width": 1024, "depth": 24, "heads": 16},
            "chunk": 16,
            "execute": 8,
        },
        steps=20_000,
        loading=Loading(sampler="uniform", groups=16, frames=(16, 16), looks=_LOOKS),
        workers=4,
        optim=OptimConfig(
            learning_rate=2e-5,
            weight_decay=0.0,
            betas=(0.9, 0.999),
            warmup=0,
            decay=0.0,
            precision="bf16",
            accumulate=2,
        ),
        eval_every=2500,
        device="auto",
    )
