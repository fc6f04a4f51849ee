"""What the steps of a study ask of an endpoint, whichever kind it is."""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np

from ...contract import entry
from ...errors import CohortError
from ...models.model import Model
from ...models.predictors import Coefficient
from ...statistics.calibration import SmoothCalibration
from ...statistics.cox import BaselineHazard, CoxModel
from ...statistics.logistic import LogisticModel
from ...statistics.proportional_hazards import ProportionalHazards
from ...statistics.stepwise import Selection
from ..results.cohorts import Between, EndpointCohort, PatientCount
from ..results.models import CutoffSearch, Difference
from ..results.performance import EndpointFields
from .scored_rows import Attempts, ScoredRows

#: A regression of either kind of endpoint.
Regression = CoxModel | LogisticModel

#: Families of regression, as penalised fits name them.
COX, LOGISTIC = "cox", "logistic"

#: How two linear predictors (n,) are compared.
Compare = Callable[[np.ndarray, np.ndarray], Difference]


@dataclass(frozen=True, eq=False)
class CutoffValue:
    """A cut-off's ``value`` and how it came about: ``text``, and of a search its corrected ``p`` and the ``statistics``
    (m,) of its ``candidates`` (m,)."""

    value: float
    text: str
    p: float | None = None
    candidates: np.ndarray = field(default_factory=lambda: np.zeros(0))
    statistics: np.ndarray = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True, eq=False)
class Whose:
    """Whose each row is: the number of its ``patient`` (n,), and how many ``vois`` (n,) stand behind it."""

    patient: np.ndarray
    vois: np.ndarray

    def rows(self, which: np.ndarray) -> Whose:
        """Return the same of some rows (mask or numbers)."""
        return Whose(self.patient[which], self.vois[which])

    @property
    def patients(self) -> int:
        """The number of patients."""
        return len(np.unique(self.patient))


class Observations(abc.ABC):
    """An endpoint by row: ``known`` (n,) rows have it; what was observed is 0 elsewhere. ``whose`` they are is None
    where nobody tells."""

    #: What a score's discrimination is called.
    discrimination_name: ClassVar[str]
    #: The family of its regressions.
    family: ClassVar[str]
    known: np.ndarray
    whose: Whose | None

    @property
    def clusters(self) -> np.ndarray | None:
        """The patient (n,) of each row where some have several, None where every row is a patient's only one.

        Everything that has an interval or a test, and every bootstrap, is given them.
        """
        return None if self.whose is None or self.whose.patients == len(self.known) else self.whose.patient

    @property
    def counted(self) -> PatientCount | None:
        """The numbers of VOIs and patients, None where each patient has one VOI."""
        if self.whose is None or not len(self.known):
            return None
        count = PatientCount(int(self.whose.vois.sum()), self.whose.patients)
        return None if count.vois == count.patients else count

    @property
    @abc.abstractmethod
    def positive(self) -> np.ndarray:
        """Events or outcomes (n,) as 0/1."""

    @property
    @abc.abstractmethod
    def target(self) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
        """What a penalised fit is given: (time, event), or the outcome."""

    @property
    @abc.abstractmethod
    def can_be_discriminated(self) -> bool:
        """Whether a score can be right or wrong about these rows."""

    @property
    @abc.abstractmethod
    def longest_follow_up(self) -> float:
        """The longest time (months) that a row was followed, 0 where there is no time."""

    @abc.abstractmethod
    def rows(self, which: np.ndarray) -> Self:
        """Return the endpoint of some rows (mask or numbers)."""

    @abc.abstractmethod
    def exchanged(self, generator: np.random.Generator) -> Self:
        """Return the same rows with shuffled outcomes, those of a patient's rows kept together."""

    @abc.abstractmethod
    def fit(self, x: np.ndarray, names: Sequence[str]) -> Regression:
        """Return the regression on ``x`` (n, p) that is reported. Raises as fit_cox and fit_logistic do."""

    @abc.abstractmethod
    def refit(self, x: np.ndarray, names: Sequence[str]) -> Regression:
        """Return the same regression from the kernel that resampling repeats."""

    @abc.abstractmethod
    def backward(self, x: np.ndarray, names: Sequence[str], groups: Mapping[str, Sequence[str]]) -> Selection:
        """Return the backward selection by AIC among the ``groups`` of columns."""

    @abc.abstractmethod
    def test_columns(self, x: np.ndarray, names: Sequence[str]) -> tuple[str, np.ndarray]:
        """Return the test's name and the p value (p,) of every column of ``x`` (n, p) alone."""

    @abc.abstractmethod
    def discriminate(self, score: np.ndarray) -> float:
        """Return the C-index or AUC of ``score`` (n,). Raises CohortError where there is none."""

    @abc.abstractmethod
    def comparisons(self, horizons: Sequence[float]) -> list[tuple[str, Compare]]:
        """Return by name how two linear predictors (n,) of these rows are compared."""

    @abc.abstractmethod
    def smooth_calibration(self, predicted: np.ndarray, at: float | None, knots: int) -> SmoothCalibration:
        """Return the smooth calibration of ``predicted`` (n,) at ``at`` months (None: a probability)."""

    @abc.abstractmethod
    def proportional_hazards(self, fit: Regression, x: np.ndarray,
                             groups: Sequence[Sequence[str]]) -> ProportionalHazards | None:
        """Return the test of proportional hazards of ``fit`` to ``x``, None where that is no question."""

    @abc.abstractmethod
    def best_cutoff(self, score: np.ndarray, direction: float, minimum_share: float) -> CutoffValue:
        """Return the best cut-off of ``score`` (n,) with at least ``minimum_share`` (0 - 1) of the rows on either side.

        ``direction`` is positive when a high score means more events. Raises CohortError where none exists.
        """

    @abc.abstractmethod
    def summarise(self, cohort: str, missing: int, horizons: Sequence[float]) -> EndpointCohort:
        """Return what was observed in these rows of ``cohort``, ``missing`` others lacking the endpoint."""

    @abc.abstractmethod
    def between(self, groups: np.ndarray) -> Between:
        """Return how the outcomes of the ``groups`` (n,) of rows differ. Raises CohortError for a single group."""

    @abc.abstractmethod
    def baseline(self, linear_predictor: np.ndarray) -> BaselineHazard | None:
        """Return the hazard where the given ``linear_predictor`` (n,) is 0, None of what has no time."""

    @abc.abstractmethod
    def measure(self, scored: ScoredRows, endpoint: StudyEndpoint, cutoff: CutoffSearch | None, groups: int, knots: int,
                attempts: Attempts) -> EndpointFields:
        """Return what was observed and how a model does in these rows; what is impossible goes to ``attempts``.

        ``groups`` and ``knots`` are those of the calibration.
        """


@dataclass(frozen=True, kw_only=True)
class StudyEndpoint(abc.ABC):
    """What is predicted, and the cohort's columns that hold it.

    ``time_zero`` is the moment from which time is counted, in words, and ``favourable`` tells that the ``event`` is a
    good outcome; ``horizons`` (months) are the times to report, none of a
    binary endpoint.
    """

    kind: ClassVar[str]
    #: The family of its regressions, cox or logistic.
    family: ClassVar[str]
    #: Whether rows fall in two classes, so that a forest can select and a score can itself be the log-odds.
    has_classes: ClassVar[bool]
    #: The data-driven rule for a cut-off; that of the other kind does not fit.
    cutoff_rule: ClassVar[str]
    #: What a term's effect, what ROC curves, and what a prediction is called (empty: as the endpoint is abbreviated).
    ratio: ClassVar[str]
    roc: ClassVar[str]
    quantity: ClassVar[str]
    id: str
    name: str
    abbreviation: str
    event: str
    time_zero: str = ""
    favourable: bool = entry(default=False, stored=False)
    horizons: tuple[float, ...] = entry(default=(), stored=False)

    @classmethod
    @abc.abstractmethod
    def of_model(cls, model: Model, time: str, event: str, outcome: str) -> StudyEndpoint:
        """Return a stored model's endpoint with the table's columns that hold it: ``time`` and ``event``, or
        ``outcome``."""

    @staticmethod
    @abc.abstractmethod
    def sides(event: str) -> tuple[str, str]:
        """Return what rows without and with the ``event`` are called."""

    @property
    @abc.abstractmethod
    def columns(self) -> tuple[str, ...]:
        """The cohort's columns that hold it, the one of 0 and 1 last."""

    @abc.abstractmethod
    def observe(self, known: np.ndarray, values: Sequence[np.ndarray], cases: np.ndarray,
                whose: Whose | None = None) -> Observations:
        """Return the observations that ``values``, one (n,) per column, are. Raises CohortError for an impossible one.
        """

    def check_training(self, training: Observations) -> None:
        """Raise CohortError for ``training`` rows, each with the endpoint, from which nothing can be learned."""
        positive = training.positive
        if not len(positive):
            raise CohortError(f"No training row has the endpoint '{self.id}' ({', '.join(self.columns)}).")
        if not positive.any():
            raise CohortError(f"None of the {len(positive)} training rows has an event of '{self.id}'; nothing can be "
                              "learned from them.")

    @abc.abstractmethod
    def complete(self, model: Model, coefficients: dict[str, Coefficient], intercept: float,
                 baseline: BaselineHazard | None, last: float) -> Model:
        """Return a stored ``model`` with its predictor, trained here.

        ``baseline`` is a Cox model's hazard at linear predictor 0, and ``last`` the longest follow-up (months) it holds
        for.
        """
