"""What a memory bank can be asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from robomem.errors import ConfigError, suggest

__all__ = ["Backprop", "BankConfig", "Consolidate", "Fusion", "MergedTime", "Store", "TimeEncoding"]

Consolidate = Literal["merge", "weighted_merge", "fifo", "none"]
Store = Literal["raw", "fused"]
Backprop = Literal["within_group", "detach", "tbptt"]
Fusion = Literal["gate", "add", "none"]
MergedTime = Literal["first", "average"]
TimeEncoding = Literal["absolute", "none"]


@dataclass(frozen=True)
class BankConfig:
    """One stream of the perceptual-cognitive memory bank (MemoryVLA, arXiv 2508.19236).

    Raises:
        ConfigError: a value out of range, or a word that is not one of the choices.
    """

    length: int = 16
    """L, the most entries that are kept."""
    layers: int = 2
    """Cross-attention layers of the retrieval, each with weights of its own."""
    heads: int = 1
    """Attention heads; they divide the width of the tokens."""
    consolidate: Consolidate = "merge"
    """What a full bank does with one entry more: average the most alike neighbours (`merge`, or `weighted_merge` by the
    number of writes in each), drop the oldest (`fifo`), or keep what it has and refuse the new one (`none`)."""
    merged_time: MergedTime = "first"
    """The time of two entries made one: that of the earlier, or the average, weighted as their tokens are."""
    store: Store = "raw"
    """What is written: the tokens as they came, or as they were fused with what was remembered."""
    backprop: Backprop = "within_group"
    """How far a loss reaches into entries: to all frames of the group, to none, or to those of the same `horizon`."""
    horizon: int = 8
    """Frames of a stretch of `tbptt`: at each multiple of it the entries are cut off from what made them."""
    fusion: Fusion = "gate"
    """How the retrieved H meets the present x: g H + (1 - g) x with a learnt gate, x + H, or H alone."""
    gate_bias: float = 0.0
    """The gate begins at sigmoid of it: at 0 half of what comes out is memory."""
    time: TimeEncoding = "absolute"
    """Whether keys know the time at which they were written."""
    unit: float = 1.0
    """Environment steps that the time encoding counts as one; with the control rate in Hz it counts seconds."""

    def __post_init__(self) -> None:
        for name in ("length", "layers", "heads", "horizon"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ConfigError(f"memory bank: {name} must be an integer >= 1, not {value!r}.")
        for name, choices in _CHOICES.items():
            value = getattr(self, name)
            if value not in choices:
                raise ConfigError(f"memory bank: {name} is {value!r}. {suggest(str(value), choices)}")
        if not _is_number(self.unit) or not 0 < self.unit < float("inf"):
            raise ConfigError(f"memory bank: unit must be a positive number of environment steps, not {self.unit!r}.")
        if not _is_number(self.gate_bias) or not abs(self.gate_bias) < float("inf"):
            raise ConfigError(f"memory bank: gate_bias must be a finite number, not {self.gate_bias!r}.")

    @classmethod
    def of(cls, config: BankConfig | Mapping[str, Any] | None) -> BankConfig:
        """Return the configuration that a mapping of field names to values describes.

        Raises:
            ConfigError: it names a field that does not exist, or a value out of range.
        """
        if isinstance(config, cls):
            return config
        known = [field.name for field in fields(cls)]
        values: dict[str, Any] = dict(config or {})  # type: ignore[arg-type]
        for name in values:
            if name not in known:
                raise ConfigError(f"memory bank has no field {name!r}. {suggest(str(name), known)}")
        return cls(**values)


_CHOICES: dict[str, tuple[str, ...]] = {
    "consolidate": get_args(Consolidate),
    "merged_time": get_args(MergedTime),
    "store": get_args(Store),
    "backprop": get_args(Backprop),
    "fusion": get_args(Fusion),
    "time": get_args(TimeEncoding),
}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
