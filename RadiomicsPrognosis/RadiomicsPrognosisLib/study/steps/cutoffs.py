"""Find the cut-off that splits the training cohort in two groups; validation only applies it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...errors import CohortError
from ...statistics.maxstat import maximally_selected_cutoff
from ...statistics.roc import youden
from ..recipe.recipe import CutoffSpec
from ..results.outcome import CutoffSearch
from ..rows.data import EndpointData

_NOTHING = np.zeros(0)


def find_cutoff(spec: CutoffSpec, score: np.ndarray, endpoint: EndpointData, direction: float, favourable: bool,
                earlier: CutoffSearch | None = None) -> CutoffSearch:
    """Return the cut-off of ``score`` (n,) for the rows of ``endpoint``.

    ``direction`` is positive when a high score means more events, 0 when the score is not in the model; ``favourable``
    tells that an event is a good outcome. ``earlier`` is the cut-off that rule 'model' takes over. Raises CohortError
    when no cut-off exists.
    """
    if direction == 0:
        raise CohortError("The signature that it applies to left the model.")
    if spec.rule == "model" and earlier is None:
        raise CohortError(f"Model '{spec.model}', whose cut-off it is, has none.")
    worse = "above" if (direction > 0) != favourable else "below"
    value, p, candidates, statistics = 0.0, None, _NOTHING, _NOTHING
    if spec.rule == "model":
        return replace(earlier, labels=spec.labels, worse=worse, p=None, candidates=_NOTHING, statistics=_NOTHING,
                       text=f"That of model '{spec.model}'. {earlier.text}")
    if spec.rule == "maxstat":
        found = maximally_selected_cutoff(endpoint.time, endpoint.event, score, spec.minimum_share)
        value, p, candidates, statistics = found.cutoff, found.p_lausen92, found.cutoffs, found.statistics
        text = (f"Maximally selected log-rank statistic {found.statistic:.3f}, p = {p:.3g} allowing for the search "
                f"(Lausen & Schumacher); {found.low} rows below, {found.high} above.")
    elif spec.rule == "youden":
        best = youden(endpoint.outcome, score if direction > 0 else -score)
        value = best.threshold if direction > 0 else -best.threshold
        text = (f"Largest Youden index {best.index:.3f}: sensitivity {best.sensitivity:.3f}, specificity "
                f"{best.specificity:.3f}.")
    elif spec.rule == "median":
        value, text = float(np.median(score)), "Median of the training cohort."
    else:
        value, text = float(spec.value), "Fixed by the recipe."
    return CutoffSearch(spec.rule, spec.on, float(value), spec.inclusive, spec.labels, worse, p, text, candidates,
                        statistics)


def is_above(cutoff: CutoffSearch, score: np.ndarray) -> np.ndarray:
    """Return the mask (n,) of scores in the upper group."""
    return score >= cutoff.value if cutoff.inclusive else score > cutoff.value
