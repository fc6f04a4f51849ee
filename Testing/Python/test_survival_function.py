"""The one formula of a Cox model's survival: S0^exp(lp), the same bits alone and among others, defined at extremes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from fixtures import columns
from hypothesis import given, settings
from hypothesis import strategies as st

from RadiomicsPrognosisLib.statistics.cox import fit_cox
from RadiomicsPrognosisLib.statistics.survival_function import survival_probability

HAZARDS = st.lists(st.one_of(st.just(0.0), st.floats(1e-300, 50.0)), min_size=1, max_size=9)
PREDICTORS = st.lists(st.floats(-800.0, 800.0), min_size=1, max_size=40)


@settings(deadline=None)
@given(HAZARDS, PREDICTORS)
def test_a_row_and_a_time_have_the_same_bits_alone_and_among_others(hazards: list[float], lp: list[float]) -> None:
    together = survival_probability(hazards, lp)
    assert together.shape == (len(lp), len(hazards))
    for i in range(len(lp)):
        assert survival_probability(hazards, lp[i]).tobytes() == together[i].tobytes()
        for j in range(len(hazards)):
            assert survival_probability(hazards[j], lp[i]).tobytes() == together[i, j].tobytes()


@settings(deadline=None)
@given(HAZARDS, PREDICTORS)
def test_the_layout_in_memory_does_not_matter(hazards: list[float], lp: list[float]) -> None:
    plain = survival_probability(np.array(hazards), np.array(lp)).tobytes()
    assert survival_probability(np.repeat(hazards, 3)[::3], np.array(lp[::-1])[::-1]).tobytes() == plain
    table = np.column_stack([lp, lp])
    assert survival_probability(np.array(hazards, dtype=">f8"), table[:, 1]).tobytes() == plain


@settings(deadline=None)
@given(st.floats(1e-6, 5.0), st.floats(-6.0, 3.0))
def test_it_is_the_baseline_survival_to_the_power_of_the_hazard_ratio(hazard: float, lp: float) -> None:
    expected = math.exp(-hazard) ** math.exp(lp)
    assert survival_probability(hazard, lp)[0, 0] == pytest.approx(expected, rel=1e-12, abs=1e-300)


@settings(deadline=None)
@given(st.lists(st.floats(0.0, 1e9), min_size=2, max_size=9), PREDICTORS)
def test_survival_falls_with_hazard_and_predictor_within_0_to_1(hazards: list[float], lp: list[float]) -> None:
    survival = survival_probability(np.sort(hazards), np.sort(lp))
    assert ((survival >= 0.0) & (survival <= 1.0)).all()
    # A last bit may be rounded the other way.
    assert (np.diff(survival, axis=0) <= 1e-15).all() and (np.diff(survival, axis=1) <= 1e-15).all()


@pytest.mark.filterwarnings("error")
def test_extremes_are_defined_and_silent() -> None:
    survival = survival_probability([0.0, 1e-300, 1.0, 1e300], [-1e9, 0.0, 1e9, np.nan])
    np.testing.assert_array_equal(survival[:, 0], [1.0, 1.0, 1.0, np.nan])
    np.testing.assert_array_equal(survival[0], [1.0, 1.0, 1.0, 1.0])
    np.testing.assert_array_equal(survival[2], [1.0, 0.0, 0.0, 0.0])
    assert np.isnan(survival[3]).all()


def test_a_fitted_model_predicts_by_it() -> None:
    lung = columns("fx_lung")
    x = np.column_stack([lung["age"], lung["sex"]])
    model = fit_cox(lung["time"], lung["status"], x)
    times = [0.0, 100.0, 365.0, 5000.0]
    expected = survival_probability(model.baseline.at(times), model.linear_predictor(x) - model.center)
    np.testing.assert_array_equal(model.survival(x, times), expected)
    at_zero = survival_probability(model.baseline_at_zero().at(times), model.linear_predictor(x))
    np.testing.assert_allclose(at_zero, expected, rtol=1e-12)
