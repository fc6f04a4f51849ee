"""Kaplan-Meier curves, medians, numbers at risk and the log-rank test equal R's survival."""

from __future__ import annotations

import json

import numpy as np
import pytest
from fixtures import columns, reference
from hypothesis import given, settings
from hypothesis import strategies as st

from RadiomicsPrognosisLib.errors import CohortError, InputError
from RadiomicsPrognosisLib.statistics.kaplan_meier import at_risk_table, estimate_at, kaplan_meier, log_rank

REFERENCE = reference("fx07_km")
LUNG = columns("fx_lung")
TIME, EVENT, SEX = LUNG["time"], LUNG["status"], LUNG["sex"]


@pytest.mark.parametrize("key", ["log", "loglog"])
@pytest.mark.parametrize("stratum", [0, 1])
def test_curve_equals_survfit(key: str, stratum: int) -> None:
    theirs = REFERENCE[key]
    rows = stratum + 1 == SEX
    ours = kaplan_meier(TIME[rows], EVENT[rows], theirs["conf_type"])
    start = sum(theirs["len"][:stratum])
    block = slice(start, start + theirs["len"][stratum])
    for name, their_key in (("times", "time"), ("at_risk", "n_risk"), ("events", "n_event"), ("censored", "n_censor"),
                            ("survival", "surv"), ("lower", "lo"), ("upper", "hi")):
        np.testing.assert_allclose(getattr(ours, name), theirs[their_key][block], rtol=1e-8, err_msg=name)
    np.testing.assert_allclose(ours.se / ours.survival, theirs["cumhaz_se"][block], rtol=1e-8)
    assert (ours.median, ours.median_lower, ours.median_upper) == tuple(
        theirs[name][stratum] for name in ("median", "median_lo", "median_hi"))
    at = theirs["at"]
    for i in range(3 * stratum, 3 * stratum + 3):
        estimate = estimate_at(ours, at["time"][i])
        assert (estimate.survival, estimate.se, estimate.lower, estimate.upper) == pytest.approx(
            (at["surv"][i], at["se"][i], at["lo"][i], at["hi"][i]), rel=1e-8)
        assert estimate.at_risk == at["n_risk"][i]
    json.dumps(ours.to_dict(), allow_nan=False)


@pytest.mark.parametrize(("column", "key"), [("sex", "logrank_sex"), ("ph.ecog", "logrank_ecog")])
def test_log_rank_equals_survdiff(column: str, key: str) -> None:
    ours, theirs = log_rank(TIME, EVENT, LUNG[column]), REFERENCE[key]
    assert (ours.test.statistic, ours.test.df, ours.test.p) == pytest.approx(
        (theirs["chisq"], theirs["df"], theirs["p"]), rel=1e-8)
    np.testing.assert_allclose(ours.observed, theirs["obs"], rtol=1e-12)
    np.testing.assert_allclose(ours.expected, theirs["exp"], rtol=1e-8)


def test_pairwise_log_rank_equals_survdiff() -> None:
    for pair in REFERENCE["pairwise_ecog"]:
        rows = np.isin(LUNG["ph.ecog"], [pair["a"], pair["b"]])
        result = log_rank(TIME[rows], EVENT[rows], LUNG["ph.ecog"][rows])
        assert (result.test.statistic, result.test.p) == pytest.approx((pair["chisq"], pair["p"]), rel=1e-8)


def test_numbers_at_risk_under_the_curve() -> None:
    result = at_risk_table(TIME, SEX, [0, 100, 365, 730, 5000])
    expected = REFERENCE["log"]["at"]["n_risk"]
    assert result[1.0] == (127, *expected[:3], 0)
    assert result[2.0] == (86, *expected[3:], 0)
    curve = kaplan_meier(TIME[SEX == 1], EVENT[SEX == 1])
    assert tuple(curve.at_risk_at([0, 100, 365, 730, 5000])) == result[1.0]


def test_curve_equals_lifelines() -> None:
    lifelines = pytest.importorskip("lifelines")
    theirs = lifelines.KaplanMeierFitter().fit(TIME, EVENT)
    ours = kaplan_meier(TIME, EVENT, "log-log")
    curve = theirs.survival_function_.iloc[:, 0]
    np.testing.assert_allclose([estimate_at(ours, at).survival for at in curve.index], curve, rtol=1e-10)
    bounds = theirs.confidence_interval_.iloc[1:]
    np.testing.assert_allclose(ours.lower, bounds.iloc[:, 0], rtol=1e-8)
    np.testing.assert_allclose(ours.upper, bounds.iloc[:, 1], rtol=1e-8)


def test_curve_that_reaches_zero_and_group_without_events() -> None:
    to_zero = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1])
    assert to_zero.survival.tolist() == pytest.approx([0.75, 0.5, 0.25, 0.0])
    assert to_zero.median == 2.5                      # the middle of the stretch at 0.5, as in R
    assert to_zero.upper[-1] is np.ma.masked
    assert estimate_at(to_zero, 9.0).upper is None
    none = kaplan_meier([1, 2, 3], [0, 0, 0])
    assert none.survival.tolist() == none.lower.tolist() == none.upper.tolist() == [1.0, 1.0, 1.0]
    assert (none.median, none.total_events) == (None, 0)
    for result in (to_zero, none):
        json.dumps(result.to_dict(), allow_nan=False)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.booleans(), st.booleans()), min_size=4, max_size=40),
       st.randoms(use_true_random=False))
def test_curve_and_test_do_not_depend_on_order_or_unit(rows: list[tuple[int, bool, bool]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    (time, event, group), (time2, event2, group2) = (np.array(block, float).T for block in (rows, shuffled))
    one, two = kaplan_meier(time, event), kaplan_meier(3 * time2, event2)
    np.testing.assert_allclose(one.survival, two.survival, atol=1e-14)
    assert (np.diff(one.survival) <= 1e-15).all() and 0 <= one.survival[-1] <= one.survival[0] <= 1
    assert (one.lower <= one.survival + 1e-12).filled(True).all()
    assert (one.survival <= one.upper + 1e-12).filled(True).all()
    if not event.any() or len(np.unique(group)) < 2:
        return
    try:
        first = log_rank(time, event, group)
    except CohortError as error:
        assert "never at risk together" in str(error)
        return
    assert sum(first.observed) == pytest.approx(sum(first.expected)) == event.sum()
    assert first.test.statistic == pytest.approx(log_rank(3 * time2, event2, 1 - group2).test.statistic, abs=1e-9)


def test_refusals() -> None:
    with pytest.raises(InputError, match="interval = 'plain'"):
        kaplan_meier(TIME, EVENT, "plain")
    with pytest.raises(CohortError, match="in one group"):
        log_rank(TIME, EVENT, np.ones(len(TIME)))
    with pytest.raises(CohortError, match="never at risk together"):
        log_rank([1, 1, 2, 2], [0, 0, 1, 1], ["a", "a", "b", "b"])
    with pytest.raises(InputError, match="one column of 3 rows"):
        kaplan_meier([1, 2, 3], [1, 0])
