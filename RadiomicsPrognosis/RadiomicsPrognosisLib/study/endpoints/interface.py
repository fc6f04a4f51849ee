"""What the steps of a study ask of an endpoint, whichever kind it is."""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from ...models.predictors import Coefficient, Predictor
from ...statistics.calibration import SmoothCalibration
from ...statistics.concordance import ConcordanceDifference
from ...statistics.cox import CoxModel
from ...statistics.logistic import LogisticModel
from ...statistics.proportional_hazards import ProportionalHazards
from ...statistics.roc import AucDifference
from ...statistics.stepwise import Selection
from ...statistics.time_dependent import TimeAucDifference
from ..results.cohorts import EndpointCohort
from ..results.models import CutoffSearch
from ..results.performance import BinaryPerformance, SurvivalPerformance
from .scored_rows import Attempts, ScoredRows

#: A regression of either kind of endpoint.
Regression = CoxModel | LogisticModel

#: Families of regression, as penalised fits name them.
COX, LOGISTIC = "cox", "logistic"

#: How two linear predictors (n,) are compared.
Compare = Callable[[np.ndarray, np.ndarray], "Difference"]

Difference = ConcordanceDifference | AucDifference | TimeAucDifference


class Observations(abc.ABC):
    """An endpoint by row: ``known`` (n,) rows have it; what was observed is 0 elsewhere."""

    #: What a score's discrimination is called.
    discrimination_name: ClassVar[str]
    #: The family of its regressions.
    family: ClassVar[str]
    known: np.ndarray

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
    def columns(self) -> dict[str, np.ndarray | None]:
        """Return ``time``, ``event`` and ``outcome`` (n,) as records hold them, None for what it has not."""

    @abc.abstractmethod
    def rows(self, which: np.ndarray) -> Self:
        """Return the endpoint of some rows (mask or numbers)."""

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
    def find_cutoff(self, score: np.ndarray, direction: float, minimum_share: float) -> tuple[float, dict[str, Any]]:
        """Return the best cut-off of ``score`` (n,) and what is reported of the search: ``p``, ``text``, ``candidates``
        and ``statistics``. ``direction`` is positive when a high score means more events. Raises CohortError."""

    @abc.abstractmethod
    def summarise(self, cohort: str, missing: int, horizons: Sequence[float]) -> EndpointCohort:
        """Return what was observed in these rows of ``cohort``, ``missing`` others lacking the endpoint."""

    @abc.abstractmethod
    def measure(self, scored: ScoredRows, endpoint: StudyEndpoint, cutoff: CutoffSearch | None, groups: int, knots: int,
                attempts: Attempts) -> SurvivalPerformance | BinaryPerformance:
        """Return how a model does in these rows; what is impossible goes to ``attempts``.

        ``groups`` and ``knots`` are those of the calibration.
        """


class StudyEndpoint(abc.ABC):
    """What is predicted, and the cohort's columns that hold it."""

    kind: ClassVar[str]
    #: The family of its regressions, cox or logistic.
    family: ClassVar[str]
    #: What a term's effect is called.
    ratio: ClassVar[str]
    #: The data-driven rule for a cut-off; that of the other kind does not fit.
    cutoff_rule: ClassVar[str]
    id: str
    name: str
    abbreviation: str
    event: str
    #: Whether the event is a good outcome.
    favourable: bool
    #: Times (months) to report, none of a binary endpoint.
    horizons: tuple[float, ...]

    @property
    @abc.abstractmethod
    def columns(self) -> tuple[str, ...]:
        """The cohort's columns that hold it, the one of 0 and 1 last."""

    @abc.abstractmethod
    def observe(self, known: np.ndarray, values: Sequence[np.ndarray], cases: np.ndarray) -> Observations:
        """Return the observations that ``values``, one (n,) per column, are. Raises CohortError for an impossible one.
        """

    @abc.abstractmethod
    def predictor(self, coefficients: dict[str, Coefficient], intercept: float, baseline: Any,
                  last: float) -> Predictor:
        """Return the predictor of a stored model; ``baseline`` is a Cox model's hazard at linear predictor 0, and
        ``last`` the longest follow-up (months) it holds for."""
