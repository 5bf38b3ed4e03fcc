"""How near the distribution of made motions is to the real one, and how wide it is, in an embedding."""

from __future__ import annotations

import numpy as np

from robomem.errors import DataError
from robomem.types import FloatArray

__all__ = ["diversity", "frechet_distance", "multimodality"]


def frechet_distance(real: FloatArray, made: FloatArray) -> float:
    """Return the Fréchet distance of the Gaussians of two samples (FID): |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)).

    The eigenvalues of S1 S2 are those of S1^(1/2) S2 S1^(1/2), which is symmetric and not negative, so that their
    square roots are real also where the covariances are singular: no complex square root, no noise on the diagonal.

    Args:
        real: [n, d], n >= 2.
        made: [m, d], m >= 2.

    Raises:
        DataError: fewer rows, other columns, or a number that is not finite.

    Source:
        Heusel et al. 2017, "GANs trained by a two time-scale update rule"; for motion: Guo et al. 2022.
    """
    real, made = _embeddings(real, 2), _embeddings(made, 2)
    if real.shape[1] != made.shape[1]:
        raise DataError(f"Embeddings of {real.shape[1]} and of {made.shape[1]} numbers cannot be compared.")
    first, second = np.cov(real.T, ddof=1).reshape(real.shape[1], -1), np.cov(made.T, ddof=1).reshape(real.shape[1], -1)
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(values.clip(min=0))) @ vectors.T
    shared = np.sqrt(np.linalg.eigvalsh(root @ second @ root).clip(min=0)).sum()
    gap = real.mean(0) - made.mean(0)
    return float(max(0.0, gap @ gap + np.trace(first) + np.trace(second) - 2 * shared))


def diversity(embeddings: FloatArray, rng: np.random.Generator, pairs: int = 300) -> float:
    """Return the mean distance of random pairs of motions [n, d], no motion in two pairs; n // 2 pairs if n is small.

    Source:
        Guo et al. 2022, "Generating diverse and natural 3D human motions from text".
    """
    embeddings = _embeddings(embeddings, 2)
    order = rng.permutation(len(embeddings))
    pairs = min(pairs, len(embeddings) // 2)
    gaps = embeddings[order[:pairs]] - embeddings[order[pairs : 2 * pairs]]
    return float(np.linalg.norm(gaps, axis=1).mean())


def multimodality(embeddings: FloatArray, rng: np.random.Generator, pairs: int = 10) -> float:
    """Return the mean distance of random pairs of motions of the same text.

    Args:
        embeddings: [texts, times, d], each text made several times.
        rng: chooses the pairs.
        pairs: of each text, no motion in two of them; times // 2 if there are fewer.

    Raises:
        DataError: a text was made only once.
    """
    embeddings = np.asarray(embeddings, dtype=np.float64)
    if embeddings.ndim != 3 or embeddings.shape[1] < 2 or not np.isfinite(embeddings).all():
        raise DataError(f"Multimodality needs finite [texts, times >= 2, d], not {embeddings.shape}.")
    return float(np.mean([diversity(of_text, rng, pairs) for of_text in embeddings]))


def _embeddings(values: FloatArray, least: int) -> FloatArray:
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 2 or len(values) < least:
        raise DataError(f"This needs embeddings [n >= {least}, d], not {values.shape}.")
    if not np.isfinite(values).all():
        raise DataError("An embedding is not finite.")
    return values
