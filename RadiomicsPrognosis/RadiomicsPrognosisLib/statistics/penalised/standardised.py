"""The columns of a penalised regression on one scale, without those that can never enter the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import CohortError
from ..arrays import Floats, Integers
from ..inputs import listed

# Two standardised columns are twins when their correlation is 1 or -1 to this; rounding of raw values stays below it.
_TWIN = 1e-12


@dataclass(frozen=True, eq=False, kw_only=True)
class Standardised:
    """Columns with mean 0 and 1/n standard deviation 1, as rows of ``rows`` (q, n), those set aside left out.

    ``used`` (q,) numbers the columns kept; ``means`` and ``sds`` (q,) are theirs. ``constant`` columns and ``twins``
    (column, the earlier column it repeats up to shift and scale) can never enter: of twins the first takes all.
    """

    rows: Floats
    used: Integers
    means: Floats
    sds: Floats
    constant: tuple[int, ...]
    twins: tuple[tuple[int, int], ...]


def standardise(x: Floats, order: Integers, names: Sequence[str]) -> Standardised:
    """Standardise the columns of ``x`` (n, p), ``names`` (p,), with 1/n standard deviations, rows in ``order`` (n,).

    As glmnet(standardize = TRUE) does. Raises CohortError when every column is constant, or one is too large to be
    squared.
    """
    constant = x.max(axis=0) == x.min(axis=0)
    used = np.flatnonzero(~constant)
    if not len(used):
        raise CohortError(f"all {x.shape[1]} columns are constant in these {len(x)} rows; nothing can be selected")
    rows = np.ascontiguousarray(x[order][:, used].T)
    means = rows.mean(axis=1)
    rows -= means[:, None]
    with np.errstate(over="ignore"):
        sds = np.sqrt((rows * rows).mean(axis=1))
    unusable = ~np.isfinite(sds) | (sds <= np.finfo(float).tiny)
    if unusable.any():
        raise CohortError(f"{listed([names[j] for j in used[unusable].tolist()], 'column')}: the spread is too large "
                          "or too small for double precision; rescale")
    rows /= sds[:, None]
    twins = _twins(rows)
    keep = np.ones(len(used), dtype=bool)
    keep[list(twins)] = False
    return Standardised(
        rows=rows if keep.all() else rows[keep], used=used[keep], means=means[keep], sds=sds[keep],
        constant=tuple(np.flatnonzero(constant).tolist()),
        twins=tuple((int(used[j]), int(used[first])) for j, first in sorted(twins.items())))


def _twins(rows: Floats) -> dict[int, int]:
    """Return the rows that equal an earlier one or its negative, each with the first such row.

    Coordinate descent gives all to the first of them; here both would enter at once and share. Candidates are found
    by sorting one projection of every row, so that not all pairs are compared.
    """
    n = rows.shape[1]
    projection = np.abs(rows @ np.cos(np.arange(n)))
    order = np.argsort(projection, kind="stable")
    # Unit-variance rows whose correlation is 1 - t lie sqrt(2 n t) apart; the probe's length is about sqrt(n / 2).
    far = np.diff(projection[order]) > n * np.sqrt(_TWIN)
    starts = np.concatenate([[0], np.flatnonzero(far) + 1, [len(order)]])
    twins: dict[int, int] = {}
    for i in np.flatnonzero(np.diff(starts) > 1):
        run = np.sort(order[starts[i]:starts[i + 1]])
        same = np.abs(rows[run] @ rows[run].T) >= n * (1.0 - _TWIN)
        first = same.argmax(axis=1)
        twins.update({int(run[k]): int(run[first[k]]) for k in np.flatnonzero(first < np.arange(len(run)))})
    return twins
