"""How a model does in a cohort: frozen records of discrimination, calibration, groups and their characteristics.

A value that could not be computed is None, and ``unavailable`` of the model's record says in words why.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...result import Result
from ...statistics.calibration import CalibrationGroup, SmoothCalibration
from ...statistics.classification import Classification
from ...statistics.concordance import Concordance
from ...statistics.decision_curve import DecisionCurve
from ...statistics.kaplan_meier import KaplanMeier, LogRank
from ...statistics.roc import Auc, RocCurve
from ...statistics.time_dependent import Brier, TimeAuc, TimeRoc
from ...statistics.univariate import Comparison


@dataclass(frozen=True)
class Unavailable(Result):
    """A number, test or file (``what``) that does not exist, and the ``reason`` in words."""

    what: str
    reason: str


@dataclass(frozen=True)
class CharacteristicLevel(Result):
    """One printed line of a characteristic: for a group of rows its ``text`` such as '63.1 +- 9.7' or '41 (54.0 %)'.

    ``label`` is the level, empty for a continuous characteristic. ``texts`` are in the order of the table's ``groups``.
    """

    label: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Characteristic(Result):
    """A row of table 1: ``name``, ``title`` with unit, its levels, and the test between the groups.

    ``test`` is the test's name, ``p`` None where the groups cannot be compared (one group, all values equal);
    ``missing`` counts rows without value by group.
    """

    name: str
    title: str
    kind: str
    levels: tuple[CharacteristicLevel, ...]
    missing: tuple[int, ...]
    test: str
    p: float | None


@dataclass(frozen=True)
class CharacteristicsTable(Result):
    """Characteristics compared between ``groups`` (cohorts, or low and high risk) of ``sizes`` rows."""

    groups: tuple[str, ...]
    sizes: tuple[int, ...]
    rows: tuple[Characteristic, ...]


@dataclass(frozen=True)
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


@dataclass(frozen=True, eq=False)
class GroupCurve(Result):
    """The Kaplan-Meier ``curve`` of a risk group, and its numbers ``at_risk`` at the model cohort's ``ticks``."""

    label: str
    curve: KaplanMeier
    at_risk: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class HorizonPerformance(Result):
    """A survival model at one horizon (months): discrimination, error, calibration and net benefit of its risk."""

    time: float
    auc: TimeAuc | None
    roc: TimeRoc | None
    brier: Brier | None
    calibration: tuple[CalibrationGroup, ...]
    smooth: SmoothCalibration | None
    decision: DecisionCurve | None


@dataclass(frozen=True, eq=False)
class SurvivalPerformance(Result):
    """A survival model in a cohort; group parts are empty or None without a cut-off or with a single group.

    ``hazard_ratio`` compares the group above the cut-off with that below.
    """

    concordance: Concordance | None
    groups: tuple[GroupCurve, ...]
    ticks: tuple[float, ...]
    log_rank: LogRank | None
    hazard_ratio: Effect | None
    horizons: tuple[HorizonPerformance, ...]
    integrated_brier: float | None


@dataclass(frozen=True, eq=False)
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


@dataclass(frozen=True, eq=False)
class ScoreSummary(Result):
    """A score in a cohort: number, mean, SD and the quartiles (minimum, 25, 50, 75 %, maximum)."""

    n: int
    mean: float
    sd: float | None
    quartiles: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class ModelCohort(Result):
    """A model in a cohort of ``n`` rows with complete data and ``events``; ``excluded`` rows lack a value.

    ``score`` (n,) is what the cut-off applies to, ``linear_predictor`` (n,) the model's, high meaning more events;
    ``above`` (n,) tells the group (None without cut-off). ``predicted`` is the probability (n,) or the survival at the
    horizons (n, horizons), None for a stored model that predicts neither. ``time`` and ``event`` (n,), or ``outcome``
    (n,), are what was observed.
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
