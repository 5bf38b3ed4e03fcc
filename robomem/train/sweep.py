"""Many runs from one grid, some at a time, each in a process of its own.

A sweep keeps no state but the run folders of its cells: whatever was killed, the sweep or a cell, starting it again
skips what is finished and goes on with what is not.

A grid is a mapping of fields (dots reach inside) to lists, or a list of such mappings, which are done one by one:

    - memory: [gru, hcam]
      env_kwargs.delay: [10, 40]
      seed: [0, 1, 2]
    - memory: [none]
      seed: [0, 1, 2]
"""

from __future__ import annotations

import itertools
import json
import logging
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robomem.errors import ConfigError, RobomemError
from robomem.serialization import write_json
from robomem.train import config_file

if TYPE_CHECKING:
    from robomem.train.config_file import AnyConfig

__all__ = ["Cell", "cells", "sweep"]

_log = logging.getLogger(__name__)
_POLL_S = 0.2
TABLE = "sweep.json"


@dataclass(frozen=True)
class Cell:
    """One run of a sweep.

    Attributes:
        overrides: what distinguishes it.
        config: what it trains, with its own ``out``.
    """

    overrides: dict[str, Any]
    config: AnyConfig

    @property
    def folder(self) -> Path:
        """Its run folder."""
        return Path(self.config.out)

    def row(self) -> dict[str, Any]:
        """Return its line of the table: what distinguishes it, where it is, how far it came, what it found."""
        result = _read(self.folder / "result.json")
        pointer = _read(self.folder / "checkpoints" / "latest.json")
        finished = result is not None and result["step"] >= self.config.steps
        status = "finished" if finished else "waiting" if pointer is None else "begun"
        found = {name: result[name] for name in ("best", "last", "seconds")} if finished and result else {}
        return {**self.overrides, "folder": str(self.folder), "status": status, **found}


def sweep(
    base: AnyConfig,
    grid: Path | str | Sequence[Cell] | Any,
    *,
    ray: bool = False,
    jobs: int = 2,
    out: Path | str | None = None,
) -> list[Path]:
    """Train every combination of ``grid``, or finish what an earlier call left.

    Args:
        base: what all runs have in common.
        grid: a YAML file, or what one would hold, or the cells themselves.
        ray: spread the runs over a Ray cluster whose machines share the folder, one core a run.
        jobs: how many runs at once on this machine.
        out: folder of the runs and of ``sweep.json``, the table; by default ``base.out``, else named after the file.

    Returns:
        the run folders, in the order of the grid.

    Raises:
        ConfigError: the grid is no grid, or a combination is no configuration.
        RobomemError: runs failed; the others were done.
    """
    stem = Path(grid).stem if isinstance(grid, (str, Path)) else "sweep"
    folder = Path(out or base.out or Path("runs", stem))
    planned = [cell for cell in grid if isinstance(cell, Cell)] if isinstance(grid, list) else []
    planned = planned or cells(base, grid, folder)
    waiting = [cell for cell in planned if cell.row()["status"] != "finished"]
    _log.info("%d runs in %s, %d of them finished", len(planned), folder, len(planned) - len(waiting))
    _write_table(folder, planned)
    for _ in _on_ray(waiting) if ray else _here(waiting, jobs):
        _write_table(folder, planned)
    failed = [cell for cell in planned if cell.row()["status"] != "finished"]
    if failed:
        reasons = "; ".join(f"{cell.folder}: {_last_line(cell)}" for cell in failed)
        raise RobomemError(
            f"{len(failed)} of {len(planned)} runs failed ({reasons}). Start the sweep again to retry them."
        )
    return [cell.folder for cell in planned]


def cells(base: AnyConfig, grid: Path | str | Any, folder: Path) -> list[Cell]:
    """Return the runs that ``grid`` asks for; see ``sweep``."""
    content = _yaml(grid) if isinstance(grid, (str, Path)) else grid
    found: dict[str, Cell] = {}
    for part in content if isinstance(content, list) else [content]:
        if not (isinstance(part, Mapping) and part and all(isinstance(v, list) and v for v in part.values())):
            raise ConfigError(f"a grid maps fields to lists of values, e.g. memory: [gru, hcam]; not {part!r}.")
        for values in itertools.product(*part.values()):
            overrides = dict(zip(part, values))
            name = "_".join(f"{field.rpartition('.')[2]}={_word(value)}" for field, value in overrides.items())
            if name in found:
                raise ConfigError(f"the grid has two runs called {name}; list each combination once.")
            config = config_file.overridden(base, overrides)
            found[name] = Cell(overrides, replace(config, out=str(folder / name)))
    return list(found.values())


def _here(waiting: Sequence[Cell], jobs: int) -> Iterator[Cell]:
    """Run the cells in processes, ``jobs`` at a time; yields each that ended."""
    queue, running = list(waiting), dict[subprocess.Popen[bytes], Cell]()
    with ExitStack() as stack:
        stack.callback(_stop, running)
        while queue or running:
            while queue and len(running) < jobs:
                cell = queue.pop(0)
                running[start(cell)] = cell
            for process in [process for process in running if process.poll() is not None]:
                yield running.pop(process)
            time.sleep(_POLL_S)


def _on_ray(waiting: Sequence[Cell]) -> Iterator[Cell]:
    try:
        import ray
    except ImportError:
        raise ConfigError("Ray is not installed; run `pip install 'robomem[ray]'`, or leave ray out.") from None
    if not ray.is_initialized():
        ray.init(log_to_driver=False, include_dashboard=False)
    task = ray.remote(num_cpus=1)(_run)
    running = {task.remote(replace(cell, config=_absolute(cell.config))): cell for cell in waiting}
    while running:
        (ready,), _ = ray.wait(list(running), num_returns=1)
        yield running.pop(ready)


def _run(cell: Cell) -> int:
    return start(cell).wait()


def start(cell: Cell) -> subprocess.Popen[bytes]:
    """Start the process that trains ``cell``; what it says goes to ``log.txt`` in its folder."""
    cell.folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
    content = json.dumps(config_file.to_mapping(cell.config)).encode()
    with (cell.folder / "log.txt").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "robomem.train.cell"], stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment
        )
    assert process.stdin is not None
    process.stdin.write(content)
    process.stdin.close()
    return process


def _stop(running: Mapping[subprocess.Popen[bytes], Cell]) -> None:
    """Ask what still runs to save itself, and wait."""
    for process in running:
        process.terminate()
    for process in running:
        process.wait()


def _write_table(folder: Path, planned: Sequence[Cell]) -> None:
    write_json(folder / TABLE, [cell.row() for cell in planned])


def _absolute(config: AnyConfig) -> AnyConfig:
    return replace(config, out=str(Path(config.out).absolute()))


def _word(value: Any) -> str:
    return re.sub(r"[^\w.+-]+", "-", value if isinstance(value, str) else json.dumps(value)).strip("-")


def _yaml(path: Path | str) -> Any:
    import yaml

    try:
        return yaml.safe_load(Path(path).read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path} cannot be read as YAML: {error}") from error


def _read(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def _last_line(cell: Cell) -> str:
    lines = (cell.folder / "log.txt").read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no log"
