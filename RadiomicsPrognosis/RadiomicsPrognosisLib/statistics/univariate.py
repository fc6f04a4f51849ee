"""One variable at a time: does it differ between groups, or go with survival?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from ..errors import CohortError, InputError
from ..result import Result
from .cox import fit_cox
from .inputs import finite_column, group_labels, survival_outcome, table
from .multiplicity import adjusted

#: Level at which Shapiro's and Bartlett's tests decide which comparison is made.
ASSUMPTION_LEVEL = 0.05


@dataclass(frozen=True)
class Comparison(Result):
    """``test`` with ``statistic`` and two-sided ``p``, and what chose it.

    Tests: ``Student t``, ``Welch t``, ``Mann-Whitney`` (statistic: U of the first group, R's W), ``ANOVA``,
    ``Kruskal-Wallis``; ``constant`` (p 1, no statistic) when the variable does not vary. ``shapiro_p`` is the smallest
    over the groups, None where a group is too small or constant to be tested; ``bartlett_p`` None when not needed.
    """

    test: str
    statistic: float | None
    p: float
    shapiro_p: float | None = None
    bartlett_p: float | None = None


@dataclass(frozen=True)
class CoxRow(Result):
    """A column's Cox regression alone. ``status`` is ``ok`` or says in words why there is none, p then being 1."""

    name: str
    status: str
    hazard_ratio: float | None
    lower: float | None
    upper: float | None
    p: float
    adjusted_p: float


def compare_groups(values: Any, group: Any) -> Comparison:
    """Return the comparison of ``values`` (n,) between the groups in ``group`` (n,).

    Normal in every group (Shapiro-Wilk p > 0.05): Student's t test, or Welch's when Bartlett's p <= 0.05; else
    Mann-Whitney. For more than two groups ANOVA when normal with equal variances, else Kruskal-Wallis. A group of fewer
    than three or of equal values counts as not normal. Raises CohortError for missing values or one group.
    """
    values = finite_column(values, "values")
    numbers, labels = group_labels(group, len(values))
    samples = [values[numbers == i] for i in range(len(labels))]
    if values.max() == values.min():
        return Comparison("constant", None, 1.0)
    shapiro = shapiro_smallest(samples)
    if shapiro is None or shapiro <= ASSUMPTION_LEVEL:
        return Comparison(*_ranks(samples), shapiro)
    bartlett = float(stats.bartlett(*samples).pvalue)
    equal = bartlett > ASSUMPTION_LEVEL
    if len(samples) > 2:
        return Comparison(*(_anova(samples) if equal else _ranks(samples)), shapiro, bartlett)
    return Comparison(*t_test(*samples, equal_variances=equal), shapiro, bartlett)


def t_test(first: np.ndarray, second: np.ndarray, equal_variances: bool) -> tuple[str, float, float]:
    """Return (name, t, p) of Student's or Welch's test."""
    result = stats.ttest_ind(first, second, equal_var=equal_variances)
    return "Student t" if equal_variances else "Welch t", float(result.statistic), float(result.pvalue)


def mann_whitney(first: np.ndarray, second: np.ndarray) -> tuple[str, float, float]:
    """Return (name, U of the first sample, p): exact for fewer than 50 rows in both and no ties, as R's wilcox.test;
    else normal with correction for ties and continuity."""
    tied = len(np.unique(np.concatenate([first, second]))) < len(first) + len(second)
    exact = len(first) < 50 and len(second) < 50 and not tied
    result = stats.mannwhitneyu(first, second, method="exact" if exact else "asymptotic")
    return "Mann-Whitney", float(result.statistic), float(result.pvalue)


def shapiro_smallest(samples: Sequence[np.ndarray]) -> float | None:
    """Return the smallest Shapiro-Wilk p of the samples, None when one has fewer than three or only equal values.

    Of more than 5000 values, where the p value is not known to hold, evenly spaced order statistics are tested.
    """
    smallest = 1.0
    for sample in samples:
        if len(sample) < 3 or sample.max() == sample.min():
            return None
        if len(sample) > 5000:
            sample = np.sort(sample)[np.linspace(0, len(sample) - 1, 5000).astype(int)]
        smallest = min(smallest, float(stats.shapiro(sample).pvalue))
    return smallest


def univariate_cox(time: Any, event: Any, x: Any, names: Sequence[str] | None = None, ties: str = "efron",
                   adjustment: str = "benjamini-hochberg") -> tuple[CoxRow, ...]:
    """Return the Cox regression of every column of ``x`` (n, p) alone, p values adjusted over the columns.

    A column that cannot be fitted (constant, an infinite coefficient) is a row that says why. Raises CohortError when
    none can.
    """
    time, event = survival_outcome(time, event)
    x, names = table(x, len(time), names)
    rows: list[tuple[str, str, float | None, float | None, float | None, float]] = []
    for j, name in enumerate(names):
        try:
            model = fit_cox(time, event, x[:, j], (name,), ties)
        except InputError as error:
            rows.append((name, str(error), None, None, None, 1.0))
        else:
            rows.append((name, "ok", float(model.hazard_ratios[0]), float(model.lower[0]), float(model.upper[0]),
                         float(model.p[0])))
    if all(row[1] != "ok" for row in rows):
        raise CohortError(f"None of the {len(rows)} columns can be fitted; the first: {rows[0][1]}")
    corrected = adjusted([row[-1] for row in rows], adjustment)
    return tuple(CoxRow(*row, float(p)) for row, p in zip(rows, corrected, strict=True))


def _ranks(samples: list[np.ndarray]) -> tuple[str, float, float]:
    if len(samples) == 2:
        return mann_whitney(*samples)
    result = stats.kruskal(*samples)
    return "Kruskal-Wallis", float(result.statistic), float(result.pvalue)


def _anova(samples: list[np.ndarray]) -> tuple[str, float, float]:
    result = stats.f_oneway(*samples)
    return "ANOVA", float(result.statistic), float(result.pvalue)
