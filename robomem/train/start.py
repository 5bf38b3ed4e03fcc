"""One door to every kind of training run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from robomem.train.config import TrainConfig

if TYPE_CHECKING:
    from robomem.train.config_file import AnyConfig

__all__ = ["train"]


def train(config: AnyConfig, *, resume: Path | None = None) -> Path:
    """Train what ``config`` asks for; see ``train`` in ``robomem.train.run`` and those of its packages."""
    if isinstance(config, TrainConfig):
        from robomem.train.run import train as learn

        return learn(config, resume=resume)
    from robomem.train.imitation.config import ImitationConfig

    if isinstance(config, ImitationConfig):
        from robomem.train.imitation.run import train as imitate

        return imitate(config, resume=resume)
    from robomem.train.motion.run import train as move

    return move(config, resume=resume)
