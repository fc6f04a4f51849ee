"""Drop features that repeat another one, by Spearman's rank correlation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import rankdata

from ..errors import CohortError, InputError
from ..result import Result
from .inputs import finite_column, table


@dataclass(frozen=True)
class Redundancy(Result):
    """Features ``kept`` in the table's order; ``dropped`` holds (feature, the kept one it repeats, their correlation).

    ``constant`` features have no correlation and are dropped too.
    """

    threshold: float
    kept: tuple[str, ...]
    dropped: tuple[tuple[str, str, float], ...]
    constant: tuple[str, ...]


def spearman_matrix(x: np.ndarray) -> np.ndarray:
    """Return Spearman's correlations (p, p) of the columns of ``x`` (n, p), none of them constant; ties: mean ranks."""
    ranks = rankdata(x, axis=0)
    ranks -= ranks.mean(axis=0)
    ranks /= np.sqrt((ranks * ranks).sum(axis=0))
    return np.clip(ranks.T @ ranks, -1.0, 1.0)


def drop_redundant(x: Any, threshold: float = 0.9, names: Sequence[str] | None = None,
                   priority: Any = None) -> Redundancy:
    """Return the columns of ``x`` (n, p) left when none correlates at |rho| >= ``threshold`` with a preferred one.

    The rule: take the features by falling preference, that is by rising ``priority`` (p,), such as univariate p values,
    and where it is equal or absent in the table's order; keep a feature unless it correlates at the threshold with one
    already kept, and then name the kept one it correlates with most. Raises CohortError when all are constant.
    """
    if not 0.0 < threshold <= 1.0:
        raise InputError(f"The correlation threshold is {threshold:g}; it must lie above 0 and up to 1.")
    x, names = table(x, names=names)
    priority = np.zeros(len(names)) if priority is None else finite_column(priority, "priority", len(names))
    constant = x.max(axis=0) == x.min(axis=0)
    if constant.all():
        raise CohortError(f"All {len(names)} features are constant in these {len(x)} rows.")
    varying = np.flatnonzero(~constant)
    # Ranks repeated up to rounding must count as a correlation of 1.
    strength = np.round(np.abs(rho := spearman_matrix(x[:, varying])), 12)
    kept: list[int] = []
    dropped: list[tuple[str, str, float]] = []
    for i in np.argsort(priority[varying], kind="stable"):
        nearest = kept[int(strength[i, kept].argmax())] if kept else None
        if nearest is not None and strength[i, nearest] >= threshold:
            dropped.append((names[varying[i]], names[varying[nearest]], float(rho[i, nearest])))
        else:
            kept.append(int(i))
    return Redundancy(threshold, tuple(names[varying[i]] for i in sorted(kept)), tuple(dropped),
                      tuple(names[j] for j in np.flatnonzero(constant)))
