"""The journal of a run: one sealed file for each finished unit of work, so that a killed run goes on where it was.

A unit's file appears whole or not at all (``write_atomically``), after its last episode. A run that is killed has
therefore every finished unit once, and begins the others anew.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from robomem.errors import CheckpointError, ConfigError
from robomem.evaluate.embodied.record import EpisodeRecord
from robomem.evaluate.embodied.units import Unit
from robomem.serialization import write_json

__all__ = ["Journal", "read_settings"]

_FORMAT = "robomem.suite-run.1"
_log = logging.getLogger(__name__)


class Journal:
    """The finished episodes of a run, on disk.

    Args:
        folder: of the run; made when missing.
        settings: what determines its numbers, as JSON.

    Raises:
        ConfigError: the folder holds a run with other settings.
        CheckpointError: its ``run.json`` is damaged.
        StorageError: the folder cannot be written.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self.folder = folder
        if (folder / "run.json").exists():
            _require_same(folder, read_settings(folder), settings)
        else:
            write_json(folder / "run.json", {"format": _FORMAT, **settings})

    def read(self, unit: Unit) -> tuple[EpisodeRecord, ...] | None:
        """Return the episodes of a unit, or None if it is to be played.

        A damaged file is set aside as ``NAME.damaged`` and its unit is played again.
        """
        path = self._path(unit)
        if not path.exists():
            return None
        try:
            content = json.loads(path.read_bytes())
            body = content["episodes"]
            if content["sha256"] != _seal(body):
                raise CheckpointError("its checksum differs")
            records = tuple(EpisodeRecord.from_json(entry) for entry in body)
            if [record.task for record in records] != [task.id for task in unit.tasks]:
                raise CheckpointError("it holds other tasks")
        except (ValueError, KeyError, TypeError) as error:
            os.replace(path, path.with_suffix(".damaged"))
            _log.warning("%s is damaged (%s); it is kept as .damaged and its episodes are played again", path, error)
            return None
        return records

    def write(self, unit: Unit, records: Sequence[EpisodeRecord]) -> None:
        """Keep the episodes of a finished unit."""
        body = [record.to_json() for record in records]
        write_json(self._path(unit), {"sha256": _seal(body), "episodes": body})

    def _path(self, unit: Unit) -> Path:
        return self.folder / "episodes" / f"{unit.name}.json"


def read_settings(folder: Path) -> dict[str, Any]:
    """Return the settings of the run in ``folder``.

    Raises:
        CheckpointError: there is none, or it is damaged.
    """
    try:
        content = json.loads((folder / "run.json").read_bytes())
        if content.pop("format") != _FORMAT:
            raise ValueError("it has another format")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"{folder} holds no run of a suite that can be read ({error}); move its run.json away to begin anew."
        ) from error
    return dict(content)


def _require_same(folder: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    new = json.loads(json.dumps(new))
    different = [name for name in {**old, **new} if name != "versions" and old.get(name) != new.get(name)]
    if different:
        said = ", ".join(f"{name} {old.get(name)!r} there, {new.get(name)!r} here" for name in different)
        raise ConfigError(f"{folder} holds another run ({said}); give another --out.")
    if old.get("versions") != new.get("versions"):
        _log.warning("%s was begun with other versions: %s", folder, old.get("versions"))


def _seal(body: Any) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, allow_nan=False).encode()).hexdigest()
