"""Demonstrations in memory, and batches of them to imitate."""

from robomem.data.imitation.demonstrations import Demonstrations
from robomem.data.imitation.frames import Frames
from robomem.data.imitation.groups import GroupLoader
from robomem.data.imitation.loading import BatchSource, Loading
from robomem.data.imitation.looks import Looks
from robomem.data.imitation.spec import DataSpec
from robomem.data.imitation.streams import StreamLoader
from robomem.errors import ConfigError

__all__ = [
    "BatchSource",
    "DataSpec",
    "Demonstrations",
    "Frames",
    "GroupLoader",
    "Loading",
    "Looks",
    "StreamLoader",
    "loader",
]


def loader(frames: Frames, loading: Loading, chunk: int) -> GroupLoader | StreamLoader:
    """Return the batches that ``loading`` asks for, with chunks of ``chunk`` actions.

    Raises:
        ConfigError: a chunk has no action.
    """
    if chunk < 1:
        raise ConfigError(f"A chunk has an action or more, not {chunk}.")
    return (StreamLoader if loading.sampler == "stream" else GroupLoader)(frames, loading, chunk)
