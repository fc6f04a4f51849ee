"""Intervals of predicted survival and probabilities, how they were made, and why there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..models.model import Model
from ..models.predict import RowPredictions
from ..models.scaling import Scaling
from ..models.uncertainty import CoefficientUncertainty
from ..statistics.arrays import Floats
from ..statistics.draws import DRAWS, SEED
from .evidence import AveragedCovariate, Uncertainty
from .outcome_draws import OutcomeDraws, outcome_draws
from .record import SurvivalPrediction

#: Times of a curve at which its band is drawn from; between them its hazard is a share of the curve's.
_KNOTS = 40

#: What no interval holds.
_CONTOUR = "the contour and the image: how another reader would draw, another scanner acquire"

_NOT_STATED = "The model's file does not say how uncertain its coefficients are."


@dataclass(frozen=True, kw_only=True)
class CaseIntervals:
    """The intervals of a case: of its ``probability``, of its ``survival`` (the prediction with them), and how they
    were made; None where a model predicts neither or the outcome is withheld."""

    uncertainty: Uncertainty | None = None
    probability: tuple[float, float] | None = None
    survival: SurvivalPrediction | None = None


def case_intervals(model: Model, scaling: Scaling | None, row: RowPredictions | None,
                   survival: SurvivalPrediction | None, averaged: Sequence[AveragedCovariate]) -> CaseIntervals:
    """Return the intervals of the one row of ``row``; None is a case without score."""
    if row is None or model.predictor is None or not row.has_outcome[0]:
        return CaseIntervals(survival=survival)
    draws, uncertainty = outcome_draws(model, scaling), uncertainty_of(model, scaling, averaged)
    if draws is None:
        return CaseIntervals(survival=survival, uncertainty=uncertainty)
    if survival is None:
        return CaseIntervals(uncertainty=uncertainty, probability=draws.intervals(row, 0, ())[0])
    return CaseIntervals(uncertainty=uncertainty, survival=replace(
        survival, horizon_intervals=tuple(draws.intervals(row, 0, survival.horizons_months)),
        curve_intervals=_band(draws, row, survival)))


def row_intervals(rows: RowPredictions, scaling: Scaling | None, months: Sequence[float]) -> Floats | None:
    """Return (n, m, 2): lower and upper of the survival at ``months`` (m,), or of the probability (m = 1), of n rows.

    NaN where a row has no outcome; None of a model that gives nothing to draw from. A row gets the bits that
    :func:`case_intervals` gives it alone.
    """
    draws = outcome_draws(rows.model, scaling)
    if draws is None:
        return None
    bounds = np.full((len(rows.score), len(months) if rows.model.survival else 1, 2), np.nan)
    for row in np.flatnonzero(rows.has_outcome).tolist():
        bounds[row] = draws.intervals(rows, row, months)
    return bounds


def _band(draws: OutcomeDraws, row: RowPredictions, survival: SurvivalPrediction) -> tuple[tuple[float, float], ...]:
    """Return (lower, upper) along the curve.

    Beyond ``_KNOTS`` times the bounds' cumulative hazards, as multiples of the curve's, are interpolated between knots.
    """
    months, curve = np.array(survival.curve_months), np.array(survival.curve)
    inside = np.flatnonzero((curve > 0.0) & (curve < 1.0))
    if len(months) <= _KNOTS or not len(inside):
        return tuple(draws.intervals(row, 0, months))
    # The band is widest, and changes most, after the first few events.
    early = [2**power - 1 for power in range(len(inside).bit_length())]
    knots = inside[np.unique([*early, *np.linspace(0, len(inside) - 1, _KNOTS - len(early)).astype(int)])]
    bounds = np.array(draws.intervals(row, 0, months[knots]))
    with np.errstate(divide="ignore"):
        multiples = np.log(bounds) / np.log(curve[knots])[:, None]
    lower, upper = (curve ** np.interp(months, months[knots], column) for column in np.minimum(multiples, 1e6).T)
    return tuple(zip(lower.tolist(), upper.tolist(), strict=True))


def uncertainty_of(model: Model, scaling: Scaling | None, averaged: Sequence[AveragedCovariate]) -> Uncertainty:
    """Return how the intervals of cases of ``model`` are made that average over ``averaged``, or why there are none."""
    draws = outcome_draws(model, scaling)
    return _unavailable(model) if draws is None else _described(draws, averaged)


def _unavailable(model: Model) -> Uncertainty:
    given = model.uncertainty
    return Uncertainty(confidence=given.confidence if given else 0.95, method="", draws=0, seed=0, sources=(),
                       left_out=(), reason=given.reason if given and given.reason else _NOT_STATED)


def _described(draws: OutcomeDraws, averaged: Sequence[AveragedCovariate]) -> Uncertainty:
    """Return how the intervals of a case are made that averages over ``averaged``."""
    given, left_out = draws.uncertainty, list(draws.uncertainty.left_out)
    if given.covariance is None and given.survival_of is None:
        left_out.append("the baseline hazard" if draws.model.survival else "the intercept")
    sources = [*_model_sources(given, "hazard" if draws.model.survival else "odds")]
    if draws.scaling is not None:
        how = "its cases resampled" if draws.scaling.values else "by the t and chi-squared distributions"
        sources.append(f"the means and SDs of scaling '{draws.scaling.name}' of {draws.scaling.cases} cases ({how})")
        if not draws.scaling.values and len(draws.model.term_keys) > 1:
            left_out.append("the correlation of the scaling's features, whose single values it does not hold")
    sources += [f"the mix of {item.title} in {item.patients} patients" for item in averaged]
    share = 100 * given.confidence
    return Uncertainty(
        confidence=given.confidence, draws=DRAWS, seed=SEED, sources=tuple(sources),
        left_out=tuple(left_out) if draws.model.is_clinical else (*left_out, _CONTOUR), reason="",
        method=f"Monte Carlo with a fixed seed: the central {share:g} % of {DRAWS} predictions, each with its own draw "
               "of everything that is uncertain")


def _model_sources(given: CoefficientUncertainty, ratio: str) -> tuple[str, ...]:
    """Return in words what a model's file tells of its uncertainty."""
    if given.covariance is not None:
        fitted = f"{given.covariance.cases} cases with {given.covariance.events} events"
        return (f"the covariance of the coefficients fitted to {fitted}",
                *(("the baseline hazard of these cases",) if given.covariance.baseline else ()))
    count = f"the {len(given.ratios)} {ratio} ratios" if len(given.ratios) > 1 else f"the {ratio} ratio"
    ratios = (f"the published {100 * given.confidence:g} % intervals of {count}",)
    if given.survival_of is None:
        return ratios
    return (*ratios, f"the published survival of {given.survival_of.patients} patients ({given.survival_of.events} "
                     "events), from which the baseline hazard is reconstructed")
