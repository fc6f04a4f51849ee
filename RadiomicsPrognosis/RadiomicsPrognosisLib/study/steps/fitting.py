"""Fit one model of a recipe in the training cohort: which terms stay, their effects, and the linear predictor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import expit

from ...errors import CohortError, InputError
from ...statistics.cox import BaselineHazard, CoxModel, fit_cox
from ...statistics.logistic import LogisticModel, fit_logistic
from ...statistics.proportional_hazards import ProportionalHazards, proportional_hazards
from ...statistics.stepwise import Step, backward_cox, backward_logistic
from ..recipe.recipe import TermSelection
from ..results.performance import Effect
from ..rows.data import EndpointData
from ..rows.terms import Term, complete_rows, matrix


@dataclass(frozen=True, eq=False)
class Fitted:
    """A model: its ``terms`` with ``coefficients`` by column name, ``intercept`` (logistic) or ``baseline`` (Cox: the
    cumulative hazard at linear predictor 0).

    ``univariable``, ``multivariable``, ``effects``, ``eligibility``, ``steps`` and ``selection_rows`` are as in
    ModelOutcome.
    """

    terms: tuple[Term, ...]
    coefficients: dict[str, float]
    intercept: float = 0.0
    baseline: BaselineHazard | None = None
    fit: CoxModel | LogisticModel | None = None
    univariable: tuple[Effect, ...] = ()
    multivariable: tuple[Effect, ...] = ()
    effects: tuple[Effect, ...] = ()
    eligibility: tuple[tuple[str, float | None], ...] = ()
    steps: tuple[Step, ...] = ()
    proportional_hazards: ProportionalHazards | None = None
    notes: tuple[str, ...] = field(default=())
    selection_rows: int = 0

    def linear_predictor(self, terms: Sequence[Term]) -> np.ndarray:
        """Return the uncentred linear predictor (n,) of the rows that ``terms`` hold; NaN where one is missing."""
        x, names = matrix(terms)
        return self.intercept + (x * [self.coefficients[name] for name in names]).sum(axis=1)

    def predicted(self, linear_predictor: np.ndarray, times: Sequence[float]) -> np.ndarray:
        """Return the survival (n, times), or the probability (n,) of a logistic model."""
        if self.baseline is None:
            return expit(linear_predictor)
        return survival(self.baseline.at(np.asarray(times, float)), linear_predictor)


def survival(baseline: np.ndarray, linear_predictor: np.ndarray) -> np.ndarray:
    """Return exp(-H0 exp(lp)) (n, times) for the baseline cumulative hazard (times,) and linear predictors (n,)."""
    # On the log scale, where a huge predictor times a hazard of 0 is 0 and not undefined.
    with np.errstate(divide="ignore", over="ignore"):
        return np.exp(-np.exp(linear_predictor[:, None] + np.log(baseline)))


def fit_terms(endpoint: EndpointData, terms: Sequence[Term], rows: np.ndarray) -> CoxModel | LogisticModel:
    """Return the Cox or logistic model of all ``terms`` in the mask or numbers ``rows``. Raises as the fits do."""
    x, names = matrix(terms)
    if endpoint.outcome is not None:
        return fit_logistic(endpoint.outcome[rows], x[rows], names)
    return fit_cox(endpoint.time[rows], endpoint.event[rows], x[rows], names)


def fit_model(endpoint: EndpointData, candidates: Sequence[Term], rules: TermSelection, training: np.ndarray) -> Fitted:
    """Return the model of ``candidates`` in the mask ``training``, selected by ``rules`` one after another.

    All steps use the rows that have every candidate, the final fit those that have its own terms. A candidate that
    cannot be fitted alone leaves, and its effect says why. Raises CohortError when no candidate is left, or as fit_cox
    and fit_logistic do.
    """
    rows = training & endpoint.known & complete_rows(candidates, len(training))
    if not rows.any():
        raise CohortError("No training row has every term of the model; complete the covariates.")
    univariable, fits = _univariable(endpoint, candidates, rows)
    notes = [f"{term.title} leaves: {next(e.status for e in univariable if e.term == term.name)}"
             for term in candidates if term.name not in fits]
    eligibility = {}
    if rules.proportional_hazards_above is not None:
        eligibility = {name: _ph_p(endpoint, next(term for term in candidates if term.name == name), fit, rows)
                       for name, fit in fits.items()}
    kept = _screened(candidates, fits, eligibility, rules, notes)
    full = fit_terms(endpoint, kept, rows)
    multivariable = effects_of(full, kept)
    if rules.multivariable_below is not None:
        limit, p = rules.multivariable_below, dict(zip(full.terms, _slopes(full.p, full), strict=True))
        kept = _narrowed(kept, lambda term: min(p[column] for column in term.columns) < limit,
                         f"multivariable p < {limit:g}")
    steps: tuple[Step, ...] = ()
    if rules.backward_aic:
        kept, steps = _backward(endpoint, kept, rows)
    own = training & endpoint.known & complete_rows(kept, len(training))
    final = fit_terms(endpoint, kept, own)
    coefficients = dict(zip(final.terms, _slopes(final.coefficients, final).tolist(), strict=True))
    # The linear predictor is not centred, so the hazard belongs to linear predictor 0.
    intercept, baseline = (0.0, final.baseline_at_zero()) if isinstance(final, CoxModel) else (
        float(final.coefficients[0]), None)
    return Fitted(tuple(kept), coefficients, intercept, baseline, final, univariable, multivariable,
                  effects_of(final, kept), tuple(eligibility.items()), steps, _ph(endpoint, kept, final, own),
                  tuple(notes), int(rows.sum()))


def _screened(candidates: Sequence[Term], fits: dict[str, CoxModel | LogisticModel],
              eligibility: dict[str, float | None], rules: TermSelection, notes: Sequence[str]) -> list[Term]:
    """Return the candidates that can be fitted alone and pass the rules on their effects alone."""
    kept = [term for term in candidates if term.name in fits]
    if not kept:
        raise CohortError(f"No term of the model can be fitted: {' '.join(notes)}")
    if rules.proportional_hazards_above is not None:
        limit = rules.proportional_hazards_above
        kept = _narrowed(kept, lambda term: eligibility[term.name] is None or eligibility[term.name] > limit,
                         f"an effect that does not change with time (p > {limit:g})")
    if rules.univariable_below is not None:
        level = rules.univariable_below
        kept = _narrowed(kept, lambda term: fits[term.name].likelihood_ratio.p < level if len(term.columns) > 1
                         else fits[term.name].p[-1] < level, f"univariable p < {level:g}")
    return kept


def _slopes(values: np.ndarray, fit: CoxModel | LogisticModel) -> np.ndarray:
    """Return the entries of the terms, without a logistic model's intercept."""
    return values if isinstance(fit, CoxModel) else values[1:]


def _narrowed(kept: list[Term], passes: Callable[[Term], bool], rule: str) -> list[Term]:
    left = [term for term in kept if passes(term)]
    if not left:
        tried = ", ".join(term.title for term in kept) or "no term"
        raise CohortError(f"No term of the model has {rule} (tried: {tried}); there is no such model.")
    return left


def effects_of(fit: CoxModel | LogisticModel, terms: Sequence[Term]) -> tuple[Effect, ...]:
    """Return the rows of a regression table."""
    ratios = fit.hazard_ratios if isinstance(fit, CoxModel) else fit.odds_ratios
    columns = zip(fit.terms, _slopes(fit.coefficients, fit), ratios, fit.lower, fit.upper, _slopes(fit.p, fit),
                  strict=True)
    by_name = {name: tuple(map(float, values)) for name, *values in columns}
    return tuple(Effect(term.name, term.title, level, term.reference, *by_name[column])
                 for term in terms for column, level in zip(term.columns, term.levels or ("",) * len(term.columns),
                                                            strict=True))


def _univariable(endpoint: EndpointData, terms: Sequence[Term],
                 rows: np.ndarray) -> tuple[tuple[Effect, ...], dict[str, CoxModel | LogisticModel]]:
    """Return every term's effects alone and, by name, the fits that exist."""
    effects, fits = [], {}
    for term in terms:
        try:
            if not term.columns:
                raise CohortError(f"it has the single level '{term.reference}' in training")
            fits[term.name] = fit_terms(endpoint, [term], rows)
        except InputError as error:
            effects.append(Effect(term.name, term.title, "", "", None, None, None, None, None, str(error)))
        else:
            effects += effects_of(fits[term.name], [term])
    return tuple(effects), fits


def _ph(endpoint: EndpointData, terms: Sequence[Term], fit: CoxModel | LogisticModel,
        rows: np.ndarray) -> ProportionalHazards | None:
    """Return the test of the terms' proportional hazards, None for a logistic model or where it cannot be made."""
    if not isinstance(fit, CoxModel):
        return None
    x, _ = matrix(terms)
    try:
        return proportional_hazards(fit, endpoint.time[rows], endpoint.event[rows], x[rows],
                                    groups=[term.columns for term in terms])
    except InputError:
        return None


def _ph_p(endpoint: EndpointData, term: Term, fit: CoxModel | LogisticModel, rows: np.ndarray) -> float | None:
    test = _ph(endpoint, [term], fit, rows)
    return None if test is None else test.together.p


def _backward(endpoint: EndpointData, terms: list[Term], rows: np.ndarray) -> tuple[list[Term], tuple[Step, ...]]:
    x, names = matrix(terms)
    groups = {term.name: term.columns for term in terms}
    if endpoint.outcome is not None:
        result = backward_logistic(endpoint.outcome[rows], x[rows], names, groups)
    else:
        result = backward_cox(endpoint.time[rows], endpoint.event[rows], x[rows], names, groups=groups)
    if not result.kept:
        raise CohortError("Backward selection by AIC leaves no term; there is no such model.")
    return [term for term in terms if term.name in result.kept], result.trace
