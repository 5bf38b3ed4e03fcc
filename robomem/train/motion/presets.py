"""Runs that learn motion, by name. What to learn from is ``data``, which every run must say itself."""

from __future__ import annotations

from robomem.train.motion.config import MotionConfig, StageConfig

__all__ = ["cpu", "debug", "paper"]


def debug() -> MotionConfig:
    """Seconds: every part of a run is exercised, nothing much is learnt."""
    stage = StageConfig(steps=20, batch=8, warmup=2)
    return MotionConfig(
        model_kwargs={
            "tokeniser_width": 32,
            "depth": 1,
            "codes": 32,
            "code_width": 16,
            "tokeniser_layers": 2,
            "width": 32,
            "layers": 1,
            "residual_layers": 1,
            "state_size": 8,
            "head_size": 16,
            "heads": 2,
            "text_width": 32,
            "align_rows": 8,
        },
        tokeniser=stage,
        generator=stage,
        residual=stage,
        log_every=5,
        eval_every=10,
        logger=(),
        device="cpu",
    )


def cpu() -> MotionConfig:
    """A core of a CPU, a quarter of an hour for 4,000 clips of 4.5 s: small networks, words learnt from the set."""
    return MotionConfig(
        model_kwargs={"align_rows": 16},
        tokeniser=StageConfig(steps=1200, batch=64),
        generator=StageConfig(steps=2400, batch=32),
        residual=StageConfig(steps=800, batch=32),
        eval_every=400,
        device="cpu",
    )


def paper() -> MotionConfig:
    """The numbers that KMM's text and MoMask's code state, for HumanML3D and a GPU; the schedule is ours (see docs)."""
    return MotionConfig(
        model_kwargs={
            "tokeniser_width": 512,
            "depth": 3,
            "codes": 512,
            "code_width": 512,
            "tokeniser_layers": 6,
            "width": 384,
            "layers": 4,
            "residual_layers": 4,
            "state_size": 64,
            "head_size": 64,
            "heads": 6,
            "text": "minilm",
            "text_width": 384,
            "dropout": 0.2,
            "align_rows": 64,
        },
        tokeniser=StageConfig(steps=200_000, batch=256, learning_rate=2e-4, betas=(0.9, 0.99), warmup=2000),
        generator=StageConfig(steps=180_000, batch=64, learning_rate=2e-4, betas=(0.9, 0.99), warmup=2000),
        residual=StageConfig(steps=180_000, batch=64, learning_rate=2e-4, betas=(0.9, 0.99), warmup=2000),
        longest=196,
        log_every=100,
        eval_every=5000,
    )
