"""Presets of runs that learn motion, by name. Nothing heavy is imported here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from robomem.registry import Registry

if TYPE_CHECKING:
    from robomem.train.motion.config import MotionConfig

__all__ = ["motion_presets"]

motion_presets: Registry[Callable[[], MotionConfig]] = Registry(
    "preset", hint="A new one is a function in train/motion/presets.py."
)
for _name in ("debug", "cpu", "paper"):
    motion_presets.add(_name, f"robomem.train.motion.presets:{_name}")
