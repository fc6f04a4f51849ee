"""Characteristics of a cohort's rows compared between groups: table 1, and low against high risk."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ...errors import InputError
from ...models.covariates import CONTINUOUS, Covariate
from ...notation import fixed, share
from ...statistics.contingency import compare_counts
from ...statistics.univariate import compare_groups
from ..results.cohorts import Characteristic, CharacteristicLevel, CharacteristicsTable


def characteristics(covariates: Sequence[Covariate], values: Mapping[str, np.ndarray], group: np.ndarray,
                    groups: Sequence[str]) -> CharacteristicsTable | None:
    """Return the covariates' ``values`` (n,) by name, as StudyData holds them, compared between ``groups``.

    Continuous ones as mean +- SD with the test that their distributions call for, others as counts with chi-squared or
    Fisher's test. None when there are no covariates.
    """
    if not covariates:
        return None
    masks = [group == name for name in groups]
    rows = tuple(_row(item, values[item.name], masks) for item in covariates)
    return CharacteristicsTable(tuple(groups), tuple(int(mask.sum()) for mask in masks), rows)


def _row(covariate: Covariate, values: np.ndarray, masks: Sequence[np.ndarray]) -> Characteristic:
    known = np.array([value is not None and value == value for value in values], dtype=bool)
    by_group = [values[mask & known] for mask in masks]
    if covariate.kind == CONTINUOUS:
        levels = [CharacteristicLevel("", tuple(map(_mean_sd, by_group)))]
    else:
        levels = [CharacteristicLevel(label, tuple(_share(rows == key, len(rows)) for rows in by_group))
                  for label, key in _keys(covariate)]
    test, p = _test(covariate, by_group)
    return Characteristic(name=covariate.name, title=covariate.title_with_unit, kind=covariate.kind,
                          levels=tuple(levels), missing=tuple(int((mask & ~known).sum()) for mask in masks), test=test,
                          p=p)


def _keys(covariate: Covariate) -> list[tuple[str, float | str]]:
    """Return each level's label and how values hold it."""
    return [(label, label if covariate.is_categorical else number) for label, number in covariate.levels]


def _mean_sd(values: np.ndarray) -> str:
    if not len(values):
        return "-"
    values = values.astype(float)
    sd = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    # Three significant digits of the SD, and the mean to the same place.
    places = max(0, 2 - math.floor(math.log10(sd))) if sd > 0 else 2
    return fixed(values.mean(), places) + (f" ± {fixed(sd, places)}" if len(values) > 1 else "")


def _share(hits: np.ndarray, n: int) -> str:
    return f"{int(np.sum(hits))} ({share(float(np.sum(hits) / n))})" if n else "-"


def _test(covariate: Covariate, by_group: Sequence[np.ndarray]) -> tuple[str, float | None]:
    """Return the test's name and p, or why there is none."""
    filled = [values for values in by_group if len(values)]
    if len(filled) < 2:
        return "not tested: a single group has values", None
    try:
        if covariate.kind == CONTINUOUS:
            numbers = np.repeat(np.arange(len(filled)), [len(values) for values in filled])
            comparison = compare_groups(np.concatenate(filled).astype(float), numbers)
            return comparison.test, comparison.p
        counts = np.array([[np.sum(values == key) for values in filled] for _, key in _keys(covariate)])
        test = compare_counts(counts)
        return f"{test.test} ({test.note})" if test.note else test.test, test.p
    except InputError as error:
        return f"not tested: {error}", None
