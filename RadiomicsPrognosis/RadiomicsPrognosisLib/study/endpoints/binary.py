"""Yes-or-no outcomes: logistic regression, AUC, classification by the cut-off, and measures of the probability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from ...cohort.patients import Whose
from ...contract import entry
from ...errors import CohortError
from ...models.model import BINARY, TRAINED_HERE, Model
from ...models.predictors import SCORE, Coefficient, ProbabilityPredictor
from ...statistics.calibration import SmoothCalibration, calibrate_probability, smooth_probability
from ...statistics.classification import Classification, brier_score, classification
from ...statistics.clusters import cluster_numbers, exchanged_rows
from ...statistics.contingency import ContingencyTest, compare_clustered, compare_counts
from ...statistics.cox import BaselineHazard
from ...statistics.decision_curve import decision_curve
from ...statistics.logistic import LogisticModel, fit_logistic
from ...statistics.proportional_hazards import ProportionalHazards
from ...statistics.roc import auc, compare_auc, roc_curve, youden
from ...statistics.stepwise import Selection, backward_logistic
from ...statistics.univariate import compare_groups
from ..results.cohorts import EndpointCohort
from ..results.models import CutoffSearch
from ..results.performance import BinaryPerformance, EndpointFields
from .interface import LOGISTIC, Compare, CutoffValue, Observations, Regression, StudyEndpoint
from .scored_rows import Attempts, ScoredRows
from .survival import THRESHOLDS


@dataclass(frozen=True, eq=False)
class BinaryObservations(Observations):
    """``outcome`` (n,) as 0/1, of the rows that are ``known`` (n,)."""

    discrimination_name: ClassVar[str] = "AUC"
    family: ClassVar[str] = LOGISTIC
    known: np.ndarray
    outcome: np.ndarray
    whose: Whose | None = None

    @property
    def positive(self) -> np.ndarray:
        return self.outcome

    @property
    def target(self) -> np.ndarray:
        return self.outcome

    @property
    def can_be_discriminated(self) -> bool:
        return len(self.known) > 2 and bool(self.outcome.any()) and not self.outcome.all()

    @property
    def longest_follow_up(self) -> float:
        return 0.0

    def rows(self, which: np.ndarray) -> BinaryObservations:
        return BinaryObservations(self.known[which], self.outcome[which], self.whose and self.whose.rows(which))

    def exchanged(self, generator: np.random.Generator) -> BinaryObservations:
        rows = exchanged_rows(cluster_numbers(self.clusters, len(self.known)), len(self.known), generator)
        return replace(self.rows(rows), whose=self.whose)

    def fit(self, x: np.ndarray, names: Sequence[str]) -> LogisticModel:
        return fit_logistic(self.outcome, x, names, clusters=self.clusters)

    def refit(self, x: np.ndarray, names: Sequence[str]) -> LogisticModel:
        return fit_logistic(self.outcome, x, names)

    def backward(self, x: np.ndarray, names: Sequence[str], groups: Mapping[str, Sequence[str]]) -> Selection:
        return backward_logistic(self.outcome, x, names, groups, self.clusters)

    def test_columns(self, x: np.ndarray, names: Sequence[str]) -> tuple[str, np.ndarray]:
        test = "t or Mann-Whitney test" if self.clusters is None else "Cluster-robust t test of values or ranks"
        return test, np.array([compare_groups(column, self.outcome, self.clusters).p for column in x.T])

    def discriminate(self, score: np.ndarray) -> float:
        return auc(self.outcome, score).auc

    def comparisons(self, horizons: Sequence[float]) -> list[tuple[str, Compare]]:
        return [("AUC", lambda one, two: compare_auc(self.outcome, one, two, clusters=self.clusters))]

    def smooth_calibration(self, predicted: np.ndarray, at: float | None, knots: int) -> SmoothCalibration:
        return smooth_probability(self.outcome, predicted, knots)

    def proportional_hazards(self, fit: Regression, x: np.ndarray,
                             groups: Sequence[Sequence[str]]) -> ProportionalHazards | None:
        return None

    def best_cutoff(self, score: np.ndarray, direction: float, minimum_share: float) -> CutoffValue:
        best = youden(self.outcome, score if direction > 0 else -score)
        return CutoffValue(best.threshold if direction > 0 else -best.threshold,
                           f"Largest Youden index {best.index:.3f}: sensitivity {best.sensitivity:.3f}, specificity "
                           f"{best.specificity:.3f}.")

    def summarise(self, cohort: str, missing: int, horizons: Sequence[float]) -> EndpointCohort:
        return EndpointCohort(cohort=cohort, n=len(self.known), events=int(self.outcome.sum()), missing=missing,
                              counted=self.counted)

    def between(self, groups: np.ndarray) -> ContingencyTest:
        if self.clusters is not None:
            return compare_clustered(self.outcome, groups, self.clusters)
        labels = np.unique(groups)
        return compare_counts([[np.sum((groups == label) & (self.outcome == side)) for label in labels]
                               for side in (0, 1)])

    def baseline(self, linear_predictor: np.ndarray) -> None:
        return None

    def measure(self, scored: ScoredRows, endpoint: StudyEndpoint, cutoff: CutoffSearch | None, groups: int, knots: int,
                attempts: Attempts) -> EndpointFields:
        outcome, get, rule, clusters = self.outcome, attempts.get, None, self.clusters
        if cutoff is not None and scored.above is not None:
            # The group whose score predicts the outcome is called positive.
            called = scored.above if (cutoff.worse == "above") != endpoint.favourable else ~scored.above
            rule = get("classification", lambda: _classify(outcome, called))
        performance = BinaryPerformance(
            auc=get("AUC", lambda: auc(outcome, scored.linear_predictor, clusters=clusters)),
            roc=get("ROC curve", lambda: roc_curve(outcome, scored.linear_predictor)), classification=rule,
            score_by_outcome=get("comparison of scores", lambda: compare_groups(scored.score, outcome, clusters)),
            negative_score=_mean_sd(scored.score[outcome == 0]), positive_score=_mean_sd(scored.score[outcome == 1]),
            brier=get("Brier score", lambda: brier_score(outcome, scored.outcome(()))),
            calibration=get("calibration by groups",
                            lambda: calibrate_probability(outcome, scored.outcome(()), groups,
                                                              clusters=clusters)) or (),
            smooth=get("smooth calibration", lambda: smooth_probability(outcome, scored.outcome(()), knots)),
            decision=get("decision curve", lambda: decision_curve(outcome, scored.outcome(()), THRESHOLDS)))
        return {"time": None, "event": None, "outcome": outcome, "survival": None, "binary": performance}


def _classify(outcome: np.ndarray, called: np.ndarray) -> Classification:
    return classification(outcome, called.astype(float), 0.5)


def _mean_sd(values: np.ndarray) -> tuple[float, float | None] | None:
    if not len(values):
        return None
    return float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else None


@dataclass(frozen=True, kw_only=True)
class BinaryEndpoint(StudyEndpoint):
    """An outcome in the column ``outcome`` (1 = the event); ``favourable`` when the event is a good one."""

    kind: ClassVar[str] = BINARY
    family: ClassVar[str] = LOGISTIC
    has_classes: ClassVar[bool] = True
    cutoff_rule: ClassVar[str] = "youden"
    ratio: ClassVar[str] = "Odds ratio"
    roc: ClassVar[str] = "ROC curves"
    quantity: ClassVar[str] = "probability"
    outcome: str = entry(key="outcome_column")
    favourable: bool = False

    @classmethod
    def of_model(cls, model: Model, time: str, event: str, outcome: str) -> BinaryEndpoint:
        about, favourable = model.endpoint, False
        if model.cutoff is not None:
            # The worse side tells whether the outcome that a high probability means is a good one.
            coefficients = model.probability.coefficients if model.probability and model.score_cutoff else {}
            slope = coefficients.get(SCORE, 1.0)
            favourable = model.cutoff.worse_is_above != (isinstance(slope, float) and slope > 0)
        return cls(id=about.abbreviation, name=about.name, abbreviation=about.abbreviation, event=about.event,
                   outcome=outcome, favourable=favourable)

    @staticmethod
    def sides(event: str) -> tuple[str, str]:
        return event.removeprefix("no ") if event.startswith("no ") else f"no {event}", event

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.outcome,)

    def observe(self, known: np.ndarray, values: Sequence[np.ndarray], cases: np.ndarray,
                whose: Whose | None = None) -> BinaryObservations:
        return BinaryObservations(known, np.where(known, values[-1], 0.0), whose)

    def check_training(self, training: Observations) -> None:
        super().check_training(training)
        if training.positive.all():
            raise CohortError(f"All {len(training.positive)} training rows have outcome 1 of '{self.id}'; a model "
                              "needs both classes.")

    def complete(self, model: Model, coefficients: dict[str, Coefficient], intercept: float,
                 baseline: BaselineHazard | None, last: float) -> Model:
        return replace(model, provenance=replace(model.provenance, probability=TRAINED_HERE),
                       probability=ProbabilityPredictor(outcome=self.event, intercept=intercept,
                                                        coefficients=coefficients))
