"""The falling penalties of a LASSO path: glmnet's own sequence, or those given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...errors import InputError
from ..arrays import Floats


@dataclass(frozen=True, eq=False)
class Penalties:
    """``n_lambdas`` (2 or more) penalties down to the share ``lambda_min_ratio`` (0 - 1; None: glmnet's) of the first;
    or, given, the ``lambdas`` (L,), positive and falling."""

    n_lambdas: int = 100
    lambda_min_ratio: float | None = None
    lambdas: ArrayLike | None = None

    def sequence(self, largest: float, shape: tuple[int, ...]) -> Floats:
        """Return the penalties (L,), falling, for a table of ``shape`` (n, p).

        Glmnet's own are even on the log scale from ``largest``, the smallest penalty that selects nothing, to 1e-4 of
        it when n >= p, else 1e-2 (Friedman, Hastie & Tibshirani, J Stat Softw 2010;33(1)). Raises InputError for
        options out of range.
        """
        if self.lambdas is not None:
            return _checked(self.lambdas)
        count, ratio = self.n_lambdas, self.lambda_min_ratio
        if ratio is None:
            ratio = 1e-4 if shape[0] >= shape[1] else 1e-2
        if not isinstance(count, int) or count < 2:
            raise InputError(f"n_lambdas = {count!r} must be a whole number of at least 2")
        if not 0.0 < ratio < 1.0:
            raise InputError(f"lambda_min_ratio = {ratio!r} must lie between 0 and 1")
        sequence: Floats = largest * ratio ** (np.arange(count) / (count - 1))
        return sequence


def _checked(lambdas: ArrayLike) -> Floats:
    sequence = np.asarray(lambdas, dtype=float)
    if sequence.ndim != 1 or not len(sequence) or not (np.isfinite(sequence) & (sequence > 0)).all():
        raise InputError("lambdas must be a list of positive numbers; for a fit without penalty use fit_cox or "
                         "fit_logistic")
    if (np.diff(sequence) >= 0).any():
        raise InputError("lambdas must fall from one to the next")
    return sequence
