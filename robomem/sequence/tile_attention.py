"""Attention in many small tiles, with the gradient written out: what windows and chosen chunks are made of.

Letters in shapes: N tiles, R queries a tile, C keys a tile, E features, H heads.

Tiles of some 32 queries and keys are too small for the fused kernels to pay, and autograd's own chain of operations
passes over the scores four times more often than it must. The scores of all tiles are few (each query has C of them),
so they are kept from the forward pass and not computed again.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

__all__ = ["attend_tiles", "overlapping_tiles"]


def attend_tiles(
    query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None = None, mask: Tensor | None = None
) -> Tensor:
    """Return softmax(query . key / sqrt(E) + bias + mask) value, tile by tile.

    Args:
        query: [N, R, E].
        key: [N, C, E].
        value: [N, C, E].
        bias: [H, R, C] added to the scores of tile n by its head n % H, or None.
        mask: [N / H, 1, R, C], the same for all heads: 0 or -inf; it gets no gradient. Each query sees some key.

    Returns:
        [N, R, E].
    """
    return cast(Tensor, _AttendTiles.apply(query, key, value, bias, mask))  # type: ignore[no-untyped-call]


def overlapping_tiles(x: Tensor, size: int, before: int, heads: int) -> Tensor:
    """Cut a sequence into tiles that each begin ``before`` steps earlier than the last one ends.

    Args:
        x: [B, before + tiles * size, D]; ``before`` is at most ``size`` unless there is one tile.
        size: new steps a tile.
        before: steps that a tile shares with those before it.
        heads: H.

    Returns:
        [B * tiles * H, before + size, D / H], tiles of one row after each other, heads within them.
    """
    return cast(Tensor, _OverlappingTiles.apply(x, size, before, heads))  # type: ignore[no-untyped-call]


class _AttendTiles(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None, mask: Tensor | None
    ) -> Tensor:
        ctx.scale = query.shape[-1] ** -0.5
        scores = torch.baddbmm(query.new_zeros(()), query, key.mT, beta=0, alpha=ctx.scale)
        if bias is not None:
            scores.view(-1, *bias.shape).add_(bias)
        if mask is not None:
            scores.view(len(mask), -1, *mask.shape[2:]).add_(mask)
        share = scores.softmax(-1)
        answer = torch.bmm(share, value)
        ctx.bias_shape = None if bias is None else bias.shape
        ctx.save_for_backward(query, key, value, share, answer)
        return answer

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        query, key, value, share, answer = ctx.saved_tensors
        to_value = torch.bmm(share.mT, grad)
        to_scores = torch.bmm(grad, value.mT)
        to_scores.sub_((grad * answer).sum(-1, keepdim=True)).mul_(share)
        to_bias = None if ctx.bias_shape is None else to_scores.view(-1, *ctx.bias_shape).sum(0)
        to_query = torch.baddbmm(grad.new_zeros(()), to_scores, key, beta=0, alpha=ctx.scale)
        to_key = torch.baddbmm(grad.new_zeros(()), to_scores.mT, query, beta=0, alpha=ctx.scale)
        return to_query, to_key, to_value, to_bias, None


class _OverlappingTiles(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, size: int, before: int, heads: int) -> Tensor:
        ctx.shape, ctx.size, ctx.before = x.shape, size, before
        split = torch.unflatten(x, -1, (heads, -1))
        tiles: Tensor = split.unfold(1, before + size, size)  # [B, tiles, H, E, before + size]
        return tiles.transpose(3, 4).reshape(-1, before + size, split.shape[-1])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        (batch, steps, width), size, before = ctx.shape, ctx.size, ctx.before
        tiles = (steps - before) // size
        grad = grad.view(batch, tiles, -1, before + size, grad.shape[-1]).transpose(2, 3)
        total = grad.new_empty(batch, steps, *grad.shape[3:])
        total[:, :before] = 0
        torch.unflatten(total[:, before:], 1, (tiles, size)).copy_(grad[:, :, before:])
        if tiles == 1:
            total[:, :before] += grad[:, 0, :before]
        else:
            torch.unflatten(total[:, : tiles * size], 1, (tiles, size))[:, :, :before] += grad[:, :, :before]
        return total.view(batch, steps, width), None, None, None
