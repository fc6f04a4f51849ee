"""ROC areas, DeLong's variance and tests and Youden's threshold equal pROC; shares without cases are None."""

from __future__ import annotations

import json

import numpy as np
import pytest
from fixtures import columns, reference
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from RadiomicsPrognosisLib.errors import CohortError, InputError
from RadiomicsPrognosisLib.statistics.classification import brier_score, classification
from RadiomicsPrognosisLib.statistics.roc import auc, compare_auc, roc_curve, youden

REFERENCE = reference("fx06_delong")
ASAH = columns("fx_asah")
OUTCOME = ASAH["outcome"]


@pytest.mark.parametrize("name", ["s100b", "ndka", "wfns"])
def test_area_and_threshold_equal_proc(name: str) -> None:
    theirs, score = REFERENCE["roc"][name], ASAH[name]
    result = auc(OUTCOME, score)
    assert (result.auc, result.variance, result.lower, result.upper) == pytest.approx(
        (theirs["auc"], theirs["var"], theirs["lo"], theirs["hi"]), abs=1e-10)
    best, expected = youden(OUTCOME, score), theirs["youden"][0]
    assert (best.threshold, best.sensitivity, best.specificity) == pytest.approx(
        (expected["threshold"], expected["sensitivity"], expected["specificity"]), abs=1e-10)
    rule = classification(OUTCOME, score, best.threshold)
    assert (rule.ppv, rule.npv, rule.accuracy) == pytest.approx(
        (expected["ppv"], expected["npv"], expected["accuracy"]), abs=1e-10)
    assert len(roc_curve(OUTCOME, score).thresholds) == theirs["n_points"]


def test_paired_tests_equal_proc() -> None:
    for pair in REFERENCE["paired"]:
        result = compare_auc(OUTCOME, ASAH[pair["a"]], ASAH[pair["b"]])
        assert (result.statistic, result.p, result.lower, result.upper) == pytest.approx(
            (pair["z"], pair["p"], *pair["ci_diff"]), abs=1e-10)


def test_curve_and_measures_equal_scikit_learn() -> None:
    for name in ("s100b", "wfns"):
        ours = roc_curve(OUTCOME, ASAH[name])
        false, true, _ = metrics.roc_curve(OUTCOME, ASAH[name], drop_intermediate=False)
        np.testing.assert_allclose(ours.sensitivity[::-1], true, atol=1e-15)
        np.testing.assert_allclose(1 - ours.specificity[::-1], false, atol=1e-15)
    rule, called = classification(OUTCOME, ASAH["wfns"], 4.0, inclusive=True), ASAH["wfns"] >= 4.0
    assert rule.f1 == pytest.approx(metrics.f1_score(OUTCOME, called))
    assert rule.accuracy == pytest.approx(metrics.accuracy_score(OUTCOME, called))
    assert rule.sensitivity == pytest.approx(metrics.recall_score(OUTCOME, called))
    assert rule.ppv == pytest.approx(metrics.precision_score(OUTCOME, called))
    chance = ASAH["s100b"] / ASAH["s100b"].max()
    assert brier_score(OUTCOME, chance) == pytest.approx(metrics.brier_score_loss(OUTCOME, chance))


def test_shares_without_cases_are_none() -> None:
    nobody = classification([0, 1, 1], [0.1, 0.2, 0.3], 0.9)
    assert (nobody.ppv, nobody.npv, nobody.sensitivity, nobody.f1) == (None, pytest.approx(1 / 3), 0.0, 0.0)
    everybody = classification([0, 1, 1], [0.1, 0.2, 0.3], 0.0)
    assert (everybody.npv, everybody.ppv, everybody.specificity) == (None, pytest.approx(2 / 3), 0.0)
    json.dumps([nobody.to_dict(), everybody.to_dict()], allow_nan=False)


def test_equal_and_perfect_scores() -> None:
    same = compare_auc(OUTCOME, ASAH["ndka"], np.exp(0.01 * ASAH["ndka"]))
    assert (same.difference, same.statistic, same.p) == (0.0, 0.0, 1.0)
    perfect = auc(OUTCOME, OUTCOME)
    assert (perfect.auc, perfect.variance, perfect.lower, perfect.upper) == (1.0, 0.0, 1.0, 1.0)
    with pytest.raises(CohortError, match="without any variance"):
        compare_auc(OUTCOME, OUTCOME, -OUTCOME)
    one_up = np.nextafter(1.0, 2.0)
    tight = youden([0, 0, 1, 1], [1.0, 1.0, one_up, one_up])
    assert classification([0, 0, 1, 1], [1.0, 1.0, one_up, one_up], tight.threshold).accuracy == 1.0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(-6, 6)), min_size=6, max_size=40).filter(
    lambda rows: 2 <= sum(y for y, _ in rows) <= len(rows) - 2), st.randoms(use_true_random=False))
def test_monotone_transforms_order_and_mirror(rows: list[tuple[bool, int]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    (y, x), (y2, x2) = (np.array(block, float).T for block in (rows, shuffled))
    one, two = auc(y, x), auc(y2, np.arctan(x2) ** 3)
    assert (one.auc, one.variance) == pytest.approx((two.auc, two.variance), abs=1e-12)
    assert one.auc + auc(y, -x).auc == pytest.approx(1.0)
    pairs = x[y == 1][:, None] - x[y == 0]
    assert one.auc == pytest.approx(((pairs > 0) + 0.5 * (pairs == 0)).mean())
    if len(np.unique(x)) > 1:
        best, curve = youden(y, x), roc_curve(y, x)
        assert best.index == pytest.approx((curve.sensitivity + curve.specificity - 1)[1:-1].max())
        rule = classification(y, x, best.threshold)
        assert (rule.sensitivity, rule.specificity) == pytest.approx((best.sensitivity, best.specificity))


def test_refusals() -> None:
    with pytest.raises(CohortError, match="All 3 rows have outcome 0"):
        auc([0, 0, 0], [1, 2, 3])
    with pytest.raises(CohortError, match="needs two of each"):
        auc([0, 0, 1], [1, 2, 3])
    with pytest.raises(CohortError, match="same in all rows"):
        youden([0, 1], [2, 2])
    with pytest.raises(CohortError, match="row 1: score is missing"):
        auc([0, 0, 1, 1], [1, np.nan, 2, 3])
    with pytest.raises(InputError, match="not a number"):
        auc([0, 0, 1, 1], ["a", "b", "c", "d"])
    with pytest.raises(InputError, match="one column of 4 rows"):
        auc([0, 0, 1, 1], [1, 2, 3])
    with pytest.raises(CohortError, match="must lie between 0 and 1"):
        brier_score([0, 1], [0.2, 1.2])
    with pytest.raises(InputError, match="confidence is 95"):
        auc(OUTCOME, ASAH["ndka"], 95)
