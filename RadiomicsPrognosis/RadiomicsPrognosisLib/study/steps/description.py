"""Describe rows by outcome, and every covariate alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ...characteristics import CharacteristicsTable, characteristics
from ...models.covariates import Covariate
from ..endpoints import Observations, StudyEndpoint
from ..results.cohorts import WHOLE
from ..results.performance import Effect, UnivariableTable
from ..rows.terms import complete_rows, covariate_term
from .fitting import univariable_effects


def by_outcome(endpoints: Sequence[tuple[StudyEndpoint, Observations]], covariates: Sequence[Covariate],
               values: Mapping[str, np.ndarray], cohort: np.ndarray, names: Sequence[str],
               patients: np.ndarray) -> tuple[CharacteristicsTable, ...]:
    """Return the covariates of rows without and with every binary outcome: in all rows, and in each cohort of
    ``names``; ``cohort`` and ``patients`` (n,) name each row's."""
    tables, scopes = [], (WHOLE, *names) if len(names) > 1 else names
    for endpoint, observed in endpoints:
        others = [item for item in covariates if item.name not in endpoint.columns]
        for name in scopes if endpoint.has_classes else ():
            rows = observed.known & ((cohort == name) | (name == WHOLE))
            sides = endpoint.sides(endpoint.event)
            if len(np.unique(observed.positive[rows])) > 1:
                labels = np.where(observed.positive == 1, sides[1], sides[0])
                tables.append(characteristics(others, values, np.where(rows, labels, ""), sides,
                                              f"{endpoint.name}, {name}", patients))
    return tuple(item for item in tables if item is not None)


def univariable(endpoints: Sequence[tuple[StudyEndpoint, Observations]], covariates: Sequence[Covariate],
                values: Mapping[str, np.ndarray], cohort: np.ndarray,
                names: Sequence[str]) -> tuple[UnivariableTable, ...]:
    """Return the regression of every endpoint on every covariate alone, in each cohort of ``names``."""
    return tuple(_alone(endpoint, observed, [item for item in covariates if item.name not in endpoint.columns], values,
                        cohort == name, name)
                 for endpoint, observed in endpoints for name in names if len(covariates))


def _alone(endpoint: StudyEndpoint, observed: Observations, covariates: Sequence[Covariate],
           values: Mapping[str, np.ndarray], mask: np.ndarray, name: str) -> UnivariableTable:
    effects: list[Effect] = []
    used, together, counted = [], [], []
    for item in covariates:
        term = covariate_term(item, values[item.name], mask & observed.known)
        rows = mask & observed.known & complete_rows([term], len(mask))
        own, fits = univariable_effects(observed, [term], rows)
        effects += own
        used.append((item.name, int(rows.sum()), int(observed.positive[rows].sum())))
        counts = observed.rows(rows).counted
        counted += [(item.name, counts)] if counts else []
        together += [(item.name, fits[item.name].joint.p)] if len(own) > 1 else []
    return UnivariableTable(endpoint=endpoint.id, cohort=name, effects=tuple(effects), used=tuple(used),
                            together=tuple(together), counted=tuple(counted) or None)
