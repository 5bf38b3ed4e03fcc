"""The finished stages of a run: folders of weights that resume, other runs and the saved model are made from.

stages/NAME       as it was at its end
stages/NAME-best  as it was when its loss on the split val was least
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt

from robomem.errors import CheckpointError, ConfigError
from robomem.motion.learners import MotionLearner
from robomem.serialization import MANIFEST, read_bundle, write_bundle
from robomem.train.arrays import into_tensors, learnt

__all__ = ["Stages"]

_KIND = "stage"
BEST = "-best"


@dataclass(frozen=True)
class Stages:
    """The stages in a folder.

    Attributes:
        folder: where.
        fingerprint: of the data that they learnt from.
    """

    folder: Path
    fingerprint: str

    def has(self, name: str) -> bool:
        """Return whether a stage is there whole, to the best of what its manifest says."""
        return (self.folder / name / MANIFEST).is_file()

    def write(self, name: str, weights: Mapping[str, npt.NDArray[Any]]) -> None:
        """Write or replace a stage, atomically."""
        write_bundle(self.folder / name, _KIND, {"data": self.fingerprint}, {"weights": weights})

    def read(self, name: str) -> Mapping[str, npt.NDArray[Any]]:
        """Return a stage's weights.

        Raises:
            CheckpointError: it is missing or damaged.
            ConfigError: it learnt from other data, whose statistics its numbers are normalised by.
        """
        bundle = read_bundle(self.folder / name, _KIND)
        if bundle.meta.get("data") != self.fingerprint:
            raise ConfigError(
                f"The {name} in {self.folder} learnt from other data; take it from a run on this data set, or let the "
                "stage learn here."
            )
        return bundle.arrays["weights"]

    def load(self, model: MotionLearner, stage: str, *, best: bool = False) -> None:
        """Give the model the weights of a stage: as they were at its end, or the best where these are kept."""
        name = stage + BEST if best and self.has(stage + BEST) else stage
        into_tensors(f"weights of the {stage}", learnt(model.stage(stage)), self.read(name))

    def take(self, run: Path, stage: str) -> bool:
        """Copy a stage of another run here and return True; False if it has none.

        Raises:
            CheckpointError: it is damaged.
            ConfigError: it learnt from other data.
        """
        other = Stages(run / "stages", self.fingerprint)
        if not other.has(stage):
            return False
        self.write(stage, other.read(stage))
        return True

    def require(self, names: list[str], run: str) -> None:
        """Raise CheckpointError unless all of ``names`` are here, taken from ``run``."""
        missing = [name for name in names if not self.has(name)]
        if missing:
            raise CheckpointError(f"{run} has no finished {' and '.join(missing)}; give --from a run that has.")
