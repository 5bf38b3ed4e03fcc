"""The scan on a GPU: the Triton kernel of the authors' ``mamba-ssm`` package, where it is installed."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

__all__ = ["cuda_kernel"]

Scan = Callable[..., tuple[Tensor, Tensor]]


@functools.cache
def cuda_kernel() -> Scan | None:
    """Return a scan with the arguments of ``robomem.sequence.ssd.scan``, or None without ``mamba-ssm``."""
    try:
        fused = importlib.import_module("mamba_ssm.ops.triton.ssd_combined").mamba_chunk_scan_combined
    except ImportError:
        return None
    return functools.partial(_scan, fused)


def _scan(
    fused: Callable[..., Any],
    x: Tensor,
    dt: Tensor,
    a: Tensor,
    b: Tensor,
    c: Tensor,
    state: Tensor,
    episode: Tensor,
    block: int,
) -> tuple[Tensor, Tensor]:
    """Translate shapes: the kernel has groups of B and C, and states as [B, H, P, N]."""
    y, last = fused(
        x.contiguous(),
        dt.contiguous(),
        a,
        b[:, :, None].contiguous(),
        c[:, :, None].contiguous(),
        chunk_size=max(16, 1 << (block - 1).bit_length()),
        initial_states=state.permute(0, 2, 3, 1).contiguous(),
        seq_idx=episode.to(torch.int32).contiguous(),
        return_final_states=True,
    )
    return y, last.permute(0, 3, 1, 2).contiguous()
