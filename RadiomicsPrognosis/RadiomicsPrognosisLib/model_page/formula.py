"""What the page's script is told of a model: its terms, baseline, cut-off and axes as plain data for JSON."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from ..answer.sentences import averaged_over, uncertainty_text
from ..models.covariates import CONTINUOUS, Covariate, Level
from ..models.cutoff import Cutoff
from ..models.groups import training_distributions
from ..models.model import Model
from ..models.model_nomogram import ModelNomogram, model_nomogram
from ..models.predictors import SCORE, SurvivalPredictor
from ..models.signature import Signature
from ..prediction.evidence import Uncertainty
from ..prediction.intervals import uncertainty_of
from ..prediction.numbers import averaged_covariate, curve_months
from ..prediction.position import BEYOND_SD, UNUSUAL_SD
from ..statistics.nomogram import NomogramAxis
from ..texts import clean
from .draws import page_draws

#: Steps of a slider from one end of its axis to the other.
_STEPS = 400

#: Longest title on an axis; the rest is an ellipsis.
_TITLE = 90


def page_formula(model: Model) -> dict[str, Any]:
    """Return all that the page needs to answer as :func:`..models.predict.predict_rows` does.

    Raises InputError when the model predicts neither survival nor probability, or a factor has no range.
    """
    drawn = model_nomogram(model, score_alone=True)
    predictor = model.predictor
    assert predictor is not None  # or there is no nomogram
    nomogram = drawn.nomogram
    factors: dict[str, Covariate | Signature] = {item.name: item for item in model.covariates}
    factors |= {item.id: item for item in model.scores}
    terms = [_term(index, axis, factors[axis.name], model, drawn) for index, axis in enumerate(nomogram.axes)]
    return {
        "scoreName": clean(model.score_name, 60),
        "score": [{"name": item.id, "weight": weight} for item, weight in
                  zip(model.scores, model.score_weights.tolist(), strict=True)],
        "outcome": outcome_title(model),
        "intercept": predictor.intercept,
        "terms": [{**term, "coefficient": predictor.coefficients[term["name"]]} for term in terms],
        "points": {"scale": nomogram.points_per_lp, "most": max(max(axis.points) for axis in nomogram.axes),
                   "ticks": list(range(0, 101, 10)), "total": list(nomogram.total_points)},
        "outcomes": [{"title": clean(axis.name, _TITLE),
                      "ticks": [{"share": share, "points": points}
                                for share, points in zip(axis.values, axis.total_points, strict=True)]}
                     for axis in drawn.outcomes],
        "survival": _survival(model.survival) if model.survival else None,
        "timeAxis": _time_axis(model),
        "cutoff": _cutoff(model),
        "limits": {"unusual": UNUSUAL_SD, "beyond": BEYOND_SD},
        "draws": page_draws(model),
        "uncertainty": uncertainty_text(_uncertainty(model)),
        "reference": [{"cohort": clean(item.cohort, 80), "mean": item.mean, "sd": item.sd}
                      for item in training_distributions(model) if _entered_group(model) is None],
    }


def _uncertainty(model: Model) -> Uncertainty:
    """Return how the page's intervals are made: the score is taken as it is given."""
    told = uncertainty_of(model, None, ())
    return told if told.reason else replace(told, left_out=("the score itself, which is taken as it is given",
                                                            *told.left_out))


def _time_axis(model: Model) -> str:
    zero = getattr(model.endpoint, "time_zero", "")
    return f"months from {zero}" if zero else "months"


def outcome_title(model: Model) -> str:
    """Return what the model predicts, as a heading."""
    return clean(f"Probability of {model.probability.outcome}" if model.probability else model.endpoint.name, _TITLE)


def _survival(predictor: SurvivalPredictor) -> dict[str, Any]:
    baseline = predictor.baseline_cumulative_hazard
    return {"times": list(baseline.times_months), "hazards": list(baseline.values), "step": baseline.is_step,
            "horizons": list(predictor.horizons_months), "curve": list(curve_months(predictor))}


def _levels(factor: Covariate | Signature) -> tuple[Level, ...]:
    """Return the levels by whose labels a factor is entered: a covariate's, or the groups of a score that enters so."""
    if isinstance(factor, Covariate):
        return factor.levels if factor.kind != CONTINUOUS else ()
    return tuple(Level(label, float(side)) for side, label in enumerate(factor.cutoff.labels)) if factor.cutoff else ()


def _term(index: int, axis: NomogramAxis, factor: Covariate | Signature, model: Model,
          drawn: ModelNomogram) -> dict[str, Any]:
    """Return a term with its axis; a factor with levels is entered by their labels, any other as a number."""
    covariate, levels = factor if isinstance(factor, Covariate) else None, _levels(factor)
    shares = covariate.shares if covariate is not None else {}
    low, high = covariate.range if covariate is not None else (None, None)
    values = [level.label for level in levels] if levels else list(axis.values)
    numeric = [value for value in axis.values if isinstance(value, float)]
    return {
        "index": index, "name": axis.name, "title": clean(drawn.titles[axis.name], _TITLE),
        "unit": covariate.unit if covariate is not None else "",
        "categorical": covariate is not None and covariate.is_categorical,
        "levels": [{"label": level.label, "value": level.value} for level in levels] or None,
        "shares": shares or None,
        "mixed": f"{averaged_over(averaged_covariate(covariate))}; dashed: each of them."
        if covariate is not None and shares else "",
        "low": low, "high": high, "least": min(axis.xbeta),
        "step": 0 if levels else _step(max(numeric) - min(numeric)),
        "ends": None if levels else [min(numeric), max(numeric)],
        "start": None if covariate is not None or levels else _start(model, axis.name),
        "axis": [{"points": points, "label": clean(label, 40), "value": value}
                 for points, label, value in zip(axis.points, drawn.tick_labels[axis.name], values, strict=True)],
    }


def _step(span: float) -> float:
    """Return a round step, of which about ``_STEPS`` make up ``span``."""
    return float(f"{span / _STEPS:.0e}")


def _start(model: Model, signature: str) -> float | None:
    """Return the score of a signature, by its id, that the page opens with: the mean of the training patients, None
    where that is not known."""
    cohorts = training_distributions(model, signature)
    if not cohorts:
        return None
    mean = sum(item.cases * item.mean for item in cohorts) / sum(item.cases for item in cohorts)
    # To a thousandth of the SD: a mean of 1e-16 is 0.
    spread = max(item.sd for item in cohorts)
    return round(mean, 3 - math.floor(math.log10(spread))) + 0.0


def _entered_group(model: Model) -> Cutoff | None:
    """Return the cut-off by whose group, instead of a number, the score is entered; None where it is a number."""
    return next((item.cutoff for item in model.scores), None)


def _cutoff(model: Model) -> dict[str, Any] | None:
    """Return the cut-off; where the score is entered as its group (0, 1), that of these numbers, if it is the model's.
    """
    cutoff, group = model.cutoff, _entered_group(model)
    if cutoff is None or (group is not None and model.score_cutoff is not None and group != cutoff):
        return None
    value = cutoff.value if group is None or model.score_cutoff is None else 0.5
    return {"value": value, "inclusive": cutoff.inclusive, "on": "score" if cutoff.on == SCORE else "lp",
            "below": clean(cutoff.labels.below, 60), "above": clean(cutoff.labels.above, 60), "worse": cutoff.worse}
