"""Compare the models of one endpoint pairwise on the rows that both can predict."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from ...errors import InputError
from ..recipe.recipe import Recipe
from ..results.models import ModelComparison
from ..rows.data import StudyData
from .modelling import BuiltModel


def compare_models(recipe: Recipe, models: Sequence[BuiltModel],
                   data: StudyData) -> tuple[list[ModelComparison], list[str]]:
    """Return the comparisons in every cohort, and sentences about those that cannot be made."""
    comparisons: list[ModelComparison] = []
    findings: list[str] = []
    pairs = combinations([(item.result, item.scored) for item in models if item.scored is not None], 2)
    for (first, first_scored), (second, second_scored) in pairs:
        if first.endpoint != second.endpoint:
            continue
        endpoint, observed = recipe.endpoint(first.endpoint), data.endpoints[first.endpoint]
        both = (observed.known & np.isfinite(first_scored.linear_predictor)
                & np.isfinite(second_scored.linear_predictor))
        for cohort in data.cohorts:
            rows = both & data.in_cohort(cohort.name)
            if not rows.any():
                continue
            one, two = first_scored.linear_predictor[rows], second_scored.linear_predictor[rows]
            for measure, compare in observed.rows(rows).comparisons(endpoint.horizons):
                try:
                    difference = compare(one, two)
                except InputError as error:
                    findings.append(f"{measure} of '{first.id}' and '{second.id}' cannot be compared in cohort "
                                    f"'{cohort.name}': {error}")
                    continue
                comparisons.append(ModelComparison(cohort=cohort.name, endpoint=endpoint.id, measure=measure,
                                                   first=first.id, second=second.id, n=int(rows.sum()),
                                                   difference=difference, counted=observed.rows(rows).counted))
    return comparisons, findings
