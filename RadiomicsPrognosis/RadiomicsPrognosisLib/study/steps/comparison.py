"""Compare the models of one endpoint pairwise on the rows that both can predict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np

from ...errors import InputError
from ...statistics.concordance import compare_concordance
from ...statistics.roc import compare_auc
from ...statistics.time_dependent import compare_time_auc
from ..recipe.recipe import Recipe
from ..results.outcome import ModelComparison
from ..rows.data import EndpointData, StudyData
from .modelling import Built


def compare_models(recipe: Recipe, models: Sequence[Built], data: StudyData) -> tuple[list[ModelComparison], list[str]]:
    """Return the comparisons in every cohort, and sentences about those that cannot be made."""
    comparisons, findings = [], []
    for first, second in combinations([item for item in models if item.fitted is not None], 2):
        if first.outcome.endpoint != second.outcome.endpoint:
            continue
        endpoint = recipe.endpoint(first.outcome.endpoint)
        seen = data.endpoints[endpoint.id]
        both = seen.known & np.isfinite(first.linear_predictor) & np.isfinite(second.linear_predictor)
        for cohort in data.cohorts:
            rows = both & data.in_cohort(cohort.name)
            if not rows.any():
                continue
            one, two = first.linear_predictor[rows], second.linear_predictor[rows]
            for measure, compare in _measures(seen.rows(rows), endpoint.horizons):
                try:
                    found = compare(one, two)
                except InputError as error:
                    findings.append(f"{measure} of '{first.outcome.id}' and '{second.outcome.id}' cannot be compared "
                                    f"in cohort '{cohort.name}': {error}")
                    continue
                comparisons.append(ModelComparison(cohort.name, endpoint.id, measure, first.outcome.id,
                                                   second.outcome.id, int(rows.sum()), found))
    return comparisons, findings


def _measures(seen: EndpointData, horizons: Sequence[float]) -> list[tuple[str, Callable]]:
    if seen.outcome is not None:
        return [("AUC", lambda one, two: compare_auc(seen.outcome, one, two))]
    time, event = seen.time, seen.event
    return [("C-index", lambda one, two: compare_concordance(time, event, one, two)),
            *((f"AUC at {at:g} months", lambda one, two, at=at: compare_time_auc(time, event, one, two, at))
              for at in horizons)]
