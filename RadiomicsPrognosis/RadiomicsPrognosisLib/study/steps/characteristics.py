"""Characteristics of rows compared between groups: table 1, by outcome, by risk; and alone in a regression."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ...errors import InputError
from ...models.covariates import CONTINUOUS, Covariate
from ...notation import fixed, share
from ...statistics.contingency import compare_counts
from ...statistics.univariate import compare_groups
from ..endpoints import Observations, StudyEndpoint
from ..results.cohorts import WHOLE, Characteristic, CharacteristicLevel, CharacteristicsTable
from ..results.performance import Effect, UnivariableTable
from ..rows.terms import complete_rows, covariate_term
from .fitting import univariable_effects

#: What a continuous characteristic is summarised by.
_SUMMARIES = ("mean ± SD", "median (IQR)", "range")


def characteristics(covariates: Sequence[Covariate], values: Mapping[str, np.ndarray], group: np.ndarray,
                    groups: Sequence[str], of: str) -> CharacteristicsTable | None:
    """Return the covariates' ``values`` (n,) by name, as StudyData holds them, compared between ``groups``.

    Continuous ones as mean +- SD, median with quartiles (R's type 7) and range, with the test that their distributions
    call for; others as counts with chi-squared or Fisher's test. None when there are no covariates.
    """
    if not covariates:
        return None
    masks = [group == name for name in groups]
    rows = tuple(_row(item, values[item.name], masks) for item in covariates)
    return CharacteristicsTable(tuple(groups), tuple(int(mask.sum()) for mask in masks), rows, of)


def scopes(cohort: np.ndarray, names: Sequence[str]) -> list[tuple[str, np.ndarray]]:
    """Return (name, mask (n,)) of each cohort of ``names``, where there are several after that of all rows."""
    every = [(WHOLE, np.ones(len(cohort), dtype=bool))] if len(names) > 1 else []
    return every + [(name, cohort == name) for name in names]


def by_outcome(endpoints: Sequence[tuple[StudyEndpoint, Observations]], covariates: Sequence[Covariate],
               values: Mapping[str, np.ndarray], cohort: np.ndarray,
               names: Sequence[str]) -> tuple[CharacteristicsTable, ...]:
    """Return the covariates of rows without and with every binary outcome: in all rows, and in each cohort of
    ``names``; ``cohort`` (n,) names each row's."""
    tables = []
    for endpoint, observed in endpoints:
        others = [item for item in covariates if item.name not in endpoint.columns]
        for name, mask in scopes(cohort, names) if endpoint.has_classes else []:
            rows, sides = mask & observed.known, endpoint.sides(endpoint.event)
            if len(np.unique(observed.positive[rows])) > 1:
                labels = np.where(observed.positive == 1, sides[1], sides[0])
                tables.append(characteristics(others, values, np.where(rows, labels, ""), sides,
                                              f"{endpoint.name}, {name}"))
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
    used, together = [], []
    for item in covariates:
        term = covariate_term(item, values[item.name], mask & observed.known)
        rows = mask & observed.known & complete_rows([term], len(mask))
        own, fits = univariable_effects(observed, [term], rows)
        effects += own
        used.append((item.name, int(rows.sum()), int(observed.positive[rows].sum())))
        together += [(item.name, fits[item.name].likelihood_ratio.p)] if len(own) > 1 else []
    return UnivariableTable(endpoint=endpoint.id, cohort=name, effects=tuple(effects), used=tuple(used),
                            together=tuple(together))


def _row(covariate: Covariate, values: np.ndarray, masks: Sequence[np.ndarray]) -> Characteristic:
    known = np.array([value is not None and value == value for value in values], dtype=bool)
    by_group = [values[mask & known] for mask in masks]
    columns = [_texts(covariate, rows) for rows in (*by_group, values[np.any(masks, axis=0) & known])]
    labels = _SUMMARIES if covariate.kind == CONTINUOUS else [label for label, _ in _keys(covariate)]
    levels = [CharacteristicLevel(label, tuple(line[:-1]), line[-1])
              for label, line in zip(labels, zip(*columns, strict=True), strict=True)]
    test, statistic, p = _test(covariate, by_group)
    return Characteristic(name=covariate.name, title=covariate.title_with_unit, kind=covariate.kind,
                          levels=tuple(levels), missing=tuple(int((mask & ~known).sum()) for mask in masks), test=test,
                          statistic=statistic, p=p)


def _keys(covariate: Covariate) -> list[tuple[str, float | str]]:
    """Return each level's label and how values hold it."""
    return [(label, label if covariate.is_categorical else number) for label, number in covariate.levels]


def _texts(covariate: Covariate, values: np.ndarray) -> tuple[str, ...]:
    """Return a group's lines: as ``_SUMMARIES`` name them, or the share of every level."""
    if covariate.kind != CONTINUOUS:
        return tuple(_share(values == key, len(values)) for _, key in _keys(covariate))
    if not len(values):
        return ("-",) * len(_SUMMARIES)
    values = values.astype(float)
    sd = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    # Three significant digits of the SD, and all else to the same place.
    places = max(0, 2 - math.floor(math.log10(sd))) if sd > 0 else 2
    low, first, median, third, high = (fixed(value, places) for value in np.quantile(values, [0, 0.25, 0.5, 0.75, 1]))
    spread = f" ± {fixed(sd, places)}" if len(values) > 1 else ""
    return fixed(values.mean(), places) + spread, f"{median} ({first} to {third})", f"{low} to {high}"


def _share(hits: np.ndarray, n: int) -> str:
    return f"{int(np.sum(hits))} ({share(float(np.sum(hits) / n))})" if n else "-"


def _test(covariate: Covariate, by_group: Sequence[np.ndarray]) -> tuple[str, float | None, float | None]:
    """Return the test's name, statistic and p, or why there is none."""
    filled = [values for values in by_group if len(values)]
    if len(filled) < 2:
        return "not tested: a single group has values", None, None
    try:
        if covariate.kind == CONTINUOUS:
            numbers = np.repeat(np.arange(len(filled)), [len(values) for values in filled])
            comparison = compare_groups(np.concatenate(filled).astype(float), numbers)
            return comparison.test, comparison.statistic, comparison.p
        counts = np.array([[np.sum(values == key) for values in filled] for _, key in _keys(covariate)])
        test = compare_counts(counts)
        return f"{test.test} ({test.note})" if test.note else test.test, test.statistic, test.p
    except InputError as error:
        return f"not tested: {error}", None, None
