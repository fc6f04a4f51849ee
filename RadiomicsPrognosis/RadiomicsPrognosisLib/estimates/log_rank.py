"""Log-rank tests as reported."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from lifelines.statistics import multivariate_logrank_test
from numpy.typing import ArrayLike

from ..statistics import kaplan_meier as kernel
from ..statistics.chi_squared import ChiSquared
from ..statistics.inputs import group_labels
from ..statistics.kaplan_meier import LogRank
from .contained import contained


def log_rank(time: ArrayLike, event: ArrayLike, group: ArrayLike, clusters: ArrayLike | None = None) -> LogRank:
    """Return the log-rank test of the groups in ``group`` (n,), equal to R's survdiff.

    Chi-squared and p are lifelines'. Numbers, observed and expected events, which it does not give, are the kernel's;
    so is the whole test when a group leaves before the first event: R does not count it among the degrees of freedom,
    lifelines does, and of rows in ``clusters`` (n,). Raises what statistics.kaplan_meier.log_rank raises.
    """
    result = kernel.log_rank(time, event, group, clusters)
    if min(result.expected) <= 0.0 or result.clusters is not None:
        return result
    numbers, _ = group_labels(group, sum(result.n))
    with contained():
        test = multivariate_logrank_test(np.asarray(time, float), numbers, np.asarray(event, float))
    return replace(result, test=ChiSquared(max(float(test.test_statistic), 0.0), result.test.df, float(test.p_value)))
