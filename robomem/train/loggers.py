"""Where the numbers of a run go: progress.csv always; TensorBoard, Weights & Biases and trackio when asked for.

Every writer can be told at which step a resumed run goes on, so that nothing appears twice.
"""

from __future__ import annotations

import csv
import importlib
import io
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stable_baselines3.common.logger import KVWriter, Logger

from robomem.errors import ConfigError
from robomem.serialization import write_atomically
from robomem.train import config_file

if TYPE_CHECKING:
    from robomem.train.config_file import AnyConfig

__all__ = ["make_logger", "pending", "put_back", "require_installed"]

STEP = "time/total_timesteps"
# Of this process, not of the run.
_PASSING = {"time/iterations", "time/time_elapsed"}


def require_installed(config: AnyConfig) -> None:
    """Raise ConfigError if a logger that the configuration asks for is not installed."""
    for name in config.logger:
        try:
            importlib.import_module(name)
        except ImportError as error:
            raise ConfigError(
                f"logger {name!r} was asked for and is not installed: pip install {name}, or leave it out of --logger."
            ) from error


def make_logger(config: AnyConfig, folder: Path, step: int) -> Logger:
    """Return SB3's logger over the writers that ``config`` asks for.

    Args:
        config: of the run.
        folder: of the run.
        step: at which the run begins or goes on; later entries of an earlier process are dropped.
    """
    writers: list[KVWriter] = [CSVWriter(folder / "progress.csv", step)]
    for name in config.logger:
        if name == "tensorboard":
            writers.append(TensorBoardWriter(folder / "tensorboard", step))
        else:
            writers.append(TrackerWriter(name, config, folder))
    return Logger(str(folder), writers)


def pending(logger: Logger) -> list[list[Any]]:
    """Return, as JSON, what was recorded since the last dump."""
    return [
        [name, value if isinstance(value, int) else float(value).hex(), logger.name_to_count[name], excluded]
        for name, value in logger.name_to_value.items()
        for excluded in [list(logger.name_to_excluded.get(name) or ())]
    ]


def put_back(logger: Logger, entries: list[list[Any]]) -> None:
    """Record again what ``pending`` returned."""
    for name, value, count, excluded in entries:
        logger.name_to_value[name] = float.fromhex(value) if isinstance(value, str) else value
        logger.name_to_count[name], logger.name_to_excluded[name] = count, tuple(excluded)


class CSVWriter(KVWriter):
    """One row for each dump; a new column rewrites the file."""

    def __init__(self, path: Path, step: int) -> None:
        self.path = path
        self.columns: list[str] = [STEP]
        self.rows: list[dict[str, Any]] = []
        if path.exists():
            with path.open(newline="") as file:
                reader = csv.DictReader(file)
                self.columns = list(reader.fieldnames or [STEP])
                self.rows = [row for row in reader if (row[STEP] or "").isdigit() and int(row[STEP]) <= step]
            self._rewrite()

    def write(self, key_values: dict[str, Any], key_excluded: dict[str, tuple[str, ...]], step: int = 0) -> None:
        row = {STEP: step, **{key: value for key, value in key_values.items() if key not in _PASSING}}
        new = [key for key in row if key not in self.columns]
        self.columns += new
        self.rows.append(row)
        if new or not self.path.exists():
            self._rewrite()
        else:
            with self.path.open("a", newline="") as file:
                csv.DictWriter(file, self.columns).writerow(row)

    def close(self) -> None:
        """Nothing is held open."""

    def _rewrite(self) -> None:
        text = io.StringIO()
        writer = csv.DictWriter(text, self.columns)
        writer.writeheader()
        writer.writerows(self.rows)
        write_atomically(self.path, text.getvalue().encode())


class TensorBoardWriter(KVWriter):
    """Scalars for TensorBoard; what an earlier process wrote after ``step`` is hidden."""

    def __init__(self, folder: Path, step: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self.writer = SummaryWriter(str(folder), purge_step=step + 1 if step else None)

    def write(self, key_values: dict[str, Any], key_excluded: dict[str, tuple[str, ...]], step: int = 0) -> None:
        for key, value in _scalars(key_values, key_excluded).items():
            self.writer.add_scalar(key, value, step)
        self.writer.flush()

    def close(self) -> None:
        self.writer.close()


class TrackerWriter(KVWriter):
    """Weights & Biases, or trackio, which has the same functions. A resumed run goes on under its name."""

    def __init__(self, name: str, config: AnyConfig, folder: Path) -> None:
        self.module = importlib.import_module(name)
        settings: dict[str, Any] = {"project": "robomem", "name": folder.name, "config": config_file.to_mapping(config)}
        if name == "wandb":
            settings |= {"id": folder.name, "dir": str(folder)}
        self.run = self.module.init(resume="allow", **settings)

    def write(self, key_values: dict[str, Any], key_excluded: dict[str, tuple[str, ...]], step: int = 0) -> None:
        self.module.log(_scalars(key_values, key_excluded), step=step)

    def close(self) -> None:
        self.module.finish()


def _scalars(values: Mapping[str, Any], excluded: Mapping[str, tuple[str, ...]]) -> dict[str, float]:
    shown = {key: value for key, value in values.items() if "tensorboard" not in (excluded.get(key) or ())}
    return {key: float(value) for key, value in shown.items() if isinstance(value, (int, float)) or _is_scalar(value)}


def _is_scalar(value: Any) -> bool:
    try:
        return math.isfinite(float(value)) or True
    except (TypeError, ValueError):
        return False
