"""What is reported equals R, whether lifelines or our kernel computes it, and the kernels equal lifelines."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from estimate_cases import cox_cases, curve_cases, incidence_cases, log_rank_cases, numbers
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import AalenJohansenFitter, CoxPHFitter, KaplanMeierFitter
from lifelines.exceptions import ConvergenceWarning

from RadiomicsPrognosisLib.errors import CohortError, InputError, NotConverged
from RadiomicsPrognosisLib.estimates import competing, cox, log_rank, restricted_mean, survival_curve
from RadiomicsPrognosisLib.estimates.remembered import forget_fits, remembered
from RadiomicsPrognosisLib.statistics import competing as competing_kernel
from RadiomicsPrognosisLib.statistics import cox as cox_kernel
from RadiomicsPrognosisLib.statistics import kaplan_meier as kaplan_meier_kernel
from RadiomicsPrognosisLib.statistics import restricted_mean as restricted_mean_kernel

#: Estimate and kernel of every function, which must not be told apart.
CURVES = (survival_curve.kaplan_meier, kaplan_meier_kernel.kaplan_meier)
LOG_RANKS = (log_rank.log_rank, kaplan_meier_kernel.log_rank)
MEANS = (restricted_mean.restricted_mean, restricted_mean_kernel.restricted_mean)
INCIDENCES = (competing.aalen_johansen, competing_kernel.cumulative_incidence)
COX = (cox.fit_cox, cox_kernel.fit_cox)


def by(functions: tuple[Callable[..., Any], ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("compute", functions, ids=["estimate", "kernel"])


def cases(rows: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("data", "theirs"), [row[1:] for row in rows], ids=lambda value: "")


def close(ours: Any, theirs: Any, what: str, rtol: float = 1e-8) -> None:
    """Assert that values and R's, its NA being our masked ones, are equal to ``rtol`` (1e-8 near 0)."""
    ours = np.ma.filled(np.ma.masked_invalid(np.ma.asarray(ours, dtype=float)), np.nan)
    np.testing.assert_allclose(ours, numbers(theirs), rtol=rtol, atol=1e-10, err_msg=what)


@by(CURVES)
@pytest.mark.parametrize(("interval", "key"), [("log", "log"), ("log-log", "loglog")])
@cases(curve_cases())
def test_curves_equal_survfit(compute: Callable[..., Any], interval: str, key: str, data: tuple, theirs: dict) -> None:
    ours = compute(*data, interval)
    rows = np.array(theirs["index"])
    assert (ours.n, len(ours.times)) == (theirs["n"], theirs["rows"])
    for name, column in (("times", "time"), ("at_risk", "n_risk"), ("events", "n_event"), ("censored", "n_censor")):
        assert getattr(ours, name)[rows].tolist() == theirs[column], name
    survival = numbers(theirs["surv"])
    close(ours.survival[rows], survival, "survival")
    # R gives no se at survival 0, and no log-log interval at survival 1, where ours are 0 and 1.
    close(ours.se[rows][survival > 0], numbers(theirs["se"])[survival > 0], "se")
    inside = survival < 1 if interval == "log-log" else np.ones(len(rows), bool)
    close(ours.lower[rows][inside], numbers(theirs[key]["lo"])[inside], "lower")
    close(ours.upper[rows][inside], numbers(theirs[key]["hi"])[inside], "upper")
    assert (ours.lower[rows][~inside] == 1.0).all() and (ours.upper[rows][~inside] == 1.0).all()
    assert [ours.median, ours.median_lower, ours.median_upper] == theirs[key]["median"]
    json.dumps(ours.to_dict(), allow_nan=False)


@by(MEANS)
@cases(curve_cases())
def test_restricted_means_equal_survfit(compute: Callable[..., Any], data: tuple, theirs: dict) -> None:
    for expected in theirs["restricted"]:
        ours = compute(*data, expected["horizon"])
        assert (ours.mean, ours.se) == pytest.approx((expected["mean"], expected["se"]), rel=1e-8)
        assert (ours.upper - ours.mean, ours.mean - ours.lower) == pytest.approx((1.959963984540054 * ours.se,) * 2)
        json.dumps(ours.to_dict(), allow_nan=False)


@by(LOG_RANKS)
@cases(log_rank_cases())
def test_log_rank_equals_survdiff(compute: Callable[..., Any], data: tuple, theirs: dict) -> None:
    ours = compute(*data)
    assert (ours.test.statistic, ours.test.df, ours.test.p) == pytest.approx(
        (theirs["chisq"], theirs["df"], theirs["p"]), rel=1e-8)
    assert ours.n == tuple(theirs["n"])
    close(ours.observed, theirs["obs"], "observed")
    close(ours.expected, theirs["exp"], "expected")


@by(INCIDENCES)
@pytest.mark.parametrize(("interval", "key"), [("log", "log"), ("log-log", "loglog")])
@cases(incidence_cases())
def test_incidences_equal_survfit(compute: Callable[..., Any], interval: str, key: str, data: tuple,
                                  theirs: dict) -> None:
    rows = np.array(theirs["index"])
    for of in sorted({1, 2} & set(data[1].astype(int))):
        ours, expected = compute(*data, of, interval), theirs[f"cause{of}"]
        assert len(ours.times) == theirs["rows"]
        assert ours.at_risk[rows].tolist() == theirs["n_risk"]
        close(ours.incidence[rows], expected["estimate"], "incidence")
        close(ours.se[rows], expected["se"], "se")
        close(ours.lower[rows], expected[key]["lo"], "lower")
        close(ours.upper[rows], expected[key]["hi"], "upper")
        json.dumps(ours.to_dict(), allow_nan=False)


@by(COX)
@pytest.mark.parametrize("ties", ["efron", "breslow"])
@cases(cox_cases())
def test_fits_equal_coxph(compute: Callable[..., Any], ties: str, data: tuple, theirs: dict) -> None:
    ours, expected = compute(*data, theirs["terms"], ties), theirs[ties]
    assert ours.terms == tuple(theirs["terms"])
    for name, key in (("coefficients", "coef"), ("se", "se"), ("z", "z"), ("p", "p"), ("hazard_ratios", "hr"),
                      ("lower", "hr_lo"), ("upper", "hr_hi"), ("loglik_null", "loglik_null"), ("loglik", "loglik"),
                      ("aic", "aic"), ("bic", "bic")):
        np.testing.assert_allclose(getattr(ours, name), expected[key], rtol=1e-8, err_msg=name)
    close(ours.covariance.ravel(), expected["vcov"], "covariance")
    for name, key in (("likelihood_ratio", "lr"), ("wald", "wald"), ("score", "score")):
        test = getattr(ours, name)
        assert (test.statistic, test.df, test.p) == pytest.approx(tuple(expected[key]), rel=1e-8, abs=1e-12), name
    close(ours.baseline.at(numbers(expected["base_time"])), expected["base_hazard"], "baseline")
    close(ours.survival(data[2][:2], expected["at"]).ravel(), np.ravel(expected["survival"]), "survival")
    json.dumps(ours.to_dict(), allow_nan=False)


def test_the_reported_numbers_are_lifelines_to_the_last_bit() -> None:
    """Where the kernels' own numbers differ in the last bits, so that the two cannot be mistaken."""
    data = {name: arrays for name, arrays, _ in curve_cases()}["gbsg"]
    fitted, ours = KaplanMeierFitter(alpha=1 - 0.95).fit(*data), survival_curve.kaplan_meier(*data, "log-log")
    assert ours.survival.tolist() == fitted.survival_function_.iloc[1:, 0].tolist()
    assert ours.survival.tolist() != kaplan_meier_kernel.kaplan_meier(*data).survival.tolist()
    assert ours.lower.tolist() == fitted.confidence_interval_.iloc[1:, 0].tolist()
    time, event, x = {name: arrays for name, arrays, _ in cox_cases()}["gbsg"]
    model, kernel = cox.fit_cox(time, event, x), cox_kernel.fit_cox(time, event, x)
    assert 0.0 < np.abs(model.coefficients / kernel.coefficients - 1.0).max() < 1e-11
    assert (model.score, model.baseline.hazard.tolist()) == (kernel.score, kernel.baseline.hazard.tolist())


@pytest.mark.parametrize("seed", [3, 4, 8])
def test_a_fit_that_lifelines_does_not_finish_is_the_kernels(seed: int, capfd: pytest.CaptureFixture[str]) -> None:
    """Events nearly in the order of the covariate: coefficients of more than 20 per SD."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=40)
    time, event = 1.0 + np.argsort(np.argsort(generator.exponential(np.exp(-24.0 * x)))), np.ones(40)
    kernel = cox_kernel.fit_cox(time, event, x)
    assert kernel.coefficients[0] * x.std() > 20.0
    frame = pd.DataFrame({"x": x, "time": time, "event": event})
    with pytest.warns(ConvergenceWarning):
        CoxPHFitter().fit(frame, "time", "event", fit_options=cox.TIGHT)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours = cox.fit_cox(time, event, x)
    assert ours.to_dict() == kernel.to_dict()
    assert capfd.readouterr() == ("", "")


def test_lifelines_leaves_no_warning_and_no_changed_setting(capfd: pytest.CaptureFixture[str]) -> None:
    before = np.geterr()
    generator = np.random.default_rng(5)
    x = np.column_stack([generator.normal(size=30), 1e-6 * generator.normal(size=30)])  # lifelines: 'very low variance'
    time, event = np.arange(1.0, 31.0), generator.random(30) < 0.6
    # A jitter of tied times would draw from, and reseed, numpy's global generator.
    state = np.random.get_state()[1].tolist()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cox.fit_cox(time, event, x)
        survival_curve.kaplan_meier(time, event)
        restricted_mean.restricted_mean(time, event, 20.5)
        log_rank.log_rank(time, event, x[:, 0] > 0)
        competing.aalen_johansen(np.ceil(time / 4), event + 1)
    assert np.geterr() == before
    assert np.random.get_state()[1].tolist() == state
    assert capfd.readouterr() == ("", "")


def test_importing_the_kernels_imports_neither_lifelines_nor_pandas() -> None:
    library = Path(cox_kernel.__file__).parents[2]
    program = ("import sys; from RadiomicsPrognosisLib.statistics import competing, cox, restricted_mean; "
               "sys.exit(bool({'lifelines', 'pandas'} & set(sys.modules)))")
    assert subprocess.run([sys.executable, "-c", program], cwd=library, check=False).returncode == 0


#: Rows of a small cohort with ties: time, what happened (0, 1, 2), group.
COHORTS = st.lists(st.tuples(st.integers(0, 15), st.integers(0, 2), st.integers(0, 2)), min_size=3, max_size=40)


@settings(max_examples=60, deadline=None)
@given(COHORTS, st.sampled_from(["log", "log-log"]), st.floats(0.5, 0.999))
def test_kernel_curves_equal_lifelines(rows: list[tuple[int, int, int]], interval: str, confidence: float) -> None:
    time, cause, _ = np.array(rows, float).T
    event = cause > 0
    ours, theirs = (compute(time, event, interval, confidence) for compute in reversed(CURVES))
    for name in ("at_risk", "events", "censored"):
        assert getattr(ours, name).tolist() == getattr(theirs, name).tolist()
    for name in ("survival", "se", "lower", "upper"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-13, atol=1e-13, err_msg=name)
    horizon = 0.7 * time.max() + 0.1
    if horizon <= time.max():
        kernel, estimate = (compute(time, event, horizon) for compute in reversed(MEANS))
        assert (kernel.mean, kernel.lower) == pytest.approx((estimate.mean, estimate.lower), rel=1e-13, abs=1e-13)


@settings(max_examples=60, deadline=None)
@given(COHORTS)
def test_kernel_tests_equal_lifelines(rows: list[tuple[int, int, int]]) -> None:
    time, cause, group = np.array(rows, float).T
    try:
        ours = kaplan_meier_kernel.log_rank(time, cause > 0, group)
    except CohortError:
        return
    theirs = log_rank.log_rank(time, cause > 0, group)
    assert ours.test.statistic == pytest.approx(theirs.test.statistic, rel=1e-11, abs=1e-12)
    assert ours.test.p == pytest.approx(theirs.test.p, rel=1e-11, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(COHORTS, st.booleans())
def test_kernel_incidences_equal_lifelines_and_add_up(rows: list[tuple[int, int, int]], untied: bool) -> None:
    time, cause, _ = np.array(rows, float).T
    if untied:
        time = time + np.arange(len(time)) / 64.0 + 1.0 / 64.0
    try:
        curves = [competing_kernel.cumulative_incidence(time, cause, of, "log-log") for of in (1, 2)]
    except CohortError:
        return
    survival = kaplan_meier_kernel.kaplan_meier(time, cause > 0).survival
    np.testing.assert_allclose(curves[0].incidence + curves[1].incidence + survival, 1.0, atol=1e-13)
    for of, ours in zip((1, 2), curves, strict=True):
        theirs = competing.aalen_johansen(time, cause, of, "log-log")
        for name in ("incidence", "se", "lower", "upper"):
            np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-12, atol=1e-12, err_msg=name)
    if untied:
        raw = AalenJohansenFitter(calculate_variance=False).fit(time, cause.astype(int), 1).cumulative_density_
        np.testing.assert_allclose(curves[0].incidence, raw.loc[curves[0].times].iloc[:, 0], atol=1e-13)


@settings(max_examples=40, deadline=None)
@given(COHORTS)
def test_with_one_cause_the_incidence_is_what_the_curve_leaves(rows: list[tuple[int, int, int]]) -> None:
    time, cause, _ = np.array(rows, float).T
    if not (cause > 0).any():
        return
    ours, curve = competing_kernel.cumulative_incidence(time, cause > 0), kaplan_meier_kernel.kaplan_meier(
        time, cause > 0)
    np.testing.assert_allclose(ours.incidence, 1.0 - curve.survival, atol=1e-14)
    np.testing.assert_allclose(ours.se, curve.se, atol=1e-14)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(12, 60), st.sampled_from([3.0, 20.0, 1e6]))
def test_kernel_fits_equal_lifelines(seed: int, p: int, n: int, steps: float) -> None:
    """Normal covariates on scales over six decades; times in 3, 20 or a million steps, so with ties or without."""
    generator = np.random.default_rng(seed)
    z = generator.normal(size=(n, p))
    x = z * 10.0 ** generator.uniform(-3, 3, p)
    failure, censoring = generator.exponential(np.exp(-z @ generator.normal(0, 1, p))), generator.exponential(2.0, n)
    time, event = np.ceil(steps * np.minimum(failure, censoring)), failure <= censoring
    try:
        ours = cox_kernel.fit_cox(time, event, x)
    except InputError:
        return
    theirs = cox.fit_cox(time, event, x)
    np.testing.assert_allclose((ours.coefficients - theirs.coefficients) / ours.se, 0.0, atol=1e-10)
    np.testing.assert_allclose(ours.se, theirs.se, rtol=1e-10)
    np.testing.assert_allclose(np.log(ours.p), np.log(theirs.p), rtol=1e-8, atol=1e-9)
    assert (ours.loglik, ours.aic, ours.bic) == pytest.approx((theirs.loglik, theirs.aic, theirs.bic), rel=1e-12)
    assert ours.likelihood_ratio.statistic == pytest.approx(theirs.likelihood_ratio.statistic, rel=1e-9, abs=1e-11)


TIME, EVENT, X = np.arange(1.0, 11.0), np.tile([1.0, 0.0], 5), np.cos(np.arange(20.0)).reshape(10, 2)


@pytest.mark.parametrize(("functions", "arguments", "kind"), [
    (CURVES, (-TIME, EVENT), CohortError), (CURVES, (TIME, 2 * EVENT), CohortError),
    (CURVES, (TIME, EVENT, "plain"), InputError), (CURVES, (TIME, EVENT, "log", 1.5), InputError),
    (CURVES, (["a"], [1]), InputError), (MEANS, (TIME, EVENT, -1.0), InputError),
    (MEANS, (TIME, EVENT, 12.0), CohortError), (MEANS, (TIME, EVENT, 5.0, 0.0), InputError),
    (LOG_RANKS, (TIME, EVENT, np.ones(10)), CohortError), (LOG_RANKS, (TIME, 0 * EVENT, X[:, 0] > 0), CohortError),
    (LOG_RANKS, (TIME, EVENT, [1, 2]), InputError), (LOG_RANKS, (TIME, EVENT, TIME == 1.5), CohortError),
    (LOG_RANKS, ([1, 1, 2, 2], [0, 0, 1, 1], list("aabb")), CohortError),
    (INCIDENCES, (TIME, EVENT + 0.5), CohortError), (INCIDENCES, (TIME, EVENT, 2), CohortError),
    (INCIDENCES, (TIME, EVENT, 0), InputError), (INCIDENCES, (TIME, EVENT, 1, "plain"), InputError),
    (INCIDENCES, (TIME[:4], EVENT), InputError), (INCIDENCES, (np.full(10, np.nan), EVENT), CohortError),
    (COX, (TIME, EVENT, X[:, :1] > 2), CohortError), (COX, (TIME, 0 * EVENT, X), CohortError),
    (COX, (TIME, EVENT, X, ["one"]), InputError), (COX, (TIME, EVENT, X, None, "exact"), InputError),
    (COX, (TIME, EVENT, np.where(X > 0.9, np.nan, X)), CohortError),
    (COX, (np.arange(1.0, 41.0), np.arange(40) < 10, np.arange(40) < 10), NotConverged),
])
def test_refusals_are_the_kernels(functions: tuple, arguments: tuple, kind: type[Exception]) -> None:
    messages = []
    for compute in functions:
        with pytest.raises(kind) as caught:
            compute(*arguments)
        assert type(caught.value) is kind
        messages.append(str(caught.value))
    assert messages[0] == messages[1]



def test_a_fit_is_kept_by_the_content_of_its_rows_until_it_is_let_go() -> None:
    asked: list[float] = []

    @remembered
    def total(values: np.ndarray, confidence: float) -> float:
        asked.append(confidence)
        return float(values.sum())

    values = np.arange(3.0)
    assert [total(values, 0.95), total(values.copy(), 0.95), total([0, 1, 2], 0.95)] == [3.0] * 3 and len(asked) == 1
    values[0] = 4.0
    assert total(values, 0.95) == 7.0 and total(values.reshape(1, 3), 0.95) == 7.0 and total(values, 0.9) == 7.0
    assert asked == [0.95, 0.95, 0.95, 0.9]
    forget_fits()
    assert total(values, 0.9) == 7.0 and len(asked) == 5
