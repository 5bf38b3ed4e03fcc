"""Long motion: segment after segment, each from its own text and from the tokens just before it.

A segment is told at most ``context`` tokens of what went before, so a motion of any number of segments costs time and
memory in proportion to its length. The decoder runs over all tokens together, so frames at a seam are made from both
segments.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from robomem.seeding import derive_seed
from robomem_policies.motion.generator import Generator
from robomem_policies.motion.residual import Residual
from robomem_policies.motion.sampling import Sampling, sample
from robomem_policies.motion.tokens_seen import lengths_to_valid

__all__ = ["extended"]

Segments = Sequence[tuple[str, int | None]]


@torch.inference_mode()
def extended(
    generator: Generator, residual: Residual, rows: Sequence[Segments], seeds: Sequence[int], how: Sampling
) -> list[list[Tensor]]:
    """Return for each row the tokens [n, K] of each of its segments.

    Args:
        generator: of the first layer, in evaluation mode.
        residual: of the others, in evaluation mode.
        rows: segments, each a text and how many tokens it has, None for as many as the model chooses.
        seeds: one a row; what a row becomes follows from its segments and its seed alone.
        how: drawing.
    """
    made: list[list[Tensor]] = [[] for _ in rows]
    for turn in range(max(map(len, rows))):
        active = [row for row, segments in enumerate(rows) if len(segments) > turn]
        words = [rows[row][turn][0] for row in active]
        text = generator.text(words)
        context, known = _context([made[row] for row in active], generator.config.context, residual.layers)
        context, known = context.to(text.device), known.to(text.device)
        first, total = sample(
            generator,
            text,
            [derive_seed(seeds[row], "segment", turn) for row in active],
            how,
            lengths=[rows[row][turn][1] for row in active],
            prefix=context[..., 0],
            prefix_lengths=known,
        )
        tokens = torch.zeros(*first.shape, residual.layers, dtype=torch.int64, device=text.device)
        tokens[:, : context.shape[1]] = context
        tokens[..., 0] = first
        tokens = residual.sample(tokens, lengths_to_valid(total, first.shape[1]), residual.text(words), prefix=known)
        for place, row in enumerate(active):
            made[row].append(tokens[place, int(known[place]) : int(total[place])])
    return made


def _context(made: Sequence[Sequence[Tensor]], most: int, layers: int) -> tuple[Tensor, Tensor]:
    """Return the last tokens [B, m, K] of what each row has done, at most ``most``, and how many there are [B]."""
    tails = [torch.cat(list(done[-most:]))[-most:] if done else torch.zeros(0, layers).long() for done in made]
    known = torch.tensor([len(tail) for tail in tails])
    context = torch.zeros(len(tails), int(known.max()), layers, dtype=torch.int64)
    for row, tail in zip(context, tails):
        row[: len(tail)] = tail
    return context, known
