"""Univariate tests, tables of counts, adjusted p values and the redundancy rule equal R and their stated rules."""

from __future__ import annotations

import numpy as np
import pytest
from fixtures import columns, reference
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, spearmanr
from scipy.stats import fisher_exact as scipy_fisher

from RadiomicsPrognosisLib.errors import CohortError, InputError
from RadiomicsPrognosisLib.statistics.contingency import TooManyTables, chi_squared_test, compare_counts, fisher_exact
from RadiomicsPrognosisLib.statistics.multiplicity import adjusted
from RadiomicsPrognosisLib.statistics.redundancy import drop_redundant, spearman_matrix
from RadiomicsPrognosisLib.statistics.univariate import compare_groups, mann_whitney, shapiro_smallest, t_test

REFERENCE = reference("fx11_univariate")
MORE = reference("fx14_logistic_spline")
WPBC, LUNG = columns("fx_wpbc"), columns("fx_lung")
STATUS = WPBC["status"]


def test_tests_equal_r() -> None:
    assert len(REFERENCE["features"]) == 32
    for row in REFERENCE["features"]:
        values = WPBC[row["feature"]]
        a, b = values[STATUS == 0], values[STATUS == 1]
        assert t_test(a, b, equal_variances=False)[1:] == pytest.approx((row["welch_t"], row["welch_p"]), rel=1e-10)
        assert t_test(a, b, equal_variances=True)[1:] == pytest.approx((row["t"], row["t_p"]), rel=1e-10)
        assert mann_whitney(a, b)[1:] == pytest.approx((row["W"], row["mwu_p_cc"]), rel=1e-10)
        # scipy's W, by the same algorithm (AS R94), differs from R's in the ninth digit.
        assert shapiro_smallest([values]) == pytest.approx(row["shapiro_p"], rel=1e-7)


def test_choice_of_the_test() -> None:
    chosen = {row["feature"]: compare_groups(WPBC[row["feature"]], STATUS) for row in REFERENCE["features"]}
    assert {result.test for result in chosen.values()} == {"Student t", "Mann-Whitney"}
    for row in REFERENCE["features"]:
        result = chosen[row["feature"]]
        expected = {"Student t": row["t_p"], "Mann-Whitney": row["mwu_p_cc"]}[result.test]
        assert result.p == pytest.approx(expected, rel=1e-10)
        if result.bartlett_p is not None:
            assert result.bartlett_p == pytest.approx(row["bartlett_p"], rel=1e-10)
        assert (result.test == "Mann-Whitney") == (result.shapiro_p <= 0.05)
    normal = np.random.default_rng(4).normal(size=60)
    spread = np.where(np.arange(60) < 30, normal, 8 * normal)
    assert compare_groups(spread, np.arange(60) < 30).test == "Welch t"


def test_exact_mann_whitney_equals_r() -> None:
    exact = REFERENCE["mwu_exact"]
    assert mann_whitney(np.array(exact["a"]), np.array(exact["b"])) == (
        "Mann-Whitney", exact["W"], pytest.approx(exact["p"], rel=1e-10))


def test_three_groups_equal_r() -> None:
    theirs, group = MORE["age_by_ecog"], np.minimum(LUNG["ph.ecog"], 2)
    result = compare_groups(LUNG["age"], group)
    assert result.test == "Kruskal-Wallis"
    assert (result.statistic, result.p) == pytest.approx((theirs["kw"], theirs["kw_p"]), rel=1e-10)
    normal = np.random.default_rng(0).normal(size=90)
    assert compare_groups(normal, np.arange(90) % 3).test == "ANOVA"


def test_constant_small_and_flat_groups_have_a_defined_outcome() -> None:
    assert compare_groups(np.ones(10), np.arange(10) % 2).to_dict() == {
        "test": "constant", "statistic": None, "p": 1.0, "shapiro_p": None, "bartlett_p": None}
    result = compare_groups([1.0, 1.0, 1.0, 2.0, 3.0, 4.0], [0, 0, 0, 1, 1, 1])
    assert (result.test, result.shapiro_p) == ("Mann-Whitney", None)
    assert compare_groups([1.0, 2.0, 3.0, 5.0], [0, 0, 1, 1]).test == "Mann-Whitney"


@pytest.mark.parametrize("key", ["sex_status", "ecog_status", "small"])
def test_tables_of_counts_equal_r(key: str) -> None:
    theirs = REFERENCE[key]
    plain, yates = chi_squared_test(theirs["table"]), chi_squared_test(theirs["table"], continuity=True)
    assert (plain.statistic, plain.p) == pytest.approx((theirs["chisq"], theirs["p"]), rel=1e-10)
    assert (yates.statistic, yates.p) == pytest.approx((theirs["chisq_yates"], theirs["p_yates"]), rel=1e-10)
    assert fisher_exact(theirs["table"]) == pytest.approx(theirs["fisher_p"], rel=1e-9)


def test_larger_fisher_tables_equal_r() -> None:
    for case in MORE["fisher"]:
        assert fisher_exact(case["table"]) == pytest.approx(case["p"], rel=1e-8)
        assert fisher_exact(np.transpose(case["table"])) == pytest.approx(case["p"], rel=1e-8)


def test_choice_between_chi_squared_and_fisher() -> None:
    assert compare_counts(REFERENCE["sex_status"]["table"]).test == "chi-squared"
    few = compare_counts(REFERENCE["small"]["table"])
    assert (few.test, few.statistic) == ("Fisher", None)
    huge = np.full((6, 6), 4)
    with pytest.raises(TooManyTables):
        fisher_exact(huge)
    stand_in = compare_counts(huge)
    assert stand_in.test == "chi-squared"
    assert stand_in.p == pytest.approx(chi2_contingency(huge, correction=False).pvalue)
    assert "enumerate more than" in stand_in.note


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=4, max_size=4))
def test_fisher_equals_scipy_on_two_by_two(cells: list[int]) -> None:
    counts = np.array(cells).reshape(2, 2)
    if (counts.sum(axis=0) == 0).any() or (counts.sum(axis=1) == 0).any():
        with pytest.raises(CohortError, match="nothing to compare"):
            fisher_exact(counts)
        return
    assert fisher_exact(counts) == pytest.approx(scipy_fisher(counts).pvalue, rel=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=9, max_size=9), st.permutations(range(3)), st.permutations(range(3)))
def test_fisher_does_not_depend_on_the_order_of_levels(cells: list[int], rows: list[int], columns: list[int]) -> None:
    counts = np.reshape(cells, (3, 3)) + np.eye(3, dtype=int)
    p = fisher_exact(counts)
    assert 0 < p <= 1
    assert fisher_exact(counts[rows][:, columns]) == pytest.approx(p, rel=1e-9)
    assert fisher_exact(counts.T) == pytest.approx(p, rel=1e-9)


def test_adjusted_p_equal_r() -> None:
    p = [row["mwu_p"] for row in REFERENCE["features"]]
    for method, key in (("benjamini-hochberg", "bh"), ("holm", "holm"), ("bonferroni", "bonferroni")):
        np.testing.assert_allclose(adjusted(p, method), REFERENCE[key], rtol=1e-10)
    np.testing.assert_array_equal(adjusted(p, "none"), p)
    with pytest.raises(InputError, match="'fdr' is not known"):
        adjusted(p, "fdr")


def test_spearman_equals_scipy_and_r() -> None:
    names = [row["feature"] for row in REFERENCE["features"]]
    x = np.column_stack([WPBC[name] for name in names])
    np.testing.assert_allclose(spearman_matrix(x), spearmanr(x).statistic, atol=1e-12)
    with_time = spearman_matrix(np.column_stack([x, WPBC["time"]]))[-1, :-1]
    np.testing.assert_allclose(with_time, [row["spearman"] for row in REFERENCE["features"]], atol=1e-10)


def test_redundancy_follows_its_rule() -> None:
    base = np.random.default_rng(0).normal(size=(40, 2))
    x = np.column_stack([base[:, 0], np.exp(base[:, 0]), base[:, 1], -base[:, 1], np.ones(40)])
    result = drop_redundant(x, 0.9, ["a", "exp a", "b", "minus b", "flat"])
    assert result.kept == ("a", "b")
    assert result.dropped == (("exp a", "a", pytest.approx(1.0)), ("minus b", "b", pytest.approx(-1.0)))
    assert result.constant == ("flat",)
    preferred = drop_redundant(x, 0.9, ["a", "exp a", "b", "minus b", "flat"], priority=[0.5, 0.1, 0.2, 0.2, 0.0])
    assert preferred.kept == ("exp a", "b")
    assert drop_redundant(x[:, :4], 1.0).kept == ("x0", "x2")


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.2, 0.95))
def test_no_kept_pair_reaches_the_threshold_and_every_dropped_one_does(seed: int, threshold: float) -> None:
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(25, 3))[:, generator.integers(0, 3, 12)] + 0.5 * generator.normal(size=(25, 12))
    result = drop_redundant(x, threshold)
    rho = np.abs(spearman_matrix(x))
    index = {f"x{j}": j for j in range(12)}
    kept = [index[name] for name in result.kept]
    assert (rho[np.ix_(kept, kept)] - np.eye(len(kept)) < threshold).all()
    assert len(result.kept) + len(result.dropped) == 12
    for name, of, value in result.dropped:
        assert of in result.kept and abs(value) >= threshold
        assert abs(value) == pytest.approx(rho[index[name], index[of]])
    rows = generator.permutation(25)
    assert drop_redundant(np.exp(x[rows]), threshold).kept == result.kept


def test_refusals() -> None:
    with pytest.raises(CohortError, match="in one group"):
        compare_groups([1.0, 2.0], [1, 1])
    with pytest.raises(CohortError, match="group is missing"):
        compare_groups([1.0, 2.0, 3.0], [0.0, 1.0, np.nan])
    with pytest.raises(CohortError, match="All 2 features are constant"):
        drop_redundant(np.ones((5, 2)))
    with pytest.raises(InputError, match="threshold is 0"):
        drop_redundant(np.eye(3), 0.0)
    with pytest.raises(InputError, match="whole numbers"):
        chi_squared_test([[1.5, 2], [3, 4]])
    with pytest.raises(InputError, match="needs two rows and two columns"):
        fisher_exact([[1, 2]])
