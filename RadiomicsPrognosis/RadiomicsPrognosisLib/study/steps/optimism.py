"""How much better than on new patients a model looks in its training cohort, by the bootstrap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...progress import Progress
from ...statistics.bootstrap import bootstrap_optimism
from ..endpoints import Observations
from ..endpoints.interface import Regression
from ..recipe.recipe import ValidationSpec
from ..results.models import BootstrapOptimism
from ..rows.terms import ModelTerm, matrix

#: Points of a calibration curve, between these quantiles of the apparent prediction.
_POINTS, _EDGES = 20, (0.05, 0.95)


def model_optimism(terms: Sequence[ModelTerm], observed: Observations, training: np.ndarray, horizons: Sequence[float],
                   spec: ValidationSpec, seed: int, progress: Progress | None = None) -> BootstrapOptimism:
    """Return the optimism of the C-index or AUC and of the smooth calibration of the regression on ``terms``.

    ``observed`` are the rows of the mask ``training``. Every repetition refits the regression on resampled rows;
    signatures, terms and cut-off are kept (nested resampling shows what their selection adds). Raises as
    bootstrap_optimism does.
    """
    x, names = matrix([replace(term, values=term.values[training]) for term in terms])
    whole = np.arange(len(x))
    # A binary model is calibrated once, at no time.
    times: Sequence[float | None] = horizons or (None,)

    def develop(rows: np.ndarray) -> Regression:
        return observed.rows(rows).refit(x[rows], names)

    grids = [_grid(column) for column in develop(whole).predict(x, horizons).T]

    def measure(model: Regression, rows: np.ndarray) -> np.ndarray:
        resample, predicted = observed.rows(rows), model.predict(x[rows], horizons)
        curves = [_curve(resample, predicted[:, j], at, spec.knots, grid)
                  for j, (at, grid) in enumerate(zip(times, grids, strict=True))]
        return np.concatenate([[resample.discriminate(model.linear_predictor(x[rows]))], *curves])

    clusters = observed.clusters
    result = bootstrap_optimism(develop, measure, len(x), spec.bootstrap, seed, progress, clusters)
    labels, smooth = [observed.discrimination_name], []
    for j, (at, grid) in enumerate(zip(times, grids, strict=True)):
        points = slice(1 + j * _POINTS, 1 + (j + 1) * _POINTS)
        where = "" if at is None else f" at {at:g} months"
        labels += [f"observed minus predicted{where}, predicted {value:.3f}" for value in grid]
        smooth.append((at, grid, grid + result.apparent[points], grid + result.corrected[points]))
    text = "Every repetition refits the regression to resampled rows; signatures, terms and cut-off are kept."
    if clusters is not None:
        text += " Whole patients are drawn, with all their VOIs."
    return BootstrapOptimism(tuple(labels), result, tuple(smooth), text)


def _grid(predicted: np.ndarray) -> np.ndarray:
    """Return the points of the calibration curve of predictions (n,)."""
    low, high = np.quantile(predicted, _EDGES)
    return np.linspace(low, high, _POINTS)


def _curve(observed: Observations, predicted: np.ndarray, at: float | None, knots: int, grid: np.ndarray) -> np.ndarray:
    """Return observed minus predicted at the grid, the curve's ends carried on."""
    smooth = observed.smooth_calibration(predicted, at, knots)
    difference: np.ndarray = np.interp(grid, smooth.predicted, smooth.observed) - grid
    return difference
