"""From bags to a data set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from robomem.data import DatasetWriter
from robomem.deploy.bags.mapping import features
from robomem.deploy.bags.replay import Replay
from robomem.deploy.contract import Contract
from robomem.errors import ConfigError, DataError

__all__ = ["Converted", "find_bags", "to_dataset"]


@dataclass(frozen=True)
class Converted:
    """What became of a bag.

    Attributes:
        bag: its path.
        episode: its number in the data set; None if it was left out.
        frames: how many.
        wrong: why it was left out.
        left_out: ticks at its beginning at which a channel had not yet spoken.
        silent: by channel, frames that repeat its last word because it was silent for too long.
        repeated: frames without a command of their own.
        rejected: messages that were not good, by reason.
    """

    bag: Path
    episode: int | None
    frames: int = 0
    wrong: str = ""
    left_out: int = 0
    silent: dict[str, int] = field(default_factory=dict)
    repeated: int = 0
    rejected: dict[str, int] = field(default_factory=dict)


def find_bags(paths: Sequence[Path]) -> list[Path]:
    """Return the bags among ``paths``, and those in folders of bags, in the order of their names.

    Raises:
        DataError: there is none.
    """
    found = []
    for path in paths:
        if path.is_file() or (path / "metadata.yaml").is_file():
            found.append(path)
        elif inside := sorted(each.parent for each in path.glob("*/metadata.yaml") if each.parent.name[0] != "."):
            found += inside
        else:
            raise DataError(f"{path} is no bag, nor a folder of bags (a bag is a folder with a metadata.yaml).")
    if not found:
        raise ConfigError("Give one or more bags, or folders of bags.")
    return found


def to_dataset(
    bags: Sequence[Path],
    folder: Path,
    contract: Contract,
    *,
    task: str = "",
    pictures: str = "video",
    append: bool = False,
) -> Iterator[Converted]:
    """Convert bags, an episode each; yields what became of each, when it is done.

    A bag that cannot be converted is left out and the others go on. What was converted stays if a later one fails.

    Args:
        bags: see ``find_bags``.
        folder: of the data set.
        contract: of the arm that the bags were recorded on; its rate is that of the data set.
        task: what was to be done, for bags that have no instruction.
        pictures: store them as ``video`` or, lossless, as ``image``.
        append: go on with a data set that is there.

    Raises:
        ConfigError: the contract's rate is no whole number, or its features do not fit the data set.
        StorageError: the folder is not empty or cannot be written.
    """
    columns = features(contract, pictures)
    if contract.rate_hz != int(contract.rate_hz):
        raise ConfigError(f"LeRobot counts whole frames a second; the contract has {contract.rate_hz:g}.")
    fps = int(contract.rate_hz)
    with DatasetWriter(folder, fps, columns, robot_type=contract.robot, append=append) as writer:
        for bag in bags:
            try:
                yield _convert(bag, writer, contract, task)
            except DataError as error:
                writer.discard_episode()
                yield Converted(bag, None, wrong=str(error))


def _convert(bag: Path, writer: DatasetWriter, contract: Contract, task: str) -> Converted:
    replay = Replay(bag, contract)
    for frame in replay.frames():
        if not (words := replay.task or task):
            raise DataError(f"{bag} has no instruction: say what was to be done with a task.")
        writer.add(frame, words)
    length, silent = writer.frames, dict(replay.silent)
    facts = {
        "bag": bag.name,
        "start_ns": replay.start_ns,
        "left_out": replay.left_out,
        "silent": silent,
        "repeated": replay.repeated,
        "rejected": replay.rejected,
    }
    episode = writer.save_episode(facts)
    return Converted(bag, episode, length, "", replay.left_out, silent, replay.repeated, replay.rejected)
