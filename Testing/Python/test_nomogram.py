"""The nomogram's points and outcome axes are those of rms::nomogram, its round values those of R's pretty()."""

from __future__ import annotations

import math

import numpy as np
import pytest
from fixtures import columns, reference
from hypothesis import given
from hypothesis import strategies as st

from RadiomicsPrognosisLib.errors import CovariateError, InputError
from RadiomicsPrognosisLib.statistics.nomogram import Nomogram, NomogramTerm, continuous_values, make_nomogram, pretty

REFERENCE = reference("fx04_nomogram")


def data_of(case: str) -> dict[str, np.ndarray]:
    if case == "lung":
        return columns("fx_lung")
    data = columns("fx_gbsg")
    return {**data, "lognodes": np.round(np.log1p(data["nodes"]), 4)}


def nomogram_of(case: str) -> Nomogram:
    """Return our nomogram of R's coefficients: continuous axes from the data's range, the others from their levels."""
    expected, data = REFERENCE[case], data_of(case)
    terms = [NomogramTerm(name, beta, continuous_values(data[name].min(), data[name].max())
                          if len(np.unique(data[name])) > 10 else np.unique(data[name]).tolist())
             for name, beta in expected["coef"].items()]
    return make_nomogram(terms, intercept=-expected["center"])


@pytest.mark.parametrize("case", ["lung", "gbsg"])
def test_axes_equal_rms(case: str) -> None:
    nomogram, expected = nomogram_of(case), REFERENCE[case]
    for axis, theirs in zip(nomogram.axes, expected["predictors"], strict=True):
        assert axis.name == theirs["predictor"]
        np.testing.assert_allclose(axis.values, theirs["value"], rtol=1e-14)
        np.testing.assert_allclose(axis.xbeta, theirs["xbeta"], rtol=1e-12)
        np.testing.assert_allclose(axis.points, theirs["points"], atol=1e-8)
    np.testing.assert_allclose(nomogram.total_points, expected["total_points_ticks"], rtol=1e-14)
    assert nomogram.points_per_lp == pytest.approx(expected["conversion"]["sc"], rel=1e-12)
    assert nomogram.lp_at_zero_points == pytest.approx(expected["conversion"]["Intercept"], rel=1e-12)


@pytest.mark.parametrize("case", ["lung", "gbsg"])
def test_outcome_axes_equal_rms(case: str) -> None:
    nomogram, expected = nomogram_of(case), REFERENCE[case]
    ticks = expected["lp_ticks"]
    np.testing.assert_allclose([nomogram.total_points_of(lp) for lp in ticks["lp"]], ticks["total_points"], atol=1e-8)
    for baseline, axis in zip(expected["baseline_surv"], expected["fun_axes"], strict=True):
        ours = nomogram.survival_axis(axis["axis"], baseline["s_at_lp0"])
        theirs = dict(zip(np.round(axis["surv"], 6).tolist(), axis["total_points"], strict=True))
        shared = [(theirs[key], points) for value, points in zip(ours.values, ours.total_points, strict=True)
                  if (key := round(value, 6)) in theirs]
        assert len(shared) >= 5
        # R interpolates its axis between survival values of a grid of linear predictors.
        np.testing.assert_allclose(*zip(*shared, strict=True), atol=2e-3)
        for total, survival in zip(axis["total_points"], axis["surv"], strict=True):
            assert nomogram.survival(total, baseline["s_at_lp0"]) == pytest.approx(survival, abs=1e-4)


@pytest.mark.parametrize("case", ["lung", "gbsg"])
def test_patients_equal_rms(case: str) -> None:
    nomogram, expected, data = nomogram_of(case), REFERENCE[case], data_of(case)
    for row in expected["example"]:
        patient = {name: float(data[name][row["row"] - 1]) for name in expected["coef"]}
        total = sum(nomogram.points(name, value) for name, value in patient.items())
        assert nomogram.linear_predictor(total) == pytest.approx(row["lp"], abs=1e-12)
        for baseline, survival in zip(expected["baseline_surv"], row["surv"], strict=True):
            assert nomogram.survival(total, baseline["s_at_lp0"]) == pytest.approx(survival, abs=1e-12)


def test_pretty_equals_r() -> None:
    cases = reference("fx12_pretty")["cases"]
    assert len(cases) == 80
    for case in cases:
        ours = pretty(case["low"], case["high"], case["n"])
        np.testing.assert_allclose(ours, case["values"], rtol=1e-13, atol=1e-14 * (case["high"] - case["low"] or 1.0),
                                   err_msg=str(case))


@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e6), st.integers(2, 20))
def test_pretty_covers_its_range_in_round_steps(low: float, width: float, n: int) -> None:
    values = pretty(low, low + width, n)
    step = (values[-1] - values[0]) / (len(values) - 1)
    assert values[0] <= low + 1e-9 * step
    assert values[-1] >= low + width - 1e-9 * step
    mantissa = step / 10 ** math.floor(math.log10(step * (1 + 1e-9)))
    assert min(abs(mantissa - m) for m in (1, 2, 5)) < 1e-6


TERM = st.tuples(st.floats(-5, 5), st.floats(-100, 100), st.floats(0.5, 100))


@given(st.lists(TERM, min_size=1, max_size=5).filter(lambda rows: any(abs(beta) > 1e-3 for beta, _, _ in rows)),
       st.floats(0, 1))
def test_points_stand_for_the_linear_predictor(rows: list[tuple[float, float, float]], share: float) -> None:
    terms = [NomogramTerm(f"x{i}", beta, (low, low + width)) for i, (beta, low, width) in enumerate(rows)]
    nomogram = make_nomogram(terms)
    patient = {f"x{i}": low + share * width for i, (_, low, width) in enumerate(rows)}
    points = {name: nomogram.points(name, value) for name, value in patient.items()}
    lp = sum(beta * patient[f"x{i}"] for i, (beta, _, _) in enumerate(rows))
    assert nomogram.linear_predictor(sum(points.values())) == pytest.approx(lp, abs=1e-7)
    assert all(-1e-6 <= value <= 100 + 1e-6 for value in points.values())
    assert max(max(axis.points) for axis in nomogram.axes) == pytest.approx(100)


def test_categorical_levels_and_probability() -> None:
    nomogram = make_nomogram([NomogramTerm("site", {"upper": 0.0, "lower": -0.7}, ("upper", "lower")),
                              NomogramTerm("age", 0.02, (40, 60, 80))], intercept=-1.0)
    assert nomogram.axes[0].points == (pytest.approx(0.7 / 0.8 * 100), 0.0)
    assert [nomogram.points("site", level) for level in ("upper", "lower")] == list(nomogram.axes[0].points)
    total = nomogram.points("site", "lower") + nomogram.points("age", 60)
    assert nomogram.probability(total) == pytest.approx(1 / (1 + math.exp(1.0 + 0.7 - 1.2)))
    axis = nomogram.probability_axis("p")
    assert [nomogram.probability(points) for points in axis.total_points] == pytest.approx(list(axis.values))


def test_refusals() -> None:
    with pytest.raises(InputError, match="at least one covariate"):
        make_nomogram([])
    with pytest.raises(InputError, match="axis of 'age' has 1 value"):
        make_nomogram([NomogramTerm("age", 1.0, (5, 5))])
    with pytest.raises(InputError, match="all coefficients are 0"):
        make_nomogram([NomogramTerm("age", 0.0, (5, 6))])
    nomogram = make_nomogram([NomogramTerm("age", 1.0, (5, 6)), NomogramTerm("site", {"a": 0.0, "b": 1.0}, ("a", "b"))])
    with pytest.raises(CovariateError, match="no covariate 'sex'; it has age, site"):
        nomogram.points("sex", 1)
    with pytest.raises(CovariateError, match="'c' is not a level of 'site'; levels: a, b"):
        nomogram.points("site", "c")
    with pytest.raises(CovariateError, match="finite number"):
        nomogram.points("age", "old")
    with pytest.raises(InputError, match="between 0 and 1"):
        nomogram.survival(3.0, 1.0)
    with pytest.raises(InputError, match="cannot run from 2 to 1"):
        pretty(2.0, 1.0)
