"""Logistic regression and its backward selection equal R's glm and step; separated classes are refused in words."""

from __future__ import annotations

import json

import numpy as np
import pytest
from fixtures import columns, reference
from hypothesis import given, settings
from hypothesis import strategies as st

from RadiomicsPrognosisLib.errors import CohortError, NotConverged
from RadiomicsPrognosisLib.statistics.logistic import fit_logistic
from RadiomicsPrognosisLib.statistics.stepwise import backward_logistic

REFERENCE = reference("fx14_logistic_spline")
ASAH = columns("fx_asah")
OUTCOME = ASAH["outcome"]


def table(names: list[str]) -> np.ndarray:
    return np.column_stack([ASAH[name] for name in names])


@pytest.mark.parametrize("key", ["logistic", "univariate_s100b"])
def test_fit_equals_glm(key: str) -> None:
    theirs = REFERENCE[key]
    names = theirs["terms"][1:]
    ours = fit_logistic(OUTCOME, table(names), names)
    for name, their_key in (("coefficients", "coef"), ("se", "se"), ("z", "z"), ("p", "p"), ("covariance", "vcov"),
                            ("loglik", "loglik"), ("aic", "aic")):
        np.testing.assert_allclose(getattr(ours, name), theirs[their_key], rtol=1e-8, atol=1e-10, err_msg=name)
    np.testing.assert_allclose(ours.odds_ratios, np.exp(theirs["coef"][1:]), rtol=1e-8)
    np.testing.assert_allclose(ours.lower, theirs["lo"][1:], rtol=1e-8)
    np.testing.assert_allclose(ours.upper, theirs["hi"][1:], rtol=1e-8)
    assert -2 * ours.loglik_null == pytest.approx(theirs["null_deviance"], rel=1e-10)
    json.dumps(ours.to_dict(), allow_nan=False)


def test_probabilities_equal_glm() -> None:
    theirs = reference("fx10_tdauc_dca")["dca_binary"]["prob_head"]
    x = table(["s100b", "wfns"])
    np.testing.assert_allclose(fit_logistic(OUTCOME, x).probability(x[:5]), theirs, atol=1e-12)


def test_backward_selection_equals_step() -> None:
    names, expected = REFERENCE["logistic"]["terms"][1:], REFERENCE["step"]
    result = backward_logistic(OUTCOME, table(names), names)
    assert [f"- {step.dropped}" if step.dropped else "" for step in result.trace] == expected["anova"]["step"]
    np.testing.assert_allclose([step.aic for step in result.trace], expected["anova"]["aic"], rtol=1e-10)
    assert list(result.kept) == expected["kept"]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.01, 100), st.floats(-50, 50))
def test_order_of_rows_and_units_do_not_matter(seed: int, scale: float, shift: float) -> None:
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(80, 2))
    y = generator.random(80) < 1 / (1 + np.exp(-x[:, 0]))
    rows = generator.permutation(80)
    one, two = fit_logistic(y, x), fit_logistic(y[rows], scale * x[rows] + shift)
    np.testing.assert_allclose(one.coefficients[1:], scale * two.coefficients[1:], rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(one.probability(x)[rows], two.probability(scale * x[rows] + shift), atol=1e-8)
    # The likelihood's equations: the fitted probabilities carry the outcome's sum and its products with x.
    np.testing.assert_allclose(np.column_stack([np.ones(80), x]).T @ (y - one.probability(x)), 0.0, atol=1e-8)
    swapped = fit_logistic(1 - y, x)
    np.testing.assert_allclose(swapped.coefficients, -one.coefficients, rtol=1e-6, atol=1e-8)


def test_separated_classes_are_refused() -> None:
    x = np.arange(20.0)
    with pytest.raises(NotConverged, match="'score' grows without bound: the covariates separate"):
        fit_logistic(x > 9, x, ["score"])
    level = np.repeat([0.0, 1.0], 10)
    outcome = np.concatenate([[0, 1] * 5, np.ones(10)])
    with pytest.raises(NotConverged, match="one of their levels holds a single class"):
        fit_logistic(outcome, level, ["level"])
    with pytest.raises(NotConverged, match="grows without bound"):
        fit_logistic(x > 9, np.column_stack([x, np.sin(7 * x)]))


def test_refusals() -> None:
    with pytest.raises(CohortError, match="column x0: the spread is too large or too small"):
        fit_logistic(OUTCOME, 1e-200 * table(["s100b"]))
    with pytest.raises(CohortError, match="All 113 rows have outcome 1"):
        fit_logistic(np.ones(113), table(["s100b"]))
    with pytest.raises(CohortError, match="outcome must be 0 or 1"):
        fit_logistic(OUTCOME + 1, table(["s100b"]))
    with pytest.raises(CohortError, match="4 columns for 4 rows"):
        fit_logistic([0, 1, 0, 1], np.random.default_rng(0).normal(size=(4, 4)))
