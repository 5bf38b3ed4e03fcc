"""Who learns from demonstrations, and presets, by name. Nothing heavy is imported here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from robomem.registry import Registry

if TYPE_CHECKING:
    from robomem.train.imitation.config import ImitationConfig
    from robomem.train.imitation.imitator import Imitator

__all__ = ["imitation_presets", "imitators"]

imitators: Registry[Callable[[], type[Imitator]]] = Registry(
    "imitation policy", hint="A new one is a function that returns a policy with for_data and loss (an Imitator)."
)
imitators.add("memory-vla", "robomem.train.imitation.imitator:memory_vla")

imitation_presets: Registry[Callable[[], ImitationConfig]] = Registry(
    "preset", hint="A new one is a function in train/imitation/presets.py."
)
for _name, _function in {"debug": "debug", "cpu": "cpu", "1gpu": "one_gpu", "paper": "paper"}.items():
    imitation_presets.add(_name, f"robomem.train.imitation.presets:{_function}")
