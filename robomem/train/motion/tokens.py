"""Clips as tokens, which are computed once, and the batches that generators learn from."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from robomem.errors import DataError
from robomem.motion.learners import MotionLearner, TokenBatch
from robomem.motion.motion_set import Entry
from robomem.seeding import generator
from robomem.train.motion.clips import Clips

__all__ = ["TokenBatches", "Tokens", "tokenised"]

_log = logging.getLogger(__name__)
_AT_ONCE = 64
"""Clips that are encoded together."""
_SORTED_TOGETHER = 16
"""Batches whose clips are sorted by length before they are dealt, so that little is padding."""


@dataclass(frozen=True)
class Tokens:
    """Clips as tokens.

    Attributes:
        entries: words, segments and names.
        tokens: of each, [n, K] int64.
        latents: of each, [n, d] float32.
        frames_per_token: for the segments.
    """

    entries: tuple[Entry, ...]
    tokens: tuple[Tensor, ...]
    latents: tuple[Tensor, ...]
    frames_per_token: int

    def __len__(self) -> int:
        return len(self.entries)


@torch.no_grad()
def tokenised(model: MotionLearner, clips: Clips, longest: int, device: torch.device) -> Tokens:
    """Return what the model's tokeniser makes of clips, without those of more than ``longest`` frames.

    A clip's tokens do not depend on the others: clips of one length are encoded together, and what is left over of a
    token at a clip's end is cut off.

    Raises:
        DataError: no clip is left.
    """
    size = model.frames_per_token
    by_length: dict[int, list[int]] = defaultdict(list)
    for at, frames in enumerate(clips.lengths.tolist()):
        if size <= frames <= longest:
            by_length[frames // size * size].append(at)
    found: dict[int, tuple[Tensor, Tensor]] = {}
    for frames, places in sorted(by_length.items()):
        for begin in range(0, len(places), _AT_ONCE):
            some = places[begin : begin + _AT_ONCE]
            x = torch.from_numpy(np.stack([clips.features[at][:frames] for at in some])).to(device)
            tokens, latents = model.encode(x, torch.ones(x.shape[:2], dtype=torch.bool, device=device))
            found.update({at: (tokens[row].cpu(), latents[row].float().cpu()) for row, at in enumerate(some)})
    kept = sorted(found)
    if len(clips) and not kept:
        raise DataError(f"No clip has {size} to {longest} frames; raise longest (robomem motion show tells lengths).")
    if len(kept) < len(clips):
        _log.warning(
            "%d of %d clips have not %d to %d frames and are left out of what follows the tokeniser.",
            len(clips) - len(kept),
            len(clips),
            size,
            longest,
        )
    return Tokens(
        tuple(clips.entries[at] for at in kept),
        tuple(found[at][0] for at in kept),
        tuple(found[at][1] for at in kept),
        size,
    )


class TokenBatches:
    """Batches by their number: every clip once an epoch, clips of like length together.

    Args:
        tokens: to deal.
        batch: clips of a batch.
        segments: share of the compositions of which one segment is dealt, after the one before it.
        seed: of the stream.
    """

    def __init__(self, tokens: Tokens, batch: int, segments: float, seed: int) -> None:
        self.tokens, self.batch, self.segments, self.seed = tokens, min(batch, len(tokens)), segments, seed
        self._lengths = np.array([len(each) for each in tokens.tokens])
        self._epoch = lru_cache(maxsize=2)(self._dealt)

    @property
    def per_epoch(self) -> int:
        """Batches in which every clip is met once; what does not fill one waits for another epoch."""
        return len(self.tokens) // self.batch

    def __call__(self, step: int) -> TokenBatch:
        """Return the batch of a step."""
        epoch, at = divmod(step, self.per_epoch)
        rng = generator(self.seed, "tokens", step)
        rows = [self._row(place, rng) for place in self._epoch(epoch)[at]]
        return _stacked(self.tokens, rows)

    def _dealt(self, epoch: int) -> list[list[int]]:
        rng = generator(self.seed, "epoch", epoch)
        order = rng.permutation(len(self.tokens))
        batches = []
        for begin in range(0, len(order), _SORTED_TOGETHER * self.batch):
            some = order[begin : begin + _SORTED_TOGETHER * self.batch]
            some = some[rng.permutation(len(some))[: len(some) // self.batch * self.batch]]
            some = some[np.argsort(self._lengths[some], kind="stable")]
            batches += [some[first : first + self.batch].tolist() for first in range(0, len(some), self.batch)]
        return [batches[place] for place in rng.permutation(len(batches))]

    def _row(self, place: int, rng: np.random.Generator) -> _Row:
        entry, count = self.tokens.entries[place], int(self._lengths[place])
        share, which = rng.random(), rng.random()
        text = entry.texts[int(which * len(entry.texts))]
        segments = entry.clip.segments
        if len(segments) < 2 or share >= self.segments:
            return _Row(place, 0, count, 0, text)
        at = int(which * len(segments))
        size = self.tokens.frames_per_token
        begin = 0 if at == 0 else segments[at - 1].start // size
        own = begin if at == 0 else segments[at].start // size
        end = min(count, -(-segments[at].end // size))
        if end <= own:  # a segment in the part of a token that was cut off
            return _Row(place, 0, count, 0, text)
        return _Row(place, begin, end, own - begin, segments[at].text)


@dataclass(frozen=True)
class _Row:
    place: int
    begin: int
    end: int
    prefix: int
    text: str


def _stacked(tokens: Tokens, rows: Sequence[_Row]) -> TokenBatch:
    longest = max(row.end - row.begin for row in rows)
    codes = torch.zeros((len(rows), longest, tokens.tokens[0].shape[1]), dtype=torch.int64)
    latents = torch.zeros((len(rows), longest, tokens.latents[0].shape[1]))
    valid = torch.zeros((len(rows), longest), dtype=torch.bool)
    for number, row in enumerate(rows):
        count = row.end - row.begin
        codes[number, :count] = tokens.tokens[row.place][row.begin : row.end]
        latents[number, :count] = tokens.latents[row.place][row.begin : row.end]
        valid[number, :count] = True
    return TokenBatch(
        codes,
        latents,
        valid,
        torch.tensor([row.prefix for row in rows]),
        tuple(row.text for row in rows),
        tuple(tokens.entries[row.place].id for row in rows),
    )
