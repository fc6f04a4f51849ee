"""What a fold's rows say about a path: deviance, concordance, AUC or misclassification, one value per lambda."""

from __future__ import annotations

import numpy as np
from scipy.special import expit
from scipy.stats import rankdata

from ...errors import CohortError
from ..arrays import Floats

# glmnet clips predicted probabilities to this before it takes logarithms.
_LEAST_PROBABILITY = 1e-5


def row_deviances(y: Floats, predictors: Floats) -> Floats:
    """Return -2 log-likelihood (n, m) of each row of 0/1 outcomes ``y`` (n,) at linear predictors (n, m).

    As cv.glmnet(type.measure = "deviance"), which clips probabilities.
    """
    probability = np.clip(expit(predictors), _LEAST_PROBABILITY, 1.0 - _LEAST_PROBABILITY)
    deviances: Floats = -2.0 * np.log(np.where(y[:, None] == 1, probability, 1.0 - probability))
    return deviances


def row_errors(y: Floats, predictors: Floats) -> Floats:
    """Return 1 where a row is misclassified, else 0, (n, m), of 0/1 outcomes ``y`` (n,) at linear predictors (n, m).

    Class 1 is predicted when its probability exceeds 0.5, as cv.glmnet(type.measure = "class").
    """
    errors: Floats = ((predictors > 0.0) != (y[:, None] == 1)).astype(float)
    return errors


def areas(y: Floats, predictors: Floats) -> Floats:
    """Return the area under the ROC curve (m,), 0 - 1, of 0/1 outcomes ``y`` (n,) at linear predictors (n, m).

    Ties count half (Mann & Whitney 1947), as cv.glmnet(type.measure = "auc"). Raises CohortError for one class.
    """
    positive = y == 1
    cases, controls = int(positive.sum()), int((~positive).sum())
    if not cases or not controls:
        raise CohortError("its rows are all of one class, so it has no AUC; use stratified folds, fewer folds or "
                          "the deviance")
    ranks = rankdata(predictors, axis=0)[positive].sum(axis=0)
    area: Floats = (ranks - cases * (cases + 1) / 2.0) / (cases * controls)
    return area


def concordances(time: Floats, event: Floats, predictors: Floats) -> Floats:
    """Return Harrell's C (m,), 0 - 1, of the risks ``predictors`` (n, m) for ``time`` and ``event`` (n,): pairs of an
    event and a row known to last longer, tied risks half.

    A row censored at the time of an event lasts longer; two events at one time are not compared (Harrell et al., Stat
    Med 1996;15:361), as cv.glmnet(type.measure = "C"). Raises CohortError when no pair can be compared.
    """
    longer = (time > time[:, None]) | ((time == time[:, None]) & (event == 0))
    first, second = np.nonzero(longer & (event == 1)[:, None])
    if not len(first):
        raise CohortError("no two of its rows can be compared, so it has no C-index; use fewer folds or the deviance")
    return np.array([((risk[first] > risk[second]) + 0.5 * (risk[first] == risk[second])).mean()
                     for risk in predictors.T])
