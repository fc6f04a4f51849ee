"""What a fold's rows say about a path: deviance, concordance, AUC or misclassification, one value per lambda."""

from __future__ import annotations

import numpy as np
from scipy.special import expit
from scipy.stats import rankdata

from ...errors import CohortError

# glmnet clips predicted probabilities to this before it takes logarithms.
_LEAST_PROBABILITY = 1e-5


def row_deviances(y: np.ndarray, predictors: np.ndarray) -> np.ndarray:
    """Return -2 log-likelihood (n, m) of each row of 0/1 outcomes ``y`` (n,) at linear predictors (n, m)."""
    probability = np.clip(expit(predictors), _LEAST_PROBABILITY, 1.0 - _LEAST_PROBABILITY)
    return -2.0 * np.log(np.where(y[:, None] == 1, probability, 1.0 - probability))


def row_errors(y: np.ndarray, predictors: np.ndarray) -> np.ndarray:
    """Return 1 where a row is misclassified (class 1 when its probability exceeds 0.5), else 0; (n, m)."""
    return ((predictors > 0.0) != (y[:, None] == 1)).astype(float)


def areas(y: np.ndarray, predictors: np.ndarray) -> np.ndarray:
    """Return the area under the ROC curve (m,), ties counting half (Mann-Whitney). Raises CohortError for one class."""
    positive = y == 1
    cases, controls = int(positive.sum()), int((~positive).sum())
    if not cases or not controls:
        raise CohortError("its rows are all of one class, so it has no AUC; use stratified folds, fewer folds or "
                          "the deviance")
    ranks = rankdata(predictors, axis=0)[positive].sum(axis=0)
    return (ranks - cases * (cases + 1) / 2.0) / (cases * controls)


def concordances(time: np.ndarray, event: np.ndarray, predictors: np.ndarray) -> np.ndarray:
    """Return Harrell's C (m,) of risks (n, m): pairs of an event and a row known to last longer, tied risks half.

    A row censored at the time of an event lasts longer; two events at one time are not compared (Harrell et al., Stat
    Med 1996;15:361). Raises CohortError when no pair can be compared.
    """
    longer = (time > time[:, None]) | ((time == time[:, None]) & (event == 0))
    first, second = np.nonzero(longer & (event == 1)[:, None])
    if not len(first):
        raise CohortError("no two of its rows can be compared, so it has no C-index; use fewer folds or the deviance")
    return np.array([((risk[first] > risk[second]) + 0.5 * (risk[first] == risk[second])).mean()
                     for risk in predictors.T])
