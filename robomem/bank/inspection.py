"""What a bank remembers, and what it looks at."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from torch import Tensor

__all__ = ["Inspection", "Moment"]


@dataclass(frozen=True)
class Inspection:
    """B banks as they are asked at one moment. L places, in the order of writing; empty ones are zero.

    Attributes:
        times: [B, L] environment steps of the entries.
        counts: [B, L] int64, writes in each entry; 0 where there is none.
        attention: [B, L], the share of each entry in the attention of the present tokens, the mean over layers, heads
            and tokens. It sums to 1, or is all 0 where nothing is remembered.
        gate: [B], the share of memory in what comes out, the mean over tokens and width.
        now: [B] environment steps at which the bank was asked.
    """

    times: Tensor
    counts: Tensor
    attention: Tensor
    gate: Tensor
    now: Tensor

    def row(self, index: int) -> Moment:
        """Return one bank, without its empty places."""
        arrays = {field.name: getattr(self, field.name)[index].detach().cpu().numpy() for field in fields(self)}
        held = arrays["counts"] > 0
        return Moment(
            now=float(arrays["now"]),
            times=arrays["times"][held].astype(np.float64),
            counts=arrays["counts"][held],
            attention=arrays["attention"][held].astype(np.float64),
            gate=float(arrays["gate"]),
        )


@dataclass(frozen=True)
class Moment:
    """One bank of an ``Inspection``: its K entries, in the order of writing."""

    now: float
    times: npt.NDArray[np.float64]
    counts: npt.NDArray[np.int64]
    attention: npt.NDArray[np.float64]
    gate: float
