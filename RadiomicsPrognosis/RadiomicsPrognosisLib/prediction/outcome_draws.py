"""Draws of one row's survival or probability, from those of its model's parameters and its scaling's moments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..models.model import Model
from ..models.predict import RowPredictions
from ..models.predictors import Predictor
from ..models.scaling import Scaling
from ..models.uncertainty import INTERCEPT, TERM, CoefficientUncertainty
from ..statistics.arrays import Floats
from ..statistics.draws import DRAWS, central_interval, dirichlet
from ..statistics.logistic_function import logistic_probability
from ..statistics.survival_function import survival_of
from .parameter_draws import ModelDraws, ScalingDraws, model_draws, scaling_draws, varies

#: The stream of random numbers of a mix that is averaged over.
_MIX = 5

#: Draws kept for the next case: making those of a reconstructed model takes a fraction of a second.
_KEPT = 6

_NONE = np.zeros(())


@dataclass(frozen=True, eq=False, kw_only=True)
class OutcomeDraws:
    """Draws of a ``model``'s parameters and, where it varies, of its ``scaling``'s moments, for any row."""

    model: Model
    scaling: Scaling | None
    predictor: Predictor
    uncertainty: CoefficientUncertainty
    parameters: ModelDraws
    moments: ScalingDraws | None

    def belongs_to(self, model: Model, scaling: Scaling | None) -> bool:
        """Tell whether the draws are those of ``model`` and ``scaling``, by content."""
        return (self.model is model or _content(self.model) == _content(model)) and self.scaling == scaling

    def intervals(self, rows: RowPredictions, row: int, months: ArrayLike) -> list[tuple[float, float]]:
        """Return the (lower, upper) of a row's survival at ``months`` (m,), or of its probability as the only one."""
        lower, upper = central_interval(self._outcome(rows, row, months), self.uncertainty.confidence)
        return list(zip(lower.tolist(), upper.tolist(), strict=True))

    def _outcome(self, rows: RowPredictions, row: int, months: ArrayLike) -> Floats:
        """Return draws (m, DRAWS) of a row's survival at ``months`` (m,), or (1, DRAWS) of its probability."""
        entered = self._entered(rows.values[row], rows.scores[row])
        log_hazard = None if self.model.survival is None else self.parameters.log_hazard(
            self.model.survival.baseline_cumulative_hazard, months)

        def outcome(covariates: Mapping[str, np.ndarray]) -> Floats:
            predicted = self._linear_predictor(entered, {name: column[row] for name, column in covariates.items()})
            return (logistic_probability(predicted)[None, :] if log_hazard is None
                    else survival_of(log_hazard + predicted))

        levels = [item for item in rows.alternatives if item.weight[row] > 0]
        if len(levels) < 2:
            return outcome(levels[0].covariates if levels else rows.covariates)
        shares = mix_shares(tuple(float(item.weight[row]) for item in levels))
        mean: Floats = sum((share * outcome(item.covariates)
                            for share, item in zip(shares, levels, strict=True)), _NONE)
        return mean

    def _entered(self, values: Floats, scores: Floats) -> dict[str, Floats]:
        """Return draws (DRAWS,) of what each signature enters the linear predictor as, by its id, of a row whose
        z-scores or raw values are ``values`` (terms,) and whose scores are ``scores`` (signatures,): one that enters as
        its group changes sides in some draws, and never by the rounding of another order of adding."""
        entered, drawn, plain = {}, self._drawn(values), iter(values.tolist())
        for signature, told in zip(self.model.scores, scores.tolist(), strict=True):
            moved = np.zeros(DRAWS)
            for term in signature.terms:
                own = self.parameters.coefficients.get(f"{TERM}{self.model.term_key(term)}", _NONE)
                moved += (term.coefficient + own) * next(drawn) - term.coefficient * next(plain)
            entered[signature.id] = signature.entered(told + moved)
        return entered

    def _drawn(self, values: Floats) -> Iterator[float | Floats]:
        """Yield the value of each term (terms,), draws (DRAWS,) of it where the scaling's moments vary."""
        for number, value in enumerate(values.tolist()):
            yield value if self.moments is None else (
                value * self.moments.factors[number] - self.moments.shifts[number])

    def _linear_predictor(self, entered: Mapping[str, Floats], covariates: Mapping[str, Any]) -> Floats:
        """Return draws (DRAWS,) of the linear predictor with what signatures ``entered`` as, drawn, and one row's
        ``covariates``, both by name."""
        deviations = self.parameters.coefficients
        total: Floats = self.predictor.intercept + deviations.get(INTERCEPT, np.zeros(DRAWS))
        for name, coefficient in self.predictor.coefficients.items():
            if isinstance(coefficient, dict):
                level = covariates[name]
                total = total + coefficient[level] + deviations.get(f"{name}={level}", _NONE)
            else:
                value = entered[name] if name in entered else float(covariates[name])
                total = total + (coefficient + deviations.get(name, _NONE)) * value
        return total


@lru_cache(maxsize=_KEPT)
def mix_shares(patients: tuple[float, ...]) -> Floats:
    """Return draws (levels, DRAWS) of the shares of levels that so many ``patients`` had."""
    return dirichlet(_MIX, np.array(patients))


def _content(model: Model) -> tuple[object, ...]:
    """Return what the draws of a model depend on."""
    tables = model.survival.reconstruction if model.survival else None
    return model.predictor, tables, model.uncertainty, model.scores, model.id


_kept: list[OutcomeDraws] = []
_lock = Lock()


def outcome_draws(model: Model, scaling: Scaling | None) -> OutcomeDraws | None:
    """Return draws for rows of ``model`` with ``scaling``; None of a model that gives nothing to draw from.

    Those of the last few models and scalings are kept.
    """
    if scaling is not None and not varies(model, scaling):
        scaling = None
    with _lock:
        kept = next((item for item in _kept if item.belongs_to(model, scaling)), None)
        if kept is not None:
            return kept
        parameters = model_draws(model)
        if parameters is None or model.predictor is None or model.uncertainty is None:
            return None
        drawn = OutcomeDraws(model=model, scaling=scaling, predictor=model.predictor, uncertainty=model.uncertainty,
                             parameters=parameters, moments=scaling_draws(scaling, model) if scaling else None)
        _kept.append(drawn)
        del _kept[:-_KEPT]
        return drawn
