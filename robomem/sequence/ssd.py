"""Structured state-space duality: the selective scan of Mamba-2 as matrix products (Dao and Gu 2024).

The recurrence, per head, with B and C shared by all heads (letters below; A < 0):
    state_t = exp(dt_t A) state_{t-1} + dt_t B_t x_t^T        y_t = C_t^T state_t
and state_{t-1} = 0 where an episode begins.

Letters in shapes: B rows, T steps, H heads, P head size, N state size; T is cut into K blocks of Q steps.

With c the running sum of dt A inside a block, a step j reaches a step i of its block with weight exp(c_i - c_j). That
factors into exp(c_i - m) exp(m - c_j), so no mask per head is needed and all heads share one matrix product, as long
as the factors stay inside the floating-point range; m, the middle of the block's range, makes that the usual case.
Episodes are kept apart by masks on C B^T, on B and on C, which are exact and shared by the heads. (An a_t of -10^4 at
a reset would cut as well, but the running sum then loses the digits of every later step of the block.)
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import pad

from robomem.sequence.ssd_kernel import cuda_kernel

__all__ = ["scan", "scan_alone", "scan_step"]


def scan_step(x: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    """Advance the recurrence by one step.

    Args:
        x: [B, H, P].
        dt: [B, H], > 0.
        a: [H], < 0.
        b: [B, N].
        c: [B, N].
        state: [B, N, H, P].

    Returns:
        y [B, H, P] and the next state.
    """
    grown = b[:, :, None, None] * (dt[..., None] * x)[:, None]
    state = torch.addcmul(grown, state, (dt * a).exp()[:, None, :, None])
    return (c[:, None] @ state.flatten(2)).view_as(x), state


def scan_alone(x: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, block: int) -> Tensor:
    """Run the recurrence over one episode from its beginning; the state after it is not asked for.

    Sequences of at most one block, as those of motion tokens, then cost a quarter less than by `scan`.

    Args:
        x: [B, T, H, P].
        dt: [B, T, H], > 0.
        a: [H], < 0.
        b: [B, T, N].
        c: [B, T, N].
        block: Q.

    Returns:
        y [B, T, H, P].
    """
    rows, steps, heads, head_size = x.shape
    decay = (dt * a).cumsum(1)
    total = decay[:, -1:]
    if x.is_cuda or steps > block or float(-total.detach().min()) >= _range(x.dtype):
        begin = x.new_zeros(rows, b.shape[-1], heads, head_size)
        episode = torch.zeros(rows, steps, dtype=torch.int64, device=x.device)
        return scan(x, dt, a, b, c, begin, episode, block)[0]
    middle = 0.5 * total
    inputs = ((middle - decay).exp() * dt)[..., None] * x
    return ((c @ b.mT).tril() @ inputs.flatten(2)).view_as(x) * (decay - middle).exp()[..., None]


def scan(
    x: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, state: Tensor, episode: Tensor, block: int
) -> tuple[Tensor, Tensor]:
    """Run the recurrence over T steps.

    Args:
        x: [B, T, H, P].
        dt: [B, T, H], > 0.
        a: [H], < 0.
        b: [B, T, N].
        c: [B, T, N].
        state: [B, N, H, P] before the first step.
        episode: [B, T] int64, rising by one where an episode begins, 0 while it is the one of ``state``.
        block: Q.

    Returns:
        y [B, T, H, P] and the state after the last step.
    """
    if x.is_cuda and (kernel := cuda_kernel()):
        return kernel(x, dt, a, b, c, state, episode, block)
    steps, heads, head_size = x.shape[1:]
    block = min(block, steps)
    excess = -steps % block
    if excess:  # Steps with dt = 0 change nothing.
        x, dt = pad(x, (0, 0, 0, 0, 0, excess)), pad(dt, (0, 0, 0, excess))
        b, c = pad(b, (0, 0, 0, excess)), pad(c, (0, 0, 0, excess))
        episode = torch.cat([episode, episode[:, -1:].expand(-1, excess)], 1)
    x, dt, b, c, episode = (torch.unflatten(value, 1, (-1, block)) for value in (x, dt, b, c, episode))

    decay = (dt * a).cumsum(2)  # [B, K, Q, H]
    total = decay[:, :, -1:]
    scores = c @ b.mT
    scores = scores.masked_fill(~_sees(episode), 0)
    ends = episode[:, :, -1]
    before = torch.cat([torch.zeros_like(ends[:, :1]), ends[:, :-1]], 1)
    from_start = (episode == before[..., None])[..., None]
    to_end = (episode == ends[..., None])[..., None]
    reading, writing = c * from_start, b * to_end

    if float(-total.detach().min()) < _range(x.dtype):
        middle = 0.5 * total
        inputs = ((middle - decay).exp() * dt)[..., None] * x
        written = torch.unflatten(writing.mT @ inputs.flatten(3), -1, (heads, head_size))
        written = written * (total - middle).exp()[..., None]
        states, last = _carry(written, total, state, before, ends)
        carried = (states * middle.exp()[..., None]).flatten(3)
        y = (scores @ inputs.flatten(3) + reading @ carried).view_as(x) * (decay - middle).exp()[..., None]
    else:
        inputs = dt[..., None] * x
        written = writing.mT @ ((total - decay).exp()[..., None] * inputs).flatten(3)
        states, last = _carry(torch.unflatten(written, -1, (heads, head_size)), total, state, before, ends)
        by_head = decay.movedim(-1, 2)
        reach = (by_head[..., :, None] - by_head[..., None, :]).masked_fill(~_sees(episode)[:, :, None], -torch.inf)
        within = ((scores[:, :, None] * reach.exp()) @ inputs.transpose(2, 3)).transpose(2, 3)
        y = within + (reading @ states.flatten(3)).view_as(x) * decay.exp()[..., None]
    return y.flatten(1, 2)[:, :steps], last


def _carry(written: Tensor, total: Tensor, state: Tensor, before: Tensor, ends: Tensor) -> tuple[Tensor, Tensor]:
    """Return the state before every block [B, K, N, H, P] and the last one, by one product with a K+1 x K+1 matrix.

    Args:
        written: [B, K, N, H, P] what each block adds to the state at its end.
        total: [B, K, 1, H] log decay over each block.
        state: [B, N, H, P] before the first block.
        before: [B, K] episode before each block.
        ends: [B, K] episode at each block's end.
    """
    sources = torch.cat([state[:, None], written], 1)
    source_episode = torch.cat([before[:, :1], ends], 1)
    sums = pad(total[:, :, 0].cumsum(1), (0, 0, 1, 0)).mT  # [B, H, K + 1]
    reach = sums[..., :, None] - sums[..., None, :]
    alive = (source_episode[:, :, None] == source_episode[:, None]).tril()
    reach = reach.masked_fill(~alive[:, None], -torch.inf).exp()
    states = torch.einsum("bhij,bjnhp->binhp", reach, sources)
    return states[:, :-1], states[:, -1]


def _sees(episode: Tensor) -> Tensor:
    """[B, K, Q, Q] bool: step j is not after step i of its block, and in the same episode."""
    return (episode[..., :, None] == episode[..., None, :]).tril()


def _range(dtype: torch.dtype) -> float:
    """Return the widest log decay over a block whose two half-range factors keep every digit and room to multiply."""
    return 1.6 * math.log(torch.finfo(dtype).max)
