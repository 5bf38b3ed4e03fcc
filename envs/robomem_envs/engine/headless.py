"""Choose a GL backend before mujoco is imported: the window system's if there is one, else EGL, else OSMesa."""

from __future__ import annotations

import ctypes.util
import os
import sys

__all__ = ["choose_backend"]


def choose_backend() -> None:
    """Set ``MUJOCO_GL`` on a Linux machine without a display, unless the user set it."""
    if sys.platform != "linux" or "MUJOCO_GL" in os.environ or os.environ.get("DISPLAY"):
        return
    for backend, library in (("egl", "EGL"), ("osmesa", "OSMesa")):
        if ctypes.util.find_library(library):
            os.environ["MUJOCO_GL"] = backend
            return
