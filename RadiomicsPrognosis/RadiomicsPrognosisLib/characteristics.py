"""Characteristics of rows compared between groups, as the first table of a paper prints them: values and tests."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .errors import InputError
from .models.covariates import CONTINUOUS, Covariate
from .notation import fixed, share
from .result import Result, only_where_known
from .statistics.clusters import cluster_numbers
from .statistics.contingency import compare_clustered, compare_counts
from .statistics.univariate import compare_groups

#: What a continuous characteristic is summarised by.
SUMMARIES = ("mean ± SD", "median (IQR)", "range")


@dataclass(frozen=True)
class CharacteristicLevel(Result):
    """One printed line of a characteristic: for a group of rows its ``text`` such as '63.1 +- 9.7' or '41 (54.0 %)'.

    ``label`` is the level, or what a continuous characteristic is summarised by. ``texts`` are in the order of the
    table's ``groups``, ``whole`` is that of all their rows.
    """

    label: str
    texts: tuple[str, ...]
    whole: str


@dataclass(frozen=True, kw_only=True)
class Characteristic(Result):
    """A row of table 1: ``name``, ``title`` with unit, its levels, and the test between the groups.

    ``test`` is the test's name and ``statistic`` its value (None of an exact one), ``p`` None where the groups cannot
    be compared (one group, all values equal); ``missing`` counts rows without value by group.
    """

    name: str
    title: str
    kind: str
    levels: tuple[CharacteristicLevel, ...]
    missing: tuple[int, ...]
    test: str
    statistic: float | None
    p: float | None


@dataclass(frozen=True, kw_only=True)
class CharacteristicsTable(Result):
    """Characteristics compared between ``groups`` (cohorts, outcomes, or low and high risk) of ``sizes`` rows; ``of``
    says in words what the groups are and, where these are not all, of which rows. ``patients`` counts the patients of
    the groups and of all, where some have several rows."""

    groups: tuple[str, ...]
    sizes: tuple[int, ...]
    rows: tuple[Characteristic, ...]
    of: str
    patients: tuple[int, ...] | None = only_where_known()

    def lines(self, whole: str) -> Iterator[dict[str, str | float | None]]:
        """Yield the printed lines, a column per group and one, ``whole``, of all rows.

        A group that is called as another column is, such as test, is marked.
        """
        taken = ("characteristic", "level", "test", "statistic", "p")
        columns = [f"{group} (rows)" if group in taken else group for group in (*self.groups, whole)]
        for item in self.rows:
            for number, level in enumerate(item.levels):
                test = (item.test, item.statistic, item.p) if not number else ("", None, None)
                yield {"characteristic": item.title, "level": level.label,
                       **dict(zip(columns, (*level.texts, level.whole), strict=True)),
                       **dict(zip(taken[2:], test, strict=True))}

    def cells(self) -> Iterator[dict[str, str | int | float | None]]:
        """Yield every cell as a row: of, characteristic, level, group with its number n, value, test."""
        groups = [*zip(self.groups, self.sizes, strict=True), ("all", sum(self.sizes))]
        counts = [{}] * len(groups) if self.patients is None else [{"patients": count} for count in self.patients]
        for item in self.rows:
            for level in item.levels:
                for (group, size), count, text in zip(groups, counts, (*level.texts, level.whole), strict=True):
                    yield {"of": self.of, "characteristic": item.title, "level": level.label, "group": group,
                           "n": size, **count, "value": text, "test": item.test, "statistic": item.statistic,
                           "p": item.p}


def characteristics(covariates: Sequence[Covariate], values: Mapping[str, np.ndarray], group: np.ndarray,
                    groups: Sequence[str], of: str, patients: np.ndarray | None = None) -> CharacteristicsTable | None:
    """Return the covariates' ``values`` (n,) by name compared between the ``groups`` that ``group`` (n,) names.

    Numbers are NaN where missing, the labels of a categorical covariate None. Continuous ones appear as mean +- SD,
    median with quartiles (R's type 7) and range, with the test that their distributions call for; others as counts
    with chi-squared or Fisher's test. A covariate that is the same in all rows of each of ``patients`` (n,), whose
    rows are in one group, is that of patients and counts once for each; of others rows are counted, and tests allow for
    the patients. None when there are no covariates.
    """
    if not covariates:
        return None
    masks = [group == name for name in groups]
    within = np.any(masks, axis=0)
    numbers = cluster_numbers(None if patients is None else patients[within], int(within.sum()))
    if numbers is None:
        rows = tuple(_row(item, values[item.name], masks) for item in covariates)
    else:
        rows = tuple(_of_patients(item, values[item.name][within], [mask[within] for mask in masks], numbers)
                     for item in covariates)
    counts = None if numbers is None else tuple(len(np.unique(numbers[mask[within]])) for mask in (*masks, within))
    return CharacteristicsTable(groups=tuple(groups), sizes=tuple(int(mask.sum()) for mask in masks), rows=rows, of=of,
                                patients=counts)


def _of_patients(covariate: Covariate, values: np.ndarray, masks: Sequence[np.ndarray],
                 numbers: np.ndarray) -> Characteristic:
    """Return the row of a covariate where rows are of the patients ``numbers`` (n,): by patient where it is theirs."""
    _, first, which = np.unique(numbers, return_index=True, return_inverse=True)
    known = np.array([value is not None and value == value for value in values], dtype=bool)
    same = np.array([one == other for one, other in zip(values, values[first][which], strict=True)], dtype=bool)
    same |= ~known & ~known[first][which]
    if same.all() and all((mask == mask[first][which]).all() for mask in masks):
        row = _row(covariate, values[first], [mask[first] for mask in masks])
        return replace(row, title=f"{row.title} (patients)")
    return _row(covariate, values, masks, numbers)


def _row(covariate: Covariate, values: np.ndarray, masks: Sequence[np.ndarray],
         patients: np.ndarray | None = None) -> Characteristic:
    known = np.array([value is not None and value == value for value in values], dtype=bool)
    by_group = [values[mask & known] for mask in masks]
    columns = [_texts(covariate, rows) for rows in (*by_group, values[np.any(masks, axis=0) & known])]
    labels = SUMMARIES if covariate.kind == CONTINUOUS else [label for label, _ in _keys(covariate)]
    levels = [CharacteristicLevel(label, tuple(line[:-1]), line[-1])
              for label, line in zip(labels, zip(*columns, strict=True), strict=True)]
    clusters = None if patients is None else [patients[mask & known] for mask in masks]
    test, statistic, p = _test(covariate, by_group, clusters)
    return Characteristic(name=covariate.name, title=covariate.title_with_unit, kind=covariate.kind,
                          levels=tuple(levels), missing=tuple(int((mask & ~known).sum()) for mask in masks), test=test,
                          statistic=statistic, p=p)


def _keys(covariate: Covariate) -> list[tuple[str, float | str]]:
    """Return each level's label and how values hold it."""
    return [(label, label if covariate.is_categorical else number) for label, number in covariate.levels]


def _texts(covariate: Covariate, values: np.ndarray) -> tuple[str, ...]:
    """Return a group's lines: as ``SUMMARIES`` name them, or the share of every level."""
    if covariate.kind != CONTINUOUS:
        return tuple(_share(values == key, len(values)) for _, key in _keys(covariate))
    if not len(values):
        return ("-",) * len(SUMMARIES)
    values = values.astype(float)
    sd = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    # Three significant digits of the SD, and all else to the same place.
    places = max(0, 2 - math.floor(math.log10(sd))) if sd > 0 else 2
    low, first, median, third, high = (fixed(value, places) for value in np.quantile(values, [0, 0.25, 0.5, 0.75, 1]))
    spread = f" ± {fixed(sd, places)}" if len(values) > 1 else ""
    return fixed(values.mean(), places) + spread, f"{median} ({first} to {third})", f"{low} to {high}"


def _share(hits: np.ndarray, n: int) -> str:
    return f"{int(np.sum(hits))} ({share(float(np.sum(hits) / n))})" if n else "-"


def _test(covariate: Covariate, by_group: Sequence[np.ndarray],
          patients: Sequence[np.ndarray] | None) -> tuple[str, float | None, float | None]:
    """Return the test's name, statistic and p, or why there is none."""
    filled = [values for values in by_group if len(values)]
    if len(filled) < 2:
        return "not tested: a single group has values", None, None
    numbers = np.repeat(np.arange(len(filled)), [len(values) for values in filled])
    clusters = None if patients is None else np.concatenate(patients)
    try:
        if covariate.kind == CONTINUOUS:
            comparison = compare_groups(np.concatenate(filled).astype(float), numbers, clusters)
            return comparison.test, comparison.statistic, comparison.p
        if clusters is not None:
            levels = np.concatenate(filled)
            of_level = np.argmax([levels == key for _, key in _keys(covariate)], axis=0)
            clustered = compare_clustered(of_level, numbers, clusters)
            return clustered.test, clustered.statistic, clustered.p
        counts = np.array([[np.sum(values == key) for values in filled] for _, key in _keys(covariate)])
        test = compare_counts(counts)
        return f"{test.test} ({test.note})" if test.note else test.test, test.statistic, test.p
    except InputError as error:
        return f"not tested: {error}", None, None
