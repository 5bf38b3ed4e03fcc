"""``robomem plot``: learning curves of runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from robomem.cli.parse import OptionalName, parse
from robomem.errors import CheckpointError, ConfigError

__all__ = ["Plot", "main"]


@dataclass(frozen=True)
class Plot:
    """Draw learning curves into a PNG: the mean over runs that share a setting, each run, and their range.

    robomem plot runs/sweep/* --out curves.png
    """

    runs: Annotated[tuple[Path, ...], tyro.conf.Positional, tyro.conf.arg(metavar="RUN")] = ()
    """Folders of training runs, or folders that hold some."""
    by: OptionalName = None
    """The setting whose values are the curves, e.g. ppo.gamma; by default the memory. Equal runs are averaged."""
    key: str = "success"
    """Which number of the evaluations: success, return, length, validation_loss."""
    title: OptionalName = None
    """A heading; by default the environment."""
    out: Path = Path("curves.png")
    """The PNG to write."""

    def run(self) -> int:
        """Read the runs, draw them and say where each curve ended."""
        from robomem.cli.console import out
        from robomem.evaluate.chart import group, png
        from robomem.evaluate.curves import read_curve

        folders = _find(self.runs)
        groups: dict[str, list[Path]] = defaultdict(list)
        configs = {folder: _config(folder) for folder in folders}
        for folder in folders:
            groups[_setting(configs[folder], self.by or _memory(configs[folder]), folder)].append(folder)
        lines = [
            group(label, [read_curve(folder) for folder in members], self.key)
            for label, members in sorted(groups.items())
        ]
        title = self.title or ", ".join(sorted({str(config.get("env", "")) for config in configs.values()}))
        png(lines, self.out, title=title, y_label=self.key)
        for line in lines:
            ends = f"{line.low[-1]:.3f} to {line.high[-1]:.3f}"
            out.print(f"{line.label}: {line.y[-1]:.3f} ({ends}) at {line.x[-1]:.0f} steps", markup=False)
        out.print(f"-> {self.out}", markup=False)
        return 0


def _find(paths: Sequence[Path]) -> list[Path]:
    found = []
    for path in paths:
        inside = [path] if (path / "evaluations.jsonl").exists() else sorted(path.glob("**/evaluations.jsonl"))
        if not inside:
            raise CheckpointError(f"{path} holds no training run with evaluations (no evaluations.jsonl).")
        found += [entry if entry.is_dir() else entry.parent for entry in inside]
    if not found:
        raise ConfigError("Give the folders of one or more runs: robomem plot runs/*")
    return list(dict.fromkeys(found))


def _config(folder: Path) -> dict[str, Any]:
    import yaml

    try:
        config = yaml.safe_load((folder / "config.yaml").read_text())
    except (OSError, yaml.YAMLError) as error:
        raise CheckpointError(f"{folder / 'config.yaml'} cannot be read: {error}") from error
    return config if isinstance(config, dict) else {}


def _memory(config: dict[str, Any]) -> str:
    """Return the path of the setting that says which memory a run has; of its policy where that is not said."""
    inside = config.get("policy_kwargs")
    if "memory" not in config and isinstance(inside, dict):
        return "policy_kwargs.memory" if "memory" in inside else "policy"
    return "memory"


def _setting(config: dict[str, Any], path: str, folder: Path) -> str:
    value: Any = config
    for part in path.split("."):
        if not isinstance(value, dict) or part not in value:
            raise ConfigError(f"{folder / 'config.yaml'} has no {path}; group by one of: {', '.join(sorted(config))}.")
        value = value[part]
    return str(value)


def main(argv: Sequence[str]) -> int:
    """Run ``robomem plot`` with the words after the verb."""
    return parse(Plot, "plot", argv).run()
