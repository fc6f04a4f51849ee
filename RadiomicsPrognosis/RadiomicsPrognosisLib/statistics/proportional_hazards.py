"""Test of proportional hazards: does a covariate's effect change with time?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from ..errors import CohortError
from ..result import Result
from .arrays import Floats, Integers
from .chi_squared import ChiSquared, chi_squared
from .clusters import cluster_numbers, cluster_sums
from .cox import CoxModel
from .inputs import one_of, survival_outcome, table
from .risk_sets import risk_sets
from .risk_table import risk_table, step_at
from .score_residuals import score_residuals

TRANSFORMS = ("km", "rank", "identity", "log")


@dataclass(frozen=True)
class ProportionalHazards(Result):
    """Tests by term, and ``together`` (R's GLOBAL), for effects that change linearly with the transformed time."""

    transform: str
    terms: tuple[str, ...]
    tests: tuple[ChiSquared, ...]
    together: ChiSquared


def proportional_hazards(model: CoxModel, time: ArrayLike, event: ArrayLike, x: ArrayLike, transform: str = "km",
                         groups: Sequence[Sequence[str]] | None = None,
                         clusters: ArrayLike | None = None) -> ProportionalHazards:
    """Return the score tests of ``model``'s fit to the same ``time`` (n,), ``event`` (n,) and ``x`` (n, p).

    Equal to cox.zph of R's survival >= 3: the statistic tests beta(t) = beta + theta g(t) (Grambsch & Therneau,
    Biometrika 1994;81:515), exactly and not by the older approximation. g is 1 - Kaplan-Meier just before t (``km``),
    the times' ``rank``, t itself (``identity``) or its ``log``. ``groups`` names the columns tested together, such as a
    factor's levels; a group is named by its first column. Of rows in ``clusters`` (n,) the score's variance is that of
    whole clusters, less what the coefficients take up (the generalised score test of Boos, Am Stat 1992;46:327). Raises
    InputError for another transform, CohortError when all
    events are at one time, or one is at 0 and the transform ``log``.
    """
    one_of("transform", transform, TRANSFORMS)
    time, event = survival_outcome(time, event)
    x, names = table(x, len(time), model.terms)
    sds = x.std(axis=0)
    z = (x - x.mean(axis=0)) / sds
    sets = risk_sets(time, event, z, z @ (model.coefficients * sds), model.ties)
    if len(np.unique(time[sets.events])) < 2:
        raise CohortError("All events are at one time; an effect cannot be seen to change.")
    g = _transformed(time, event, transform)[sets.events]
    g = (g - g.mean()) / (g.max() - g.min())  # shift and scale change no test
    information = [np.einsum("d,dij->ij", g**power, sets.covariance) for power in range(3)]
    score = g @ (z[sets.events] - sets.mean)
    numbers = cluster_numbers(clusters, len(time))
    if numbers is not None:
        predictor = z @ (model.coefficients * sds)
        own, changing = (cluster_sums(score_residuals(time, event, z, predictor, model.ties, weight), numbers)
                         for weight in (None, lambda _: g))
    p = len(names)
    tested_together = [(name,) for name in names] if groups is None else [tuple(group) for group in groups]
    members = [np.array([names.index(name) for name in group]) for group in tested_together]

    def tested(of: Integers) -> ChiSquared:
        if numbers is not None:
            free = changing[:, of] - own @ np.linalg.solve(information[0], information[1][:, of])
            return chi_squared(float(score[of] @ np.linalg.solve(free.T @ free, score[of])), len(of))
        within = np.block([[information[0], information[1][:, of]],
                           [information[1][of], information[2][np.ix_(of, of)]]])
        gradient = np.concatenate([np.zeros(p), score[of]])
        return chi_squared(float(gradient @ np.linalg.solve(within, gradient)), len(of))

    return ProportionalHazards(transform, tuple(group[0] for group in tested_together), tuple(map(tested, members)),
                               tested(np.arange(p)))


def _transformed(time: Floats, event: Floats, transform: str) -> Floats:
    """Return g (n,) at every row's time; ranks are those among all rows, as in R."""
    if transform == "km":
        counts = risk_table(time, event)
        return 1.0 - step_at(counts.times, counts.survival(), time, before=True)
    if transform == "rank":
        ranks: Floats = rankdata(time)
        return ranks
    if transform == "identity":
        return time
    if time[event == 1].min() <= 0:
        raise CohortError("An event at time 0 has no logarithm; use another transform than 'log'.")
    logarithm: Floats = np.log(np.maximum(time, np.finfo(float).tiny))
    return logarithm
