"""Calibration by groups and smooth, and bootstrap optimism, equal R's survival, splines and rms."""

from __future__ import annotations

import json

import numpy as np
import pytest
from fixtures import columns, reference
from hypothesis import given, settings
from hypothesis import strategies as st

from RadiomicsPrognosisLib.errors import Cancelled, CohortError, InputError
from RadiomicsPrognosisLib.statistics.bootstrap import bootstrap_optimism
from RadiomicsPrognosisLib.statistics.calibration import (
    calibrate_probability,
    calibrate_survival,
    quantile_groups,
    smooth_probability,
    smooth_survival,
)
from RadiomicsPrognosisLib.statistics.concordance import concordance
from RadiomicsPrognosisLib.statistics.cox import CoxModel, fit_cox
from RadiomicsPrognosisLib.statistics.kaplan_meier import estimate_at, kaplan_meier
from RadiomicsPrognosisLib.statistics.logistic import fit_logistic
from RadiomicsPrognosisLib.statistics.splines import restricted_cubic_spline

REFERENCE = reference("fx09_calibration")
SMOOTH = reference("fx14_logistic_spline")
GBSG = columns("fx_gbsg")
TIME, EVENT, HORIZON = GBSG["time"], GBSG["status"], REFERENCE["horizon"]
GRADE3 = (GBSG["grade"] == 3).astype(float)
X = np.column_stack([GBSG["age"], GRADE3, GBSG["nodes"], GBSG["pgr"], GBSG["hormon"]])
PREDICTED = np.array(REFERENCE["pred_surv"])


def test_predictions_equal_survest() -> None:
    model = fit_cox(TIME, EVENT, X)
    np.testing.assert_allclose(model.coefficients, list(REFERENCE["coef"].values()), rtol=1e-7)
    np.testing.assert_allclose(model.survival(X, HORIZON)[:, 0], PREDICTED, atol=1e-8)


@pytest.mark.parametrize("interval", ["log", "log-log"])
def test_tertiles_equal_r(interval: str) -> None:
    _, cuts = quantile_groups(PREDICTED, 3)
    np.testing.assert_allclose(cuts, REFERENCE["tertile_cuts"], rtol=1e-12)
    result = calibrate_survival(TIME, EVENT, PREDICTED, HORIZON, 3, interval)
    key = interval.replace("-", "")
    for ours, theirs in zip(result, REFERENCE["tertiles"], strict=True):
        assert (ours.n, ours.at_risk) == (theirs["n"], theirs["n_risk"])
        assert (ours.predicted, ours.observed, ours.se, ours.lower, ours.upper) == pytest.approx(
            (theirs["mean_pred"], theirs["km"], theirs["se"], theirs[f"lo_{key}"], theirs[f"hi_{key}"]), rel=1e-8)
    json.dumps([group.to_dict() for group in result], allow_nan=False)


def test_smooth_survival_equals_coxph_on_a_natural_spline() -> None:
    theirs = SMOOTH["smooth_survival"]
    x = np.column_stack([GBSG["age"], GRADE3, GBSG["pgr"]])
    predicted = fit_cox(TIME, EVENT, x).survival(x, theirs["horizon"])[:, 0]
    np.testing.assert_allclose(predicted[:20], theirs["predicted_head"], atol=1e-8)
    for expected in theirs["fits"]:
        result = smooth_survival(TIME, EVENT, predicted, theirs["horizon"], expected["knots"])
        observed = dict(zip(result.predicted.tolist(), result.observed.tolist(), strict=True))
        np.testing.assert_allclose([observed[p] for p in predicted[:20]], expected["observed_head"], atol=1e-7)
        for key in ("ici", "e50", "e90"):
            assert getattr(result, key) == pytest.approx(expected[key], abs=1e-7)


def test_smooth_probability_equals_glm_on_a_natural_spline() -> None:
    asah, theirs = columns("fx_asah"), SMOOTH["smooth_probability"]
    x = np.column_stack([asah["s100b"], asah["ndka"]])
    predicted = fit_logistic(asah["outcome"], x).probability(x)
    for expected in theirs["fits"]:
        result = smooth_probability(asah["outcome"], predicted, expected["knots"])
        observed = dict(zip(result.predicted.tolist(), result.observed.tolist(), strict=True))
        np.testing.assert_allclose([observed[p] for p in predicted[:20]], expected["observed_head"], atol=1e-7)
        for key in ("ici", "e50", "e90"):
            assert getattr(result, key) == pytest.approx(expected[key], abs=1e-7)


def test_bootstrap_optimism_equals_rms_within_its_noise() -> None:
    validate = dict(zip(REFERENCE["validate_boot"]["rows"], REFERENCE["validate_boot"]["values"], strict=True))
    # Columns: original, training, test, optimism, and more.
    rows = (validate["Dxy"], validate["Slope"], *REFERENCE["calibrate_boot"]["values"])
    expected = np.array([row[:4] for row in rows])
    # rms cuts bootstrap predictions where it cut the original ones.
    _, cuts = quantile_groups(PREDICTED, 2)

    def develop(rows: np.ndarray) -> CoxModel:
        return fit_cox(TIME[rows], EVENT[rows], X[rows])

    def measure(model: CoxModel, rows: np.ndarray) -> np.ndarray:
        time, event, lp = TIME[rows], EVENT[rows], model.linear_predictor(X[rows])
        survival = model.survival(X[rows], HORIZON)[:, 0]
        which = np.searchsorted(cuts, survival)
        errors = [estimate_at(kaplan_meier(time[which == g], event[which == g]), HORIZON).survival
                  - survival[which == g].mean() for g in (0, 1)]
        return np.array([2 * concordance(time, event, lp).c - 1, fit_cox(time, event, lp).coefficients[0], *errors])

    result = bootstrap_optimism(develop, measure, len(TIME), repetitions=150, seed=3)
    assert (result.repetitions, result.failed) == (150, 0)
    np.testing.assert_allclose(result.apparent, expected[:, 0], atol=1e-6)
    # Both are means over resamples: theirs over 500.
    noise = result.standard_error * np.sqrt(1 + 150 / 500)
    assert (np.abs(result.optimism - expected[:, 3]) < 3 * noise).all(), (result.optimism, expected[:, 3], noise)


def test_bootstrap_repeats_counts_failures_and_can_be_cancelled() -> None:
    def mean(rows: np.ndarray) -> float:
        if 7 not in rows:
            raise CohortError("no events")
        return float(rows.mean())

    def run(seed: int) -> np.ndarray:
        return bootstrap_optimism(mean, lambda m, rows: np.array([m]), 12, 100, seed)

    one, two = run(1), run(1)
    assert one.to_dict() == two.to_dict()
    assert 10 < one.failed < 60 and one.failed + one.repetitions == 100
    with pytest.raises(CohortError, match="bootstrap samples gave no model"):
        bootstrap_optimism(lambda rows: mean(np.array([7]) if len(set(rows)) == 12 else rows[:5]),
                           lambda m, rows: np.zeros(1), 12)

    def stop(share: float, text: str) -> None:
        if (share, text) == (3 / 200, "bootstrap 4 of 200"):
            raise Cancelled

    with pytest.raises(Cancelled):
        bootstrap_optimism(mean, lambda m, rows: np.array([m]), 12, progress=stop)
    with pytest.raises(InputError, match="at least two"):
        bootstrap_optimism(mean, lambda m, rows: np.array([m]), 12, 1)


def test_perfectly_calibrated_probabilities_lie_on_the_diagonal() -> None:
    predicted = np.repeat([0.2, 0.5, 0.8], 50)
    outcome = np.concatenate([np.arange(50) < 50 * p for p in (0.2, 0.5, 0.8)])
    for group, p in zip(calibrate_probability(outcome, predicted, 3), (0.2, 0.5, 0.8), strict=True):
        assert (group.n, group.predicted, group.observed) == pytest.approx((50, p, p))
        assert group.lower < p < group.upper
    # Wilson's interval of 10 in 50, Newcombe, Stat Med 1998;17:857 (formula).
    assert calibrate_probability(outcome, predicted, 3)[0].lower == pytest.approx(0.11244, abs=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.1, 10), st.floats(-5, 5))
def test_spline_is_straight_outside_its_knots(seed: int, scale: float, shift: float) -> None:
    generator = np.random.default_rng(seed)
    knots = np.sort(generator.uniform(-1, 1, 4)) * scale + shift
    if np.diff(knots).min() < 1e-2 * scale:
        return
    for tail in (knots[0] - scale * np.array([0.1, 1, 2, 3.0]), knots[-1] + scale * np.array([0.1, 1, 2, 3.0])):
        basis = restricted_cubic_spline(tail, knots)
        slopes = np.diff(basis, axis=0) / np.diff(tail)[:, None]
        np.testing.assert_allclose(slopes[1:], slopes[:-1], rtol=1e-6, atol=1e-6)


def test_refusals() -> None:
    with pytest.raises(InputError, match="at least two"):
        calibrate_survival(TIME, EVENT, PREDICTED, HORIZON, 1)
    with pytest.raises(CohortError, match="calibration group 2 is followed up to 2640"):
        calibrate_survival(TIME, EVENT, PREDICTED, 2640)
    with pytest.raises(InputError, match="7 knots"):
        smooth_survival(TIME, EVENT, PREDICTED, HORIZON, 7)
    with pytest.raises(CohortError, match="predicted survival must lie between"):
        smooth_survival(TIME, EVENT, 1 + PREDICTED, HORIZON)
