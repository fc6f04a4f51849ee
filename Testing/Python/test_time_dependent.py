"""Time-dependent AUC, Brier score and decision curves equal riskRegression's and the published formulas."""

from __future__ import annotations

import numpy as np
import pytest
from fixtures import columns, reference
from hypothesis import given, settings
from hypothesis import strategies as st

from RadiomicsPrognosisLib.errors import CohortError, InputError
from RadiomicsPrognosisLib.statistics.cox import fit_cox
from RadiomicsPrognosisLib.statistics.decision_curve import decision_curve, survival_decision_curve
from RadiomicsPrognosisLib.statistics.logistic import fit_logistic
from RadiomicsPrognosisLib.statistics.roc import auc
from RadiomicsPrognosisLib.statistics.time_dependent import (
    brier_at,
    compare_time_auc,
    heagerty_roc,
    integrated_brier,
    time_auc,
    time_roc,
)

REFERENCE = reference("fx10_tdauc_dca")
GBSG = columns("fx_gbsg")
TIME, EVENT = GBSG["time"], GBSG["status"]
X = np.column_stack([GBSG["age"], GBSG["grade"] == 3, GBSG["nodes"], GBSG["pgr"], GBSG["hormon"]]).astype(float)
MODEL = fit_cox(TIME, EVENT, X)
SCORES = {"model": MODEL.linear_predictor(X), "nodes": GBSG["nodes"], "age": GBSG["age"]}


def test_ipcw_auc_equals_risk_regression() -> None:
    for row in REFERENCE["ipcw_auc"]:
        result = time_auc(TIME, EVENT, SCORES[row["model"]], row["times"])
        assert result.auc == pytest.approx(row["AUC"], abs=1e-8)
        # Ours is the exact derivative, as the test of the influence shows; riskRegression's differs by some 1e-7.
        assert result.se == pytest.approx(row["se"], abs=3e-7)
        assert (result.lower, result.upper) == pytest.approx((row["lower"], row["upper"]), abs=1e-6)
        assert time_roc(TIME, EVENT, SCORES[row["model"]], row["times"]).auc == pytest.approx(result.auc, abs=1e-12)


def test_paired_comparison_equals_risk_regression() -> None:
    for row in REFERENCE["ipcw_contrasts"]:
        result = compare_time_auc(TIME, EVENT, SCORES[row["model"]], SCORES[row["reference"]], row["times"])
        assert result.difference == pytest.approx(row["delta.AUC"], abs=1e-8)
        assert result.se == pytest.approx(row["se"], abs=3e-7)
        assert result.p == pytest.approx(row["p"], rel=1e-3)


def test_influence_is_the_derivative_by_repeated_rows() -> None:
    rows, copies = slice(0, 40), 500
    time, event, score = np.ceil(TIME[rows] / 90), EVENT[rows], GBSG["nodes"][rows]
    survival = 1 / (1 + np.exp(0.2 * score - 1))
    at = float(np.median(time))
    many = [np.repeat(block, copies) for block in (time, event, score, survival)]
    auc_moves, brier_moves = [], []
    base = time_auc(*many[:3], at).auc, brier_at(many[0], many[1], many[3], at).brier
    for i in range(40):
        t, e, s, p = (np.append(whole, whole[copies * i]) for whole in many)
        auc_moves.append(copies * (time_auc(t, e, s, at).auc - base[0]))
        brier_moves.append(copies * (brier_at(t, e, p, at).brier - base[1]))
    scale = np.sqrt(40 / 39)
    # One row more among copies of the cohort: the finite difference errs by one in so many copies.
    assert time_auc(time, event, score, at).se == pytest.approx(scale * np.linalg.norm(auc_moves), rel=5e-3)
    assert brier_at(time, event, survival, at).se == pytest.approx(scale * np.linalg.norm(brier_moves), rel=5e-3)


def test_brier_equals_risk_regression() -> None:
    for row in REFERENCE["brier"]:
        result = brier_at(TIME, EVENT, MODEL.survival(X, row["times"])[:, 0], row["times"])
        if row["model"] == "Null model":
            assert result.null == pytest.approx(row["Brier"], abs=1e-8)
        else:
            assert result.brier == pytest.approx(row["Brier"], abs=1e-8)
            assert result.se == pytest.approx(row["se"], abs=1e-6)


def test_integrated_brier_is_the_mean_over_time() -> None:
    times = [365.0, 730.0, 1460.0]
    survival = MODEL.survival(X, times)
    one, two, three = (brier_at(TIME, EVENT, survival[:, j], at).brier for j, at in enumerate(times))
    expected = ((one + two) / 2 * 365 + (two + three) / 2 * 730) / 1095
    assert integrated_brier(TIME, EVENT, survival, times) == pytest.approx(expected)


def test_heagerty_equals_its_formulas() -> None:
    for marker in REFERENCE["heagerty"]:
        score = SCORES["model" if marker["marker"] == "lp" else "nodes"]
        for at, km, nne in zip(marker["times"], marker["km"], marker["nne"], strict=True):
            assert heagerty_roc(TIME, EVENT, score, at).auc == pytest.approx(km["auc"], abs=1e-10)
            assert heagerty_roc(TIME, EVENT, score, at, nne["span"]).auc == pytest.approx(nne["auc"], abs=1e-10)


def test_decision_curves_equal_their_formulas() -> None:
    theirs = REFERENCE["dca_survival"]
    risk = 1 - MODEL.survival(X, theirs["horizon"])[:, 0]
    result = survival_decision_curve(TIME, EVENT, risk, theirs["horizon"], theirs["thresholds"])
    np.testing.assert_allclose(result.net_benefit, theirs["net_benefit"], atol=1e-10)
    np.testing.assert_allclose(result.treat_all, theirs["treat_all"], atol=1e-10)
    asah, theirs = columns("fx_asah"), REFERENCE["dca_binary"]
    x = np.column_stack([asah["s100b"], asah["wfns"]])
    result = decision_curve(asah["outcome"], fit_logistic(asah["outcome"], x).probability(x), theirs["thresholds"])
    np.testing.assert_allclose(result.net_benefit, theirs["net_benefit"], atol=1e-10)
    np.testing.assert_allclose(result.treat_all, theirs["treat_all"], atol=1e-10)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_without_censoring_all_are_their_binary_counterparts(seed: int) -> None:
    generator = np.random.default_rng(seed)
    score = np.round(generator.normal(size=60), 1)
    time = np.ceil(8 * generator.exponential(np.exp(-score)))
    everyone, at = np.ones(60), float(np.median(time))
    outcome = time <= at
    risk = 1 / (1 + np.exp(-score))
    if outcome.all():
        return
    expected = auc(outcome, score).auc
    for result in (time_auc(time, everyone, score, at).auc, time_roc(time, everyone, np.exp(score), at).auc,
                   heagerty_roc(time, everyone, score, at).auc):
        assert result == pytest.approx(expected, abs=1e-10)
    rows = generator.permutation(60)
    assert time_auc(time[rows], everyone, score[rows], at).se == pytest.approx(time_auc(time, everyone, score, at).se)
    assert brier_at(time, everyone, 1 - risk, at).brier == pytest.approx(((outcome - risk) ** 2).mean())
    thresholds = [0.1, 0.3, 0.5, 0.8]
    one = survival_decision_curve(time, everyone, risk, at, thresholds)
    two = decision_curve(outcome, risk, thresholds)
    np.testing.assert_allclose(one.net_benefit, two.net_benefit, atol=1e-12)
    np.testing.assert_array_equal(one.treated, two.treated)


def test_refusals() -> None:
    with pytest.raises(CohortError, match=r"No row has an event by 1; .*first event: 72"):
        time_auc(TIME, EVENT, GBSG["age"], 1.0)
    with pytest.raises(CohortError, match="No row is followed beyond 9999"):
        brier_at(TIME, EVENT, np.full(len(TIME), 0.5), 9999)
    with pytest.raises(CohortError, match="predicted survival must lie between 0 and 1"):
        brier_at(TIME, EVENT, GBSG["age"], 365)
    with pytest.raises(InputError, match="rising times"):
        integrated_brier(TIME, EVENT, np.full((len(TIME), 2), 0.5), [365, 365])
    with pytest.raises(InputError, match="inside 0 - 1"):
        decision_curve([0, 1], [0.2, 0.3], [0.5, 1.0])
    with pytest.raises(CohortError, match="No row is followed up to 9999"):
        survival_decision_curve(TIME, EVENT, np.full(len(TIME), 0.5), 9999, [0.5])
    with pytest.raises(InputError, match="span is 2"):
        heagerty_roc(TIME, EVENT, GBSG["age"], 365, 2.0)
