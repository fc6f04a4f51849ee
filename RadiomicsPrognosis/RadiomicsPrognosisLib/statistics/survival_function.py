"""The survival that a Cox model predicts from its baseline cumulative hazard and linear predictors."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Floats

#: exp of this is still a double, and exp(-exp(700)) is 0.
_LARGEST_EXPONENT = 700.0


def survival_probability(cumulative_hazard: ArrayLike, linear_predictor: ArrayLike) -> Floats:
    """Return S = exp(-H0 exp(lp)), 0 - 1, as an array (n, m), of ``linear_predictor`` (n,) at ``cumulative_hazard``
    (m,), H0 >= 0 at the times asked for.

    H0 belongs to linear predictor 0. A single number counts as one row or one time; NaN gives NaN. H0 = 0 gives S = 1
    and no finite predictor overflows. A row gets the same bits alone and among others. Cox, J R Stat Soc B 1972;34:187;
    R's survfit.coxph.
    """
    # Contiguous doubles: numpy computes others by another routine, whose last bit may differ.
    hazard = np.ascontiguousarray(cumulative_hazard, dtype=np.float64)
    predictor = np.ascontiguousarray(linear_predictor, dtype=np.float64)
    with np.errstate(divide="ignore"):  # the logarithm of 0 is -inf, whose exp is 0 again
        exponent = np.log(hazard) + predictor[:, None]
    return survival_of(exponent)


def survival_of(log_hazard: Floats) -> Floats:
    """Return S = exp(-H), 0 - 1, of the logarithm of the cumulative hazard H, of any shape; no value overflows."""
    survival: Floats = np.exp(-np.exp(np.minimum(log_hazard, _LARGEST_EXPONENT)))
    return survival
