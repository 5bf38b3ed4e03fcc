"""Where the chunks of an episode lie, and who may read them when: the bookkeeping of HCAM.

Letters in shapes: B rows, T steps, D width, H heads, E = D / H, C steps a chunk, M chunks that can be read, S = M + 1
slots. Chunk n of an episode holds its steps n C to n C + C - 1 and lives in slot n % S; the slot after the newest chunk
is being filled.

Keys are kept as [B, H, S, E], D cut into H parts of E: a matrix product walks down several rows of its matrix at once,
and rows this short lie so close together that it reads memory in one stream. At 512 chunks of width 256, as [B, S, D],
scoring them takes three times as long.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from robomem.sequence.episodes import ages, segments

__all__ = ["ChunkRing", "Rollout"]


@dataclass(frozen=True)
class ChunkRing:
    """The last M finished chunks of an episode.

    Attributes:
        chunk_size: C.
        max_chunks: M.
    """

    chunk_size: int
    max_chunks: int

    @property
    def slots(self) -> int:
        """S, one more than can be read: the chunk in progress."""
        return self.max_chunks + 1

    def held(self, age: Tensor) -> Tensor:
        """Return which chunk each slot holds when ``age`` [B] steps are written: [B, N], negative for none.

        N is the number of slots that any row has used.
        """
        finished = age[:, None] // self.chunk_size
        used = min(int(finished.max()), self.slots)
        return finished - 1 - (finished - 1 - torch.arange(used, device=age.device)) % self.slots

    def readable(self, age: Tensor) -> Tensor:
        """Return which slots a query may read when its episode has ``age`` [B] steps behind it: [B, N] bool."""
        finished = age[:, None] // self.chunk_size
        newest = int(finished.max())
        slot = torch.arange(min(newest, self.slots), device=age.device)
        begun = slot < finished
        return begun if newest < self.slots else begun & (slot != finished % self.slots)

    def write_(self, contents: Tensor, keys: Tensor, age: Tensor, inputs: Tensor) -> None:
        """Write step ``age`` [B] of each row's episode, in place, and the key of each chunk that it finishes."""
        size = self.slots * self.chunk_size  # steps a row
        place = age % size
        first = torch.arange(0, len(age) * size, size, device=age.device)
        contents.view(-1, contents.shape[-1]).index_copy_(0, place + first, inputs)
        left = (place + 1) % self.chunk_size
        if not left.all():
            row = (left == 0).nonzero()[:, 0]
            slot = place[row] // self.chunk_size
            keys[row, :, slot] = contents[row, slot].mean(1).view(len(row), *keys.shape[1::2])


class Rollout:
    """The chunks that T steps can read: those in the ring, and those that finish on the way.

    Attributes:
        age: [B, T] steps of the episode behind each step.
        valid: [B, T, N] bool, which of the N offered chunks each step may read.
    """

    def __init__(self, ring: ChunkRing, reset: Tensor, start: Tensor) -> None:
        self.ring, self.start = ring, start
        self.age = ages(reset, start)
        episode = segments(reset)
        number = self.age // ring.chunk_size

        closing = self.age % ring.chunk_size == ring.chunk_size - 1
        row, time = closing.nonzero(as_tuple=True)
        nth = closing.cumsum(1)[row, time] - 1
        self.closes = time.new_zeros(len(reset), int(nth.max()) + 1 if len(nth) else 0)
        self.closes[row, nth] = time
        self.closed_number = torch.full_like(self.closes, -1)
        self.closed_number[row, nth] = number[row, time]
        self.closed_episode = episode.gather(1, self.closes)

        held = ring.held(start)
        self.used = held.shape[1]
        chunk = torch.cat([held, self.closed_number], 1)[:, None]
        chunk_episode = torch.cat([torch.zeros_like(held), self.closed_episode], 1)[:, None]
        finished = number[..., None]
        self.valid = (chunk >= 0) & (chunk < finished) & (chunk >= finished - ring.max_chunks)
        self.valid &= chunk_episode == episode[..., None]
        self.final_episode = episode[:, -1:]
        self.episode = episode

    def offer(self, contents: Tensor, keys: Tensor, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Return the raw chunks on offer [B, N, C, D] and their keys [B, N, D].

        Args:
            contents: [B, S, C, D] of the ring.
            keys: [B, H, S, E] of the ring.
            inputs: [B, T, D] detached layer inputs of the rollout.
        """
        size, used = self.ring.chunk_size, self.used
        row = torch.arange(len(inputs), device=inputs.device)
        begun = contents[row, self.start // size % self.ring.slots]
        # The steps of the unfinished chunk, moved to the right: they are followed by the rollout.
        shift = (torch.arange(size, device=inputs.device) + self.start[:, None]) % size
        stream = torch.cat([begun.gather(1, shift[..., None].expand_as(begun)), inputs], 1)
        steps = self.closes[..., None] + torch.arange(1, size + 1, device=inputs.device)
        closed = stream[row[:, None, None], steps]
        means = keys[:, :, :used].transpose(1, 2).flatten(2)
        return torch.cat([contents[:, :used], closed], 1), torch.cat([means, closed.mean(2)], 1)

    def write(self, contents: Tensor, keys: Tensor, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Return contents and keys after the rollout; the arguments are not modified."""
        size, slots = self.ring.chunk_size, self.ring.slots
        renewed = self.final_episode[:, 0] > 0
        contents = torch.where(renewed[:, None, None, None], 0, contents)
        keys = torch.where(renewed[:, None, None, None], 0, keys)
        number = self.age // size
        newest = number[:, -1:]
        row, time = ((self.episode == self.final_episode) & (number > newest - slots)).nonzero(as_tuple=True)
        contents[row, number[row, time] % slots, self.age[row, time] % size] = inputs[row, time]
        kept = (self.closed_episode == self.final_episode) & (self.closed_number > newest - slots)
        row, nth = (kept & (self.closed_number >= 0)).nonzero(as_tuple=True)
        slot = self.closed_number[row, nth] % slots
        keys[row, :, slot] = contents[row, slot].mean(1).view(len(row), *keys.shape[1::2])
        return contents, keys
