"""Limits of agreement, repeatability and kappa against R's packages, the printed tables, and what must hold anyway."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from fixtures import reference
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from RadiomicsPrognosisLib.errors import CohortError, InputError
from RadiomicsPrognosisLib.statistics.bland_altman import (
    APPROXIMATE,
    EXACT,
    limits_of_agreement,
    repeatability,
)
from RadiomicsPrognosisLib.statistics.icc import FORMS, intraclass_correlation
from RadiomicsPrognosisLib.statistics.kappa import agreement_on_categories

REFERENCE = reference("fx16_readings")

#: blandr multiplies by 1.96 where the normal quantile of 0.975 is 1.959964: the share between -+1.96 SD.
BLANDR = 0.950004209703559


def near(value: float | tuple[float, float] | list[float], tolerance: float = 1e-9) -> object:
    return pytest.approx(value, rel=tolerance, abs=tolerance)


# Limits of agreement

@pytest.mark.parametrize("name", ["pefr", "two", "small"])
def test_limits_of_agreement_equal_blandr(name: str) -> None:
    expected = REFERENCE["limits"][name]
    ours = limits_of_agreement(expected["first"], expected["second"], BLANDR, method=APPROXIMATE)
    assert (ours.n, ours.bias, ours.sd, ours.lower, ours.upper) == near(tuple(
        expected[key] for key in ("n", "bias", "sd", "lower", "upper")))
    assert ours.bias_interval == near(expected["bias_ci"])
    # In the standard error of a limit blandr takes the unrounded quantile.
    rounded_nowhere = limits_of_agreement(expected["first"], expected["second"], method=APPROXIMATE)
    half = expected["upper_ci"][1] - expected["upper"]
    for limit, interval in ((rounded_nowhere.lower, rounded_nowhere.lower_interval),
                            (rounded_nowhere.upper, rounded_nowhere.upper_interval)):
        assert interval == near((limit - half, limit + half))
    assert (ours.slope, ours.slope_p) == near((expected["slope"], expected["slope_p"]))


@pytest.mark.parametrize("name", ["pefr", "two", "small"])
def test_exact_intervals_are_those_of_r_s_noncentral_t(name: str) -> None:
    expected = REFERENCE["limits"][name]
    ours = limits_of_agreement(expected["first"], expected["second"])
    assert ours.method == EXACT
    near_end, far_end = (factor * ours.sd for factor in expected["exact_factors"])
    assert ours.upper_interval == near((ours.bias + near_end, ours.bias + far_end))
    assert ours.lower_interval == near((ours.bias - far_end, ours.bias - near_end))


def test_the_printed_peak_flow_readings() -> None:
    """Lancet 1986;1:307: bias -2.1 l/min, SD 38.8, 95 % interval of the bias -22.0 to 17.8, with 2 SD for 1.96."""
    data = REFERENCE["limits"]["pefr"]
    ours = limits_of_agreement(data["first"], data["second"], agreement=math.erf(math.sqrt(2.0)))
    assert (round(ours.bias, 1), round(ours.sd, 1)) == (-2.1, 38.8)
    assert tuple(round(value, 1) for value in ours.bias_interval) == (-22.0, 17.8)
    assert (ours.lower, ours.upper) == (pytest.approx(-79.7, abs=0.1), pytest.approx(75.5, abs=0.1))


def test_an_exact_interval_holds_the_limit_as_often_as_it_says() -> None:
    generator, holds = np.random.default_rng(7), 0
    upper = 0.3 + 2.0 * 1.959963984540054
    for _ in range(2000):
        difference = generator.normal(0.3, 2.0, 10)
        low, high = limits_of_agreement(np.zeros(10), difference).upper_interval
        holds += low <= upper <= high
    assert abs(holds / 2000 - 0.95) < 3 * math.sqrt(0.95 * 0.05 / 2000)


@given(arrays(float, (2, 9), elements=st.floats(-1e3, 1e3)), st.floats(-50, 50), st.floats(0.01, 100))
def test_swapped_shifted_and_scaled_readings(x: np.ndarray, shift: float, scale: float) -> None:
    ours, swapped = limits_of_agreement(*x), limits_of_agreement(*x[::-1])
    assert (swapped.bias, swapped.lower, swapped.upper) == near((-ours.bias, -ours.upper, -ours.lower), 1e-8)
    moved = limits_of_agreement(x[0] + shift, x[1] + shift)
    assert (moved.bias, moved.sd) == near((ours.bias, ours.sd), 1e-6)
    biased = limits_of_agreement(x[0], x[1] + shift)
    assert (biased.bias, biased.sd) == near((ours.bias + shift, ours.sd), 1e-6)
    scaled = limits_of_agreement(scale * x[0], scale * x[1])
    assert (scaled.bias, scaled.upper) == near((scale * ours.bias, scale * ours.upper), 1e-6)
    assert ours.lower_interval[0] <= ours.lower <= ours.lower_interval[1] <= ours.upper_interval[1]
    assert ours.upper_interval[0] <= ours.upper <= ours.upper_interval[1]


def test_readings_that_agree_exactly_have_limits_of_zero() -> None:
    x = np.random.default_rng(1).normal(size=12)
    ours = limits_of_agreement(x, x)
    assert (ours.bias, ours.sd, ours.lower, ours.upper, ours.slope, ours.slope_p) == (0, 0, 0, 0, None, None)
    shifted = limits_of_agreement(x, x + 0.1)  # rounding makes the differences vary in the last bit
    assert (shifted.sd, shifted.bias) == (0.0, pytest.approx(0.1))
    json.dumps(ours.to_dict(), allow_nan=False)


@pytest.mark.parametrize(("first", "second", "error", "message"), [
    ([1.0], [2.0], CohortError, "two or more pairs"), ([1.0, 2.0], [1.0], InputError, "one column of 2 rows"),
    ([1.0, float("nan")], [1.0, 2.0], CohortError, "first reading is missing"),
    ([], [], InputError, "at least one row")])
def test_limits_refuse(first: list[float], second: list[float], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        limits_of_agreement(first, second)


def test_limits_refuse_another_method_and_share() -> None:
    with pytest.raises(InputError, match="method = 'bootstrap'"):
        limits_of_agreement([1, 2], [2, 3], method="bootstrap")
    with pytest.raises(InputError, match="between 0 and 1"):
        limits_of_agreement([1, 2], [2, 3], agreement=1.96)


# Repeatability

@pytest.mark.parametrize("name", ["wright", "mini", "three"])
def test_repeatability_is_the_analysis_of_variance_s(name: str) -> None:
    expected = REFERENCE["repeatability"][name]
    ours = repeatability(expected["readings"])
    assert ours.within_sd == near(expected["within_sd"])
    assert ours.within_sd_interval == near(expected["ci"])
    assert ours.coefficient == pytest.approx(2.772 * ours.within_sd, rel=1e-3)  # 1.96 sqrt(2), as 1999 prints it


def test_repeatability_of_two_readings_is_their_differences_without_bias() -> None:
    a, b = np.random.default_rng(2).normal(size=(2, 40))
    assert repeatability(np.array([a, b]).T).within_sd == pytest.approx(math.sqrt(np.mean((a - b) ** 2) / 2))
    same = repeatability(np.array([a, a]).T)
    assert (same.within_sd, same.coefficient_interval) == (0.0, (0.0, 0.0))
    for values, message in ((np.zeros((3, 1)), "two readings"), (np.full((3, 2), np.nan), "missing")):
        with pytest.raises(CohortError, match=message):
            repeatability(values)


# ICC against irr

@pytest.mark.parametrize("name", ["two", "three", "shifted", "four_few", "contrary"])
def test_icc_of_several_designs_equals_irr(name: str) -> None:
    design = REFERENCE["icc"][name]
    table = intraclass_correlation(np.array(design["readings"])[None])
    for form, expected in zip(FORMS, design["forms"], strict=True):
        ours = table.forms[form]
        if ours.icc.tolist()[0] is None:  # minus infinity in the limit, which irr's formula turns into a number
            assert form.endswith("k)") and name in ("four_few", "contrary")
            continue
        assert ours.icc[0] == near(expected["icc"]), form
        # irr takes Satterthwaite's degrees of freedom of ICC(2,k) from the mean's ICC, psych from the single reading's.
        if expected["icc"] > 0 and form != "ICC(2,k)":
            assert (ours.lower.tolist()[0], ours.upper[0]) == near((expected["lo"], expected["hi"]), 1e-8), form
        if not expected["agreement"]:  # irr tests agreement with Satterthwaite's degrees of freedom, psych does not
            assert (ours.f[0], ours.df1[0], ours.df2[0], ours.p[0]) == near(tuple(
                expected[key] for key in ("F", "df1", "df2", "p"))), form


# Kappa

@pytest.mark.parametrize("name", ["binary", "close", "three_levels"])
def test_cohen_s_kappa_equals_irr_and_vcd(name: str) -> None:
    expected = REFERENCE["kappa"][name]
    ours = agreement_on_categories(list(zip(*expected["readings"], strict=True)))
    assert ours.method == "Cohen"
    assert (ours.kappa, ours.z, ours.se) == near((expected["kappa"], expected["z"], expected["se"]))
    assert ours.p == near(expected["p"], 1e-12)
    assert (ours.lower, ours.upper) == near((max(expected["lo"], -1), min(expected["hi"], 1)))
    assert sum(map(sum, ours.counts)) == len(expected["readings"]) == ours.n


@pytest.mark.parametrize("name", ["three_readers", "four_levels"])
def test_fleiss_kappa_equals_irr_and_irrcac(name: str) -> None:
    expected = REFERENCE["kappa"][name]["fleiss"]
    ours = agreement_on_categories(list(zip(*REFERENCE["kappa"][name]["readings"], strict=True)))
    assert ours.method == "Fleiss"
    assert (ours.kappa, ours.z, ours.p) == near((expected["kappa"], expected["z"], expected["p"]))
    assert (ours.observed, ours.expected) == near((expected["observed"], expected["expected"]))
    assert ours.se == pytest.approx(expected["se_rounded"], abs=5.1e-6)


def test_the_interval_of_fleiss_kappa_is_the_jackknife_s_in_large_samples() -> None:
    generator = np.random.default_rng(3)
    truth = generator.random(400) < 0.4
    readings = [["high" if value else "low" for value in truth ^ (generator.random(400) < 0.15)] for _ in range(3)]
    whole = agreement_on_categories(readings)
    without = [agreement_on_categories([row[:i] + row[i + 1:] for row in readings]).kappa for i in range(400)]
    jackknife = math.sqrt(399 / 400 * np.sum((np.array(without) - np.mean(without)) ** 2))
    assert whole.se == pytest.approx(jackknife, rel=0.01)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=30))
def test_kappa_does_not_depend_on_order(pairs: list[tuple[str, str]]) -> None:
    first, second = zip(*pairs, strict=True)
    ours, swapped = agreement_on_categories([first, second]), agreement_on_categories([second, first])
    turned = agreement_on_categories([first[::-1], second[::-1]], ("c", "a", "b"))
    assert ours.observed == pytest.approx(np.mean([a == b for a, b in pairs]))
    if len({*first, *second}) == 1:
        assert ours.kappa is None and "not defined" in ours.reason and ours.observed == 1
        return
    for other in (swapped, turned):
        assert (other.kappa, other.se, other.se_null) == near((ours.kappa, ours.se, ours.se_null))
    agree = all(a == b for a, b in pairs)
    assert (ours.kappa == pytest.approx(1.0)) == agree == (ours.no_interval == "no interval: all agree")
    if ours.se == 0:
        assert (ours.lower, ours.upper) == (None, None) and "no interval" in ours.reason
    else:
        assert -1 <= ours.lower <= ours.kappa <= ours.upper <= 1 and not ours.no_interval and not ours.reason
    json.dumps(ours.to_dict(), allow_nan=False)


def test_kappa_where_there_is_none() -> None:
    for readings in (["low"] * 5, ["low"] * 5), (["low"] * 5,) * 3:
        ours = agreement_on_categories(readings, ("low", "high"))
        assert (ours.kappa, ours.se, ours.p, ours.observed) == (None, None, None, 1.0)
        assert "All readings are 'low'" in ours.reason
    for count in (2, 3):  # all agree on two categories
        ours = agreement_on_categories([["low", "low", "high", "high", "low", "high"]] * count)
        assert (ours.kappa, ours.se, ours.lower, ours.upper) == (pytest.approx(1.0), 0.0, None, None)
        assert ours.no_interval == "no interval: all agree" and "All readings of every case agree" in ours.reason
    # One reader never says high: kappa is 0 and has no test, as nothing could have agreed beyond chance.
    one_sided = agreement_on_categories([["low"] * 6, ["low"] * 4 + ["high"] * 2])
    assert (one_sided.kappa, one_sided.z, one_sided.p) == (0.0, None, None)
    with pytest.raises(InputError, match="'other' is not one of"):
        agreement_on_categories([["low", "other"], ["low", "low"]], ("low", "high"))
    with pytest.raises(CohortError, match="one case or more"):
        agreement_on_categories([[], []])
    with pytest.raises(InputError, match="two or more readings"):
        agreement_on_categories([["low"]])
    with pytest.raises(InputError, match="two or more readings"):
        agreement_on_categories([["low"], []])
