"""Writing an entry, and what a full bank does about it. Letters in shapes: see ``robomem.bank.state``."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from robomem.bank.config import BankConfig
from robomem.bank.state import BankState

__all__ = ["likeness", "write"]


def write(x: Tensor, time: Tensor, state: Mapping[str, Tensor], config: BankConfig, wanted: Tensor) -> BankState:
    """Append one entry to each row that wants it, and consolidate the rows that were full.

    Args:
        x: [B, N, D] tokens of the entry.
        time: [B] environment steps.
        state: before; it is not modified.
        config: what a full bank does.
        wanted: [B] bool, the rows that are written to.

    Returns:
        The state after.
    """
    room, length = state["tokens"].shape[1], state["length"]
    wanted = wanted & (length < room) if config.consolidate == "none" else wanted
    full = wanted & (length == room)
    here = torch.arange(room, device=length.device) == torch.where(wanted, length, -1)[:, None]
    tokens = torch.where(here[..., None, None], x[:, None], state["tokens"])
    times = torch.where(here, time[:, None], state["time"])
    counts = torch.where(here, 1, state["count"])
    if not full.any():
        return {"tokens": tokens, "time": times, "count": counts, "length": length + wanted}
    tokens = torch.cat([tokens, x[:, None].to(tokens.dtype)], 1)
    times = torch.cat([times, time[:, None]], 1)
    counts = torch.cat([counts, torch.ones_like(counts[:, :1])], 1)
    return {**_consolidated(tokens, times, counts, full, config), "length": length + (wanted & ~full)}


def likeness(tokens: Tensor) -> Tensor:
    """Cosine of each entry with the next, averaged over the tokens: [B, L, N, D] to [B, L - 1]."""
    unit = tokens / torch.linalg.vector_norm(tokens, dim=-1, keepdim=True).clamp_min(1e-12)
    cosines: Tensor = (unit[:, :-1] * unit[:, 1:]).sum(-1)
    return cosines.mean(-1)


def _consolidated(tokens: Tensor, times: Tensor, counts: Tensor, full: Tensor, config: BankConfig) -> BankState:
    """Bring the L + 1 entries of full rows to L; of other rows the last entry is not theirs, and falls away.

    Every new entry is a mixture of the old one in its place and the one after that. The share of the one after is 0
    before the place of the change, 1 behind it, and in between there is a merge.
    """
    places = torch.arange(tokens.shape[1] - 1, device=tokens.device)
    if config.consolidate == "fifo":
        behind, merged = full[:, None].expand(-1, len(places)), None
    else:
        with torch.no_grad():
            chosen = likeness(tokens).argmax(1, keepdim=True)  # the first of equals
        behind, merged = (places > chosen) & full[:, None], (places == chosen) & full[:, None]
    share = behind.to(tokens.dtype)
    time, count = torch.where(behind, times[:, 1:], times[:, :-1]), torch.where(behind, counts[:, 1:], counts[:, :-1])
    if merged is not None:
        count = torch.where(merged, counts[:, :-1] + counts[:, 1:], count)
        of_later: Tensor | float = 0.5
        if config.consolidate == "weighted_merge":
            of_later = (counts[:, 1:] / count.clamp_min(1)).to(tokens.dtype)
        share = torch.where(merged, of_later, share)
        if config.merged_time == "average":
            time = torch.where(merged, torch.lerp(times[:, :-1], times[:, 1:], share.to(times.dtype)), time)
    # With a share of 0 or 1 lerp returns its argument to the last bit.
    return {"tokens": torch.lerp(tokens[:, :-1], tokens[:, 1:], share[..., None, None]), "time": time, "count": count}
