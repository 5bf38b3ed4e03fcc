"""Bags of single episodes: MCAP files that appear whole, or not at all."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from robomem.deploy.bags.recording import message_types
from robomem.errors import StorageError
from robomem.serialization import move_into_place

__all__ = ["EpisodeBags"]

_HAND = ".in-hand"
_BEFORE_NS = 500_000_000


class EpisodeBags:
    """Writes what is heard during an episode as ``FOLDER/episode-000000``, a bag of its own, numbered on.

    The bag of the episode in hand lies in a hidden folder and moves when it is complete: whoever kills the recorder
    loses that one episode, and no other file is ever half-written. Half a second from before an episode is in its bag,
    so that what speaks rarely has a value from the first step.

    Args:
        folder: where the bags go; made if need be.
        topics: message type by topic, e.g. ``{"/joint_states": "sensor_msgs/msg/JointState"}``.

    Raises:
        RobomemError: ``rosbags`` is not installed.
        StorageError: the folder cannot be written.
    """

    def __init__(self, folder: Path, topics: Mapping[str, str]) -> None:
        self._types = message_types()
        self.folder, self._topics = folder, dict(topics)
        self._recent: deque[tuple[str, int, bytes]] = deque()
        self._writer: Any = None
        self._connections: dict[str, Any] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(folder / _HAND, ignore_errors=True)  # of a recorder that was killed
            (folder / _HAND).mkdir()
            self.begin()  # the first takes a second to open: imports, type definitions; not while an episode goes on
            self.abandon()
            (folder / _HAND).mkdir()
        except OSError as error:
            raise StorageError(f"Cannot record in {folder}: {error}") from error

    @property
    def recording(self) -> bool:
        """Whether an episode is in hand."""
        return self._writer is not None

    def begin(self) -> None:
        """Open the bag of an episode; the one in hand is kept first."""
        from rosbags.rosbag2 import StoragePlugin, Writer

        self.end()
        taken = [int(path.name.removeprefix("episode-")) for path in self.folder.glob("episode-[0-9]*")]
        self._name = f"episode-{max(taken, default=-1) + 1:06d}"
        self._writer = Writer(self.folder / _HAND / self._name, version=9, storage_plugin=StoragePlugin.MCAP)
        self._writer.open()
        self._connections = {
            topic: self._writer.add_connection(topic, kind, typestore=self._types)
            for topic, kind in self._topics.items()
        }
        for message in self._recent:
            self._put(*message)
        self._recent.clear()

    def hear(self, topic: str, time_ns: int, data: bytes) -> None:
        """Take a serialized message (CDR) of a topic; those of different topics may come a little out of order."""
        if self._writer is not None:
            self._put(topic, time_ns, data)
            return
        self._recent.append((topic, time_ns, data))
        while abs(self._recent[0][1] - time_ns) > _BEFORE_NS:  # too old, or the clock jumped
            self._recent.popleft()

    def end(self) -> Path | None:
        """Close the bag in hand and return where it is; None if there was none.

        Raises:
            StorageError: it cannot be kept.
        """
        if self._writer is None:
            return None
        writer, self._writer = self._writer, None
        writer.close()
        kept = self.folder / self._name
        move_into_place(self.folder / _HAND / self._name, kept)
        return kept

    def abandon(self) -> None:
        """Forget the episode in hand and tidy up."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        shutil.rmtree(self.folder / _HAND, ignore_errors=True)

    def close(self) -> Path | None:
        """Keep the episode in hand and tidy up."""
        kept = self.end()
        self.abandon()
        return kept

    def _put(self, topic: str, time_ns: int, data: bytes) -> None:
        self._writer.write(self._connections[topic], time_ns, data)
