"""``robomem data``: what is in a data set, and whether it is whole."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from robomem.cli.parse import parse

__all__ = ["Data", "main"]

_SHOWN = ("min", "q01", "mean", "std", "q99", "max")


@dataclass(frozen=True)
class Data:
    """Look at a data set of episodes (LeRobotDataset v3): show it, its statistics, or verify that it is whole.

    robomem data show demos · robomem data stats demos · robomem data verify demos
    """

    action: Annotated[Literal["show", "stats", "verify"], tyro.conf.Positional]
    """show: features, tasks and lengths; stats: of each number; verify: checksums, counts and every frame."""
    folder: Annotated[Path, tyro.conf.Positional]
    """The folder of the data set; it holds meta/info.json."""
    json: bool = False
    """Print JSON instead of tables."""
    quick: bool = False
    """With verify: do not decode the films; their checksums are compared all the same."""

    def run(self) -> int:
        """Print what was asked for."""
        return {"show": self._show, "stats": self._stats, "verify": self._verify}[self.action]()

    def _show(self) -> int:
        from rich.table import Table

        from robomem.cli.console import out
        from robomem.data import Dataset

        dataset = Dataset(self.folder)
        info, lengths = dataset.info, [episode.length for episode in dataset.episodes]
        tasks = Counter(task for episode in dataset.episodes for task in episode.tasks)
        facts: dict[str, Any] = {
            "robot": info.robot_type,
            "episodes": len(dataset),
            "frames": info.total_frames,
            "fps": info.fps,
            "seconds": info.total_frames / info.fps,
            "lengths": {"least": min(lengths, default=0), "most": max(lengths, default=0)},
            "features": {name: feature.to_json() for name, feature in info.features.items()},
            "tasks": dict(tasks),
        }
        if self.json:
            out.print(json.dumps(facts, indent=2), markup=False)
            return 0
        arm = f" of {info.robot_type}" if info.robot_type else ""
        out.print(
            f"{len(dataset)} episodes{arm}, {info.total_frames} frames at {info.fps} a second "
            f"({facts['seconds']:.0f} s), {min(lengths, default=0)} to {max(lengths, default=0)} frames each",
            markup=False,
        )
        table = Table("feature", "type", "shape", "names", box=None)
        for name, feature in info.features.items():
            names = ", ".join(feature.names or ())
            table.add_row(name, feature.dtype, "x".join(map(str, feature.shape)), names)
        out.print(table, soft_wrap=False)
        for task, count in tasks.items():
            out.print(f"{count:6d} episodes: {task}", markup=False)
        return 0

    def _stats(self) -> int:
        from rich.table import Table

        from robomem.cli.console import out
        from robomem.data import Dataset

        dataset = Dataset(self.folder)
        stats = dataset.stats
        if self.json:
            plain = {name: {stat: value.tolist() for stat, value in part.items()} for name, part in stats.items()}
            out.print(json.dumps(plain, indent=2), markup=False)
            return 0
        table = Table("feature", *_SHOWN, "frames", box=None)
        for name, feature in dataset.features.items():
            part = stats.get(name, {})
            size = part["mean"].size if part else 0
            labels = ("red", "green", "blue") if feature.is_picture else feature.names or tuple(map(str, range(size)))
            for index in range(size):
                numbers = [f"{part[stat].ravel()[index]:.4g}" if stat in part else "" for stat in _SHOWN]
                table.add_row(f"{name} {labels[index]}" if size > 1 else name, *numbers, str(int(part["count"][0])))
        out.print(table, soft_wrap=False)
        return 0

    def _verify(self) -> int:
        from robomem.cli.console import out
        from robomem.data import Dataset, verify

        findings = verify(self.folder, films=not self.quick)
        problems = [finding for finding in findings if finding.level == "problem"]
        if self.json:
            out.print(json.dumps([vars(finding) for finding in findings], indent=2), markup=False)
            return 1 if problems else 0
        for finding in findings:
            out.print(f"{finding.level}: {finding.where}: {finding.what}", markup=False)
        if problems:
            out.print(f"{len(problems)} problems in {self.folder}.", markup=False)
            return 1
        info = Dataset(self.folder).info
        out.print(f"{self.folder} is whole: {info.total_episodes} episodes, {info.total_frames} frames.", markup=False)
        return 0


def main(argv: Sequence[str]) -> int:
    """Run ``robomem data`` with the words after the verb."""
    return parse(Data, "data", argv).run()
