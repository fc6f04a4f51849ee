"""How much better than on new patients a model looks in its training cohort, by the bootstrap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.special import expit

from ...progress import Progress
from ...statistics.bootstrap import bootstrap_optimism
from ...statistics.calibration import smooth_probability, smooth_survival
from ...statistics.concordance import concordance
from ...statistics.cox import CoxModel
from ...statistics.logistic import LogisticModel
from ...statistics.roc import auc
from ..recipe.recipe import ValidationSpec
from ..results.outcome import BootstrapOptimism
from ..rows.data import EndpointData
from ..rows.terms import Term, matrix
from .fitting import fit_terms

#: Points of a calibration curve, between these quantiles of the apparent prediction.
_POINTS, _EDGES = 20, (0.05, 0.95)


def model_optimism(terms: Sequence[Term], endpoint: EndpointData, training: np.ndarray, horizons: Sequence[float],
                   spec: ValidationSpec, seed: int, progress: Progress | None = None) -> BootstrapOptimism:
    """Return the optimism of the C-index or AUC and of the smooth calibration of the regression on ``terms``.

    Every repetition refits the regression on resampled rows of the mask ``training``; signatures, terms and cut-off are
    kept (nested resampling shows what their selection adds). Raises as bootstrap_optimism does.
    """
    seen = endpoint.rows(training)
    parts = [replace(term, values=term.values[training]) for term in terms]
    x, _ = matrix(parts)
    apparent = _predictions(fit_terms(seen, parts, np.arange(len(x))), x, horizons)
    grids = [np.linspace(*np.quantile(column, _EDGES), _POINTS) for column in apparent.T]

    def develop(rows: np.ndarray) -> CoxModel | LogisticModel:
        return fit_terms(seen, parts, rows)

    def measure(model: CoxModel | LogisticModel, rows: np.ndarray) -> np.ndarray:
        part, predicted = seen.rows(rows), _predictions(model, x[rows], horizons)
        lp = model.linear_predictor(x[rows])
        figure = auc(part.outcome, lp).auc if part.outcome is not None else concordance(part.time, part.event, lp).c
        curves = [_curve(part, predicted[:, j], at, spec.knots, grid)
                  for j, (at, grid) in enumerate(zip(horizons or (None,), grids, strict=True))]
        return np.concatenate([[figure], *curves])

    result = bootstrap_optimism(develop, measure, len(x), spec.bootstrap, seed, progress)
    name = "AUC" if seen.outcome is not None else "C-index"
    labels, smooth = [name], []
    for j, (at, grid) in enumerate(zip(horizons or (None,), grids, strict=True)):
        part = slice(1 + j * _POINTS, 1 + (j + 1) * _POINTS)
        where = "" if at is None else f" at {at:g} months"
        labels += [f"observed minus predicted{where}, predicted {value:.3f}" for value in grid]
        smooth.append((at, grid, grid + result.apparent[part], grid + result.corrected[part]))
    text = "Every repetition refits the regression to resampled rows; signatures, terms and cut-off are kept."
    return BootstrapOptimism(tuple(labels), result, tuple(smooth), text)


def _predictions(model: CoxModel | LogisticModel, x: np.ndarray, horizons: Sequence[float]) -> np.ndarray:
    """Return predicted survival (n, horizons), or the probability (n, 1)."""
    if isinstance(model, CoxModel):
        return model.survival(x, horizons)
    return expit(model.linear_predictor(x))[:, None]


def _curve(part: EndpointData, predicted: np.ndarray, at: float | None, knots: int, grid: np.ndarray) -> np.ndarray:
    """Return observed minus predicted at the grid, the curve's ends carried on."""
    if at is None:
        smooth = smooth_probability(part.outcome, predicted, knots)
    else:
        smooth = smooth_survival(part.time, part.event, predicted, at, knots)
    return np.interp(grid, smooth.predicted, smooth.observed) - grid
