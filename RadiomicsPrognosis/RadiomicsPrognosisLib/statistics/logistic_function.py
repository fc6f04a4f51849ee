"""The probability that a logistic model predicts from its linear predictors."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Floats


def logistic_probability(linear_predictor: ArrayLike) -> Floats:
    """Return p = 1 / (1 + exp(-lp)), 0 - 1, as an array (n,) of log-odds (n,), NaN for NaN.

    Neither end overflows or loses digits, and a row gets the same bits alone and among others. Without scipy, which
    takes the panel a while to import.
    """
    # Contiguous doubles: numpy computes others by another routine, whose last bit may differ.
    log_odds = np.ascontiguousarray(linear_predictor, dtype=np.float64)
    odds = np.exp(-np.abs(log_odds))
    probability: Floats = np.where(log_odds >= 0, 1.0, odds) / (1.0 + odds)
    return probability
