"""How a training process treats its machine: one thread, and no page faults for large tensors."""

from __future__ import annotations

import ctypes
import signal
import sys

__all__ = ["end_with_parent", "keep_freed_memory", "settle"]

_PR_SET_PDEATHSIG = 1  # <sys/prctl.h>
# <malloc.h> of glibc
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4


def settle() -> None:
    """Prepare this process for training: runs are made parallel by processes, not by threads."""
    import torch

    torch.set_num_threads(1)
    keep_freed_memory()


def keep_freed_memory() -> bool:
    """Let glibc keep freed memory instead of giving it back after every large tensor; False elsewhere.

    By default each tensor above 32 MB is mapped and unmapped anew; for sequences of 2048 steps the page faults took
    44 % of an update.
    """
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    settings = {_M_MMAP_MAX: 0, _M_TRIM_THRESHOLD: 2**31 - 1, _M_TOP_PAD: 64 * 2**20}
    return all(mallopt(name, value) == 1 for name, value in settings.items())


def end_with_parent() -> bool:
    """Have Linux send this process SIGTERM when its parent dies, so that nothing runs on unseen; False elsewhere."""
    if sys.platform != "linux":
        return False
    return bool(ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) == 0)
