"""Fold ids for cross-validation: drawn from a seed so that every stratum is spread evenly, or checked as given."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...errors import InputError
from ..arrays import Integers, Mask


def stratified_folds(strata: ArrayLike, k: int, seed: int) -> Integers:
    """Return fold ids 1 ... ``k`` (n,) for rows with the stratum labels ``strata`` (n,), e.g. the event or class.

    Fold sizes differ by at most one, and so do the numbers of each stratum's rows in the folds. The same arguments give
    the same folds. To keep several rows of a patient together, draw folds for the patients and hand them on to rows.
    Raises InputError when ``k`` is not between 2 and n.
    """
    labels = np.asarray(strata)
    if labels.ndim != 1 or not isinstance(k, (int, np.integer)) or not 2 <= k <= len(labels):
        raise InputError(f"cannot make k = {k!r} folds of strata with shape {labels.shape}: "
                         "k must be a whole number from 2 to the number of rows")
    generator = np.random.default_rng(seed)
    shuffled = generator.permutation(len(labels))
    _, codes = np.unique(labels, return_inverse=True)
    # Dealing the rows out like cards, stratum after stratum, keeps both the strata and the totals even.
    dealt = shuffled[np.argsort(codes[shuffled], kind="stable")]
    folds: Integers = np.empty(len(labels), dtype=int)
    folds[dealt] = np.arange(len(labels)) % k + 1
    return folds


def fold_masks(fold_ids: ArrayLike, n: int) -> list[Mask]:
    """Return the mask (n,) of each fold's rows, in the order of the ``fold_ids`` (n,).

    Raises InputError for fewer than 3 folds or another number of rows.
    """
    ids = np.asarray(fold_ids)
    if ids.shape != (n,):
        raise InputError(f"fold_ids must be one id per row of x ({n}); its shape is {ids.shape}")
    folds = np.unique(ids)
    if len(folds) < 3:
        raise InputError(f"fold_ids name {len(folds)} folds; cross-validation needs at least 3 (10 are usual)")
    return [ids == fold for fold in folds]
