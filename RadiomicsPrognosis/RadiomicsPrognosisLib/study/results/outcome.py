"""What a study found: frozen records of every number it reports, for the figures, the report and study.json.

A value that could not be computed is None, and ``unavailable`` of the same record says in words why. Arrays of rows
are in the cohort table's order; times are months, shares and probabilities 0 - 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...result import Result
from ...statistics.bootstrap import Optimism
from ...statistics.concordance import ConcordanceDifference
from ...statistics.cox import CoxModel
from ...statistics.icc import IccTable
from ...statistics.kaplan_meier import Estimate, KaplanMeier
from ...statistics.logistic import LogisticModel
from ...statistics.proportional_hazards import ProportionalHazards
from ...statistics.roc import AucDifference
from ...statistics.stepwise import Step
from ...statistics.time_dependent import TimeAucDifference
from .performance import CharacteristicsTable, Effect, ModelCohort, Unavailable

SCHEMA = "radiomics-prognosis/study/1"

#: Roles of a cohort: everything is learned in the training cohort, the others only measure.
TRAINING, VALIDATION = "training", "validation"


@dataclass(frozen=True)
class CohortSummary(Result):
    """A cohort: its ``name``, ``role`` (training or validation), numbers of VOI ``rows`` and of ``patients``."""

    name: str
    role: str
    rows: int
    patients: int


@dataclass(frozen=True, eq=False)
class EndpointCohort(Result):
    """An endpoint in a cohort: ``n`` rows with it known, ``events`` (positive outcomes), ``missing`` rows left out.

    Time-to-event only: the Kaplan-Meier ``curve`` of all rows, its ``estimates`` at the horizons, and
    ``median_follow_up`` by the reverse Kaplan-Meier method (None where it is not reached).
    """

    cohort: str
    n: int
    events: int
    missing: int
    curve: KaplanMeier | None = None
    estimates: tuple[Estimate, ...] = ()
    median_follow_up: float | None = None


@dataclass(frozen=True, eq=False)
class EndpointSummary(Result):
    """What is predicted. ``kind`` is time-to-event or binary; ``horizons`` (months) are empty for a binary one.

    ``favourable`` tells that the event is a good outcome.
    """

    id: str
    name: str
    abbreviation: str
    kind: str
    event: str
    horizons: tuple[float, ...]
    favourable: bool
    cohorts: tuple[EndpointCohort, ...]


@dataclass(frozen=True, eq=False)
class Agreement(Result):
    """Intraclass correlations of a ``comparison``, intra-reader or inter-reader, and the ``features`` it keeps."""

    comparison: str
    readings: tuple[str, ...]
    icc: IccTable
    features: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Reproducibility(Result):
    """The reproducibility filter: ``form`` of the ICC, ``threshold`` on its ``bound``, and what passes everywhere."""

    form: str
    threshold: float
    bound: str
    agreements: tuple[Agreement, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True)
class SelectionStep(Result):
    """One step of a feature selection: ``name``, numbers of features ``before`` and ``after``, and a sentence."""

    name: str
    before: int
    after: int
    text: str


@dataclass(frozen=True, eq=False)
class PenalisedSelection(Result):
    """A LASSO path with cross-validation, as figures draw it.

    Arrays (L,) follow ``lambdas``; ``coefficients`` (f, L), on the scale the features were given in (z-scores when
    scaled), holds the ``features`` that are ever selected. ``rule`` was asked for, ``used_rule`` is what was taken:
    another only where the recipe allows it because the asked one selects nothing. Indices count from 0.
    """

    family: str
    measure: str
    folds: int
    ties: str | None
    lambdas: np.ndarray
    cvm: np.ndarray
    cvsd: np.ndarray
    df: np.ndarray
    dev_ratio: np.ndarray
    features: tuple[str, ...]
    coefficients: np.ndarray
    index_min: int
    index_1se: int
    rule: str
    used_rule: str
    text: str


@dataclass(frozen=True, eq=False)
class ForestSelection(Result):
    """A random forest's importances (features,), falling, and how many of the first are ``selected``."""

    trees: int
    features: tuple[str, ...]
    importances: np.ndarray
    selected: int
    text: str


@dataclass(frozen=True)
class SignatureTerm(Result):
    """``coefficient`` times the feature, z-scored with the training ``mean`` and ``sd`` where these are given."""

    feature: str
    input: str
    coefficient: float
    mean: float | None
    sd: float | None


@dataclass(frozen=True, eq=False)
class SignatureOutcome(Result):
    """A signature: how its features were selected and score = ``intercept`` + sum of coefficient x value.

    It was learned from ``n`` training rows with ``events``.
    ``terms`` are empty, and ``reason`` says why, when nothing was selected; models that need it do not exist then.
    """

    id: str
    title: str
    endpoint: str
    steps: tuple[SelectionStep, ...]
    penalised: PenalisedSelection | None
    forest: ForestSelection | None
    intercept: float
    terms: tuple[SignatureTerm, ...]
    reason: str = ""
    n: int = 0
    events: int = 0


@dataclass(frozen=True, eq=False)
class CutoffSearch(Result):
    """A cut-off found in the training cohort: above is ``scale`` > ``value`` (>= when ``inclusive``).

    ``scale`` is ``score`` or ``linear predictor``, ``rule`` maxstat, youden, median or fixed; ``text`` says what was
    found, corrected p included, and from which model it was taken over. ``candidates`` and ``statistics`` (m,) are
    those of maxstat, empty else. ``labels`` are (below, above); ``worse`` is below or above.
    """

    rule: str
    scale: str
    value: float
    inclusive: bool
    labels: tuple[str, str]
    worse: str
    p: float | None
    text: str
    candidates: np.ndarray
    statistics: np.ndarray


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


@dataclass(frozen=True, eq=False)
class ModelOutcome(Result):
    """A model: how it was fitted in the training cohort and how it does in every cohort.

    ``univariable`` and ``multivariable`` are the candidates' effects alone and together, ``effects`` those of the
    final model; ``fit`` is None when it could not be made, and ``reason`` says why. ``steps`` trace backward selection,
    ``proportional_hazards`` tests the final Cox model and ``eligibility`` each candidate alone (term, p).
    ``selection_rows`` counts the training rows with every candidate, in which the terms were chosen; the final model is
    fitted to those that have its own. ``model_file`` and ``scaling_file`` are paths in the study's folder, None where
    ``unavailable`` says why.
    """

    id: str
    title: str
    endpoint: str
    kind: str
    signatures: tuple[str, ...]
    covariates: tuple[str, ...]
    univariable: tuple[Effect, ...]
    multivariable: tuple[Effect, ...]
    effects: tuple[Effect, ...]
    eligibility: tuple[tuple[str, float | None], ...]
    steps: tuple[Step, ...]
    fit: CoxModel | LogisticModel | None
    proportional_hazards: ProportionalHazards | None
    cutoff: CutoffSearch | None
    optimism: BootstrapOptimism | None
    cohorts: tuple[ModelCohort, ...]
    model_file: str | None
    scaling_file: str | None
    unavailable: tuple[Unavailable, ...]
    reason: str = ""
    selection_rows: int = 0


@dataclass(frozen=True)
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
    difference: ConcordanceDifference | AucDifference | TimeAucDifference


@dataclass(frozen=True, eq=False)
class NestedResampling(Result):
    """Performance of a whole signature pipeline on rows it did not see, over all training rows in outer ``folds``.

    ``values`` (folds,) of ``measure`` (C-index or AUC) by fold, their ``mean`` and ``sd``; ``selected`` counts how
    often each feature was chosen. ``failed`` folds gave no signature, for the ``reasons`` listed.
    """

    signature: str
    measure: str
    folds: int
    values: np.ndarray
    mean: float | None
    sd: float | None
    selected: Mapping[str, int]
    failed: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class PermutationControl(Result):
    """What the pipeline reaches in validation when the training outcomes are shuffled.

    ``values`` (m,) of ``measure`` (C-index or AUC) of the permutations that selected something, with ``mean``,
    ``lower`` and ``upper`` (2.5 and 97.5 %; they should cover 0.5); ``empty`` counts those that selected nothing.
    ``observed`` is the study's own value.
    """

    signature: str
    cohort: str
    measure: str
    permutations: int
    values: np.ndarray
    empty: int
    mean: float | None
    lower: float | None
    upper: float | None
    observed: float | None


@dataclass(frozen=True, eq=False)
class StudyOutcome(Result):
    """Everything a study found.

    ``recipe`` identifies the recipe (id, title, version, hash, citation, doi, population), ``data`` the cohort table
    (file name, rows, SHA-256), ``software`` the versions. ``findings`` are sentences a reader must know.
    """

    recipe: dict[str, Any]
    data: dict[str, Any]
    seed: int
    software: dict[str, str]
    cohorts: tuple[CohortSummary, ...]
    characteristics: CharacteristicsTable | None
    endpoints: tuple[EndpointSummary, ...]
    reproducibility: Reproducibility | None
    signatures: tuple[SignatureOutcome, ...]
    models: tuple[ModelOutcome, ...]
    comparisons: tuple[ModelComparison, ...]
    nested: tuple[NestedResampling, ...]
    permutations: tuple[PermutationControl, ...]
    findings: tuple[str, ...]
    schema: str = SCHEMA


@dataclass(frozen=True, eq=False)
class ValidationOutcome(Result):
    """A stored model on new data: ``model`` identifies it; the cohorts, characteristics and measures as in a study.

    ``performance`` has one record per cohort; ``horizons`` (months) are the model's.
    """

    model: dict[str, Any]
    data: dict[str, Any]
    software: dict[str, str]
    endpoint: EndpointSummary
    cutoff: CutoffSearch | None
    cohorts: tuple[CohortSummary, ...]
    characteristics: CharacteristicsTable | None
    performance: tuple[ModelCohort, ...]
    findings: tuple[str, ...]
    schema: str = "radiomics-prognosis/validation/1"
