"""Runs that learn motion, by name. What to learn from is ``data``, which every run must say itself."""

from __future__ import annotations

from robomem.train.motion.config import MotionConfig, StageConfig

__all__ = ["cpu", "debug", "paper"]


def debug() -> MotionConfig:
    """Seconds: every part of a run is exercised, nothing much is learnt."""
    stage = StageConfig(steps=20, batch=8, warmup=2)
    return MotionConfig(
        tokeniser=stage,
        generator=stage,
        residual=stage,
        log_every=5,
        eval_every=10,
        logger=(),
        device="cpu",
    )


def cpu() -> MotionConfig:
    """A core of a CPU, about 20 minutes for 4,000 clips: what docs/results/motion.md is measured with."""
    return MotionConfig(device="cpu")


def paper() -> MotionConfig:
    """The publications' numbers (KMM, MoMask) for a GPU and HumanML3D: 6 layers of 512 codes, batches of 256 and 64."""
    return MotionConfig()
