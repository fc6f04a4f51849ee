"""Measure a model in a cohort: its performance, its risk groups' characteristics, and what cannot be measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...characteristics import CharacteristicsTable, characteristics
from ...models.covariates import Covariate
from ..endpoints import Attempts, Observations, ScoredRows, StudyEndpoint
from ..recipe.recipe import ValidationSpec
from ..results.cohorts import WHOLE, CohortSummary
from ..results.models import CutoffSearch
from ..results.performance import ModelCohort, ScoreSummary


@dataclass(frozen=True, eq=False, kw_only=True)
class Setting:
    """What measuring needs beside what a model says: by row (n,) ``cases``, ``patients``, ``cohort`` and what was
    ``observed``, the ``covariates`` that describe groups with their ``values``, the ``cutoff``, and how to measure."""

    endpoint: StudyEndpoint
    observed: Observations
    cases: np.ndarray
    cohort: np.ndarray
    covariates: tuple[Covariate, ...]
    values: Mapping[str, np.ndarray]
    patients: np.ndarray
    cutoff: CutoffSearch | None
    spec: ValidationSpec


def measure_cohort(setting: Setting, scored: ScoredRows, cohort: CohortSummary) -> ModelCohort | None:
    """Return how a model does in one cohort of the ``scored`` rows, None when no row has endpoint and prediction."""
    mask = setting.cohort == cohort.name
    rows = mask & setting.observed.known & np.isfinite(scored.score) & np.isfinite(scored.linear_predictor)
    if not rows.any():
        return None
    observed, scored, attempts = setting.observed.rows(rows), scored.rows(rows), Attempts()
    measured = observed.measure(scored, setting.endpoint, setting.cutoff, setting.spec.groups, setting.spec.knots,
                                attempts)
    above = None if setting.cutoff is None else scored.above
    return ModelCohort(
        cohort=cohort.name, role=cohort.role, n=int(rows.sum()), events=int(observed.positive.sum()),
        excluded=int(mask.sum() - rows.sum()), cases=tuple(setting.cases[rows].tolist()), score=scored.score,
        linear_predictor=scored.linear_predictor, above=above,
        predicted=scored.predictions.outcome(setting.endpoint.horizons), score_summary=summarise(scored.score),
        characteristics=_by_group(setting, rows, above), unavailable=tuple(attempts.unavailable),
        counted=observed.counted, **measured)


def measure_whole(setting: Setting, scored: ScoredRows, cohorts: Sequence[CohortSummary]) -> ModelCohort | None:
    """Return how a model does in the rows of all ``cohorts`` together, None of a single one."""
    if len(cohorts) < 2:
        return None
    roles = " and ".join(dict.fromkeys(item.role for item in cohorts))
    whole = CohortSummary(WHOLE, roles, len(setting.cohort), sum(item.patients for item in cohorts))
    return measure_cohort(replace(setting, cohort=np.full(len(setting.cohort), WHOLE)), scored, whole)


def _by_group(setting: Setting, rows: np.ndarray, above: np.ndarray | None) -> CharacteristicsTable | None:
    """Return the covariates of the low and the high group compared, None unless there are both."""
    if setting.cutoff is None or above is None or not above.any() or above.all():
        return None
    values = {name: column[rows] for name, column in setting.values.items()}
    labels = setting.cutoff.labels
    return characteristics(setting.covariates, values, np.where(above, labels[1], labels[0]), labels, "risk group",
                           setting.patients[rows])


def summarise(score: np.ndarray) -> ScoreSummary:
    """Return number, mean, SD and quartiles of a score (n,)."""
    return ScoreSummary(len(score), float(score.mean()),
                        float(score.std(ddof=1)) if len(score) > 1 else None,
                        tuple(map(float, np.quantile(score, [0, 0.25, 0.5, 0.75, 1]))))
