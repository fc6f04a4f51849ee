"""Describe an endpoint in every cohort: numbers, events, follow-up and the survival of all rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...statistics.kaplan_meier import estimate_at, kaplan_meier
from ..recipe.recipe import Endpoint
from ..results.outcome import EndpointCohort, EndpointSummary
from ..rows.data import EndpointData


def summarise_endpoint(endpoint: Endpoint, seen: EndpointData, cohort: np.ndarray,
                       names: Sequence[str]) -> EndpointSummary:
    """Return ``endpoint`` in the cohorts ``names``; ``cohort`` (n,) names each row's."""
    return EndpointSummary(endpoint.id, endpoint.name, endpoint.abbreviation, endpoint.kind, endpoint.event,
                           endpoint.horizons, endpoint.favourable,
                           tuple(_in_cohort(endpoint, seen, cohort == name, name) for name in names))


def _in_cohort(endpoint: Endpoint, seen: EndpointData, mask: np.ndarray, name: str) -> EndpointCohort:
    rows = mask & seen.known
    part = seen.rows(rows)
    numbers = (name, int(rows.sum()), int(part.positive.sum()), int(mask.sum() - rows.sum()))
    if not endpoint.is_survival or not rows.any():
        return EndpointCohort(*numbers)
    curve = kaplan_meier(part.time, part.event)
    # Schemper & Smith, Control Clin Trials 1996;17:343: follow-up is the time to censoring, events censoring it.
    follow_up = kaplan_meier(part.time, 1.0 - part.event).median
    return EndpointCohort(*numbers, curve, tuple(estimate_at(curve, at) for at in endpoint.horizons), follow_up)
