"""Intraclass correlations are psych::ICC's; missing, constant and perfectly repeated readings have defined outcomes."""

from __future__ import annotations

import json

import numpy as np
import pytest
from fixtures import columns, reference
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from RadiomicsPrognosisLib.errors import CohortError, InputError
from RadiomicsPrognosisLib.statistics.icc import FORMS, IccTable, intraclass_correlation, kept_in_all

REFERENCE = reference("fx05_icc")
RNG = np.random.default_rng(5)
READINGS = RNG.normal(size=(6, 12, 1)) + 0.4 * RNG.normal(size=(6, 12, 3))


def two_sessions() -> tuple[list[str], np.ndarray]:
    data = columns("fx_icc_two_sessions")
    names = [item["feature"] for item in REFERENCE["two_sessions"]["features"]]
    return names, np.array([[data[f"{name}_1"], data[f"{name}_2"]] for name in names]).transpose(0, 2, 1)


def assert_equal_to_r(table: IccTable, row: int, expected: list[dict[str, float]]) -> None:
    for name, theirs in zip(FORMS, expected, strict=True):
        ours = table.forms[name]
        for key, their_key in (("icc", "icc"), ("f", "F"), ("df1", "df1"), ("df2", "df2"), ("p", "p"),
                               ("lower", "lo"), ("upper", "hi")):
            assert getattr(ours, key)[row] == pytest.approx(theirs[their_key], rel=1e-10, abs=1e-10), (name, key)


def test_shrout_and_fleiss_equal_psych() -> None:
    expected = REFERENCE["shrout_fleiss"]
    assert_equal_to_r(intraclass_correlation(np.array(expected["matrix"], float)[None]), 0, expected["forms"])


def test_all_features_at_once_equal_psych() -> None:
    names, readings = two_sessions()
    table = intraclass_correlation(readings, names)
    for row, expected in enumerate(REFERENCE["two_sessions"]["features"]):
        assert_equal_to_r(table, row, expected["forms"])
    assert table.subjects == (120,) * 7
    assert set(table.status) == {"ok"}


def test_missing_readings_drop_the_subject_of_that_feature_only() -> None:
    holed = READINGS.copy()
    holed[1, [2, 5], [0, 2]] = np.nan
    holed[3, :11, 1] = np.nan
    table, whole = intraclass_correlation(holed), intraclass_correlation(READINGS)
    without = intraclass_correlation(np.delete(READINGS[1:2], [2, 5], axis=1))
    assert table.dropped == (0, 2, 0, 11, 0, 0)
    assert table.status[3] == "too few subjects"
    for form in FORMS:
        for key in ("icc", "f", "p", "lower", "upper"):
            ours = getattr(table.forms[form], key)
            assert ours[1] == pytest.approx(getattr(without.forms[form], key)[0], rel=1e-12)
            assert ours[0] == pytest.approx(getattr(whole.forms[form], key)[0], rel=1e-12)
            assert ours[3] is np.ma.masked


def test_constant_and_perfect_features_have_a_defined_outcome() -> None:
    readings = READINGS[:4].copy()
    readings[0] = 0.1                                          # the same everywhere
    readings[1] = np.array([0.1, 0.2, 0.7])                    # a shift between the raters and nothing else
    readings[2] = readings[2, :, :1]                           # every rater reads the same
    table = intraclass_correlation(readings)
    assert table.status == ("constant", "constant", "ok", "ok")
    assert table.kept("ICC(2,1)", -10.0) == ("feature 2", "feature 3")
    for form in FORMS:
        ours = table.forms[form]
        assert ours.icc[0] is np.ma.masked and ours.icc[1] is np.ma.masked
        assert (ours.icc[2], ours.lower[2], ours.upper[2], ours.p[2]) == pytest.approx((1.0, 1.0, 1.0, 0.0), abs=1e-14)
        assert ours.f[2] is np.ma.masked
    json.dumps(table.to_dict(), allow_nan=False)
    json.dumps(list(table.rows()), allow_nan=False)


def test_equal_subject_means_have_no_icc_of_the_mean() -> None:
    readings = np.array([[[1.0, 2.0], [2.0, 1.0], [1.0, 2.0], [2.0, 1.0]]])
    table = intraclass_correlation(readings)
    assert table.forms["ICC(1,k)"].icc[0] is np.ma.masked
    assert table.forms["ICC(3,1)"].icc[0] == pytest.approx(-1.0)
    json.dumps(table.to_dict(), allow_nan=False)


def test_readings_that_contradict_each_other_never_pass_a_threshold() -> None:
    # B = 1/6, E = 52.3, R = 0: the formula (B - E) / (B + (R - E) / n) would give +4.04.
    readings = np.array([[[6.5, -6.5], [-5.5, 6.5], [0.5, 0.5], [-0.5, 0.5]]])
    table = intraclass_correlation(readings)
    assert table.forms["ICC(2,k)"].icc[0] is np.ma.masked
    assert table.forms["ICC(2,1)"].icc[0] < 0
    for form in FORMS:
        for bound in ("estimate", "lower"):
            assert table.kept(form, 0.5, bound) == ()


def test_filter_by_estimate_and_lower_bound() -> None:
    names, readings = two_sessions()
    table = intraclass_correlation(readings, names)
    expected = {item["feature"]: item["forms"][1] for item in REFERENCE["two_sessions"]["features"]}
    assert table.kept("ICC(2,1)", 0.6) == tuple(name for name in names if expected[name]["icc"] >= 0.6)
    assert table.kept("ICC(2,1)", 0.6, "lower") == tuple(name for name in names if expected[name]["lo"] >= 0.6)
    assert len(table.kept("ICC(2,1)", 0.6)) > len(table.kept("ICC(2,1)", 0.6, "lower")) > 0
    other = intraclass_correlation(readings[::-1][:3], names[::-1][:3])
    both = kept_in_all([table, other], "ICC(2,1)", 0.6)
    assert both == tuple(name for name in table.kept("ICC(2,1)", 0.6) if name in names[::-1][:3])


@given(arrays(float, (3, 8, 2), elements=st.floats(-100, 100)), st.floats(0.01, 1000), st.floats(-1000, 1000),
       st.randoms(use_true_random=False))
def test_shift_scale_and_order_of_subjects_and_raters_do_not_matter(x: np.ndarray, scale: float, shift: float,
                                                                    random: object) -> None:
    x = x + READINGS[:3, :8, :2]
    subjects, raters = list(range(8)), [0, 1]
    random.shuffle(subjects)
    random.shuffle(raters)
    one, two = intraclass_correlation(x), intraclass_correlation(scale * x[:, subjects][:, :, raters] + shift)
    for form in FORMS:
        for key in ("icc", "lower", "upper"):
            np.testing.assert_allclose(getattr(one.forms[form], key), getattr(two.forms[form], key), rtol=1e-5,
                                       atol=1e-5)
        icc = one.forms[form]
        # The approximate interval of ICC(2,.) need not hold a negative estimate.
        positive = (icc.icc >= 0).filled(False)
        assert (icc.lower <= icc.icc + 1e-9).filled(True)[positive].all()
        assert (icc.icc <= icc.upper + 1e-9).filled(True)[positive].all()
        assert (icc.icc <= 1.0).all()


def test_refusals() -> None:
    with pytest.raises(InputError, match="features, subjects, raters"):
        intraclass_correlation(np.zeros((3, 4)))
    with pytest.raises(InputError, match="at least two subjects and two raters"):
        intraclass_correlation(np.zeros((3, 4, 1)))
    with pytest.raises(CohortError, match="No feature has an ICC"):
        intraclass_correlation(np.zeros((3, 4, 2)))
    with pytest.raises(InputError, match="'ICC4' is not known"):
        intraclass_correlation(READINGS, forms=("ICC4",))
    with pytest.raises(InputError, match="2 feature names were given for 6"):
        intraclass_correlation(READINGS, ["a", "b"])
    with pytest.raises(InputError, match="bound = 'upper'"):
        intraclass_correlation(READINGS).kept("ICC(2,1)", 0.9, "upper")


def test_the_order_in_memory_changes_no_bit() -> None:
    readings = np.random.default_rng(1).normal(size=(107, 8, 2))
    tables = [intraclass_correlation(np.array(readings, order=order)) for order in ("C", "F")]
    for form in FORMS:
        np.testing.assert_array_equal(*(table.forms[form].lower for table in tables))
        np.testing.assert_array_equal(*(table.forms[form].icc for table in tables))
