"""The random streams that belong to the whole process."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

__all__ = ["capture", "restore", "untouched"]

Arrays = dict[str, npt.NDArray[Any]]


def capture() -> Arrays:
    """Return the state of the global generators of torch, numpy and Python."""
    version, words, gauss = random.getstate()
    python = json.dumps([version, words, gauss])
    _, keys, position, has_gauss, cached = np.random.get_state()  # noqa: NPY002
    return {
        "torch": torch.get_rng_state().numpy().copy(),
        "numpy.keys": np.array(keys),
        "numpy.rest": np.array([position, has_gauss, cached], np.float64),
        "python": np.frombuffer(python.encode(), np.uint8).copy(),
    }


def restore(state: Mapping[str, npt.NDArray[Any]]) -> None:
    """Put back what ``capture`` returned."""
    version, words, gauss = json.loads(state["python"].tobytes())
    random.setstate((version, tuple(words), gauss))
    position, has_gauss, cached = state["numpy.rest"].tolist()
    np.random.set_state(("MT19937", state["numpy.keys"], int(position), int(has_gauss), cached))  # noqa: NPY002
    torch.set_rng_state(torch.tensor(state["torch"]))


@contextmanager
def untouched() -> Iterator[None]:
    """Put the generators back after the block, so that an evaluation changes nothing of the training."""
    state = capture()
    try:
        yield
    finally:
        restore(state)
