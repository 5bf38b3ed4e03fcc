"""A group of frames at once: the bank before each of them is attention with a strictly lower block-triangular mask.

That is so while nothing is merged: frame t then sees what was held before the group, and the frames s < t.

Letters in shapes: G groups, T frames of a group, L places of the bank, N tokens, D width.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from robomem.bank.retrieval import Retrieval
from robomem.bank.state import BankState

__all__ = ["append", "fitting", "retrieve"]

_TOKENS = 256
"""Queries of a tile, about. Larger tiles spend more on the masked half, smaller ones more on the way."""


def fitting(valid: Tensor, length: Tensor, room: int) -> tuple[int, int]:
    """Return how many frames every row can write before one of them is full, and the most that a row holds already.

    Args:
        valid: [G, T] bool, the frames that are written.
        length: [G] entries held.
        room: L.
    """
    fits = (length[:, None] + valid.cumsum(1) <= room).all(0)
    frames, held = torch.stack([fits.sum(), length.max()]).tolist()
    return frames, held


def retrieve(
    retrieval: Retrieval,
    keys_of: Callable[[Tensor, Tensor], Tensor],
    x: Tensor,
    written: Tensor,
    time: Tensor,
    valid: Tensor,
    state: Mapping[str, Tensor],
    held: int,
    horizon: int,
) -> Tensor:
    """Return H of every frame.

    Args:
        retrieval: the layers.
        keys_of: entries [G, S, N, D] and their times [G, S] to keys [G, S, N, D].
        x: [G, T, N, D] frames that ask.
        written: the same as they are remembered.
        time: [G, T] environment steps.
        valid: [G, T] bool, the frames that are written.
        state: before the group.
        held: the places of ``state`` beyond which no row holds anything.
        horizon: a gradient reaches back to the last multiple of so many frames.

    Returns:
        [G, T, N, D].
    """
    frames, step = x.shape[1], max(1, _TOKENS // x.shape[2])
    before = torch.arange(held, device=x.device) < state["length"][:, None]
    exists = torch.cat([before, valid], 1)
    times = torch.cat([state["time"][:, :held], time], 1)
    order = torch.arange(-held, frames, device=x.device)
    answers = []
    for first in range(0, frames, horizon):
        last = min(frames, first + horizon)
        parts = [state["tokens"][:, :held], written[:, :first].detach(), written[:, first:last]]
        entries = torch.cat([part for part in parts if part.shape[1]], 1)
        keys = keys_of(entries, times[:, : held + last])
        for begin in range(first, last, step):
            end = min(last, begin + step)
            seen = held + end - 1
            if seen == 0:
                answers.append(x[:, begin:end])
                continue
            earlier = order[None, :seen] < torch.arange(begin, end, device=x.device)[:, None]
            visible = exists[:, None, :seen] & earlier
            answers.append(retrieval(x[:, begin:end], keys[:, :seen], entries[:, :seen], visible))
    return torch.cat(answers, 1)


def append(written: Tensor, time: Tensor, valid: Tensor, state: Mapping[str, Tensor]) -> BankState:
    """Return the state after frames that all fit; arguments are those of ``retrieve``."""
    room, length = state["tokens"].shape[1], state["length"]
    place = torch.where(valid, length[:, None] + valid.cumsum(1) - 1, room)  # padding goes to a place that is cut off
    rows = torch.arange(len(valid), device=valid.device)[:, None].expand_as(place)

    def put(entries: Tensor, new: Tensor) -> Tensor:
        longer = torch.cat([entries, torch.zeros_like(entries[:, :1])], 1)
        return longer.index_put((rows, place), new.to(entries.dtype))[:, :room]

    return {
        "tokens": put(state["tokens"], written),
        "time": put(state["time"], time),
        "count": put(state["count"], torch.ones_like(place)),
        "length": length + valid.sum(1),
    }
