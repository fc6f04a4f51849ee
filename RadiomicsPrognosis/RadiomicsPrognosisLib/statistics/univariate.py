"""One variable at a time: does it differ between groups, or go with survival?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from ..errors import CohortError, InputError
from ..result import Result
from .arrays import Floats, Integers
from .clusters import cluster_numbers, cluster_sums, small_sample
from .cox import fit_cox
from .inputs import finite_column, group_labels, survival_outcome, table
from .multiplicity import adjusted

#: Level at which Shapiro's and Bartlett's tests decide which comparison is made.
ASSUMPTION_LEVEL = 0.05


@dataclass(frozen=True)
class Comparison(Result):
    """``test`` with ``statistic`` and two-sided ``p`` (0 - 1), and what chose it.

    Tests: ``Student t``, ``Welch t``, ``Mann-Whitney`` (statistic: U of the first group, R's W), ``ANOVA``,
    ``Kruskal-Wallis``; ``constant`` (p 1, no statistic) when the variable does not vary; of rows in clusters
    ``cluster-robust t``, ``cluster-robust F``, or the same ``of ranks``. ``shapiro_p`` is the smallest
    over the groups, None where a group is too small or constant to be tested; ``bartlett_p`` None when not needed.
    """

    test: str
    statistic: float | None
    p: float
    shapiro_p: float | None = None
    bartlett_p: float | None = None


@dataclass(frozen=True, kw_only=True)
class CoxRow(Result):
    """A column's Cox regression alone: hazard ratio per unit with its 95 % interval, Wald's p and that p adjusted.

    ``status`` is ``ok`` or says in words why there is no fit, p then being 1.
    """

    name: str
    status: str
    hazard_ratio: float | None = None
    lower: float | None = None
    upper: float | None = None
    p: float = 1.0
    adjusted_p: float = 1.0


def compare_groups(values: ArrayLike, group: ArrayLike, clusters: ArrayLike | None = None) -> Comparison:
    """Return the comparison of ``values`` (n,) between the groups in ``group`` (n,), numbers or texts.

    Normal in every group (Shapiro-Wilk p > 0.05): Student's t test, or Welch's when Bartlett's p <= 0.05; else
    Mann-Whitney. For more than two groups ANOVA when normal with equal variances, else Kruskal-Wallis. A group of fewer
    than three or of equal values counts as not normal. Equal to R's shapiro.test, bartlett.test, t.test, wilcox.test,
    aov and kruskal.test. Of rows in ``clusters`` (n,): :func:`clustered_means`, of the values where they are normal in
    every group, else of their ranks. Raises CohortError for missing values or one group, InputError for another shape.
    """
    values = finite_column(values, "values")
    numbers, labels = group_labels(group, len(values))
    samples = [values[numbers == i] for i in range(len(labels))]
    if values.max() == values.min():
        return Comparison("constant", None, 1.0)
    shapiro = shapiro_smallest(samples)
    of_clusters = cluster_numbers(clusters, len(values))
    if of_clusters is not None:
        normal = shapiro is not None and shapiro > ASSUMPTION_LEVEL
        return Comparison(*clustered_means(values if normal else stats.rankdata(values), numbers, of_clusters,
                                           "" if normal else " of ranks"), shapiro_p=shapiro)
    if shapiro is None or shapiro <= ASSUMPTION_LEVEL:
        return Comparison(*_ranks(samples), shapiro_p=shapiro)
    bartlett = float(stats.bartlett(*samples).pvalue)
    equal = bartlett > ASSUMPTION_LEVEL
    if len(samples) > 2:
        return Comparison(*(_anova(samples) if equal else _ranks(samples)), shapiro_p=shapiro, bartlett_p=bartlett)
    first, second = samples
    return Comparison(*t_test(first, second, equal), shapiro_p=shapiro, bartlett_p=bartlett)


def clustered_means(values: Floats, group: Integers, clusters: Integers, of: str = "") -> tuple[str, float, float]:
    """Return (name, statistic, two-sided p) of Wald's test of equal means of ``values`` (n,) in the groups ``group``.

    Group means have Huber & White's covariance of whole ``clusters`` (n,), which may have rows in several groups; with
    k groups and m clusters t with m - 1, or F with k - 1 and m - 1, degrees of freedom (R's lm with sandwich::vcovCL,
    type HC0; Cameron & Miller, J Hum Resour 2015;50:317). ``of`` is added to the name. Raises CohortError where too few
    clusters vary.
    """
    member = (group[:, None] == np.arange(group.max() + 1)).astype(float)
    means = member.T @ values / member.sum(axis=0)
    sums = cluster_sums(member * (values - means[group])[:, None] / member.sum(axis=0), clusters)
    covariance = small_sample(clusters) * sums.T @ sums
    df, rest = len(means) - 1, int(clusters.max())
    contrast = np.hstack([-np.ones((df, 1)), np.eye(df)])
    difference, within = contrast @ means, contrast @ covariance @ contrast.T
    if np.linalg.matrix_rank(within) < df:
        raise CohortError("Too few clusters (patients) vary within the groups to compare them.")
    if df == 1:
        t = float(-difference[0] / np.sqrt(within[0, 0]))
        return f"cluster-robust t{of}", t, float(2.0 * stats.t.sf(abs(t), rest))
    f = float(difference @ np.linalg.solve(within, difference)) / df
    return f"cluster-robust F{of}", f, float(stats.f.sf(f, df, rest))


def t_test(first: Floats, second: Floats, equal_variances: bool) -> tuple[str, float, float]:
    """Return (name, t, two-sided p) of Student's or Welch's test (Welch, Biometrika 1947;34:28) of two samples.

    ``first`` (n,) and ``second`` (m,) are without missing values; equal to R's t.test.
    """
    result = stats.ttest_ind(first, second, equal_var=equal_variances)
    return "Student t" if equal_variances else "Welch t", float(result.statistic), float(result.pvalue)


def mann_whitney(first: Floats, second: Floats) -> tuple[str, float, float]:
    """Return (name, U of the first sample, two-sided p) of two samples (n,) and (m,) without missing values.

    Exact for fewer than 50 rows in both and no ties, as R's wilcox.test; else normal with correction for ties and
    continuity (Mann & Whitney, Ann Math Stat 1947;18:50).
    """
    tied = len(np.unique(np.concatenate([first, second]))) < len(first) + len(second)
    exact = len(first) < 50 and len(second) < 50 and not tied
    result = stats.mannwhitneyu(first, second, method="exact" if exact else "asymptotic")
    return "Mann-Whitney", float(result.statistic), float(result.pvalue)


def shapiro_smallest(samples: Sequence[Floats]) -> float | None:
    """Return the smallest Shapiro-Wilk p (0 - 1) of the samples, None when one has fewer than three or only equal
    values.

    Royston's AS R94 (Appl Stat 1995;44:547), as R's shapiro.test. Of more than 5000 values, where the p value is not
    known to hold, evenly spaced order statistics are tested.
    """
    smallest = 1.0
    for sample in samples:
        if len(sample) < 3 or sample.max() == sample.min():
            return None
        if len(sample) > 5000:
            sample = np.sort(sample)[np.linspace(0, len(sample) - 1, 5000).astype(int)]
        smallest = min(smallest, float(stats.shapiro(sample).pvalue))
    return smallest


def univariate_cox(time: ArrayLike, event: ArrayLike, x: ArrayLike, names: Sequence[str] | None = None,
                   ties: str = "efron", adjustment: str = "benjamini-hochberg",
                   clusters: ArrayLike | None = None) -> tuple[CoxRow, ...]:
    """Return the Cox regression of ``time`` (n,), any unit, and ``event`` (n,) 0/1 on every column of ``x`` (n, p)
    alone, in their order, p values adjusted over the columns.

    ``ties`` and ``clusters`` (n,) as in fit_cox, ``adjustment`` one of multiplicity.METHODS. A column that cannot be
    fitted (constant, an infinite coefficient) is a row that says why. Raises CohortError when none can or values are
    missing, InputError for another shape or adjustment.
    """
    time, event = survival_outcome(time, event)
    x, columns = table(x, len(time), names)
    rows: list[CoxRow] = []
    for j, name in enumerate(columns):
        try:
            model = fit_cox(time, event, x[:, j], (name,), ties, clusters=clusters)
        except InputError as error:
            rows.append(CoxRow(name=name, status=str(error)))
        else:
            rows.append(CoxRow(name=name, status="ok", hazard_ratio=float(model.hazard_ratios[0]),
                               lower=float(model.lower[0]), upper=float(model.upper[0]), p=float(model.p[0])))
    if all(row.status != "ok" for row in rows):
        raise CohortError(f"None of the {len(rows)} columns can be fitted; the first: {rows[0].status}")
    corrected = adjusted([row.p for row in rows], adjustment)
    return tuple(replace(row, adjusted_p=p) for row, p in zip(rows, corrected.tolist(), strict=True))


def _ranks(samples: list[Floats]) -> tuple[str, float, float]:
    if len(samples) == 2:
        first, second = samples
        return mann_whitney(first, second)
    result = stats.kruskal(*samples)
    return "Kruskal-Wallis", float(result.statistic), float(result.pvalue)


def _anova(samples: list[Floats]) -> tuple[str, float, float]:
    result = stats.f_oneway(*samples)
    return "ANOVA", float(result.statistic), float(result.pvalue)
