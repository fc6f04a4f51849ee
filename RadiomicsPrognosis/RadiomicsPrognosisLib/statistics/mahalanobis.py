"""How far rows lie from a cohort in all their values together: Mahalanobis distances with shrunk correlations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Floats, Integers

#: A cohort's own distances are taken from the others, in so many folds.
FOLDS = 10


@dataclass(frozen=True, eq=False)
class JointMoments:
    """Means (p,), SDs (p,, n - 1) and correlations (p, p) of a cohort, these shrunk to the identity by ``shrinkage``.
    """

    means: Floats
    sds: Floats
    correlation: Floats
    shrinkage: float

    def distances(self, values: ArrayLike) -> Floats:
        """Return the Mahalanobis distances (m,) of rows (m, p); NaN of a row that misses a value."""
        z = (np.asarray(values, float) - self.means) / self.sds
        distances = np.full(len(z), np.nan)
        whole = np.isfinite(z).all(axis=1)
        # With the Cholesky factor L of the correlations, |L^-1 z| is the square root of z' R^-1 z.
        distances[whole] = np.linalg.norm(np.linalg.solve(np.linalg.cholesky(self.correlation), z[whole].T), axis=0)
        return distances


def joint_moments(values: ArrayLike) -> JointMoments:
    """Return the moments of rows (n, p), n >= 3, without missing values and with no constant column.

    Correlations are shrunk to the identity by the share that minimises the expected squared error: sum of their
    variances over sum of their squares (Schaefer J, Strimmer K. Stat Appl Genet Mol Biol 2005;4:32, target D of the
    correlations), so that they can be inverted with more columns than rows.
    """
    values = np.asarray(values, float)
    rows, columns = values.shape
    means, sds = values.mean(axis=0), values.std(axis=0, ddof=1)
    z = (values - means) / sds
    products = z.T @ z
    correlation = products / (rows - 1)
    # Var(r_ij) = n / (n - 1)^3 sum_k (w_kij - mean w_ij)^2 with w_kij = z_ki z_kj.
    variances = rows / (rows - 1) ** 3 * ((z**2).T @ z**2 - products**2 / rows)
    others = ~np.eye(columns, dtype=bool)
    squares = float((correlation[others] ** 2).sum())
    shrinkage = min(1.0, max(0.0, float(variances[others].sum()) / squares)) if squares > 0 else 1.0
    shrunk = np.where(others, (1.0 - shrinkage) * correlation, 1.0)
    return JointMoments(means=means, sds=sds, correlation=shrunk, shrinkage=shrinkage)


def held_out_distances(values: ArrayLike, clusters: Integers | None = None) -> Floats:
    """Return the distances (n,) of rows (n, p), each from the moments of the other nine tenths of the rows.

    Distances from moments that a row helped to make are too short, the more columns there are, and no place for a new
    row. Fold k holds rows k, k + 10 ..., or those of the ``clusters`` (n,; numbers from 0) k, k + 10 ... A column
    constant in the other rows is left out there.
    """
    values = np.asarray(values, float)
    fold = (np.arange(len(values)) if clusters is None else clusters) % FOLDS
    distances = np.full(len(values), np.nan)
    for number in np.unique(fold).tolist():
        others, held = values[fold != number], fold == number
        varying = others.std(axis=0) > 0
        if varying.any():
            distances[held] = joint_moments(others[:, varying]).distances(values[held][:, varying])
    return distances
