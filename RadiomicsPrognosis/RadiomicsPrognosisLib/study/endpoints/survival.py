"""Times to an event: Cox regression, C-index, Kaplan-Meier, and measures at the horizons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from ...checked import Table
from ...contract import entry
from ...errors import CohortError, InputError
from ...estimates.cox import fit_cox
from ...estimates.log_rank import log_rank
from ...estimates.survival_curve import kaplan_meier
from ...models.model import TIME_TO_EVENT, TRAINED_HERE, Model
from ...models.predictors import STEP, Baseline, Coefficient, SurvivalPredictor
from ...statistics import cox
from ...statistics.calibration import SmoothCalibration, calibrate_survival, smooth_survival
from ...statistics.clusters import cluster_numbers, exchanged_rows
from ...statistics.concordance import compare_concordance, concordance
from ...statistics.cox import BaselineHazard, CoxModel, baseline_hazard
from ...statistics.decision_curve import survival_decision_curve
from ...statistics.kaplan_meier import KaplanMeier, LogRank, at_risk_table, estimate_at
from ...statistics.maxstat import maximally_selected_cutoff
from ...statistics.proportional_hazards import ProportionalHazards, proportional_hazards
from ...statistics.stepwise import Selection, backward_cox
from ...statistics.time_dependent import (
    brier_at,
    compare_time_auc,
    heagerty_roc,
    integrated_brier,
    time_auc,
    time_roc,
    usual_span,
)
from ...statistics.univariate import univariate_cox
from ..results.cohorts import EndpointCohort
from ..results.models import CutoffSearch
from ..results.performance import Effect, EndpointFields, GroupCurve, HorizonPerformance, SurvivalPerformance
from .interface import COX, Compare, CutoffValue, Observations, Regression, StudyEndpoint, Whose
from .scored_rows import Attempts, ScoredRows

#: Risks at which decision curves are drawn.
THRESHOLDS = np.arange(1, 100) / 100

#: Steps (months) between the numbers at risk under a curve, the first that needs at most this many columns.
_TICK_STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120, 240)
_MOST_TICKS = 8

#: Times over which the integrated Brier score is averaged.
_BRIER_TIMES = 25


@dataclass(frozen=True, eq=False)
class SurvivalObservations(Observations):
    """``time`` (n,) in months and ``event`` (n,) as 0/1, of the rows that are ``known`` (n,)."""

    discrimination_name: ClassVar[str] = "C-index"
    family: ClassVar[str] = COX
    known: np.ndarray
    time: np.ndarray
    event: np.ndarray
    whose: Whose | None = None

    @property
    def positive(self) -> np.ndarray:
        return self.event

    @property
    def target(self) -> tuple[np.ndarray, np.ndarray]:
        return self.time, self.event

    @property
    def can_be_discriminated(self) -> bool:
        return len(self.known) > 2 and bool(self.event.any())

    @property
    def longest_follow_up(self) -> float:
        return float(self.time.max(initial=0.0))

    def rows(self, which: np.ndarray) -> SurvivalObservations:
        return SurvivalObservations(self.known[which], self.time[which], self.event[which],
                                    self.whose and self.whose.rows(which))

    def exchanged(self, generator: np.random.Generator) -> SurvivalObservations:
        rows = exchanged_rows(cluster_numbers(self.clusters, len(self.known)), len(self.known), generator)
        return replace(self.rows(rows), whose=self.whose)

    def fit(self, x: np.ndarray, names: Sequence[str]) -> CoxModel:
        return fit_cox(self.time, self.event, x, names, clusters=self.clusters)

    def refit(self, x: np.ndarray, names: Sequence[str]) -> CoxModel:
        return cox.fit_cox(self.time, self.event, x, names)

    def backward(self, x: np.ndarray, names: Sequence[str], groups: Mapping[str, Sequence[str]]) -> Selection:
        return backward_cox(self.time, self.event, x, names, groups=groups, clusters=self.clusters)

    def test_columns(self, x: np.ndarray, names: Sequence[str]) -> tuple[str, np.ndarray]:
        rows = univariate_cox(self.time, self.event, x, names, clusters=self.clusters)
        return "Cox regression", np.array([row.p for row in rows])

    def discriminate(self, score: np.ndarray) -> float:
        return concordance(self.time, self.event, score).c

    def comparisons(self, horizons: Sequence[float]) -> list[tuple[str, Compare]]:
        time, event, clusters = self.time, self.event, self.clusters

        def at_time(at: float) -> Compare:
            return lambda one, two: compare_time_auc(time, event, one, two, at, clusters=clusters)

        return [("C-index", lambda one, two: compare_concordance(time, event, one, two, clusters=clusters)),
                *((f"AUC at {at:g} months", at_time(at)) for at in horizons)]

    def smooth_calibration(self, predicted: np.ndarray, at: float | None, knots: int) -> SmoothCalibration:
        if at is None:
            raise InputError("A survival is predicted for a time; none is given.")
        return smooth_survival(self.time, self.event, predicted, at, knots)

    def proportional_hazards(self, fit: Regression, x: np.ndarray,
                             groups: Sequence[Sequence[str]]) -> ProportionalHazards | None:
        if not isinstance(fit, CoxModel):
            return None
        try:
            return proportional_hazards(fit, self.time, self.event, x, groups=groups, clusters=self.clusters)
        except InputError:
            return None

    def best_cutoff(self, score: np.ndarray, direction: float, minimum_share: float) -> CutoffValue:
        best = maximally_selected_cutoff(self.time, self.event, score, minimum_share, self.clusters)
        how = "Lausen & Schumacher" if best.p_clustered is None else "multiplier bootstrap of whole patients"
        text = (f"Maximally selected log-rank statistic {best.statistic:.3f}, p = {best.p:.3g} allowing for the search "
                f"({how}); {best.low} rows below, {best.high} above.")
        return CutoffValue(best.cutoff, text, best.p, best.cutoffs, best.statistics)

    def summarise(self, cohort: str, missing: int, horizons: Sequence[float]) -> EndpointCohort:
        rows, events = len(self.known), int(self.event.sum())
        if not rows:
            return EndpointCohort(cohort=cohort, n=rows, events=events, missing=missing)
        curve = self.curve()
        # Schemper & Smith, Control Clin Trials 1996;17:343: follow-up is the time to censoring, events censoring it.
        follow_up = kaplan_meier(self.time, 1.0 - self.event).median
        return EndpointCohort(cohort=cohort, n=rows, events=events, missing=missing, curve=curve,
                              estimates=tuple(estimate_at(curve, at) for at in horizons), median_follow_up=follow_up,
                              counted=self.counted)

    def between(self, groups: np.ndarray) -> LogRank:
        return log_rank(self.time, self.event, groups, self.clusters)

    def baseline(self, linear_predictor: np.ndarray) -> BaselineHazard:
        return baseline_hazard(self.time, self.event, linear_predictor)

    def measure(self, scored: ScoredRows, endpoint: StudyEndpoint, cutoff: CutoffSearch | None, groups: int, knots: int,
                attempts: Attempts) -> EndpointFields:
        curves, ticks, test, ratio = self._compare_groups(scored.above, cutoff, attempts)
        horizons = endpoint.horizons
        performance = SurvivalPerformance(
            concordance=attempts.get("C-index", lambda: concordance(self.time, self.event, scored.linear_predictor,
                                                                    clusters=self.clusters)),
            groups=curves, ticks=ticks, log_rank=test, hazard_ratio=ratio,
            horizons=tuple(self._at_horizon(scored, at, groups, knots, attempts) for at in horizons),
            integrated_brier=attempts.get("integrated Brier score",
                                          lambda: self._integrated_brier(scored, max(horizons))) if horizons else None)
        return {"time": self.time, "event": self.event, "outcome": None, "survival": performance, "binary": None}

    def _compare_groups(self, above: np.ndarray | None, cutoff: CutoffSearch | None, attempts: Attempts) -> tuple[
            tuple[GroupCurve, ...], tuple[float, ...], LogRank | None, Effect | None]:
        """Return curves, ticks, log-rank test and hazard ratio of the groups; nothing without a cut-off."""
        if above is None or cutoff is None:
            return (), (), None, None
        time, event, ticks = self.time, self.event, risk_ticks(self.time)
        at_risk = at_risk_table(time, above, ticks) if above.any() and not above.all() else {}
        curves = tuple(GroupCurve(cutoff.labels[side], self.rows(above == side).curve(), at_risk[side])
                       for side in (False, True) if side in at_risk)
        return (curves, ticks, attempts.get("log-rank test", lambda: log_rank(time, event, above, self.clusters)),
                attempts.get("hazard ratio of the groups", lambda: self._group_ratio(above, cutoff.labels)))

    def curve(self) -> KaplanMeier:
        """Return the Kaplan-Meier curve of all rows."""
        return kaplan_meier(self.time, self.event, clusters=self.clusters)

    def _group_ratio(self, above: np.ndarray, labels: tuple[str, str]) -> Effect:
        """Return the hazard ratio of the group above the cut-off against that below. Raises CohortError for one group.
        """
        if above.all() or not above.any():
            raise CohortError("All rows are on one side of the cut-off.")
        fit = self.fit(above.astype(float)[:, None], ("group",))
        return Effect(term="group", title="Risk group", level=labels[1], reference=labels[0],
                      coefficient=float(fit.coefficients[0]), ratio=float(fit.hazard_ratios[0]),
                      lower=float(fit.lower[0]), upper=float(fit.upper[0]), p=float(fit.p[0]))

    def _at_horizon(self, scored: ScoredRows, at: float, groups: int, knots: int,
                    attempts: Attempts) -> HorizonPerformance:
        time, event, lp, clusters = self.time, self.event, scored.linear_predictor, self.clusters
        survival, when = scored.outcome([at])[:, 0], f"at {at:g} months"
        return HorizonPerformance(
            time=float(at), auc=attempts.get(f"AUC {when}", lambda: time_auc(time, event, lp, at, clusters=clusters)),
            roc=attempts.get(f"ROC curve {when}", lambda: time_roc(time, event, lp, at)),
            neighbours=attempts.get(f"Heagerty's nearest-neighbour ROC curve {when}",
                                    lambda: heagerty_roc(time, event, lp, at, usual_span(len(lp)))),
            km=attempts.get(f"Heagerty's Kaplan-Meier ROC curve {when}", lambda: heagerty_roc(time, event, lp, at)),
            brier=attempts.get(f"Brier score {when}", lambda: brier_at(time, event, survival, at, clusters)),
            calibration=attempts.get(f"calibration by groups {when}",
                                     lambda: calibrate_survival(
                                         time, event, survival, at, groups, fit_curve=kaplan_meier,
                                         clusters=clusters)) or (),
            smooth=attempts.get(f"smooth calibration {when}",
                                lambda: smooth_survival(time, event, survival, at, knots)),
            decision=attempts.get(f"decision curve {when}", lambda: survival_decision_curve(
                time, event, 1.0 - survival, at, THRESHOLDS)))

    def _integrated_brier(self, scored: ScoredRows, end: float) -> float:
        """Return the mean Brier score from the first event to ``end``."""
        first = float(self.time[self.event == 1].min(initial=end))
        times = np.linspace(first, end, _BRIER_TIMES) if first < end else np.array([end])
        return integrated_brier(self.time, self.event, scored.outcome(times.tolist()), times)


def risk_ticks(time: np.ndarray) -> tuple[float, ...]:
    """Return the times (months) under a Kaplan-Meier plot: round steps from 0 to the longest of ``time`` (n,)."""
    longest = float(time.max())
    step = next((step for step in _TICK_STEPS if longest / step < _MOST_TICKS), _TICK_STEPS[-1])
    return tuple(float(tick) for tick in np.arange(0.0, longest + step, step))


@dataclass(frozen=True, kw_only=True)
class SurvivalEndpoint(StudyEndpoint):
    """A time to an event: columns ``time`` (months) and ``status`` (1 = event), ``horizons`` (months) to report."""

    kind: ClassVar[str] = TIME_TO_EVENT
    family: ClassVar[str] = COX
    has_classes: ClassVar[bool] = False
    cutoff_rule: ClassVar[str] = "maxstat"
    ratio: ClassVar[str] = "Hazard ratio"
    roc: ClassVar[str] = "Time-dependent ROC curves (inverse probability of censoring weights)"
    quantity: ClassVar[str] = ""
    time: str = entry(key="time_column")
    status: str = entry(key="event_column")
    horizons: tuple[float, ...] = entry(key="horizons_months", above=0)

    def check(self, table: Table) -> None:
        """Raise SchemaError unless the horizons rise."""
        if not self.horizons or list(self.horizons) != sorted(set(self.horizons)):
            table.fail("horizons_months", "must be one or more rising times")

    @classmethod
    def of_model(cls, model: Model, time: str, event: str, outcome: str) -> SurvivalEndpoint:
        about = model.endpoint
        return cls(id=about.abbreviation, name=about.name, abbreviation=about.abbreviation, event=about.event,
                   time=time, status=event, horizons=model.horizons_months)

    @staticmethod
    def sides(event: str) -> tuple[str, str]:
        return "no event so far", "event"

    @property
    def columns(self) -> tuple[str, ...]:
        return self.time, self.status

    def observe(self, known: np.ndarray, values: Sequence[np.ndarray], cases: np.ndarray,
                whose: Whose | None = None) -> SurvivalObservations:
        time, event = values
        negative = known & (time < 0)
        if negative.any():
            raise CohortError(f"Column '{self.time}' is negative for case {cases[negative.argmax()]} "
                              f"({time[negative.argmax()]:g}); give months from the start of follow-up.")
        return SurvivalObservations(known, np.where(known, time, 0.0), np.where(known, event, 0.0), whose)

    def complete(self, model: Model, coefficients: dict[str, Coefficient], intercept: float,
                 baseline: BaselineHazard | None, last: float) -> Model:
        if baseline is None:
            raise CohortError("A survival model needs a regression: without one there is no baseline hazard.")
        times, hazards = baseline.times.tolist(), baseline.hazard.tolist()
        if last > times[-1]:
            times, hazards = [*times, last], [*hazards, hazards[-1]]
        return replace(model, provenance=replace(model.provenance, survival=TRAINED_HERE), survival=SurvivalPredictor(
            coefficients=coefficients, horizons_months=tuple(at for at in self.horizons if at <= last),
            baseline_cumulative_hazard=Baseline(times_months=tuple(times), values=tuple(hazards), interpolation=STEP)))
