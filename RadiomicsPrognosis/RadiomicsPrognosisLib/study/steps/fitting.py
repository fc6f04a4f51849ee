"""Fit one model of a recipe in the training cohort: which terms stay, their effects, coefficients and baseline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...errors import CohortError, InputError
from ...models.fitted_uncertainty import fitted_covariance
from ...models.uncertainty import StoredCovariance
from ...statistics.cox import BaselineHazard
from ...statistics.proportional_hazards import ProportionalHazards
from ...statistics.stepwise import Step
from ..endpoints import Observations
from ..endpoints.interface import Regression
from ..recipe.recipe import TermSelection
from ..results.models import ModelResult
from ..results.performance import Effect, Unavailable
from ..rows.terms import ModelTerm, complete_rows, matrix


@dataclass(frozen=True, eq=False, kw_only=True)
class Fitted:
    """A fitted model: the ``terms`` that stayed with ``coefficients`` by column name, ``intercept`` (logistic) or
    ``baseline`` (Cox: the cumulative hazard at linear predictor 0), and the ``covariance`` of the columns'
    coefficients; ``result`` says how it came about."""

    result: ModelResult
    terms: tuple[ModelTerm, ...]
    coefficients: dict[str, float]
    intercept: float = 0.0
    baseline: BaselineHazard | None = None
    covariance: StoredCovariance | None = None


def fit_terms(observed: Observations, terms: Sequence[ModelTerm], rows: np.ndarray) -> Regression:
    """Return the regression on all ``terms`` in the mask or numbers ``rows``. Raises as the fits do."""
    x, names = matrix(terms)
    return observed.rows(rows).fit(x[rows], names)


class ImpossibleFitError(CohortError):
    """The rows do not allow a regression without penalty: it separates them, has too many columns, repeats some."""


def _regression(observed: Observations, terms: Sequence[ModelTerm], rows: np.ndarray) -> Regression:
    """Return the regression on all ``terms`` in the mask ``rows``. Raises ImpossibleFitError."""
    try:
        return fit_terms(observed, terms, rows)
    except InputError as error:
        raise ImpossibleFitError(str(error)) from error


def fit_model(blank: ModelResult, observed: Observations, candidates: Sequence[ModelTerm], rules: TermSelection,
              training: np.ndarray) -> Fitted:
    """Return the model of ``candidates`` in the mask ``training``, selected by ``rules`` one after another, and
    ``blank`` with how that went.

    All steps use the rows that have every candidate, the final fit those that have its own terms. A candidate that
    cannot be fitted alone leaves, and its effect says why. Raises CohortError when no candidate is left,
    ImpossibleFitError when no regression without penalty can be fitted.
    """
    rows = training & observed.known & complete_rows(candidates, len(training))
    if not rows.any():
        raise CohortError("No training row has every term of the model; complete the covariates.")
    univariable, fits = univariable_effects(observed, candidates, rows)
    notes = [f"{term.title} leaves: {next(e.status for e in univariable if e.term == term.name)}"
             for term in candidates if term.name not in fits]
    eligibility: dict[str, float | None] = {}
    if rules.proportional_hazards_above is not None:
        eligibility = {term.name: _ph_p(observed, term, fits[term.name], rows) for term in candidates
                       if term.name in fits}
    kept = _screened(candidates, fits, eligibility, rules, notes)
    full = _regression(observed, kept, rows)
    multivariable = effects_of(full, kept)
    if rules.multivariable_below is not None:
        limit, p = rules.multivariable_below, dict(zip(full.terms, full.slope_p, strict=True))
        kept = _narrowed(kept, lambda term: min(p[column] for column in term.columns) < limit,
                         f"multivariable p < {limit:g}")
    steps: tuple[Step, ...] = ()
    if rules.backward_aic:
        kept, steps = _backward(observed, kept, rows)
    own = training & observed.known & complete_rows(kept, len(training))
    final = _regression(observed, kept, own)
    result = replace(
        blank, univariable=univariable, multivariable=multivariable, effects=effects_of(final, kept), fit=final,
        eligibility=tuple(eligibility.items()), steps=steps, selection_rows=int(rows.sum()),
        proportional_hazards=_test_hazards(observed, kept, final, own),
        unavailable=tuple(Unavailable("term", note) for note in notes))
    # The linear predictor is not centred, so the hazard belongs to linear predictor 0.
    return Fitted(result=result, terms=tuple(kept), intercept=final.intercept, baseline=final.baseline_at_zero(),
                  coefficients=dict(zip(final.terms, final.slopes.tolist(), strict=True)),
                  covariance=fitted_covariance(final, observed.rows(own).target, matrix(kept)[0][own],
                                               observed.rows(own).clusters))


def _screened(candidates: Sequence[ModelTerm], fits: dict[str, Regression], eligibility: dict[str, float | None],
              rules: TermSelection, notes: Sequence[str]) -> list[ModelTerm]:
    """Return the candidates that can be fitted alone and pass the rules on their effects alone."""
    kept = [term for term in candidates if term.name in fits]
    if not kept:
        raise ImpossibleFitError(f"No term of the model can be fitted: {' '.join(notes)}")
    if rules.proportional_hazards_above is not None:
        limit = rules.proportional_hazards_above

        def holds(term: ModelTerm) -> bool:
            p = eligibility[term.name]
            return p is None or p > limit

        kept = _narrowed(kept, holds, f"an effect that does not change with time (p > {limit:g})")
    if rules.univariable_below is not None:
        level = rules.univariable_below
        kept = _narrowed(kept, lambda term: fits[term.name].joint.p < level if len(term.columns) > 1
                         else fits[term.name].slope_p[-1] < level, f"univariable p < {level:g}")
    return kept


def _narrowed(kept: list[ModelTerm], passes: Callable[[ModelTerm], bool], rule: str) -> list[ModelTerm]:
    left = [term for term in kept if passes(term)]
    if not left:
        tried = ", ".join(term.title for term in kept) or "no term"
        raise CohortError(f"No term of the model has {rule} (tried: {tried}); there is no such model.")
    return left


def effects_of(fit: Regression, terms: Sequence[ModelTerm]) -> tuple[Effect, ...]:
    """Return the rows of a regression table."""
    place = {column: j for j, column in enumerate(fit.terms)}
    return tuple(
        Effect(term=term.name, title=term.title, level=level, reference=term.reference,
               coefficient=float(fit.slopes[place[column]]), ratio=float(fit.ratios[place[column]]),
               lower=float(fit.lower[place[column]]), upper=float(fit.upper[place[column]]),
               p=float(fit.slope_p[place[column]]))
        for term in terms for column, level in zip(term.columns, term.levels or ("",) * len(term.columns), strict=True))


def univariable_effects(observed: Observations, terms: Sequence[ModelTerm],
                        rows: np.ndarray) -> tuple[tuple[Effect, ...], dict[str, Regression]]:
    """Return every term's effects alone in the mask ``rows`` and, by name, the fits that exist."""
    effects: list[Effect] = []
    fits: dict[str, Regression] = {}
    for term in terms:
        try:
            if not rows.any() or not term.columns:
                raise CohortError(f"it has the single level '{term.reference}' in these rows" if term.reference else
                                  "no row has it")
            fits[term.name] = fit_terms(observed, [term], rows)
        except InputError as error:
            effects.append(Effect(term=term.name, title=term.title, level="", reference="", coefficient=None,
                                  ratio=None, lower=None, upper=None, p=None, status=str(error)))
        else:
            effects += effects_of(fits[term.name], [term])
    return tuple(effects), fits


def _test_hazards(observed: Observations, terms: Sequence[ModelTerm], fit: Regression,
                  rows: np.ndarray) -> ProportionalHazards | None:
    """Return the test of the terms' proportional hazards, None where that is no question or cannot be made."""
    x, _ = matrix(terms)
    return observed.rows(rows).proportional_hazards(fit, x[rows], [term.columns for term in terms])


def _ph_p(observed: Observations, term: ModelTerm, fit: Regression, rows: np.ndarray) -> float | None:
    test = _test_hazards(observed, [term], fit, rows)
    return None if test is None else test.together.p


def _backward(observed: Observations, terms: list[ModelTerm],
              rows: np.ndarray) -> tuple[list[ModelTerm], tuple[Step, ...]]:
    x, names = matrix(terms)
    groups = {term.name: term.columns for term in terms}
    result = observed.rows(rows).backward(x[rows], names, groups)
    if not result.kept:
        raise CohortError("Backward selection by AIC leaves no term; there is no such model.")
    return [term for term in terms if term.name in result.kept], result.trace
