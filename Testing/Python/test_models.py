"""The models that ship say what the papers print; a file that breaks the contract is refused by file and key."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import papers
import pytest

from RadiomicsPrognosisLib.errors import FileError, ModelMismatch, SchemaError
from RadiomicsPrognosisLib.models.reconstruction import baseline_cumulative_hazard, coefficients, predictor_mixture
from RadiomicsPrognosisLib.models.store import load_all, load_model, parse_model
from RadiomicsPrognosisLib.resources import shipped_folder

MODELS = shipped_folder() / "Models"
SHIPPED = sorted(path.stem for path in MODELS.glob("*.json") if path.name != "model.schema.json")


def stored(name: str) -> dict[str, Any]:
    return json.loads((MODELS / f"{name}.json").read_text(encoding="utf-8"))


def test_the_published_models_ship_and_load() -> None:
    models, errors = load_all()
    assert errors == []
    assert {model.id for model in models} == set(SHIPPED)
    for model in models:
        model.image_protocol()


@pytest.mark.parametrize(("name", "betas", "intercept", "cutoff", "inclusive"), [
    ("s1_escc_lpfs_radscore", papers.S1_BETAS, 0.0, papers.S1_CUTOFF, True),
    ("s2_escc_ln_response", papers.S2_RESPONSE_BETAS, papers.S2_RESPONSE_INTERCEPT, papers.S2_RESPONSE_CUTOFF, False),
    ("s2_escc_ln_control_2y", papers.S2_CONTROL_BETAS, papers.S2_CONTROL_INTERCEPT, papers.S2_CONTROL_CUTOFF, False),
])
def test_coefficients_and_cutoffs_are_the_papers(name: str, betas: dict[str, float], intercept: float, cutoff: float,
                                                 inclusive: bool) -> None:
    model = load_model(name)
    assert {term.feature: term.coefficient for term in model.terms} == betas
    assert model.signature.intercept == intercept
    assert (model.cutoff.value, model.cutoff.inclusive) == (cutoff, inclusive)


@pytest.mark.parametrize("name", SHIPPED)
def test_files_obey_the_json_schema(name: str) -> None:
    schema = json.loads((MODELS / "model.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(stored(name))


# The reconstructed nomogram of S1


def test_baseline_is_reconstructed_from_the_published_tables() -> None:
    """H0 as the study's digest gives it to four digits, and as stored to rounding."""
    survival = load_model("s1_escc_lpfs_radscore").survival
    betas, hazards = coefficients(survival.reconstruction), baseline_cumulative_hazard(survival.reconstruction)
    assert betas == pytest.approx({name: np.log(ratio) for name, ratio in papers.S1_HR.items()}, rel=1e-15)
    assert survival.coefficients == pytest.approx(betas, rel=1e-12)
    baseline = survival.baseline_cumulative_hazard
    assert hazards == pytest.approx(dict(zip(baseline.times_months, baseline.values, strict=True)), rel=1e-10)
    assert list(hazards) == [12, 24, 36]
    np.testing.assert_allclose(list(hazards.values()), [0.4054, 0.8968, 1.1431], atol=5e-5)


def test_reconstruction_meets_the_published_survival_in_a_simulated_population() -> None:
    """Monte Carlo over the published mix, built here from the paper's table 1 with numpy's own generator."""
    generator = np.random.default_rng(20260)
    cohorts = [(155, [20, 70, 55, 10], 52, -0.0289, 0.35), (66, [13, 28, 22, 3], 26, -0.058, 0.538)]
    size = 400_000
    lps = []
    for patients, stages, responders, mean, sd in cohorts:
        n = round(size * patients / 221)
        stage = generator.choice(4, n, p=np.array(stages) / patients)
        response = generator.random(n) < responders / patients
        score = generator.normal(mean, sd, n)
        lps.append(np.log(4.423) * score + np.log(1.892) * stage + np.log(0.154) * response)
    risk = np.exp(np.concatenate(lps))
    baseline = load_model("s1_escc_lpfs_radscore").survival.baseline_cumulative_hazard
    for hazard, published in zip(baseline.values, (0.561, 0.374, 0.321), strict=True):
        survival = np.exp(-hazard * risk)
        assert survival.mean() == pytest.approx(published, abs=4 * survival.std() / np.sqrt(size))


def test_simulated_training_cohort_reaches_the_papers_c_index() -> None:
    """C-index about 0.752 in a cohort simulated with the training mix (the paper reports 0.745, CI 0.700 - 0.790)."""
    baseline = load_model("s1_escc_lpfs_radscore").survival.baseline_cumulative_hazard
    generator = np.random.default_rng(7)
    n = 3000
    lp = (np.log(4.423) * generator.normal(-0.0289, 0.35, n)
          + np.log(1.892) * generator.choice(4, n, p=np.array([20, 70, 55, 10]) / 155)
          + np.log(0.154) * (generator.random(n) < 52 / 155))
    wanted = generator.exponential(size=n) / np.exp(lp)  # cumulative hazard at the event
    time = np.interp(wanted, [0, *baseline.values], [0, *baseline.times_months])
    event = wanted < baseline.values[-1]
    time[~event] = 36.0
    earlier = event[:, None] & (time[:, None] < time[None, :])
    concordant = (earlier & (lp[:, None] > lp[None, :])).sum() + 0.5 * (earlier & (lp[:, None] == lp[None, :])).sum()
    assert concordant / earlier.sum() == pytest.approx(0.752, abs=0.012)  # 3 standard errors at n = 3000


def test_mixture_weights_sum_to_one() -> None:
    model = load_model("s1_escc_lpfs_radscore")
    _, weights = predictor_mixture(model.survival.reconstruction)
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)


# Broken files


def broken(path: str, value: Any, name: str = "s1_escc_lpfs_radscore") -> dict[str, Any]:
    """Return a stored model with one entry changed; ``path`` is dotted, numbers index lists, '-' deletes."""
    values = copy.deepcopy(stored(name))
    *parents, last = path.split(".")
    target = values
    for key in parents:
        target = target[int(key)] if isinstance(target, list) else target[key]
    if value == "-":
        del target[last]
    else:
        target[int(last) if isinstance(target, list) else last] = value
    return values


@pytest.mark.parametrize(("path", "value", "message"), [
    ("colour", "red", r"'colour' is not a known key; allowed: .*cutoff"),
    ("id", "-", "'id' is missing"),
    ("schema", "radiomics-prognosis/model/9", "allowed: radiomics-prognosis/model/1"),
    ("endpoint.kind", "ordinal", "'endpoint.kind' is 'ordinal'; allowed: time-to-event, binary"),
    ("signature.terms.0.feature", "original_glcm_Sparkle", "not a feature of class glcm"),
    ("signature.terms.0.feature", "wavelet-XYZ_glcm_Idn", "unknown image type"),
    ("signature.terms.0.coefficient", "0.1", "'signature.terms\\[1\\].coefficient' must be a finite number"),
    ("signature.terms.0.feature", "original_glszm_SizeZoneNonUniformity", "name a feature twice"),
    ("signature.terms", [], "at least one feature"),
    ("features_from", "table", "'protocol' belongs to features of an image"),
    ("features_from", "scanner", "'features_from' is 'scanner'; allowed: image, table"),
    ("provenance.survival", "-", "'provenance.survival' is missing"),
    ("provenance.survival", "guessed", "allowed: published, reconstructed, trained here"),
    ("survival.baseline_cumulative_hazard.values", [0.4, 0.3, 1.0], "must not decrease"),
    ("survival.baseline_cumulative_hazard.times_months", [12, 12, 36], "increasing times"),
    ("survival.horizons_months", [12, 60], "up to 36 months"),
    ("survival.coefficients.age", 0.1, "neither 'score' nor a covariate"),
    ("covariates.1.levels.0.value", 2, "must have the values 0 and 1"),
    ("cutoff.worse", "left", "allowed: below, above"),
    ("cutoff.on", "points", "allowed: score, linear predictor"),
    ("probability", {"coefficients": {"score": 1}, "outcome": "x"}, "belongs to a binary endpoint"),
    ("inputs", [], "at least one volume"),
])
def test_a_broken_model_names_file_key_and_what_is_allowed(path: str, value: Any, message: str) -> None:
    with pytest.raises(SchemaError, match=message) as caught:
        parse_model(broken(path, value), "my-model.json")
    assert "my-model.json" in str(caught.value)


def test_not_json_and_not_there(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text('{"id": NaN}')
    with pytest.raises(SchemaError, match="NaN, which is not JSON"):
        load_model(path)
    path.write_text("{")
    with pytest.raises(SchemaError, match="not valid JSON"):
        load_model(path)
    with pytest.raises(FileError, match=f"known: {', '.join(SHIPPED)}"):
        load_model("s9")


def test_a_broken_user_model_hides_no_other(user_home: Path) -> None:
    folder = user_home / "Models"
    folder.mkdir(parents=True)
    (folder / "mine.json").write_text("{}")
    models, errors = load_all()
    assert {model.id for model in models} == set(SHIPPED)
    assert len(errors) == 1
    assert "mine.json" in str(errors[0])


def test_covariates_by_label_number_or_flag() -> None:
    model = load_model("s1_escc_lpfs_radscore")
    for given in ({"n_stage": "N2", "complete_response": "yes"}, {"n_stage": 2, "complete_response": True},
                  {"n_stage": "2", "complete_response": "1"}):
        assert model.parse_covariates(given) == {"n_stage": 2.0, "complete_response": 1.0}


def test_a_model_of_a_tables_columns_takes_any_names_and_scores_no_image() -> None:
    """Such a model stores raw coefficients; both the reader and the JSON Schema ask for that."""
    values = broken("features_from", "table", "s2_escc_ln_response")
    del values["protocol"]
    values["signature"]["terms"][0]["feature"] = "cnn_0017"
    model = parse_model(values, "x")
    assert (model.features_from, model.protocol, model.needs_scaling) == ("table", None, False)
    with pytest.raises(ModelMismatch, match="scores no image"):
        model.image_protocol()
    schema = jsonschema.Draft202012Validator(
        json.loads((MODELS / "model.schema.json").read_text(encoding="utf-8")))
    schema.validate(values)
    values["signature"]["standardised"] = True
    assert not schema.is_valid(values)
    with pytest.raises(SchemaError, match="must be false for features of a table"):
        parse_model(values, "x")
    assert not schema.is_valid(broken("protocol", "-"))
