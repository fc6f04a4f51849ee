"""Intervals of survival and probabilities: where they come from, what they hold, and how often they are right."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from functools import partial

import numpy as np
import papers
import pytest
from fixtures import columns, reference
from hypothesis import given, settings
from hypothesis import strategies as st
from interval_cases import (
    HORIZONS,
    bare_model,
    cox_model,
    fitted_model,
    logistic_model,
    published_model,
    rows_of,
    simulated_cases,
    true_probability,
    true_survival,
)
from test_prediction import RESPONSE, S1, features, unit_scaling, with_score

from RadiomicsPrognosisLib.errors import SchemaError
from RadiomicsPrognosisLib.models.fitted_uncertainty import fitted_covariance
from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.models.predict import predict_rows
from RadiomicsPrognosisLib.models.reconstruction import baseline_cumulative_hazard
from RadiomicsPrognosisLib.models.scaling import Scaling, load_scaling, training_scaling_name
from RadiomicsPrognosisLib.models.store import parse_model
from RadiomicsPrognosisLib.models.uncertainty import PatientsBehind
from RadiomicsPrognosisLib.prediction import outcome_draws
from RadiomicsPrognosisLib.prediction.applicability import questioned_components
from RadiomicsPrognosisLib.prediction.evidence import Uncertainty
from RadiomicsPrognosisLib.prediction.intervals import case_intervals, row_intervals
from RadiomicsPrognosisLib.prediction.numbers import CaseNumbers, case_survival
from RadiomicsPrognosisLib.prediction.parameter_draws import model_draws, scaling_draws
from RadiomicsPrognosisLib.prediction.predict import predict
from RadiomicsPrognosisLib.prediction.record import Prediction
from RadiomicsPrognosisLib.statistics.cox import fit_cox
from RadiomicsPrognosisLib.statistics.draws import (
    DRAWS,
    betas,
    central_interval,
    dirichlet,
    normals,
    relative_sds,
    square_root,
    uniforms,
)
from RadiomicsPrognosisLib.statistics.hazard_uncertainty import hazard_uncertainty
from RadiomicsPrognosisLib.statistics.risk_sets import risk_sets
from RadiomicsPrognosisLib.statistics.survival_function import survival_of
from RadiomicsPrognosisLib.texts import percent_interval
from RadiomicsPrognosisLib.warning import ResultWarning

KNOWN = {"n_stage": "N1", "complete_response": "no"}


def case(score: float = 0.2502, scaling: Scaling | None = None, model: Model = S1, **covariates: str) -> Prediction:
    """Return S1's prediction of a case with ``score``, N1 without complete response unless told otherwise."""
    return predict(model, with_score(score), {}, scaling or unit_scaling(), {**KNOWN, **covariates})


def widths(prediction: Prediction) -> np.ndarray:
    assert prediction.survival is not None
    return np.diff(prediction.survival.horizon_intervals, axis=1)[:, 0]


def explained(prediction: Prediction) -> Uncertainty:
    assert prediction.uncertainty is not None
    return prediction.uncertainty


# Draws


def test_random_numbers_are_the_same_in_every_run_and_version() -> None:
    """PCG64's raw stream does not change (NEP 19); what is made of it here does not use numpy's distributions."""
    assert hashlib.sha256(uniforms(1, 2).tobytes()).hexdigest()[:16] == "e1ec82e3f39b37c8"
    assert normals(1, 1)[0, :3] == pytest.approx([-0.39584570752722925, -0.04589220061409827, 0.28908625774334284],
                                                 abs=1e-13)
    assert (normals(1, 3)[:, :DRAWS // 2] == -normals(1, 3)[:, DRAWS // 2:]).all()
    assert not (uniforms(1, 1) == uniforms(2, 1)).any()


def test_draws_have_the_moments_of_their_distributions() -> None:
    assert normals(9, 4).std(axis=1) == pytest.approx(1.0, abs=0.04)
    assert (relative_sds(9, 3, 20) ** 2).mean(axis=1) == pytest.approx(1.0, abs=0.02)
    shares = betas(9, np.array([60.0, 5.0]), np.array([40.0, 0.0]))
    assert shares[0].mean() == pytest.approx(0.6, abs=0.003)
    assert shares[0].std() == pytest.approx(np.sqrt(0.24 / 101), rel=0.04)
    assert (shares[1] == 1.0).all()
    mix = dirichlet(9, np.array([143.0, 78.0, 0.0]))
    assert mix.sum(axis=0) == pytest.approx(1.0) and (mix[2] == 0.0).all()
    assert mix.mean(axis=1) == pytest.approx([143 / 221, 78 / 221, 0.0], abs=0.003)


@given(st.lists(st.floats(-2.0, 2.0), min_size=12, max_size=12), st.integers(1, 3))
def test_a_singular_covariance_has_a_root_too(values: list[float], rank: int) -> None:
    low = np.array(values).reshape(4, 3)[:, :rank]
    covariance = low @ low.T
    root = square_root(covariance)
    assert root @ root.T == pytest.approx(covariance, abs=1e-5 * (1.0 + np.abs(covariance).max()))


# A covariate that is not known yet


def test_the_published_response_mix_is_averaged_over() -> None:
    """Rad-score 0.2502, N1, response not yet known: 143 patients without and 78 with one of 221."""
    averaged = case(complete_response="not yet known")
    assert averaged.survival is not None and averaged.linear_predictor is None and not averaged.withheld
    assert averaged.survival.at_horizons == pytest.approx((0.510, 0.297, 0.246), abs=5e-4)
    no, yes = case(complete_response="no").survival, case(complete_response="yes").survival
    assert no is not None and yes is not None
    mean = (143 * np.array(no.curve) + 78 * np.array(yes.curve)) / 221
    assert averaged.survival.curve == pytest.approx(mean.tolist(), abs=1e-15) and averaged.survival.curve[0] == 1.0
    first, second = averaged.survival.alternatives
    assert (first.label, second.label) == ("complete response: no", "complete response: yes")
    assert (first.share, second.share) == (143 / 221, 78 / 221)
    assert (first.curve, second.at_horizons) == (no.curve, yes.at_horizons)
    assert questioned_components([ResultWarning("placeholder", "A sphere.")], S1,
                                 CaseNumbers(survival=averaged.survival)) == ("survival",)
    item, = averaged.averaged
    assert (item.name, item.patients, item.shares) == ("complete_response", 221, {"no": 143 / 221, "yes": 78 / 221})
    assert explained(averaged).sources[-1] == (
        "the mix of Complete response one month after chemoradiotherapy in 221 patients")
    assert Prediction.from_dict(averaged.to_dict()) == averaged


def test_a_missing_response_is_asked_for_and_the_choice_is_named() -> None:
    missing = predict(S1, with_score(0.2), {}, unit_scaling(), {"n_stage": "N1"})
    assert missing.survival is None and missing.uncertainty is None
    assert "(complete_response, or 'unknown' while it is not yet known)" in (missing.why_withheld("survival") or "")


def test_a_group_by_the_linear_predictor_waits_for_the_covariate() -> None:
    assert S1.cutoff is not None
    model = replace(S1, cutoff=replace(S1.cutoff, on="linear predictor", value=0.5))
    waiting = case(model=model, complete_response="unknown")
    assert waiting.group is None and waiting.survival is not None and waiting.distance is None
    assert "not yet known" in (waiting.why_withheld("group") or "")


@pytest.mark.parametrize(("changes", "message"), [
    ({"patients": 220}, "must add up to the 220 patients"),
    ({"counts": {"no": 221}}, "must give the patients of each")])
def test_a_mix_that_does_not_fit_its_levels(changes: dict[str, object], message: str) -> None:
    values = S1.to_dict()
    values["covariates"][1]["unknown"] |= changes
    with pytest.raises(SchemaError, match=message):
        parse_model(values, "x")


# Where intervals come from


def test_an_interval_tells_its_sources_and_what_it_leaves_out() -> None:
    told = explained(case())
    assert (told.confidence, told.draws, told.reason) == (0.95, DRAWS, "")
    assert told.sources == (
        "the published 95 % intervals of the 3 hazard ratios",
        "the published survival of 221 patients (153 events), from which the baseline hazard is reconstructed",
        "the means and SDs of scaling 'unit' of 50 cases (by the t and chi-squared distributions)")
    assert any("correlation of the hazard ratios" in item for item in told.left_out)
    assert any("contour" in item for item in told.left_out)


def test_without_anything_published_there_is_a_reason_and_no_interval() -> None:
    """S2 is a LASSO's log-odds: its publication gives nothing from which a sound interval could be made."""
    values = dict.fromkeys(RESPONSE.features(), 1.0)
    response = predict(RESPONSE, features(RESPONSE, values), {})
    assert response.probability is not None and response.probability_interval is None
    assert "no standard errors" in explained(response).reason
    silent = predict(replace(RESPONSE, uncertainty=None), features(RESPONSE, values), {})
    assert explained(silent).reason == "The model's file does not say how uncertain its coefficients are."
    assert RESPONSE.provenance.probability == "reconstructed"


def test_the_published_survival_has_greenwoods_standard_error() -> None:
    """Of 221 patients without censoring it is that of a share: sqrt(S (1 - S) / n)."""
    drawn = model_draws(S1)
    assert drawn is not None and S1.survival is not None and S1.survival.reconstruction is not None
    published = np.array(list(S1.survival.reconstruction.survival_at_months.values()))
    se_log_hazard = np.sqrt((1 - published) / (221 * published)) / -np.log(published)
    # The baseline's own error and that of the coefficients it is solved with: never less than Greenwood's.
    assert (drawn.log_ratios.std(axis=1) > se_log_hazard).all()
    assert drawn.log_ratios.mean(axis=1) == pytest.approx(0.0, abs=0.1)
    tables = S1.survival.reconstruction
    hazards = baseline_cumulative_hazard(tables)
    assert np.exp(drawn.log_hazard(S1.survival.baseline_cumulative_hazard, list(hazards))).mean(
        axis=1) == pytest.approx(list(hazards.values()), rel=0.15)


def test_the_centre_is_minus_the_derivative_of_the_log_baseline() -> None:
    time, event, x = simulated_cases(120, 3)
    time = np.ceil(time)  # ties
    fit = fit_cox(time, event, x)
    hazard = hazard_uncertainty(time, event, x, fit.coefficients, "efron", 12)

    def log_baseline(coefficients: np.ndarray) -> np.ndarray:
        sets = risk_sets(time, event, x, x @ coefficients, "efron")
        at = time[sets.events]
        return np.array([np.log((1.0 / sets.total)[at <= month].sum()) for month in hazard.times])

    assert np.exp(log_baseline(fit.coefficients)) == pytest.approx(fit.baseline_at_zero().at(hazard.times))
    for j in range(2):
        step = np.eye(2)[j] * 1e-5
        slope = (log_baseline(fit.coefficients + step) - log_baseline(fit.coefficients - step)) / 2e-5
        assert -slope == pytest.approx(hazard.centre[:, j], abs=1e-7)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_a_fitted_survival_has_the_standard_error_and_interval_of_rs_survfit(ties: str) -> None:
    """survfit.coxph(newdata), conf.type log-log: the error from the formula, the interval from draws of it."""
    lung, expected = columns("fx_lung"), reference("fx03_coxph")[ties]
    x = np.column_stack([lung[name] for name in expected["terms"]])
    fit = fit_cox(lung["time"], lung["status"], x, ties=ties)
    hazard = hazard_uncertainty(lung["time"], lung["status"], x, fit.coefficients, ties, 1000)
    months = np.array(expected["times"], float)
    row = np.searchsorted(hazard.times, months, side="right") - 1
    cases = np.column_stack([[case[name] for case in expected["newdata"]] for name in expected["terms"]])
    told = fitted_covariance(fit, (lung["time"], lung["status"]), x)
    model = fitted_model(fit, told)
    drawn = model_draws(model)
    assert drawn is not None and model.survival is not None
    for j, case_values in enumerate(cases):
        away = case_values - hazard.centre[row]
        variance = hazard.variance[row] + np.einsum("ij,jk,ik->i", away, fit.covariance, away)
        survival = fit.survival(case_values[None, :], months)[0]
        se = -np.log(survival) * np.sqrt(variance) * survival
        assert se == pytest.approx([line[j] for line in expected["surv_se"]], rel=1e-8)
        log_hazard = drawn.log_hazard(model.survival.baseline_cumulative_hazard, months)
        predicted = case_values @ fit.coefficients + np.array(list(drawn.coefficients.values())).T @ case_values
        bounds = central_interval(survival_of(log_hazard + predicted), 0.95)
        for values, name in zip(bounds, ("surv_lo_loglog", "surv_hi_loglog"), strict=True):
            assert values == pytest.approx([line[j] for line in expected[name]], abs=0.012)


# What they hold


@settings(deadline=None, max_examples=25)
@given(st.floats(-1.6, 1.6), st.sampled_from(["N0", "N1", "N2", "N3"]), st.sampled_from(["no", "yes", "unknown"]),
       st.sampled_from([20, 50, 400]))
def test_an_interval_holds_its_prediction(score: float, stage: str, response: str, cases: int) -> None:
    prediction = case(score, unit_scaling(cases=cases), n_stage=stage, complete_response=response)
    survival = prediction.survival
    assert survival is not None and len(survival.curve_intervals) == len(survival.curve)
    for shares, bounds in ((survival.at_horizons, survival.horizon_intervals),
                           (survival.curve, survival.curve_intervals)):
        for share, (lower, upper) in zip(shares, bounds, strict=True):
            assert 0.0 <= lower <= share <= upper <= 1.0
    by_month = dict(zip(survival.curve_months, survival.curve_intervals, strict=True))
    assert np.array([by_month[month] for month in survival.horizons_months]) == pytest.approx(
        np.array(survival.horizon_intervals), abs=1e-12)


@settings(deadline=None, max_examples=4)
@given(st.floats(-1.0, 1.0), st.sampled_from(["no", "yes"]), st.sampled_from([2, 10]))
def test_more_patients_make_it_narrower(score: float, response: str, times: int) -> None:
    assert S1.uncertainty is not None and S1.uncertainty.survival_of is not None
    more = replace(S1, uncertainty=replace(S1.uncertainty, survival_of=PatientsBehind(
        patients=221 * times, events=153 * times)))
    few, many = unit_scaling(), unit_scaling(cases=50 * times)
    usual = widths(case(score, few, complete_response=response))
    assert (widths(case(score, many, complete_response=response)) < usual).all()
    assert (widths(case(score, few, more, complete_response=response)) < usual).all()


def test_the_same_case_has_the_same_interval_to_the_bit() -> None:
    first = case(complete_response="unknown")
    outcome_draws._kept.clear()
    outcome_draws.mix_shares.cache_clear()
    assert case(complete_response="unknown") == first
    assert [percent_interval(*item) for item in zip(
        first.survival.at_horizons, first.survival.horizon_intervals, strict=True)] == [
            "51 % (38 - 64)", "30 % (19 - 41)", "25 % (16 - 35)"] if first.survival else False


def test_a_row_of_a_table_has_the_interval_of_its_case() -> None:
    """Rows of which some know the response and some do not yet."""
    scores, stages = (-0.4, 0.25, 0.25, 0.9), (0.0, 1.0, 2.0, np.nan)
    responses: tuple[object, ...] = (1.0, "unknown", 0.0, "unknown")
    raw = np.array([list(with_score(score)["image"].values.values()) for score in scores])
    rows = predict_rows(S1, raw, {"n_stage": np.array(stages), "complete_response": np.array(responses, object)},
                        unit_scaling())
    bounds, outcome = row_intervals(rows, unit_scaling(), S1.horizons_months), rows.outcome(S1.horizons_months)
    assert bounds is not None and outcome is not None and rows.has_outcome.tolist() == [True, True, True, False]
    assert np.isfinite(rows.linear_predictor).tolist() == [True, False, True, False]
    assert np.isnan(bounds[3]).all() and np.isnan(outcome[3]).all()
    for row in range(3):
        alone = predict(S1, with_score(scores[row]), {}, unit_scaling(), {
            "n_stage": stages[row], "complete_response": responses[row]}).survival
        assert alone is not None
        assert alone.at_horizons == tuple(outcome[row].tolist())
        assert alone.horizon_intervals == tuple(map(tuple, bounds[row].tolist()))


def test_the_models_own_training_scaling_adds_nothing() -> None:
    own = case(scaling=unit_scaling(name=training_scaling_name(S1.id)))
    assert not any("scaling" in item for item in explained(own).sources)
    assert (widths(own) < widths(case(scaling=unit_scaling(cases=20)))).all()


def test_the_cases_of_a_scaling_are_resampled_together() -> None:
    """With its values two features that are one feature move together; by the number of cases alone they do not."""
    generator = np.random.default_rng(1)
    values = {key: tuple(generator.normal(size=60).tolist()) for key in papers.S1_BETAS}
    one, two = list(values)[:2]
    values[two] = values[one]
    scaling = unit_scaling(cases=60, values=values, means={key: float(np.mean(v)) for key, v in values.items()},
                           sds={key: float(np.std(v, ddof=1)) for key, v in values.items()})
    drawn = scaling_draws(scaling, S1)
    assert np.array_equal(drawn.factors[0], drawn.factors[1]) and np.array_equal(drawn.shifts[0], drawn.shifts[1])
    assert drawn.shifts.std(axis=1) == pytest.approx(1 / np.sqrt(60), rel=0.15)
    assert drawn.factors.std(axis=1) == pytest.approx(1 / np.sqrt(120), rel=0.4)
    assert drawn.factors.mean(axis=1) == pytest.approx(1.0, abs=0.04)
    by_number = scaling_draws(replace(scaling, values={}), S1)
    assert abs(np.corrcoef(by_number.factors[:2])[0, 1]) < 0.05
    assert by_number.shifts.std(axis=1) == pytest.approx(1 / np.sqrt(60), rel=0.05)
    assert by_number.factors.std(axis=1) == pytest.approx(1 / np.sqrt(120), rel=0.1)
    assert "its cases resampled" in explained(case(scaling=scaling)).sources[2]


def test_the_demonstration_scaling_widens_every_interval() -> None:
    demonstration = load_scaling("demonstration-sts-ct", S1)
    own = replace(demonstration, name=training_scaling_name(S1.id))
    values = dict(demonstration.means)
    narrow, wide = (predict(S1, features(S1, values), {}, item, KNOWN) for item in (own, demonstration))
    assert (widths(narrow) < widths(wide)).all()


def test_live_scoring_waits_for_no_interval() -> None:
    """What intervals add to a prediction after the first of its model and scaling, at its slowest: averaged."""
    known = case(complete_response="unknown")

    def best(**covariates: str) -> float:
        taken = []
        for _ in range(5):
            start = time.perf_counter()
            case(**covariates)
            taken.append(time.perf_counter() - start)
        return min(taken)

    assert known.survival is not None and best(complete_response="unknown") < 0.03 * 3  # a busy machine's share


# How often they are right


@pytest.mark.parametrize(("build", "truth", "repeats"), [
    (cox_model, true_survival, 80), (logistic_model, true_probability, 80), (published_model, true_survival, 25)])
def test_an_interval_of_95_percent_holds_the_truth_about_95_times_in_a_hundred(
        build: object, truth: object, repeats: int) -> None:
    """Cohorts of 150 simulated from the model; Testing/benchmarks/interval_coverage.py has thousands."""
    generator, right = np.random.default_rng(8), []
    for repeat in range(repeats):
        model = build(150, repeat)  # type: ignore[operator]  # one of three functions
        score, marker = generator.normal(0.3, 0.7, 4), generator.integers(0, 3, 4).astype(float)
        bounds = row_intervals(rows_of(model, score, {"marker": marker}), None, model.horizons_months)
        assert bounds is not None
        true = truth(score, marker)  # type: ignore[operator]
        right.append((bounds[:, :, 0] <= true) & (true <= bounds[:, :, 1]))
    # Four cases of one model and their horizons go together: a share of 95 % of some 100 independent ones.
    assert 0.90 <= float(np.mean(right)) <= 0.985


def test_a_model_that_ends_in_a_score_has_no_interval() -> None:
    rows = rows_of(bare_model(), np.zeros(2), {})
    assert row_intervals(rows, None, ()) is None


def test_a_step_baseline_with_many_events_has_a_band_at_every_step() -> None:
    model = cox_model(300, 1)
    rows = rows_of(model, np.array([0.4]), {"marker": np.array([1.0])})
    assert model.survival is not None
    survival = case_intervals(model, None, rows, case_survival(model.survival, rows), ()).survival
    assert survival is not None and len(survival.curve) > 100
    exact = outcome_draws.outcome_draws(model, None)
    assert exact is not None
    every = np.array(exact.intervals(rows, 0, survival.curve_months))
    assert np.array(survival.curve_intervals) == pytest.approx(every, abs=0.005)
    assert survival.horizon_intervals == tuple(map(tuple, exact.intervals(rows, 0, HORIZONS)))


def test_shares_with_intervals_have_one_format() -> None:
    show = partial(percent_interval)
    assert show(0.33, (0.214, 0.456)) == "33 % (21 - 46)"
    assert show(0.004, (0.0001, 0.03)) == "<1 % (<1 - 3)"
    assert show(0.995, (0.9, 0.9999)) == ">99 % (90 - >99)"
    assert show(0.5, None) == "50 %"
