"""How well motions fit their texts, in an embedding of both."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from robomem.errors import DataError
from robomem.types import FloatArray

__all__ = ["mm_distance", "r_precision"]


def mm_distance(texts: FloatArray, motions: FloatArray) -> float:
    """Return the mean distance between each text and its motion, both [n, d] (MM-Dist)."""
    texts, motions = _pair(texts, motions)
    return float(np.linalg.norm(texts - motions, axis=1).mean())


def r_precision(
    texts: FloatArray,
    motions: FloatArray,
    meanings: Sequence[Hashable],
    rng: np.random.Generator,
    *,
    batch: int = 32,
    top: int = 3,
) -> FloatArray:
    """Return how often one of the k motions nearest to a text is one of that text, among ``batch`` motions.

    A motion of another row with the same meaning is a hit as well: nothing tells the two apart. Where distances are
    equal the wrong motion counts as the nearer one, so that embeddings that fell into one point earn nothing.

    Args:
        texts: [n, d].
        motions: [n, d], row by row those of the texts.
        meanings: [n] what each text means, e.g. the text itself, or the labels that it was made from.
        rng: mixes the rows into batches; those left over are not used.
        batch: motions to choose from.
        top: the largest k.

    Returns:
        [top] shares for k = 1 to top.

    Raises:
        DataError: fewer rows than a batch.

    Source:
        Guo et al. 2022, batches of 32, Euclidean distances; hits for duplicates are ours.
    """
    texts, motions = _pair(texts, motions)
    if len(meanings) != len(texts):
        raise DataError(f"{len(texts)} texts need as many meanings, not {len(meanings)}.")
    if len(texts) < batch:
        raise DataError(f"R-precision needs at least {batch} clips, not {len(texts)}.")
    numbers: dict[Hashable, int] = {}
    meaning = np.array([numbers.setdefault(one, len(numbers)) for one in meanings])
    ranks = []
    order = rng.permutation(len(texts))
    for start in range(0, len(texts) - batch + 1, batch):
        rows = order[start : start + batch]
        gaps = np.linalg.norm(texts[rows, None] - motions[None, rows], axis=-1)
        same = meaning[rows, None] == meaning[None, rows]
        nearest = np.where(same, gaps, np.inf).min(1, keepdims=True)
        ranks.append((~same & (gaps <= nearest)).sum(1))
    rank = np.concatenate(ranks)
    return np.array([(rank < k).mean() for k in range(1, top + 1)])


def _pair(texts: FloatArray, motions: FloatArray) -> tuple[FloatArray, FloatArray]:
    texts, motions = np.asarray(texts, dtype=np.float64), np.asarray(motions, dtype=np.float64)
    if texts.ndim != 2 or texts.shape != motions.shape or not len(texts):
        raise DataError(f"Texts {texts.shape} and motions {motions.shape} must be rows of one [n, d].")
    if not (np.isfinite(texts).all() and np.isfinite(motions).all()):
        raise DataError("An embedding is not finite.")
    return texts, motions
