"""Find the cut-off that splits the training cohort in two groups; validation only applies it."""

from __future__ import annotations

import numpy as np

from ...errors import CohortError
from ..endpoints import Observations
from ..endpoints.interface import CutoffValue
from ..recipe.recipe import MEDIAN, OF_MODEL, CutoffSpec
from ..results.models import CutoffSearch


def find_cutoff(spec: CutoffSpec, score: np.ndarray, observed: Observations, direction: float, favourable: bool,
                earlier: CutoffSearch | None = None) -> CutoffSearch:
    """Return the cut-off of ``score`` (n,) for the rows ``observed``.

    ``direction`` is positive when a high score means more events, 0 when the score is not in the model; ``favourable``
    tells that an event is a good outcome. ``earlier`` is the cut-off that rule 'model' takes over. Raises CohortError
    when no cut-off exists.
    """
    if direction == 0:
        raise CohortError("The signature that it applies to left the model.")
    worse = "above" if (direction > 0) != favourable else "below"
    if spec.rule == OF_MODEL:
        if earlier is None:
            raise CohortError(f"Model '{spec.model}', whose cut-off it is, has none.")
        # Rule, scale and side of equal rows are the earlier model's, too.
        return CutoffSearch(rule=earlier.rule, scale=earlier.scale, value=earlier.value, inclusive=earlier.inclusive,
                            labels=spec.labels, worse=worse, text=f"That of model '{spec.model}'. {earlier.text}")
    if spec.is_searched:
        best = observed.best_cutoff(score, direction, spec.minimum_share)
    elif spec.rule == MEDIAN:
        best = CutoffValue(float(np.median(score)), "Median of the training cohort.")
    else:
        best = CutoffValue(spec.value, "Fixed by the recipe.")
    return CutoffSearch(rule=spec.rule, scale=spec.on, value=float(best.value), inclusive=spec.is_inclusive,
                        labels=spec.labels, worse=worse, p=best.p, text=best.text, candidates=best.candidates,
                        statistics=best.statistics)
