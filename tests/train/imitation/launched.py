"""Trains in every process that a launcher starts; run by test_imitation_processes.

torchrun --nproc_per_node 2 launched.py FOLDER
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

sys.path.append(str(Path(__file__).parent))

from cloner import TINY, tiny

from robomem.data.imitation import Loading
from robomem.train import pictures
from robomem.train.imitation.run import train

# Every part of a batch has as many actions, so that the mean of means is the mean.
GROUPS = replace(
    TINY,
    policy_kwargs={"noise": 0.1, "dropout": 0.1, "chunk": 1},
    loading=Loading(sampler="window", groups=4, frames=(4, 4)),
    eval_episodes=3,
)
STREAMS = replace(GROUPS, loading=Loading(sampler="stream", groups=4, frames=(4, 4)))


def main(folder: Path, accumulate: int) -> None:
    for name, config in (("groups", GROUPS), ("streams", STREAMS)):
        config = replace(config, optim=replace(config.optim, accumulate=accumulate, decay=0.0))
        out = train(tiny(folder.parent / "data", folder / name, config, steps=11))
        train(tiny(folder.parent / "data", out, config), resume=out)


if __name__ == "__main__":
    pictures.draw = lambda *args: None
    main(Path(sys.argv[1]), 1)
