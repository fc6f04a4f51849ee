"""How often the intervals of predictions hold the truth: cohorts are simulated, models fitted to them or reconstructed
from what a publication about them would print, and new cases predicted.

An interval of 95 % should hold the true survival or probability 95 times in a hundred. Coverage below 92 % or above
98 % makes the exit code 1. Usage: interval_coverage.py [cohorts of each kind, 400]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Python"))

import numpy as np
from interval_cases import cox_model, logistic_model, published_model, rows_of, true_probability, true_survival
from test_prediction import S1, unit_scaling

from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.prediction.intervals import row_intervals
from RadiomicsPrognosisLib.prediction.parameter_draws import scaling_draws
from RadiomicsPrognosisLib.statistics.draws import central_interval

#: Cases predicted with each model.
CASES = 4

LOW, HIGH = 0.92, 0.98


def coverage(build: Callable[[int, int], Model], truth: Callable[[np.ndarray, np.ndarray], np.ndarray], patients: int,
             cohorts: int) -> tuple[float, float, float]:
    """Return the share of intervals that hold the truth, that of those that lie wholly above it, their mean width."""
    generator, right, above, width = np.random.default_rng(2), [], [], []
    for seed in range(cohorts):
        model = build(patients, seed)
        score, marker = generator.normal(0.3, 0.7, CASES), generator.integers(0, 3, CASES).astype(float)
        bounds = row_intervals(rows_of(model, score, {"marker": marker}), None, model.horizons_months)
        assert bounds is not None
        lower, upper = np.moveaxis(bounds, -1, 0)
        true = truth(score, marker)
        right.append((lower <= true) & (true <= upper))
        above.append(lower > true)
        width.append(upper - lower)
    return float(np.mean(right)), float(np.mean(above)), float(np.mean(width))


def scaling_coverage(cases: int, with_values: bool, cohorts: int) -> float:
    """Return how often the interval of a score holds the score by the true means and SDs (0 and 1), for S1's terms."""
    generator, right = np.random.default_rng(3), []
    weights = np.array([term.coefficient for term in S1.signature.terms])
    for _ in range(cohorts):
        values = generator.normal(size=(len(weights), cases))
        means, sds = values.mean(axis=1), values.std(axis=1, ddof=1)
        keys = S1.term_keys
        scaling = replace(
            unit_scaling(cases=cases), means=dict(zip(keys, means.tolist(), strict=True)),
            sds=dict(zip(keys, sds.tolist(), strict=True)),
            values={key: tuple(row.tolist()) for key, row in zip(keys, values, strict=True)} if with_values else {})
        drawn, case = scaling_draws(scaling, S1), generator.normal(size=len(weights))
        z = (case - means) / sds
        scores = weights @ (z[:, None] * drawn.factors - drawn.shifts)
        (lower,), (upper,) = central_interval(scores[None, :], 0.95)
        right.append(lower <= weights @ case <= upper)
    return float(np.mean(right))


def main() -> int:
    cohorts, good = int(sys.argv[1]) if len(sys.argv) > 1 else 400, True
    print(f"{'model':>28} {'patients':>9} {'coverage':>9} {'above':>7} {'width':>7} {'ms each':>8}")
    kinds = ((cox_model, true_survival, "Cox, stored covariance"),
             (logistic_model, true_probability, "logistic, stored"),
             (published_model, true_survival, "Cox, published tables"))
    for build, truth, title in kinds:
        for patients in (80, 150, 400):
            start = time.perf_counter()
            share, above, width = coverage(build, truth, patients, cohorts)
            spent = 1000 * (time.perf_counter() - start) / cohorts
            good &= LOW <= share <= HIGH
            print(f"{title:>28} {patients:9d} {100 * share:8.1f}% {100 * above:6.1f}% {width:7.3f} {spent:8.1f}")
    for cases in (20, 50, 200):
        for with_values in (False, True):
            share = scaling_coverage(cases, with_values, cohorts)
            good &= share >= 0.90
            print(f"{'scaling, ' + ('its values' if with_values else 'its number'):>28} {cases:9d} {100 * share:8.1f}%")
    print("within bounds" if good else f"OUTSIDE {LOW:.0%} - {HIGH:.0%}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
