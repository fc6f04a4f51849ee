"""Drop features that repeat another one, by Spearman's rank correlation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from ..errors import CohortError, InputError
from ..result import Result
from .arrays import Floats
from .inputs import finite_column, table


@dataclass(frozen=True)
class Redundancy(Result):
    """Features ``kept`` in the table's order; ``dropped`` holds (feature, the kept one it repeats, their correlation).

    Correlations are in -1 - 1, ``threshold`` in 0 - 1. ``constant`` features have no correlation and are dropped too.
    """

    threshold: float
    kept: tuple[str, ...]
    dropped: tuple[tuple[str, str, float], ...]
    constant: tuple[str, ...]


def spearman_matrix(x: Floats) -> Floats:
    """Return Spearman's correlations (p, p), -1 - 1, of the columns of ``x`` (n, p), none of them constant.

    Ties get their mean rank; equal to R's cor(method = "spearman").
    """
    ranks: Floats = rankdata(x, axis=0)
    ranks -= ranks.mean(axis=0)
    ranks /= np.sqrt((ranks * ranks).sum(axis=0))
    correlations: Floats = np.clip(ranks.T @ ranks, -1.0, 1.0)
    return correlations


def drop_redundant(x: ArrayLike, threshold: float = 0.9, names: Sequence[str] | None = None,
                   priority: ArrayLike | None = None) -> Redundancy:
    """Return the columns of ``x`` (n, p) left when none correlates at Spearman's |rho| >= ``threshold`` (0 - 1) with a
    preferred one.

    The rule: take the features by falling preference, that is by rising ``priority`` (p,), such as univariate p values,
    and where it is equal or absent in the table's order; keep a feature unless it correlates at the threshold with one
    already kept, and then name the kept one it correlates with most. Raises CohortError when all are constant or values
    are missing, InputError for another threshold or shape.
    """
    if not 0.0 < threshold <= 1.0:
        raise InputError(f"The correlation threshold is {threshold:g}; it must lie above 0 and up to 1.")
    x, features = table(x, names=names)
    order = np.zeros(len(features)) if priority is None else finite_column(priority, "priority", len(features))
    constant = x.max(axis=0) == x.min(axis=0)
    if constant.all():
        raise CohortError(f"All {len(features)} features are constant in these {len(x)} rows.")
    columns = np.flatnonzero(~constant)
    varying = [features[j] for j in columns.tolist()]
    # Ranks repeated up to rounding must count as a correlation of 1.
    strength = np.round(np.abs(rho := spearman_matrix(x[:, columns])), 12)
    kept: list[int] = []
    dropped: list[tuple[str, str, float]] = []
    for i in np.argsort(order[columns], kind="stable").tolist():
        nearest = kept[int(strength[i, kept].argmax())] if kept else None
        if nearest is not None and strength[i, nearest] >= threshold:
            dropped.append((varying[i], varying[nearest], float(rho[i, nearest])))
        else:
            kept.append(i)
    return Redundancy(threshold, tuple(varying[i] for i in sorted(kept)), tuple(dropped),
                      tuple(features[j] for j in np.flatnonzero(constant).tolist()))
