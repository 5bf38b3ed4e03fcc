"""Which class a vector is of: the nearest of their means, as Fisher's linear discriminant measures nearness."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from robomem.errors import DataError
from robomem.types import FloatArray

__all__ = ["Centroids"]

_SHRINK, _LEAST_STD = 0.2, 0.1


@dataclass(frozen=True, eq=False)
class Centroids:
    """Classes with their means, in coordinates in which a class is round.

    Attributes:
        classes: [C] in order.
        means: [C, k] in those coordinates.
        origin: [n] and
        axes: [n, k], which lead there.
    """

    classes: tuple[Hashable, ...]
    means: FloatArray
    origin: FloatArray
    axes: FloatArray

    @classmethod
    def fit(cls, vectors: FloatArray, classes: Sequence[Hashable]) -> Centroids:
        """Return the centroids of vectors [m, n] with their classes [m].

        The covariance within classes is shrunk towards its diagonal by a fifth (Friedman 1989), and no number counts as
        steadier within a class than a tenth of its deviation over all: motions of a model are not as even as real ones.

        Raises:
            DataError: no vectors, or not as many classes.
        """
        vectors = np.asarray(vectors, dtype=np.float64)
        if vectors.ndim != 2 or not len(vectors) or len(vectors) != len(classes):
            raise DataError(f"Centroids need vectors [m, n] with m classes, not {vectors.shape} with {len(classes)}.")
        order = tuple(sorted(set(classes), key=repr))
        number = {one: at for at, one in enumerate(order)}
        member = np.array([number[one] for one in classes])
        origin, scale = vectors.mean(0), np.maximum(vectors.std(0), 1e-9)
        unit = (vectors - origin) / scale
        means = np.stack([unit[member == at].mean(0) for at in range(len(order))])
        within = (unit - means[member]).T @ (unit - means[member]) / len(unit)
        spread = np.maximum(np.diag(within), _LEAST_STD**2)
        shrunk = (1 - _SHRINK) * within
        np.fill_diagonal(shrunk, spread)
        values, vectors_of = np.linalg.eigh(shrunk)
        axes = vectors_of / np.sqrt(np.maximum(values, 1e-3 * _LEAST_STD**2)) / scale[:, None]
        return cls(order, (means * scale) @ axes, origin, axes)

    def __call__(self, vectors: FloatArray) -> list[Hashable]:
        """Return the class of each of some vectors [m, n]."""
        return [self.classes[at] for at in self._gaps(vectors).argmin(1)] if len(vectors) else []

    def _gaps(self, vectors: FloatArray) -> FloatArray:
        points = (np.asarray(vectors, dtype=np.float64) - self.origin) @ self.axes
        squared: FloatArray = ((points[:, None] - self.means) ** 2).sum(-1)
        return squared
