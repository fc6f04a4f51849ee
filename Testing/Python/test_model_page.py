"""A model as a page: its answers in a real browser are those of the library, it asks nobody, and it can be operated."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import run_in_page

from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.errors import InputError
from RadiomicsPrognosisLib.model_page import model_page
from RadiomicsPrognosisLib.models.covariates import UNKNOWN
from RadiomicsPrognosisLib.models.groups import training_distributions
from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.models.model_nomogram import model_nomogram
from RadiomicsPrognosisLib.models.predict import RowPredictions, predict_rows
from RadiomicsPrognosisLib.models.signature import WeightedFeature
from RadiomicsPrognosisLib.models.store import load_model, parse_model
from RadiomicsPrognosisLib.prediction.intervals import row_intervals
from RadiomicsPrognosisLib.texts import percent, percent_interval

#: Random cases that the browser and the library answer: many of the model with every kind of answer (a smooth curve,
#: intervals by Monte Carlo, a factor that is not yet known), of the others as many as visit all their levels.
CASES = {"s1_escc_lpfs_radscore": 1000, "two_scores": 40, "by_group": 40}
FEWER_CASES = 150

#: Two libraries' exp and log differ in the last bit, which exp(-exp(x)) magnifies by at most the exponent.
TOLERANCE = 1e-12

HEADER: dict[str, Any] = {
    "schema": "radiomics-prognosis/model/1", "version": "1", "title": "A <b>model</b> </script> of all factors",
    "population": "none", "source": {"citation": "none"}, "intended_use": "Tests only.", "features_from": "table",
    "inputs": [{"name": "image", "title": "CT"}],
    "signature": {"name": "Rad-score", "intercept": 0, "standardised": False,
                  "terms": [{"feature": "a", "coefficient": 1.0}]},
    "covariates": [
        {"name": "age", "title": "Age", "kind": "continuous", "unit": "years", "range": [18, 100]},
        {"name": "site", "title": "Site \"of\" the tumour", "kind": "categorical",
         "levels": [{"label": "upper"}, {"label": "middle <third>"}, {"label": "lower"}]},
        {"name": "stage", "title": "Stage", "kind": "ordinal",
         "levels": [{"label": "I", "value": 1}, {"label": "II", "value": 2}, {"label": "III", "value": 4}],
         "unknown": {"patients": 90, "counts": {"I": 20, "II": 30, "III": 40}, "reason": "known after surgery"}}],
    "reference": {"scores": [{"cohort": "training", "cases": 90, "mean": 0.1, "sd": 0.6}]},
}
COEFFICIENTS = {"score": 0.8, "age": -0.021, "site": {"upper": 0, "middle <third>": 0.31, "lower": -0.4}, "stage": 0.27}
NAMES = ["score", "age", "site=middle <third>", "site=lower", "stage"]
#: Variances of the coefficients above, and covariances that are the same share of them for all pairs.
COVARIANCE = [[0.04, 0.0, 0.0, 0.0, 0.0], [0.0002, 0.0001], [0.004, 0.0001, 0.06], [0.003, -0.0001, 0.02, 0.05],
              [0.002, 0.0002, 0.001, -0.002, 0.01]]
ROWS = [value for number, row in enumerate(COVARIANCE) for value in row[:number + 1]]
EVERY_FACTOR = {
    "survival": parse_model({
        **HEADER, "id": "step_survival", "endpoint": {"name": "Overall survival", "abbreviation": "OS",
                                                      "kind": "time-to-event", "event": "death"},
        "provenance": {"signature": "published", "survival": "published", "cutoff": "published"},
        "cutoff": {"value": 0.2, "inclusive": False, "on": "linear predictor",
                   "labels": {"below": "low", "above": "high"}, "worse": "above"},
        "survival": {"coefficients": COEFFICIENTS, "horizons_months": [12, 60], "baseline_cumulative_hazard": {
            "times_months": [3.5, 9, 11, 30, 62], "values": [0.02, 0.1, 0.4, 0.9, 1.7], "interpolation": "step"}},
        "uncertainty": {"covariance": {"cases": 90, "events": 60, "names": NAMES, "rows": ROWS, "baseline": [
            {"months": months, "variance": 0.3 / months, "centre": [0.1, 60, 0.3, 0.2, 2]}
            for months in (3.5, 11, 30)]}},
    }, "test"),
    "probability": parse_model({
        **HEADER, "id": "logistic", "endpoint": {"name": "Response", "abbreviation": "response", "kind": "binary",
                                                 "event": "response"},
        "provenance": {"signature": "published", "probability": "published"},
        "probability": {"outcome": "response", "intercept": -1.3, "coefficients": COEFFICIENTS},
        "uncertainty": {"covariance": {"cases": 90, "events": 40, "names": ["intercept", *NAMES],
                                       "rows": [0.2, *(value for number, row in enumerate(COVARIANCE)
                                                       for value in (0.001, *row[:number + 1]))]}},
    }, "test"),
}

#: Two signatures with an axis each, and one that counts by its group alone; the group's cut-off is the model's.
SEVERAL = {**{key: value for key, value in EVERY_FACTOR["survival"].to_dict().items() if key != "signature"},
           "id": "two_scores", "cutoff": {"value": 0.1, "inclusive": False, "on": "score",
                                          "labels": {"below": "low", "above": "high"}, "worse": "above"}}
SEVERAL["signatures"] = [{"id": name, "name": f"{name} score", "intercept": 0.3, "standardised": False,
                          "terms": [{"feature": name, "coefficient": 2.0}]} for name in ("arterial", "venous")]
SEVERAL["survival"] = {**SEVERAL["survival"], "coefficients": {
    "arterial": 0.8, "age": -0.021, "venous": -0.4, "stage": 0.27}}
SEVERAL["uncertainty"] = {"covariance": {"cases": 90, "events": 60, "names": ["venous", "stage", "arterial"],
                                         "rows": [0.04, 0.001, 0.01, -0.01, 0.002, 0.05]}}
SEVERAL["reference"] = {"scores": [{"cohort": "training", "cases": 90, "mean": 0.1, "sd": 0.6}], "signatures": [
    {"signature": name, "cohort": "training", "cases": 90, "mean": mean, "sd": 0.5}
    for name, mean in (("arterial", 0.2), ("venous", -1.2))]}
GROUPED = {**EVERY_FACTOR["probability"].to_dict(), "id": "by_group",
           "cutoff": {**SEVERAL["cutoff"], "inclusive": True}}
GROUPED["provenance"] = {**GROUPED["provenance"], "cutoff": "published"}
GROUPED["signature"] = {**GROUPED["signature"], "enter": "group", "cutoff": GROUPED["cutoff"]}


def all_models() -> list[Model]:
    shipped = [load_model(name) for name in ("s1_escc_lpfs_radscore", "s2_escc_ln_response", "s2_escc_ln_control_2y",
                                             "s3_escc_early_recurrence_ptnm")]
    return [*shipped, *EVERY_FACTOR.values(), parse_model(SEVERAL, "test"), parse_model(GROUPED, "test")]


MODELS = {model.id: model for model in all_models()}


def random_cases(model: Model, seed: int) -> list[dict[str, Any]]:
    """Return cases by the names of the page's form: scores (or the group that counts) where the verdict is no refusal,
    and every covariate."""
    rng = np.random.default_rng(seed)
    cases = []
    for _ in range(CASES.get(model.id, FEWER_CASES)):
        case: dict[str, Any] = {}
        for item in model.scores:
            # The published scores of the model for local control have no distribution; its cut-off is -1.015.
            mean, sd = next(((of.mean, of.sd) for of in training_distributions(model, item.id)), (-1.015, 0.8))
            case[item.id] = (str(rng.choice(item.cutoff.labels)) if item.cutoff else
                             float(mean + sd * rng.uniform(-2.9, 2.9)))
        for item in model.covariates_used():
            low, high = item.range
            labels = [*(level.label for level in item.levels), *([UNKNOWN] if item.unknown else [])]
            case[item.name] = str(rng.choice(labels)) if labels else float(rng.uniform(low, high))
        cases.append(case)
    return cases


def library_answers(model: Model, cases: list[dict[str, Any]]) -> RowPredictions:
    """Return what the library predicts of the cases, whose scores are given: those of signatures of one feature each.
    One of which the group is given lies at the cut-off or below it."""
    plain = [replace(item, intercept=0.0, standardised=False, terms=(
        WeightedFeature(feature=item.id, coefficient=1.0, input=model.inputs[0].name),)) for item in model.scores]
    features = [[case[item.id] if item.cutoff is None else
                 item.cutoff.value - (case[item.id] == item.cutoff.labels.below) for item in plain] for case in cases]
    columns = {item.name: np.array([item.parse(case[item.name]) for case in cases], dtype=object)
               for item in model.covariates_used()}
    one = plain[0] if len(plain) == 1 else None
    return predict_rows(replace(model, signature=one, signatures=() if one else tuple(plain)), np.array(features),
                        columns)


#: Enters each case in the form, as a person does, and reads what the page then says.
DRIVER = """
const cases = %s, results = [];
const outcomes = [...document.querySelectorAll("[id^=outcome-]")];
const terms = JSON.parse(document.getElementById("model").textContent).terms;
for (const values of cases) {
  for (const term of terms) {
    if (!term.levels) document.getElementById(`number-${term.index}`).value = values[term.name];
    else [...document.getElementsByName(term.name)].find((item) => item.value === values[term.name]).checked = true;
  }
  document.getElementById("case").dispatchEvent(new Event("input"));
  const read = (id) => document.getElementById(id)?.dataset.value ?? null;
  results.push({
    outcomes: outcomes.map((item) => Number(item.dataset.value)), texts: outcomes.map((item) => item.textContent),
    intervals: outcomes.map((item) => item.dataset.interval ?? null), total: read("total"), lp: read("lp"),
    points: terms.map((term) => read(`points-${term.index}`)),
    group: document.getElementById("group")?.textContent ?? null});
}
return results;
"""


@pytest.fixture(scope="module", params=list(MODELS))
def answers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
            ) -> tuple[Model, list[dict[str, Any]], list[dict[str, Any]]]:
    """A model, random cases, and what its page says of each in a real browser."""
    model = MODELS[request.param]
    cases = random_cases(model, seed=len(model.id))
    results = run_in_page(model_page(model), DRIVER % json.dumps(cases), tmp_path_factory.mktemp("page"))
    return model, cases, results


def test_the_page_predicts_what_the_library_predicts(answers) -> None:
    model, cases, results = answers
    expected = library_answers(model, cases).outcome(model.horizons_months)
    shown = np.array([item["outcomes"] for item in results])
    assert np.abs(shown - expected.reshape(len(cases), -1)).max() <= TOLERANCE
    assert all(text.split(" (")[0] == percent(share) for item in results
               for text, share in zip(item["texts"], item["outcomes"], strict=True))


def test_the_page_gives_the_librarys_intervals(answers) -> None:
    model, cases, results = answers
    expected = row_intervals(library_answers(model, cases), None, model.horizons_months)
    shown = [[json.loads(interval) if interval else None for interval in item["intervals"]] for item in results]
    if expected is None:
        assert all(interval is None for row in shown for interval in row)
        assert model.uncertainty is None or model.uncertainty.reason
        return
    assert np.abs(np.array(shown) - expected).max() <= TOLERANCE
    assert all(text == percent_interval(share, tuple(interval)) for item, intervals in zip(results, shown, strict=True)
               for text, share, interval in zip(item["texts"], item["outcomes"], intervals, strict=True))


def test_the_page_gives_the_nomograms_points(answers) -> None:
    model, cases, results = answers
    nomogram = model_nomogram(model, score_alone=True).nomogram
    for case, item in zip(cases, results, strict=True):
        values = {cov.name: cov.parse(case[cov.name]) for cov in model.covariates_used()}
        values |= {item.id: case[item.id] if item.cutoff is None else float(case[item.id] == item.cutoff.labels.above)
                   for item in model.scores}
        known = [nomogram.points(term.name, values[term.name]) if values[term.name] != UNKNOWN else None
                 for term in nomogram.terms]
        assert [point is None for point in known] == [point is None for point in item["points"]]
        assert all(abs(float(shown) - point) <= 1e-10 for point, shown in zip(known, item["points"], strict=True)
                   if point is not None)
        if None in known:
            assert item["total"] is None
            assert item["lp"] is None
        else:
            assert abs(nomogram.linear_predictor(float(item["total"])) - float(item["lp"])) <= TOLERANCE


def test_the_page_tells_the_group(answers) -> None:
    model, cases, results = answers
    cutoff = model.cutoff
    if cutoff is None:
        assert {item["group"] for item in results} == {None}
        return
    rows = library_answers(model, cases)
    for value, above, item in zip(rows.split_by, rows.above, results, strict=True):
        label = "–" if np.isnan(value) else cutoff.labels[bool(above)]
        assert item["group"].removeprefix("▲ ").removeprefix("● ") == label


class _Tags(HTMLParser):
    """Every start tag of a page with its attributes."""

    def __init__(self, text: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag."""
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("name", MODELS)
def test_the_page_is_one_file_that_loads_nothing(name: str) -> None:
    page = model_page(MODELS[name])
    tags = _Tags(page).tags
    assert [tag for tag, _ in tags].count("script") == 2, "a text from the model's file has made an element"
    assert not [tag for tag, attributes in tags if {"src", "srcset", "data", "xlink:href"} & set(attributes)]
    assert {tag for tag, attributes in tags if "href" in attributes} <= {"a"}
    policy = next(attributes["content"] for tag, attributes in tags if "http-equiv" in attributes)
    assert policy.startswith("default-src 'none'") and "unsafe-inline'; script" in policy
    assert "fetch(" not in page and "XMLHttpRequest" not in page


def test_every_control_has_a_name_and_a_place_for_its_answer(tmp_path: Path) -> None:
    checks = run_in_page(model_page(EVERY_FACTOR["survival"]), """
      const named = (item) => item.getAttribute("aria-label") || item.closest("label")?.textContent.trim();
      const inputs = [...document.querySelectorAll("input")];
      return {unnamed: inputs.filter((item) => !named(item)).map((item) => item.outerHTML),
        unreachable: inputs.filter((item) => item.tabIndex < 0).length,
        legends: document.querySelectorAll("fieldset > legend").length,
        fieldsets: document.querySelectorAll("fieldset").length,
        live: document.getElementById("result").getAttribute("aria-live"),
        images: [...document.querySelectorAll("svg")].filter((item) => item.getAttribute("role") !== "img").length};
    """, tmp_path)
    assert checks == {"unnamed": [], "unreachable": 0, "legends": 4, "fieldsets": 4, "live": "polite", "images": 0}


def test_nothing_is_predicted_of_an_incomplete_or_impossible_case(tmp_path: Path) -> None:
    results = run_in_page(model_page(EVERY_FACTOR["survival"]), """
      const at = (id) => document.getElementById(id), text = (id) => at(id).textContent;
      const enter = (score, age, site) => {
        at("number-0").value = score;
        at("number-1").value = age;
        for (const [name, value] of [["site", site], ["stage", "I"]]) {
          for (const item of document.getElementsByName(name)) item.checked = item.value === value;
        }
        at("case").dispatchEvent(new Event("input"));
        return {hidden: at("answer").hidden, ask: text("ask"), standing: text("standing"), group: text("group"),
                questioned: at("result").className};
      };
      return [enter("", 50, "upper"), enter(0.1, 17, "upper"), enter(0.1, 50, ""), enter(0.1 + 0.6 * 5.1, 50, "upper"),
              enter(0.1 + 0.6 * 3.1, 50, "upper"), enter(0.1, 50, "upper")];
    """, tmp_path)
    no_score, too_young, no_site, beyond, unusual, complete = results
    assert all(item["hidden"] for item in (no_score, too_young, no_site, beyond))
    assert "Rad-score" in no_score["ask"] and "Age" in too_young["ask"] and "Site" in no_site["ask"]
    assert no_score["ask"] == "Enter Rad-score to see what the model predicts."
    assert "5.1 SD" in beyond["standing"] and beyond["group"] == "–"
    assert not unusual["hidden"] and "3.1 SD" in unusual["standing"] and unusual["questioned"] == "questioned"
    assert not complete["hidden"] and not complete["standing"] and not complete["questioned"]


def test_a_score_whose_mean_is_rounding_starts_at_zero() -> None:
    model = EVERY_FACTOR["survival"]
    scores = tuple(replace(item, mean=-2.39e-16) for item in model.reference.scores)
    page = model_page(replace(model, reference=replace(model.reference, scores=scores)))
    assert re.search(r'id="number-0"[^>]* value="0.0"', page)
    assert "e-16" not in page.split("</form>")[0].split("<form")[1]
    assert re.search(r'id="number-0"[^>]* value="-0.0289"', model_page(MODELS["s1_escc_lpfs_radscore"]))


def test_a_groups_name_keeps_its_hyphen_and_a_number_gets_its_minus(tmp_path: Path) -> None:
    cutoff = {**GROUPED["cutoff"], "labels": {"below": "low-score", "above": "high-score"}}
    model = parse_model({**GROUPED, "cutoff": cutoff, "signature": {**GROUPED["signature"], "cutoff": cutoff}}, "test")
    drawn = "return [...document.querySelectorAll('svg text')].map(item => item.textContent);"
    assert {"low-score", "high-score"} <= set(run_in_page(model_page(model), drawn, tmp_path))
    (tmp_path / "several").mkdir()
    several = run_in_page(model_page(MODELS[SEVERAL["id"]]), drawn, tmp_path / "several")
    assert any(text.startswith("\u2212") for text in several)


def test_shares_are_written_as_everywhere_else(tmp_path: Path) -> None:
    shares = [*np.linspace(0, 1, 2001).tolist(), 0.005, 0.0099999, 0.01, 0.105, 0.125, 0.625, 0.99, 0.9900001]
    script = model_page(MODELS["logistic"])
    body = re.search(r"function percentNumber\(share\) \{.*?\n  \}", script, re.DOTALL)
    assert body
    driver = f"{body[0]}; return {json.dumps(shares)}.map((share) => `${{percentNumber(share)}} %`);"
    texts = run_in_page(script, driver, tmp_path)
    assert texts == [percent(share) for share in shares]


def test_the_command_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "page.html"
    assert run(["models", "page", "s1_escc_lpfs_radscore", "--out", str(out)]) == 0
    assert str(out) in capsys.readouterr().out
    assert out.read_text(encoding="utf-8") == model_page(MODELS["s1_escc_lpfs_radscore"])
    assert run(["models", "page", "s1_escc_lpfs_radscore", "--out", str(tmp_path / "page")]) == 2
    assert ".html" in capsys.readouterr().err


def test_a_model_that_ends_in_a_score_has_no_page() -> None:
    values = {key: value for key, value in EVERY_FACTOR["probability"].to_dict().items()
              if key not in ("probability", "uncertainty")}
    values["provenance"] = {"signature": "published"}
    with pytest.raises(InputError, match="neither survival nor probability"):
        model_page(parse_model(values, "test"))
