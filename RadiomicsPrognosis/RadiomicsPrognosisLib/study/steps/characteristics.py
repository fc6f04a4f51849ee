"""Characteristics of a cohort's rows compared between groups: table 1, and low against high risk."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ...errors import InputError
from ...models.model import Covariate
from ...notation import fixed, share
from ...statistics.contingency import compare_counts
from ...statistics.univariate import compare_groups
from ..results.performance import Characteristic, CharacteristicLevel, CharacteristicsTable


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
    parts = [values[mask & known] for mask in masks]
    title = f"{covariate.title} ({covariate.unit})" if covariate.unit else covariate.title
    if covariate.kind == "continuous":
        levels = (CharacteristicLevel("", tuple(map(_mean_sd, parts))),)
    else:
        levels = tuple(CharacteristicLevel(label, tuple(_share(part == key, len(part)) for part in parts))
                       for label, key in _keys(covariate))
    test, p = _test(covariate, parts)
    return Characteristic(covariate.name, title, covariate.kind, levels,
                          tuple(int((mask & ~known).sum()) for mask in masks), test, p)


def _keys(covariate: Covariate) -> list[tuple[str, float | str]]:
    """Return each level's label and how values hold it."""
    return [(label, label if covariate.kind == "categorical" else number) for label, number in covariate.levels]


def _mean_sd(part: np.ndarray) -> str:
    if not len(part):
        return "-"
    part = part.astype(float)
    sd = float(part.std(ddof=1)) if len(part) > 1 else 0.0
    # Three significant digits of the SD, and the mean to the same place.
    places = max(0, 2 - math.floor(math.log10(sd))) if sd > 0 else 2
    return fixed(part.mean(), places) + (f" ± {fixed(sd, places)}" if len(part) > 1 else "")


def _share(hits: np.ndarray, n: int) -> str:
    return f"{int(np.sum(hits))} ({share(float(np.sum(hits) / n))})" if n else "-"


def _test(covariate: Covariate, parts: Sequence[np.ndarray]) -> tuple[str, float | None]:
    """Return the test's name and p, or why there is none."""
    filled = [part for part in parts if len(part)]
    if len(filled) < 2:
        return "not tested: a single group has values", None
    try:
        if covariate.kind == "continuous":
            numbers = np.repeat(np.arange(len(filled)), [len(part) for part in filled])
            found = compare_groups(np.concatenate(filled).astype(float), numbers)
            return found.test, found.p
        counts = np.array([[np.sum(part == key) for part in filled] for _, key in _keys(covariate)])
        found = compare_counts(counts)
        return f"{found.test} ({found.note})" if found.note else found.test, found.p
    except InputError as error:
        return f"not tested: {error}", None
