"""How a model does in a cohort: frozen records of discrimination, calibration, groups and their characteristics.

A value that could not be computed is None, and ``unavailable`` of the model's record says in words why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from ...characteristics import CharacteristicsTable
from ...notation import fixed, p_text
from ...result import Result, only_where_known
from ...statistics.calibration import CalibrationGroup, SmoothCalibration
from ...statistics.classification import Classification
from ...statistics.concordance import Concordance
from ...statistics.decision_curve import DecisionCurve
from ...statistics.kaplan_meier import KaplanMeier, LogRank
from ...statistics.roc import Auc, RocCurve
from ...statistics.time_dependent import Brier, TimeAuc, TimeRoc
from ...statistics.univariate import Comparison
from .cohorts import PatientCount
from .measures import DESCRIPTION, DISCRIMINATION, EFFECT, Measure


@dataclass(frozen=True)
class Unavailable(Result):
    """A number, test or file (``what``) that does not exist, and the ``reason`` in words."""

    what: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Effect(Result):
    """A row of a regression table or forest plot: the hazard or odds ``ratio`` of a term with interval and p.

    ``level`` is the level of a categorical term and ``reference`` the one it is compared with, both empty else.
    ``ratio`` and what follows are None, and ``status`` says why, where the term could not be fitted.
    """

    term: str
    title: str
    level: str
    reference: str
    coefficient: float | None
    ratio: float | None
    lower: float | None
    upper: float | None
    p: float | None
    status: str = "ok"


@dataclass(frozen=True, kw_only=True)
class UnivariableTable(Result):
    """Every covariate alone in the ``cohort``: its ``effects`` on the endpoint (its id).

    A covariate's regression has the rows that have it: ``used`` gives (name, rows, events), and ``together`` (name, p)
    the likelihood-ratio test (Wald's, where patients have several VOIs) of all levels of a categorical one.
    ``counted`` gives (name, numbers) where patients have several VOIs.
    """

    endpoint: str
    cohort: str
    effects: tuple[Effect, ...]
    used: tuple[tuple[str, int, int], ...]
    together: tuple[tuple[str, float], ...]
    counted: tuple[tuple[str, PatientCount], ...] | None = only_where_known()


@dataclass(frozen=True, eq=False)
class GroupCurve(Result):
    """The Kaplan-Meier ``curve`` of a risk group, and its numbers ``at_risk`` at the model cohort's ``ticks``."""

    label: str
    curve: KaplanMeier
    at_risk: tuple[int, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class HorizonPerformance(Result):
    """A survival model at one horizon (months): discrimination, error, calibration and net benefit of its risk.

    ``roc`` and its area ``auc`` weight rows by the inverse probability of censoring; ``neighbours`` and ``km`` are
    Heagerty's nearest-neighbour and Kaplan-Meier estimates of the same curve, which have no interval.
    """

    time: float
    auc: TimeAuc | None
    roc: TimeRoc | None
    neighbours: TimeRoc | None
    km: TimeRoc | None
    brier: Brier | None
    calibration: tuple[CalibrationGroup, ...]
    smooth: SmoothCalibration | None
    decision: DecisionCurve | None

    def measures(self) -> Iterator[Measure]:
        """Yield the measures at this time."""
        when = f"at {self.time:g} months"
        if self.auc:
            yield Measure(name=f"AUC {when}", value=self.auc.auc, lower=self.auc.lower, upper=self.auc.upper,
                          role=DISCRIMINATION, detail=f"SE {fixed(self.auc.se, 4)}; {self.auc.cases} cases, "
                                                      f"{self.auc.controls} controls")
        for curve, how in ((self.neighbours, "nearest neighbours"), (self.km, "Kaplan-Meier")):
            if curve:
                span = "" if curve.span is None else f"span {fixed(curve.span)} of the rows on each side; "
                yield Measure(name=f"AUC {when} by {how}", value=curve.auc, heading=f"AUC {when}, Heagerty's {how}",
                              detail=f"{span}no interval")
        if self.brier:
            yield Measure(name=f"Brier score {when}", value=self.brier.brier, digits=4,
                          detail=f"SE {fixed(self.brier.se, 4)}; without model {fixed(self.brier.null, 4)}")
        yield from calibration_measures(self.smooth, f" {when}")


def calibration_measures(smooth: SmoothCalibration | None, when: str = "") -> Iterator[Measure]:
    """Yield the mean distance of predicted and observed, with the median and the 90th percentile."""
    if smooth:
        yield Measure(name=f"ICI{when}", value=smooth.ici, detail=f"E50 {fixed(smooth.e50)}, E90 {fixed(smooth.e90)}",
                      heading=f"Calibration{when}: ICI")


@dataclass(frozen=True, eq=False, kw_only=True)
class SurvivalPerformance(Result):
    """A survival model in a cohort; what compares groups is empty or None without a cut-off or with a single group.

    ``hazard_ratio`` compares the group above the cut-off with that below.
    """

    concordance: Concordance | None
    groups: tuple[GroupCurve, ...]
    ticks: tuple[float, ...]
    log_rank: LogRank | None
    hazard_ratio: Effect | None
    horizons: tuple[HorizonPerformance, ...]
    integrated_brier: float | None

    def by_time(self) -> list[tuple[float | None, AtTime]]:
        """Return (months, performance) of every horizon."""
        return [(item.time, item) for item in self.horizons]

    def measures(self) -> Iterator[Measure]:
        """Yield every measure, the C-index first."""
        c, ratio = self.concordance, self.hazard_ratio
        if c:
            yield Measure(name="C-index", value=c.c, lower=c.lower, upper=c.upper, role=DISCRIMINATION,
                          detail=f"SE {fixed(c.se, 4)}; {c.concordant} concordant, {c.discordant} discordant, "
                                 f"{c.tied_score} with equal scores")
        if self.log_rank:
            test = self.log_rank.test
            yield Measure(name="log-rank chi-squared", value=test.statistic, p=test.p, unit="chi-squared",
                          detail=f"df {test.df}")
        if ratio:
            yield Measure(name=f"hazard ratio {ratio.level} vs {ratio.reference}", value=ratio.ratio, lower=ratio.lower,
                          upper=ratio.upper, p=ratio.p, unit="ratio", role=EFFECT,
                          heading=f"Hazard ratio, {ratio.level} vs {ratio.reference}")
        for place, group in enumerate(self.groups):
            yield self._median_time(place, group)
        for item in self.horizons:
            yield from item.measures()
        yield Measure(name="integrated Brier score", value=self.integrated_brier, digits=4)

    def _median_time(self, place: int, group: GroupCurve) -> Measure:
        curve = group.curve
        expected = f", expected {fixed(self.log_rank.expected[place], 1)}" if self.log_rank else ""
        return Measure(name=f"median time (months), {group.label}", value=curve.median, lower=curve.median_lower,
                       upper=curve.median_upper, unit="months",
                       detail=f"{curve.total_events} of {curve.n} rows with event{expected}")


@dataclass(frozen=True, eq=False, kw_only=True)
class BinaryPerformance(Result):
    """A binary model in a cohort. ``score_by_outcome`` compares the score between the two classes, whose
    (mean, SD) are given; ``classification`` is that of the cut-off, positive where the score predicts the outcome."""

    auc: Auc | None
    roc: RocCurve | None
    classification: Classification | None
    score_by_outcome: Comparison | None
    negative_score: tuple[float, float | None] | None
    positive_score: tuple[float, float | None] | None
    brier: float | None
    calibration: tuple[CalibrationGroup, ...]
    smooth: SmoothCalibration | None
    decision: DecisionCurve | None

    def by_time(self) -> list[tuple[float | None, AtTime]]:
        """Return the one performance, which is of no time."""
        return [(None, self)]

    def measures(self) -> Iterator[Measure]:
        """Yield every measure, the AUC first."""
        if self.auc:
            area = self.auc
            yield Measure(name="AUC", value=area.auc, lower=area.lower, upper=area.upper, role=DISCRIMINATION,
                          detail=f"{area.method}'s SE {fixed(area.variance ** 0.5, 4)}; {area.positive} positive, "
                                 f"{area.negative} negative")
        if self.classification:
            yield from _classification_measures(self.classification)
        if self.score_by_outcome:
            yield self._test(self.score_by_outcome)
        yield Measure(name="Brier score", value=self.brier, digits=4)
        yield from calibration_measures(self.smooth)

    def _test(self, test: Comparison) -> Measure:
        chosen = [f"{name} {p_text(p)}" for name, p in (("Shapiro", test.shapiro_p), ("Bartlett", test.bartlett_p))
                  if p is not None]
        means = [f"{label} {fixed(pair[0])}" + ("" if pair[1] is None else f" ± {fixed(pair[1])}")
                 for label, pair in (("with the event", self.positive_score), ("without", self.negative_score)) if pair]
        return Measure(name=f"{test.test}, score by outcome", value=test.statistic, p=test.p,
                       detail="; ".join([", ".join(means), *([", ".join(chosen)] if chosen else [])]))


def _classification_measures(rule: Classification) -> Iterator[Measure]:
    counts = (f"{rule.true_positive} true positive, {rule.false_positive} false positive, {rule.true_negative} true "
              f"negative, {rule.false_negative} false negative")
    yield Measure(name="accuracy", value=rule.accuracy, unit="share", detail=counts)
    yield Measure(name="f1", value=rule.f1)
    yield Measure(name="sensitivity", value=rule.sensitivity, unit="share")
    yield Measure(name="specificity", value=rule.specificity, unit="share")
    yield Measure(name="ppv", value=rule.ppv, unit="share", heading="Positive predictive value",
                  detail="" if rule.ppv is not None else "none is called positive")
    yield Measure(name="npv", value=rule.npv, unit="share", heading="Negative predictive value",
                  detail="" if rule.npv is not None else "none is called negative")


#: A performance with its curves: at a horizon, or of no time.
AtTime = HorizonPerformance | BinaryPerformance


class EndpointFields(TypedDict):
    """The fields of a ModelCohort that its kind of endpoint decides: what was observed, and its performance."""

    time: np.ndarray | None
    event: np.ndarray | None
    outcome: np.ndarray | None
    survival: SurvivalPerformance | None
    binary: BinaryPerformance | None


@dataclass(frozen=True, eq=False)
class ScoreSummary(Result):
    """A score in a cohort: number, mean, SD and the quartiles (minimum, 25, 50, 75 %, maximum)."""

    n: int
    mean: float
    sd: float | None
    quartiles: tuple[float, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class ModelCohort(Result):
    """A model in a cohort of ``n`` rows with complete data and ``events``; ``excluded`` rows lack a value.

    ``counted`` stands where patients have several VOIs. ``score`` (n,) is what the cut-off applies to,
    ``linear_predictor`` (n,) the model's, high meaning more events; ``above`` (n,) tells the group (None without
    cut-off). ``predicted`` is the probability (n,) or the survival at the horizons (n, horizons), None for a stored
    model that predicts neither. ``time`` and ``event`` (n,), or ``outcome`` (n,), are what was observed.
    """

    cohort: str
    role: str
    n: int
    events: int
    excluded: int
    cases: tuple[str, ...]
    score: np.ndarray
    linear_predictor: np.ndarray
    above: np.ndarray | None
    predicted: np.ndarray | None
    time: np.ndarray | None
    event: np.ndarray | None
    outcome: np.ndarray | None
    score_summary: ScoreSummary
    survival: SurvivalPerformance | None
    binary: BinaryPerformance | None
    characteristics: CharacteristicsTable | None
    unavailable: tuple[Unavailable, ...]
    counted: PatientCount | None = only_where_known()

    @property
    def performance(self) -> SurvivalPerformance | BinaryPerformance | None:
        """The survival or the binary performance, whichever the endpoint has."""
        return self.survival or self.binary

    def by_time(self) -> list[tuple[float | None, AtTime]]:
        """Return (months, performance) of every horizon; a binary performance is of no time (None)."""
        return self.performance.by_time() if self.performance else []

    @property
    def status(self) -> np.ndarray:
        """What was observed (n,) as 0/1: the event, or the outcome."""
        observed = self.event if self.outcome is None else self.outcome
        return np.zeros(self.n) if observed is None else observed

    def measures(self) -> list[Measure]:
        """Return every measure: what tables, report, command line and model file list."""
        score = self.score_summary
        return [Measure(name="score mean", value=score.mean, role=DESCRIPTION),
                Measure(name="score SD", value=score.sd, role=DESCRIPTION),
                *(self.performance.measures() if self.performance else ())]

    def discrimination(self) -> list[Measure]:
        """Return the measures that compare models, the main one first."""
        return [item for item in self.measures() if item.role == DISCRIMINATION]
