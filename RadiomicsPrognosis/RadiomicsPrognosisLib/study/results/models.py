"""How models were fitted in the training cohort and how they do: terms, cut-off, optimism, comparisons.

A value that could not be computed is None, and ``unavailable`` of the same record says in words why. Arrays of rows
are in the cohort table's order; times are months, shares and probabilities 0 - 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ...models.cutoff import Cutoff, GroupLabels
from ...result import Result, only_where_known
from ...statistics.bootstrap import Optimism
from ...statistics.concordance import ConcordanceDifference
from ...statistics.cox import CoxModel
from ...statistics.logistic import LogisticModel
from ...statistics.proportional_hazards import ProportionalHazards
from ...statistics.roc import AucDifference
from ...statistics.stepwise import Step
from ...statistics.time_dependent import TimeAucDifference
from .cohorts import PatientCount
from .performance import Effect, ModelCohort, Unavailable

#: The difference of two models' discrimination, of whatever kind.
Difference = ConcordanceDifference | AucDifference | TimeAucDifference


@dataclass(frozen=True, eq=False, kw_only=True)
class CutoffSearch(Result):
    """The cut-off of the training cohort: above is ``scale`` > ``value`` (>= when ``inclusive``).

    ``scale`` is ``score`` or ``linear predictor``, ``rule`` maxstat, youden, median or fixed; ``text`` says how it came
    about, corrected p included, and from which model it was taken over. ``candidates`` and ``statistics`` (m,) are
    those of maxstat, empty else. ``worse`` is below or above.
    """

    rule: str
    scale: str
    value: float
    inclusive: bool
    labels: GroupLabels
    worse: str
    p: float | None = None
    text: str
    candidates: np.ndarray = field(default_factory=lambda: np.zeros(0))
    statistics: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def stored(self, on: str) -> Cutoff:
        """Return the cut-off as a stored model has it, ``on`` its score or linear predictor."""
        return Cutoff(value=self.value, inclusive=self.inclusive, on=on, labels=self.labels, worse=self.worse)

    @property
    def worse_label(self) -> str:
        """The name of the group with the worse prognosis."""
        return self.labels[self.worse == "above"]


@dataclass(frozen=True, eq=False)
class BootstrapOptimism(Result):
    """Optimism in the training cohort; ``measures`` name the entries of ``optimism``'s arrays.

    ``smooth`` (months or None, predicted (m,), apparent (m,), corrected (m,)) are the optimism-corrected calibration
    curves. ``repeated`` says in words which steps every repetition repeats.
    """

    measures: tuple[str, ...]
    optimism: Optimism
    smooth: tuple[tuple[float | None, np.ndarray, np.ndarray, np.ndarray], ...]
    repeated: str


@dataclass(frozen=True, eq=False, kw_only=True)
class ModelResult(Result):
    """A model: how it was fitted in the training cohort and how it does in every cohort. One whose fit is not this
    study's, a stored model, has only the latter.

    ``univariable`` and ``multivariable`` are the candidates' effects alone and together, ``effects`` those of the
    final model; ``fit`` is None when it could not be made, and ``reason`` says why. ``steps`` trace backward selection,
    ``proportional_hazards`` tests the final Cox model and ``eligibility`` each candidate alone (term, p).
    ``selection_rows`` counts the training rows with every candidate, in which the terms were chosen; the final model is
    fitted to those that have its own. ``note`` says what stands in for an asked-for fit that the rows do not allow.
    ``whole`` are all cohorts' rows together, None of a single one. ``model_file``, ``scaling_file`` and ``page_file``
    (a page that computes) are paths in the study's folder, None where ``unavailable`` says why.
    """

    id: str
    title: str
    endpoint: str
    kind: str
    signatures: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    univariable: tuple[Effect, ...] = ()
    multivariable: tuple[Effect, ...] = ()
    effects: tuple[Effect, ...] = ()
    eligibility: tuple[tuple[str, float | None], ...] = ()
    steps: tuple[Step, ...] = ()
    fit: CoxModel | LogisticModel | None = None
    proportional_hazards: ProportionalHazards | None = None
    cutoff: CutoffSearch | None = None
    optimism: BootstrapOptimism | None = None
    cohorts: tuple[ModelCohort, ...] = ()
    model_file: str | None = None
    scaling_file: str | None = None
    page_file: str | None = None
    unavailable: tuple[Unavailable, ...] = ()
    reason: str = ""
    selection_rows: int = 0
    note: str = ""
    whole: ModelCohort | None = None

    @property
    def measured(self) -> tuple[ModelCohort, ...]:
        """The cohorts, and after them all rows together where there are several."""
        return self.cohorts if self.whole is None else (*self.cohorts, self.whole)


@dataclass(frozen=True, kw_only=True)
class ModelComparison(Result):
    """Paired comparison of two models of one endpoint on a cohort's rows that both can predict.

    ``measure`` is C-index, AUC or 'AUC at T months'; ``difference`` holds both values, interval and p.
    """

    cohort: str
    endpoint: str
    measure: str
    first: str
    second: str
    n: int
    difference: Difference
    counted: PatientCount | None = only_where_known()
