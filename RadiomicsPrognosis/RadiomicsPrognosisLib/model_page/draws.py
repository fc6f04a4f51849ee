"""The draws from which a model's page makes its intervals, as text that keeps every bit."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from ..models.model import Model
from ..prediction.outcome_draws import mix_shares, outcome_draws
from ..statistics.arrays import Floats
from ..statistics.draws import DRAWS

#: A baseline drawn at more times than these is given at the horizons and as many of the others as make up the number.
_MOST_MONTHS = 16


def page_draws(model: Model) -> dict[str, Any] | None:
    """Return draws of the model's parameters as base64 of little-endian doubles, None of a model without any.

    The draws are those of :mod:`..prediction.outcome_draws` for a score that is given: of no scaling, and without the
    coefficients inside the score, whose features a page does not know.
    """
    draws = outcome_draws(model, None)
    if draws is None or model.predictor is None:
        return None
    names = {"intercept", *model.predictor.free_coefficients}
    months = _months(model, draws.parameters.months)
    return {
        "count": DRAWS, "confidence": draws.uncertainty.confidence,
        "coefficients": {name: _text(row) for name, row in draws.parameters.coefficients.items() if name in names},
        "months": months,
        "ratios": [_text(row) for row in draws.parameters.log_ratio(months)],
        "mixes": {item.name: {level.label: _text(row) for level, row in zip(
            item.levels, mix_shares(tuple(item.unknown.counts[level.label] for level in item.levels)), strict=True)}
            for item in model.covariates_used() if item.unknown is not None},
    }


def _months(model: Model, months: Floats) -> list[float]:
    """Return the times at which the page gets the baseline's draws, rising."""
    if len(months) <= _MOST_MONTHS:
        return list(months.tolist())
    chosen = np.linspace(0, len(months) - 1, _MOST_MONTHS - len(model.horizons_months)).astype(int)
    return sorted({*months[chosen].tolist(), *model.horizons_months})


def _text(values: Floats) -> str:
    return base64.b64encode(np.asarray(values, "<f8").tobytes()).decode()
