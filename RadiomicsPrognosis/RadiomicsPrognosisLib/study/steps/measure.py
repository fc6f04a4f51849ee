"""Measure a model in a cohort: discrimination, risk groups, calibration and net benefit, all from study.statistics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from ...errors import CohortError, InputError
from ...models.model import Covariate
from ...statistics.calibration import calibrate_probability, calibrate_survival, smooth_probability, smooth_survival
from ...statistics.classification import Classification, brier_score, classification
from ...statistics.concordance import concordance
from ...statistics.cox import fit_cox
from ...statistics.decision_curve import decision_curve, survival_decision_curve
from ...statistics.kaplan_meier import at_risk_table, kaplan_meier, log_rank
from ...statistics.roc import auc, roc_curve
from ...statistics.time_dependent import brier_at, integrated_brier, time_auc, time_roc
from ...statistics.univariate import compare_groups
from ..recipe.recipe import Endpoint, ValidationSpec
from ..results import performance as record
from ..results.outcome import CohortSummary, CutoffSearch
from ..rows.data import EndpointData
from .characteristics import characteristics
from .cutoffs import is_above

#: Risks at which decision curves are drawn.
THRESHOLDS = np.arange(1, 100) / 100

#: Steps (months) between the numbers at risk under a curve, the first that needs at most this many columns.
_TICK_STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120, 240)
_MOST_TICKS = 8

#: Times over which the integrated Brier score is averaged.
_BRIER_TIMES = 25

_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a model says of rows: ``score`` for the cut-off and ``linear_predictor``, both (n,), NaN where it says none.

    ``predict(linear_predictor, times)`` gives the survival (n, times); of a binary model the probability (n,), whatever
    the times. None when the model predicts neither.
    """

    score: np.ndarray
    linear_predictor: np.ndarray
    predict: Callable[[np.ndarray, Sequence[float]], np.ndarray] | None

    def rows(self, which: np.ndarray) -> Predictions:
        """Return the predictions of some rows."""
        return replace(self, score=self.score[which], linear_predictor=self.linear_predictor[which])

    def at(self, times: Sequence[float]) -> np.ndarray:
        """Return what ``predict`` gives for the rows at ``times``. Raises CohortError when there is no prediction."""
        if self.predict is None:
            raise CohortError("The model predicts neither survival nor probability.")
        return self.predict(self.linear_predictor, times)


@dataclass(frozen=True, eq=False)
class Setting:
    """What measuring needs beside predictions: by row (n,) ``cases``, ``cohort`` and the endpoint's data ``seen``, the
    ``covariates`` that describe groups with their ``values``, the ``cutoff``, and how to measure."""

    endpoint: Endpoint
    seen: EndpointData
    cases: np.ndarray
    cohort: np.ndarray
    covariates: tuple[Covariate, ...]
    values: Mapping[str, np.ndarray]
    cutoff: CutoffSearch | None
    spec: ValidationSpec


def measure_cohort(setting: Setting, said: Predictions, cohort: CohortSummary) -> record.ModelCohort | None:
    """Return how predictions ``said`` of all rows do in one cohort, None when no row has endpoint and prediction."""
    mask = setting.cohort == cohort.name
    rows = mask & setting.seen.known & np.isfinite(said.score) & np.isfinite(said.linear_predictor)
    if not rows.any():
        return None
    seen, said, attempts, cutoff = setting.seen.rows(rows), said.rows(rows), Attempts(), setting.cutoff
    survival = binary = groups = None
    if setting.endpoint.is_survival:
        survival = measure_survival(seen, said, setting.endpoint.horizons, cutoff, setting.spec, attempts)
    else:
        binary = measure_binary(seen, said, cutoff, setting.endpoint.favourable, setting.spec, attempts)
    above = None if cutoff is None else is_above(cutoff, said.score)
    if above is not None and above.any() and not above.all():
        values = {name: column[rows] for name, column in setting.values.items()}
        groups = characteristics(setting.covariates, values, np.where(above, cutoff.labels[1], cutoff.labels[0]),
                                 cutoff.labels)
    predicted = None if said.predict is None else said.at(setting.endpoint.horizons)
    return record.ModelCohort(
        cohort.name, cohort.role, int(rows.sum()), int(seen.positive.sum()), int(mask.sum() - rows.sum()),
        tuple(setting.cases[rows].tolist()), said.score, said.linear_predictor, above, predicted, seen.time, seen.event,
        seen.outcome, summarise(said.score), survival, binary, groups, tuple(attempts.unavailable))


@dataclass
class Attempts:
    """Collects, instead of stopping, what cannot be computed in a cohort."""

    unavailable: list[record.Unavailable] = field(default_factory=list)

    def get(self, what: str, compute: Callable[[], _T]) -> _T | None:
        """Return what ``compute`` returns, or None with the reason noted when the cohort does not allow it."""
        try:
            return compute()
        except InputError as error:
            self.unavailable.append(record.Unavailable(what, str(error)))
            return None


def measure_survival(seen: EndpointData, said: Predictions, horizons: Sequence[float], cutoff: CutoffSearch | None,
                     spec: ValidationSpec, attempts: Attempts) -> record.SurvivalPerformance:
    """Return the performance of a survival model in the rows of ``seen``; what is impossible goes to ``attempts``."""
    time, event = seen.time, seen.event
    groups, ticks, test, ratio = (), (), None, None
    if cutoff is not None:
        above = is_above(cutoff, said.score)
        ticks = risk_ticks(time)
        at_risk = at_risk_table(time, above, ticks) if above.any() and not above.all() else {}
        groups = tuple(record.GroupCurve(cutoff.labels[side], kaplan_meier(time[above == side], event[above == side]),
                                         at_risk[side]) for side in (False, True) if side in at_risk)
        test = attempts.get("log-rank test", lambda: log_rank(time, event, above))
        ratio = attempts.get("hazard ratio of the groups", lambda: group_ratio(seen, above, cutoff.labels))
    measured = tuple(_at_horizon(seen, said, at, spec, attempts) for at in horizons)
    return record.SurvivalPerformance(
        attempts.get("C-index", lambda: concordance(time, event, said.linear_predictor)), groups, ticks, test, ratio,
        measured, attempts.get("integrated Brier score", lambda: _integrated_brier(seen, said, max(horizons)))
        if horizons else None)


def group_ratio(seen: EndpointData, above: np.ndarray, labels: tuple[str, str]) -> record.Effect:
    """Return the hazard ratio of the group above the cut-off against that below. Raises CohortError for one group."""
    if above.all() or not above.any():
        raise CohortError("All rows are on one side of the cut-off.")
    fit = fit_cox(seen.time, seen.event, above.astype(float), ("group",))
    return record.Effect("group", "Risk group", labels[1], labels[0], *(float(part[0]) for part in (
        fit.coefficients, fit.hazard_ratios, fit.lower, fit.upper, fit.p)))


def risk_ticks(time: np.ndarray) -> tuple[float, ...]:
    """Return the times under a Kaplan-Meier plot: from 0 in steps of months or years to the longest follow-up."""
    longest = float(time.max())
    step = next((step for step in _TICK_STEPS if longest / step < _MOST_TICKS), _TICK_STEPS[-1])
    return tuple(float(tick) for tick in np.arange(0.0, longest + step, step))


def _at_horizon(seen: EndpointData, said: Predictions, at: float, spec: ValidationSpec,
                attempts: Attempts) -> record.HorizonPerformance:
    time, event, survival = seen.time, seen.event, said.at([at])[:, 0]
    get = lambda what, compute: attempts.get(f"{what} at {at:g} months", compute)  # noqa: E731
    return record.HorizonPerformance(
        float(at), get("AUC", lambda: time_auc(time, event, said.linear_predictor, at)),
        get("ROC curve", lambda: time_roc(time, event, said.linear_predictor, at)),
        get("Brier score", lambda: brier_at(time, event, survival, at)),
        get("calibration by groups", lambda: calibrate_survival(time, event, survival, at, spec.groups)) or (),
        get("smooth calibration", lambda: smooth_survival(time, event, survival, at, spec.knots)),
        get("decision curve", lambda: survival_decision_curve(time, event, 1.0 - survival, at, THRESHOLDS)))


def _integrated_brier(seen: EndpointData, said: Predictions, end: float) -> float:
    """Return the mean Brier score from the first event to ``end``."""
    first = float(seen.time[seen.event == 1].min(initial=end))
    times = np.linspace(first, end, _BRIER_TIMES) if first < end else np.array([end])
    return integrated_brier(seen.time, seen.event, said.at(times), times)


def measure_binary(seen: EndpointData, said: Predictions, cutoff: CutoffSearch | None, favourable: bool,
                   spec: ValidationSpec, attempts: Attempts) -> record.BinaryPerformance:
    """Return the performance of a binary model in the rows of ``seen``; what is impossible goes to ``attempts``."""
    outcome = seen.outcome
    called = None
    if cutoff is not None:
        called = attempts.get("classification", lambda: classify(outcome, said.score, cutoff, favourable))
    return record.BinaryPerformance(
        attempts.get("AUC", lambda: auc(outcome, said.linear_predictor)),
        attempts.get("ROC curve", lambda: roc_curve(outcome, said.linear_predictor)), called,
        attempts.get("comparison of scores", lambda: compare_groups(said.score, outcome)),
        _mean_sd(said.score[outcome == 0]), _mean_sd(said.score[outcome == 1]),
        attempts.get("Brier score", lambda: brier_score(outcome, said.at(()))),
        attempts.get("calibration by groups", lambda: calibrate_probability(outcome, said.at(()), spec.groups)) or (),
        attempts.get("smooth calibration", lambda: smooth_probability(outcome, said.at(()), spec.knots)),
        attempts.get("decision curve", lambda: decision_curve(outcome, said.at(()), THRESHOLDS)))


def classify(outcome: np.ndarray, score: np.ndarray, cutoff: CutoffSearch, favourable: bool) -> Classification:
    """Return how the cut-off's rule agrees with ``outcome`` (n,); the group whose score predicts it is called."""
    if (cutoff.worse == "above") != favourable:
        return classification(outcome, score, cutoff.value, cutoff.inclusive)
    # Below the cut-off is called: mirrored, a score equal to it changes sides.
    return classification(outcome, -score, -cutoff.value, not cutoff.inclusive)


def _mean_sd(values: np.ndarray) -> tuple[float, float | None] | None:
    if not len(values):
        return None
    return float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else None


def summarise(score: np.ndarray) -> record.ScoreSummary:
    """Return number, mean, SD and quartiles of a score (n,)."""
    return record.ScoreSummary(len(score), float(score.mean()),
                               float(score.std(ddof=1)) if len(score) > 1 else None,
                               tuple(map(float, np.quantile(score, [0, 0.25, 0.5, 0.75, 1]))))
