"""Find the cut-off that splits the training cohort in two groups; validation only applies it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ...errors import CohortError
from ..endpoints import Observations
from ..recipe.recipe import DATA_DRIVEN_RULES, CutoffSpec
from ..results import CutoffSearch

_NOTHING = np.zeros(0)


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
    if spec.rule == "model":
        if earlier is None:
            raise CohortError(f"Model '{spec.model}', whose cut-off it is, has none.")
        return replace(earlier, labels=spec.labels, worse=worse, p=None, candidates=_NOTHING, statistics=_NOTHING,
                       text=f"That of model '{spec.model}'. {earlier.text}")
    search: dict[str, Any] = {}
    if spec.rule in DATA_DRIVEN_RULES:
        value, search = observed.find_cutoff(score, direction, spec.minimum_share)
    elif spec.rule == "median":
        value, search = float(np.median(score)), {"text": "Median of the training cohort."}
    else:
        value, search = float(spec.value or 0.0), {"text": "Fixed by the recipe."}
    search = {"p": None, "candidates": _NOTHING, "statistics": _NOTHING, **search}
    return CutoffSearch(rule=spec.rule, scale=spec.on, value=float(value), inclusive=spec.inclusive, labels=spec.labels,
                        worse=worse, **search)
