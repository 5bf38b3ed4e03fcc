"""``robomem bag``: recordings of an arm to data sets, and back."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from robomem.cli.parse import OptionalPath, parse
from robomem.errors import ConfigError

if TYPE_CHECKING:
    from robomem.deploy import Contract
    from robomem.deploy.bags import Converted

__all__ = ["Bag", "main"]


@dataclass(frozen=True)
class Bag:
    """Turn bags of an arm, as record:=true writes them, into a data set (LeRobotDataset v3), or a data set into bags.

    robomem bag to-dataset recordings --contract so101_recall_reach --task "touch the pad that lit up" --out demos
    """

    action: Annotated[Literal["to-dataset", "from-dataset"], tyro.conf.Positional]
    """Which way."""
    paths: Annotated[tuple[Path, ...], tyro.conf.Positional, tyro.conf.arg(metavar="PATH")] = ()
    """Bags, or folders of bags; from-dataset: the folder of one data set."""
    contract: str = ""
    """The arm's contract, by name (so101, ur5e, fr3, xarm7, …) or a YAML file; the data set has its rate."""
    out: OptionalPath = None
    """Folder for the data set, or for the bags. Nothing that is there is overwritten."""
    task: str = ""
    """What was to be done, in words, for bags in which no instruction was recorded."""
    pictures: Literal["video", "image"] = "video"
    """How pictures are stored: video is small, image is a PNG a frame and loses nothing."""
    append: bool = False
    """Go on with a data set that is there, after its last episode."""

    def run(self) -> int:
        """Convert, and say what became of each bag; 1 if some were left out."""
        from robomem.cli.console import out
        from robomem.data import Dataset
        from robomem.deploy import read
        from robomem.deploy.bags import find_bags, from_dataset, to_dataset

        if not self.contract:
            raise ConfigError("Which arm? Give --contract (so101, ur5e, fr3, xarm7 or a YAML file).")
        if self.out is None:
            raise ConfigError("Where to? Give --out, a folder.")
        # A plugin's place, as the nodes are to robomem deploy: no import that a type checker or linter would follow.
        contract: Contract = read(importlib.import_module("robomem_bridge.contracts").find(self.contract))
        if self.action == "from-dataset":
            if len(self.paths) != 1:
                raise ConfigError("Give the folder of one data set.")
            for path in from_dataset(Dataset(self.paths[0]), self.out, contract):
                out.print(f"-> {path}", markup=False)
            return 0
        left_out = 0
        for converted in to_dataset(
            find_bags(self.paths),
            self.out,
            contract,
            task=self.task,
            pictures=self.pictures,
            append=self.append,
        ):
            left_out += converted.episode is None
            out.print(_told(converted), markup=False)
        out.print(f"-> {self.out}{f'; {left_out} bags were left out' if left_out else ''}", markup=False)
        return 1 if left_out else 0


def _told(converted: Converted) -> str:
    if converted.episode is None:
        return f"{converted.bag}: left out: {converted.wrong}"
    parts = [f"{converted.frames} frames"]
    if converted.left_out:
        parts.append(f"{converted.left_out} steps before them left out: a channel had not yet spoken")
    parts += [f"{name} was silent in {count} of them" for name, count in converted.silent.items()]
    if converted.repeated:
        parts.append(f"{converted.repeated} without a command of their own")
    parts += [f"{count} messages rejected ({reason})" for reason, count in converted.rejected.items()]
    return f"{converted.bag} -> episode {converted.episode}: {'; '.join(parts)}"


def main(argv: Sequence[str]) -> int:
    """Run ``robomem bag`` with the words after the verb."""
    return parse(Bag, "bag", argv).run()
