"""Cox regression, its tests of proportional hazards, backward selection and concordance equal R's survival and MASS."""

from __future__ import annotations

import json

import numpy as np
import pytest
from fixtures import columns, reference
from hypothesis import given, settings
from hypothesis import strategies as st

from RadiomicsPrognosisLib.errors import CohortError, InputError, NotConverged
from RadiomicsPrognosisLib.statistics.concordance import compare_concordance, concordance
from RadiomicsPrognosisLib.statistics.cox import CoxModel, fit_cox
from RadiomicsPrognosisLib.statistics.proportional_hazards import TRANSFORMS, proportional_hazards
from RadiomicsPrognosisLib.statistics.stepwise import backward_cox
from RadiomicsPrognosisLib.statistics.univariate import univariate_cox

REFERENCE = reference("fx03_coxph")
LUNG = columns("fx_lung")
TIME, EVENT, TERMS = LUNG["time"], LUNG["status"], REFERENCE["efron"]["terms"]
X = np.column_stack([LUNG[name] for name in TERMS])


@pytest.fixture(scope="module", params=["efron", "breslow"])
def fitted(request: pytest.FixtureRequest) -> tuple[CoxModel, dict]:
    return fit_cox(TIME, EVENT, X, TERMS, ties=request.param), REFERENCE[request.param]


def test_fit_equals_coxph(fitted: tuple[CoxModel, dict]) -> None:
    ours, theirs = fitted
    for name, key in (("coefficients", "coef"), ("se", "se"), ("z", "z"), ("p", "p"), ("hazard_ratios", "hr"),
                      ("lower", "hr_lo"), ("upper", "hr_hi"), ("covariance", "vcov"), ("loglik_null", "loglik_null"),
                      ("loglik", "loglik"), ("aic", "aic"), ("bic", "bic"), ("means", "means")):
        np.testing.assert_allclose(getattr(ours, name), theirs[key], rtol=1e-8, atol=1e-10, err_msg=name)
    assert ours.likelihood_ratio.statistic == pytest.approx(theirs["lr"][0], rel=1e-8)
    assert ours.wald.statistic == pytest.approx(theirs["wald"][0], rel=1e-8)
    assert (ours.score.statistic, ours.score.df, ours.score.p) == pytest.approx(tuple(theirs["score"]), rel=1e-8)
    json.dumps(ours.to_dict(), allow_nan=False)


def test_predictions_equal_survfit(fitted: tuple[CoxModel, dict]) -> None:
    ours, theirs = fitted
    hazard = theirs["basehaz_at_zero"]
    np.testing.assert_allclose(ours.baseline_at_zero().at(np.array(hazard["time"])), hazard["hazard"], rtol=1e-8)
    assert ours.baseline.hazard[-1] == pytest.approx(theirs["basehaz_at_means_last"], rel=1e-8)
    rows = [[row[name] for name in TERMS] for row in theirs["newdata"]]
    np.testing.assert_allclose(ours.survival(rows, theirs["times"]).T, theirs["surv"], atol=1e-8)
    np.testing.assert_allclose(ours.linear_predictor(X[:10]), theirs["lp_zero_head"], atol=1e-8)
    assert ours.survival(rows, [0.0]).tolist() == [[1.0]] * 3


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_proportional_hazards_equal_cox_zph(fitted: tuple[CoxModel, dict], transform: str) -> None:
    ours, theirs = fitted
    result = proportional_hazards(ours, TIME, EVENT, X, transform)
    expected = theirs[f"zph_{transform}"]
    tests = [*result.tests, result.together]
    np.testing.assert_allclose([test.statistic for test in tests], expected["chisq"], rtol=1e-8)
    np.testing.assert_allclose([test.p for test in tests], expected["p"], rtol=1e-8)
    assert [test.df for test in tests] == expected["df"]


def test_concordance_equals_r(fitted: tuple[CoxModel, dict]) -> None:
    ours, theirs = fitted
    result = concordance(TIME, EVENT, ours.linear_predictor(X))
    assert (result.c, result.se) == pytest.approx((theirs["concordance"], theirs["concordance_se"]), abs=1e-12)
    counts = theirs["concordance_counts"]
    assert (result.concordant, result.discordant, result.tied_score) == (counts["concordant"], counts["discordant"],
                                                                         counts["tied.x"])


def test_concordance_of_one_marker_and_paired_comparison_equal_r() -> None:
    age = concordance(TIME, EVENT, LUNG["age"])
    expected = REFERENCE["concordance_age_reverse"]
    assert (age.c, age.se) == pytest.approx((expected["c"], expected["se"]), abs=1e-12)
    full, small = fit_cox(TIME, EVENT, X), fit_cox(TIME, EVENT, X[:, :2])
    result = compare_concordance(TIME, EVENT, full.linear_predictor(X), small.linear_predictor(X[:, :2]))
    expected = REFERENCE["paired"]
    assert [result.first.c, result.second.c] == pytest.approx(expected["c"], abs=1e-12)
    assert result.z == pytest.approx(expected["z"], abs=1e-8)
    same = compare_concordance(TIME, EVENT, LUNG["age"], 3.0 * LUNG["age"] + 1.0)
    assert (same.difference, same.z, same.p) == (0.0, 0.0, 1.0)


def test_backward_selection_equals_step_aic() -> None:
    gbsg = columns("fx_gbsg")
    names = ["age", "meno", "size", "grade", "nodes", "pgr", "er", "hormon"]
    cases = {"step_lung": backward_cox(TIME, EVENT, X, TERMS),
             "step_gbsg": backward_cox(gbsg["time"], gbsg["status"], np.column_stack([gbsg[n] for n in names]), names)}
    for key, result in cases.items():
        expected = REFERENCE[key]
        assert [f"- {step.dropped}" if step.dropped else "" for step in result.trace] == expected["anova"]["step"]
        np.testing.assert_allclose([step.aic for step in result.trace], expected["anova"]["aic"], rtol=1e-9)
        assert list(result.kept) == expected["kept"]
        # stepAIC fits with coxph's default tolerance of 1e-9 on the log-likelihood.
        np.testing.assert_allclose(result.model.coefficients, expected["coef"], rtol=1e-6)
        assert result.model.aic == pytest.approx(expected["final_aic"], rel=1e-9)


def test_backward_selection_may_end_without_terms_and_keeps_factors_whole() -> None:
    noise = np.random.default_rng(2).normal(size=(len(TIME), 1))
    empty = backward_cox(TIME, EVENT, noise, ["noise"])
    assert (empty.kept, empty.model) == ((), None)
    assert empty.trace[-1].aic == pytest.approx(-2 * REFERENCE["efron"]["loglik_null"])
    levels = np.column_stack([LUNG["ph.ecog"] == 1, LUNG["ph.ecog"] >= 2, noise[:, 0]]).astype(float)
    result = backward_cox(TIME, EVENT, levels, ["ecog1", "ecog2", "noise"], groups={"ecog": ["ecog1", "ecog2"]})
    assert result.kept == ("ecog",)
    assert result.model.terms == ("ecog1", "ecog2")
    with pytest.raises(InputError, match="has a column 'ecog3'"):
        backward_cox(TIME, EVENT, levels, ["ecog1", "ecog2", "noise"], groups={"ecog": ["ecog3"]})


def test_univariate_cox_equals_r_and_reports_columns_it_cannot_fit() -> None:
    table = np.column_stack([X, np.ones(len(TIME))])
    rows = univariate_cox(TIME, EVENT, table, [*TERMS, "flat"], adjustment="bonferroni")
    for row, expected in zip(rows, REFERENCE["univariate"], strict=False):
        assert row.name == expected["term"]
        # R's fits here stop at its default tolerance, 1e-9 of the log-likelihood.
        assert (row.hazard_ratio, row.lower, row.upper, row.p) == pytest.approx(
            (expected["hr"], expected["lo"], expected["hi"], expected["p"]), rel=1e-6)
        assert row.adjusted_p == min(5 * row.p, 1.0)
    assert rows[-1].hazard_ratio is None
    assert "the same value in all 213 rows" in rows[-1].status


def test_fit_equals_lifelines() -> None:
    lifelines, pd = pytest.importorskip("lifelines"), pytest.importorskip("pandas")
    gbsg = columns("fx_gbsg")
    names = ["age", "grade", "nodes", "pgr", "hormon"]
    frame = pd.DataFrame({name: gbsg[name] for name in [*names, "time", "status"]})
    theirs = lifelines.CoxPHFitter().fit(frame, "time", "status", fit_options={"precision": 1e-12})
    ours = fit_cox(gbsg["time"], gbsg["status"], frame[names])
    assert ours.terms == tuple(names)
    np.testing.assert_allclose(ours.coefficients, theirs.params_, rtol=1e-8)
    np.testing.assert_allclose(ours.se, theirs.standard_errors_, rtol=1e-8)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.01, 100), st.floats(-50, 50))
def test_order_of_rows_units_and_monotone_scores_do_not_matter(seed: int, scale: float, shift: float) -> None:
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(60, 2))
    time, event = np.ceil(10 * generator.exponential(np.exp(-x[:, 0]))), generator.random(60) < 0.7
    rows = generator.permutation(60)
    one = fit_cox(time, event, x)
    two = fit_cox(2.5 * time[rows], event[rows], scale * x[rows] + shift)
    np.testing.assert_allclose(one.coefficients, two.coefficients * scale, rtol=1e-6, atol=1e-9)
    assert one.loglik == pytest.approx(two.loglik, rel=1e-9)
    score = one.linear_predictor(x)
    first, second = concordance(time, event, score), concordance(time[rows], event[rows], np.exp(score[rows]))
    assert (first.c, first.se) == pytest.approx((second.c, second.se), abs=1e-12)
    assert first.c + concordance(time, event, -score).c == pytest.approx(1.0)
    assert one.loglik >= one.loglik_null
    np.testing.assert_allclose(two.survival(scale * x + shift, [2.5]), one.survival(x, [1.0]), atol=1e-9)


def test_baseline_far_from_the_data_is_refused_but_survival_is_not() -> None:
    model = fit_cox(TIME, EVENT, X + 1e6)
    expected = fit_cox(TIME, EVENT, X).survival(X, [365.0])
    np.testing.assert_allclose(model.survival(X + 1e6, [365.0]), expected, atol=1e-7)
    with pytest.raises(InputError, match="standardise the covariates"):
        model.baseline_at_zero()


def test_refusals() -> None:
    with pytest.raises(CohortError, match="None of the 213 rows has an event"):
        fit_cox(TIME, 0 * EVENT, X)
    with pytest.raises(CohortError, match="rows 0, 1, 2, 3, 4 and 208 more: time is negative"):
        fit_cox(-TIME, EVENT, X)
    with pytest.raises(CohortError, match="row 2: time is missing"):
        fit_cox(np.where(np.arange(len(TIME)) == 2, np.nan, TIME), EVENT, X)
    with pytest.raises(CohortError, match="event must be 0 or 1"):
        fit_cox(TIME, EVENT + 1, X)
    with pytest.raises(CohortError, match="column x1: missing or infinite"):
        fit_cox(TIME, EVENT, np.where(np.arange(4) == 1, np.inf, X))
    with pytest.raises(CohortError, match="column x0: the same value"):
        fit_cox(TIME, EVENT, np.column_stack([np.ones(len(TIME)), X]))
    with pytest.raises(CohortError, match="column x4: determined by the columns before"):
        fit_cox(TIME, EVENT, np.column_stack([X, X[:, 0] - 2 * X[:, 1]]))
    with pytest.raises(CohortError, match="3 events for 4 covariates"):
        fit_cox(TIME, np.arange(len(TIME)) < 3, X)
    # Once the events begin, 'early' is constant in the first table and half of 'late' in the second.
    for early, late in (([1, 0, 0, 0, 0, 0], [0, 1, 2, 3, 1, 0]), ([1, 2, 1, 2, 3, 1], [5, 1, 2, 4, 6, 2])):
        with pytest.raises(CohortError, match=r"column (early|late): among the rows at risk when events happen"):
            fit_cox([1, 1, 2, 3, 4, 5], [0, 0, 1, 1, 1, 0], np.column_stack([early, late]), ["early", "late"])
    with pytest.raises(NotConverged, match="'early' grows without bound"):
        fit_cox(np.arange(1.0, 41.0), np.arange(40) < 10, np.arange(40) < 10, ["early"])
    with pytest.raises(InputError, match="ties = 'exact'"):
        fit_cox(TIME, EVENT, X, ties="exact")
    with pytest.raises(CohortError, match="No two rows are comparable"):
        concordance([5.0, 5.0], [1, 1], [1.0, 2.0])
    with pytest.raises(InputError, match="transform = 'sqrt'"):
        proportional_hazards(fit_cox(TIME, EVENT, X), TIME, EVENT, X, "sqrt")
