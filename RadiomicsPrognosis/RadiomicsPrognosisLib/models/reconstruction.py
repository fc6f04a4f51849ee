"""Reconstruct a Cox model's baseline from published tables: hazard ratios, covariate mix, survival of all patients.

A paper that prints hazard ratios, the distribution of its covariates and the survival of its patients, but no baseline,
still determines the baseline: H0(t) is the number for which the mean predicted survival over the published mix equals
the published survival, E[exp(-H0(t) exp(lp))] = S(t). Within a cohort the factors are taken as independent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from scipy.optimize import brentq

from ..checked import Table
from .model import SurvivalPart

#: Gauss-Hermite nodes per normal factor; 40 already agree with 80 to 1e-12 for the models shipped.
_NODES = 64


@dataclass(frozen=True)
class CohortMix:
    """A cohort as its tables print it: patients per level of each discrete factor, (mean, sd) of each normal one."""

    patients: float
    counts: dict[str, dict[float, float]]
    normals: dict[str, tuple[float, float]]


@dataclass(frozen=True)
class PublishedTables:
    """Hazard ratios by factor (per unit), the cohorts' mixes, and the survival of all patients as {months: share}."""

    hazard_ratios: dict[str, float]
    cohorts: tuple[CohortMix, ...]
    survival: dict[float, float]


def parse_tables(values: dict[str, Any], source: str) -> PublishedTables:
    """Check the ``reconstruction`` table of a model's survival part. Raises SchemaError."""
    table = Table(values, source, "survival.reconstruction")
    table.text("method")

    def positive(key: str, value: Any) -> float:
        return Table({key: value}, source, "survival.reconstruction").number(key, above=0)

    tables = PublishedTables(
        hazard_ratios=table.mapping("hazard_ratios", positive),
        cohorts=tuple(_parse_cohort(item) for item in table.tables("cohorts")),
        survival={float(month): value for month, value in table.mapping("survival_at_months", positive).items()},
    )
    table.finish()
    for cohort in tables.cohorts:
        if set(cohort.counts) | set(cohort.normals) != set(tables.hazard_ratios):
            table.fail("cohorts", "must each give counts or a normal for exactly the factors with a hazard ratio")
    return tables


def _parse_cohort(table: Table) -> CohortMix:
    def counts(factor: str, levels: Any) -> dict[float, float]:
        inner = Table(levels, table.source, f"{table.path}.counts.{factor}")
        return {float(level): inner.number(level, low=0) for level in inner.names()}

    def normal(factor: str, moments: Any) -> tuple[float, float]:
        inner = Table(moments, table.source, f"{table.path}.normals.{factor}")
        pair = inner.number("mean"), inner.number("sd", above=0)
        inner.finish()
        return pair

    table.text("cohort")
    cohort = CohortMix(table.number("patients", above=0), table.mapping("counts", counts, {}),
                       table.mapping("normals", normal, {}))
    table.finish()
    return cohort


def coefficients(tables: PublishedTables) -> dict[str, float]:
    """Return the Cox coefficients, the logarithms of the hazard ratios."""
    return {factor: math.log(ratio) for factor, ratio in tables.hazard_ratios.items()}


def risk_mixture(tables: PublishedTables) -> tuple[np.ndarray, np.ndarray]:
    """Return (relative risk exp(lp), weight) over the published mix of all cohorts; weights sum to 1.

    Normal factors are integrated by Gauss-Hermite quadrature (Golub & Welsch, Mathematics of Computation 1969).
    """
    beta = coefficients(tables)
    nodes, node_weights = np.polynomial.hermite_e.hermegauss(_NODES)
    node_weights = node_weights / node_weights.sum()
    patients = sum(cohort.patients for cohort in tables.cohorts)
    lps, weights = [], []
    for cohort in tables.cohorts:
        factors = [[(beta[factor] * level, count / sum(counts.values())) for level, count in counts.items()]
                   for factor, counts in cohort.counts.items()]
        factors += [list(zip(beta[factor] * (mean + sd * nodes), node_weights, strict=True))
                    for factor, (mean, sd) in cohort.normals.items()]
        for combination in product(*factors):
            lps.append(sum(lp for lp, _ in combination))
            weights.append(cohort.patients / patients * math.prod(weight for _, weight in combination))
    return np.exp(lps), np.array(weights)


def baseline_cumulative_hazard(tables: PublishedTables) -> dict[float, float]:
    """Return {months: H0} such that the mean predicted survival over the mix equals the published survival."""
    risks, weights = risk_mixture(tables)

    def solve(survival: float) -> float:
        def excess(log_hazard: float) -> float:
            return float(weights @ np.exp(-math.exp(log_hazard) * risks)) - survival

        return math.exp(brentq(excess, -30.0, 10.0, xtol=1e-13, rtol=1e-14))

    return {months: solve(survival) for months, survival in sorted(tables.survival.items())}


def reconstruct(part: SurvivalPart, source: str) -> tuple[dict[str, float], dict[float, float]]:
    """Recompute (coefficients, {months: H0}) from the tables that a survival part carries. Raises SchemaError."""
    tables = parse_tables(part.reconstruction or {}, source)
    return coefficients(tables), baseline_cumulative_hazard(tables)
