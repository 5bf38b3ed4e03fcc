"""How demonstrations are cut into batches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from robomem.data.batch import Batch
from robomem.data.imitation.looks import Looks
from robomem.errors import ConfigError

__all__ = ["BatchSource", "Loading"]


@dataclass(frozen=True)
class Loading:
    """How demonstrations are cut into batches."""

    sampler: Literal["event", "uniform", "window", "stream"] = "event"
    """event: frames of every cue and decision and random others; uniform: random; window: one after the other;
    stream: whole episodes, a window after the other, with memory that goes on."""
    groups: int = 12
    """Groups, or parallel streams, of a batch."""
    frames: tuple[int, int] = (16, 16)
    """Least and most frames of a group; half of the batches have the least, others are drawn evenly. More than the
    memory holds lets it learn what merging does."""
    stride: int = 1
    """window: take every so-manieth frame."""
    still: float = 1.0
    """How likely frames in which nothing moves are drawn, beside others; 0 leaves them out, windows and streams too."""
    moved: float = 0.05
    """What counts as moving: a change by this share of a number's range in the data."""
    labels: bool = False
    """Give what is to be remembered as ``Batch.label``. Privileged, for an auxiliary loss: say so with results."""
    happenings: bool = False
    """Give what goes on and what went on before, as ``Batch.happening`` and ``Batch.history``. Privileged likewise; a
    policy with a symbolic memory learns from it to see this for itself."""
    looks: Looks = field(default_factory=Looks)
    """How pictures are varied, alike for all frames of a group."""
    seed: int = 0
    """A batch is a function of this and its number."""

    def __post_init__(self) -> None:
        """Raise ConfigError for what cannot be."""
        least, most = self.frames
        if self.groups < 1 or least < 1 or most < least or self.stride < 1:
            raise ConfigError(
                f"A batch has a group or more of one frame or more, the least first, at a stride of 1 or more; not "
                f"groups {self.groups}, frames {least} {most}, stride {self.stride}."
            )
        if self.sampler == "stream" and most != least:
            raise ConfigError(f"The windows of streams have one length; give frames {most} {most}.")
        if self.stride > 1 and self.sampler != "window":
            raise ConfigError(f"A stride is for the sampler window, not {self.sampler}.")
        if not 0.0 <= self.still <= 1.0 or not self.moved > 0.0:
            raise ConfigError(f"still is 0 to 1 and moved more than 0, not {self.still:g} and {self.moved:g}.")


class BatchSource(Protocol):
    """Gives the batches of a training run by their number, so that a resumed run goes on exactly."""

    def batch(self, step: int) -> Batch[npt.NDArray[np.generic]]:
        """Return batch ``step`` (from 0 on), a function of the frames, the configuration and ``step`` alone."""
        ...
