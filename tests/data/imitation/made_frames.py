"""Frames in memory whose every number says of which episode and step it is."""

import numpy as np

from robomem.data.imitation import Frames

CUE_STEPS, DECIDING = 4, 3
"""Episodes that are long enough begin with a cue and have a decision two thirds in."""


def events(length: int) -> np.ndarray:
    event = np.zeros(length, bool)
    if length > 3 * CUE_STEPS:
        event[:CUE_STEPS] = event[2 * length // 3 : 2 * length // 3 + DECIDING] = True
    return event


def make(lengths, annotated=True, still_until=0.0) -> Frames:
    """Return frames of episodes with these lengths; before the share ``still_until`` of an episode nothing moves."""
    lengths = np.asarray(lengths)
    first = np.cumsum(lengths) - lengths
    time = np.concatenate([np.arange(length) for length in lengths])
    episode = np.repeat(np.arange(len(lengths)), lengths)
    moved = np.maximum(time - np.repeat(still_until * lengths, lengths), 0)
    number = np.arange(len(time))
    pixels = np.zeros((len(time), 6, 5, 3), np.uint8)
    pixels[..., 0], pixels[..., 1] = (number % 250)[:, None, None], (number // 250)[:, None, None]
    return Frames(
        observation={"proprio": np.stack([episode, moved], axis=1).astype(np.float32), "pixels": pixels},
        action=np.stack([1000 * episode + moved, moved], axis=1).astype(np.float32),
        time=time,
        task=episode % 2,
        texts=("touch", "push"),
        first=first,
        length=lengths,
        cue=episode % 3 if annotated else None,
        event=np.concatenate([events(length) for length in lengths]) if annotated else None,
        imitate=np.ones(len(time), bool),
    )


def same(one, other) -> bool:
    """Return whether two batches are equal in every array and text."""
    arrays = []
    for batch in (one, other):
        found = []
        batch.map(found.append)
        arrays.append(found)
    return one.text == other.text and all(np.array_equal(a, b) for a, b in zip(*arrays, strict=True))
