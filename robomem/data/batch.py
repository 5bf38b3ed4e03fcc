"""A batch of demonstrations to imitate.

Letters: G groups or streams, T frames of a group, H actions of a chunk, A numbers of an action.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Batch"]

ArrayT = TypeVar("ArrayT")
OtherT = TypeVar("OtherT")


@dataclass(frozen=True)
class Batch(Generic[ArrayT]):
    """Groups of frames in the order of their time, each from one episode: numpy from loaders, tensors in a policy.

    Attributes:
        observation: by the environment's names, each [G, T, ...]: pictures uint8 [G, T, height, width, 3], numbers
            float32 [G, T, size].
        action: [G, T, H, A] float32: the chunk that begins at the frame, in the units of the action space.
        action_valid: [G, T, H] bool: False beyond the episode's end, where the last action is repeated, and where what
            was recorded is not to be imitated.
        time: [G, T] float32: environment steps since the episode began.
        valid: [G, T] bool: False where a group was padded with its last frame; padding is at the end.
        start: [G] bool: the group begins with an empty memory; False, for streams alone: it goes on with the memory
            that the row has.
        text: [G] what is to be done, in words.
        label: [G, T] int64: which thing is to be remembered, as the annotation says, -1 where nobody said; None unless
            asked for. Privileged: an agent that acts does not have it.
        happening: [G, T] int64: what is going on, counted from 1 in ``DataSpec.happenings``, 0 for nothing; None unless
            asked for. Privileged likewise.
        history: [G, T, E] int64: what had begun to go on before the frame since its episode began, oldest first, then
            zeros; None unless asked for.
    """

    observation: dict[str, ArrayT]
    action: ArrayT
    action_valid: ArrayT
    time: ArrayT
    valid: ArrayT
    start: ArrayT
    text: tuple[str, ...]
    label: ArrayT | None = None
    happening: ArrayT | None = None
    history: ArrayT | None = None

    def map(self, function: Callable[[ArrayT], OtherT]) -> Batch[OtherT]:
        """Return the batch with ``function`` applied to every array, e.g. to make tensors of them."""
        return Batch(
            {name: function(part) for name, part in self.observation.items()},
            function(self.action),
            function(self.action_valid),
            function(self.time),
            function(self.valid),
            function(self.start),
            self.text,
            *(None if part is None else function(part) for part in (self.label, self.happening, self.history)),
        )
