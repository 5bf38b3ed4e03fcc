"""One door to every kind of training run."""

from __future__ import annotations

from pathlib import Path

from robomem.train.config_file import AnyConfig
from robomem.train.imitation.config import ImitationConfig

__all__ = ["train"]


def train(config: AnyConfig, *, resume: Path | None = None) -> Path:
    """Train what ``config`` asks for; see ``robomem.train.run.train`` and ``robomem.train.imitation.run.train``."""
    if isinstance(config, ImitationConfig):
        from robomem.train.imitation.run import train as imitate

        return imitate(config, resume=resume)
    from robomem.train.run import train as learn

    return learn(config, resume=resume)
