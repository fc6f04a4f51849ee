"""What one engine made is used with another's results where their values are the same, and its maker is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import papers
import pytest
import SimpleITK as sitk
from conftest import installed_engines, textured_volume
from reproducibility_cases import BOTH, S1, SCALING, model_readings
from stability_cases import make_stability

from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.cohort import extraction
from RadiomicsPrognosisLib.cohort.extraction import extract_cohort
from RadiomicsPrognosisLib.cohort.scoring import score_features
from RadiomicsPrognosisLib.cohort.table import read_cohort
from RadiomicsPrognosisLib.errors import EngineUnfit, ModelMismatch
from RadiomicsPrognosisLib.features.engine import same_values
from RadiomicsPrognosisLib.features.extraction import FeatureSet
from RadiomicsPrognosisLib.models.scaling import Scaling, fit_scaling, parse_scaling
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.prediction import Prediction, predict, score_vois
from RadiomicsPrognosisLib.prediction.record import EngineIdentity
from RadiomicsPrognosisLib.protocol import load_protocol
from RadiomicsPrognosisLib.reading.analysis import analyse_readings
from RadiomicsPrognosisLib.reading.comparison import ScoredContour, compare_readings
from RadiomicsPrognosisLib.reading.rule import ReproducibilityFilter
from RadiomicsPrognosisLib.voi import Voi, make_voi

MIXED = ["native", "pyradiomics"] * 60
VERSIONS = {"native": "1.0.0", "pyradiomics": "3.1.4"}
RULE = ReproducibilityFilter("ICC(2,1)", 0.6)


def by_two(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose rows two engines made in turn."""
    engines = MIXED[:len(table)]
    return table.assign(engine=engines, engine_version=[VERSIONS[name] for name in engines])


def features_of(engine: str, version: str) -> dict[str, FeatureSet]:
    """Return S1's features at the means of the demonstration scaling, as an engine gives them."""
    protocol = S1.image_protocol()
    return {"image": FeatureSet(values=dict(SCALING.means), undefined=(), protocol_id=protocol.id,
                                protocol_hash=protocol.hash, engine_name=engine, engine_version=version)}


def scaling_by(engine: str, version: str) -> Scaling:
    """Return the demonstration scaling as if fitted from an engine's features."""
    return replace(SCALING, engine=engine, engine_version=version)


def warned(prediction: Prediction) -> set[str]:
    """Return the codes of a prediction's warnings."""
    return {item.code for item in prediction.warnings}


# Scalings and predictions


@pytest.mark.parametrize(("scaling", "features", "is_flagged"), [
    (("pyradiomics", "3.1.4"), ("native", "1.0.0"), False),
    (("native", "1.0.0"), ("pyradiomics", "3.1.4"), False),
    (("native + pyradiomics", "1.0.0 + 3.1.4"), ("native", "1.0.0"), False),
    (("native", "0.9"), ("native", "1.0.0"), True),
])
def test_a_scaling_serves_engines_with_the_same_values(scaling: tuple[str, str], features: tuple[str, str],
                                                       is_flagged: bool) -> None:
    prediction = predict(S1, features_of(*features), {}, scaling_by(*scaling))
    assert prediction.score is not None and prediction.engine == EngineIdentity(*features)
    assert ("engine-version" in warned(prediction)) == is_flagged


def test_a_scaling_of_other_values_does_not_serve() -> None:
    for engine in ("mirp", "native + mirp"):
        with pytest.raises(ModelMismatch, match="whose values are others"):
            predict(S1, features_of("native", "1.0.0"), {}, scaling_by(engine, "1"))


def test_a_scaling_is_fitted_from_rows_of_both_and_names_them() -> None:
    generator = np.random.default_rng(3)
    table = pd.DataFrame({"case": [f"P{n:02d}" for n in range(24)], "protocol_hash": S1.image_protocol().hash,
                          "error": None, **{name: generator.normal(size=24) for name in papers.S1_BETAS}})
    what = {"disease": S1.disease, "origin": "x"}
    scaling = fit_scaling(by_two(table), S1, "mine", **what)
    assert (scaling.engine, scaling.engine_version) == ("native + pyradiomics", "1.0.0 + 3.1.4")
    assert scaling.means == fit_scaling(table.assign(engine="native", engine_version="1.0.0"), S1, "mine", **what).means
    assert parse_scaling(scaling.to_dict(), "again") == scaling
    scored = score_features(S1, by_two(table), scaling)
    assert np.isfinite(scored["score"]).all()
    with pytest.raises(ModelMismatch, match="several values of 'engine_version'"):
        fit_scaling(by_two(table).assign(engine_version=range(24)), S1, "mine", **what)


# Readings, comparisons, stability


def test_readings_by_both_are_analysed_as_those_of_one() -> None:
    table = model_readings(BOTH)
    result = analyse_readings(by_two(table), RULE, S1, SCALING, S1.image_protocol())
    alone = analyse_readings(table, RULE, S1, SCALING, S1.image_protocol())
    assert result.engine == EngineIdentity("native + pyradiomics", "1.0.0 + 3.1.4")
    assert replace(result, engine=alone.engine).to_dict() == alone.to_dict()


@pytest.fixture(scope="module")
def scored() -> tuple[dict[str, Voi], Prediction]:
    """A VOI and S2's prediction of it, as pyradiomics' values give it."""
    model = load_model("s2_escc_ln_response")
    vois = {"image": make_voi(*textured_volume(), model.image_protocol(), "Tumour")}
    prediction = score_vois(vois, model)
    return vois, replace(prediction, engine=EngineIdentity("pyradiomics", "3.1.4"))


def test_two_readings_by_two_engines_are_compared(scored: tuple[dict[str, Voi], Prediction]) -> None:
    vois, prediction = scored
    other = replace(prediction, engine=EngineIdentity("native", "1.0.0"))
    pair = [ScoredContour(name, vois, item) for name, item in (("A", prediction), ("B", other))]
    assert compare_readings(*pair).score_change == 0
    strange = ScoredContour("B", vois, replace(prediction, engine=EngineIdentity("mirp", "1")))
    with pytest.raises(ModelMismatch, match="than their contours: engine;"):
        compare_readings(pair[0], strange)


def test_stability_belongs_to_the_answer_by_another_engine(scored: tuple[dict[str, Voi], Prediction]) -> None:
    _vois, prediction = scored
    stability, native = make_stability(prediction), EngineIdentity("native", "1.0.0")
    terms = sum(abs(item.contribution) for item in prediction.contributions)
    stability.check_origin(replace(prediction, engine=native, score=prediction.score + 1e-8 * terms))
    for other in (replace(prediction, engine=native, score=prediction.score + 1e-4 * terms),
                  replace(prediction, score=prediction.score + 1e-8 * terms),  # of one engine, which gives what it gave
                  replace(prediction, engine=EngineIdentity("mirp", "1"))):
        with pytest.raises(ModelMismatch, match="not that of this prediction"):
            stability.check_origin(other)


# The commands and the cache


@pytest.fixture
def cohort_file(tmp_path: Path) -> Path:
    """A cohort of two readings of one case."""
    for name, item in zip(("ct", "mask"), textured_volume(), strict=True):
        sitk.WriteImage(item, str(tmp_path / f"{name}.nrrd"))
    path = tmp_path / "cohort.csv"
    path.write_text("case,reader,image,mask\nP1,A,ct.nrrd,mask.nrrd\nP1,B,ct.nrrd,mask.nrrd\n", encoding="utf-8")
    return path


def test_every_command_that_extracts_takes_the_engine(cohort_file: Path, tmp_path: Path,
                                                      capsys: pytest.CaptureFixture[str]) -> None:
    """Each engine asked for is the one told of, on ``score``, ``extract`` and ``stability``."""
    model = ["--model", "s2_escc_ln_response"]
    case = ["--image", str(tmp_path / "ct.nrrd"), "--mask", str(tmp_path / "mask.nrrd"), *model]
    scores = {}
    for name in installed_engines():
        assert run(["score", *case, "--engine", name, "--json"]) == 0
        prediction = json.loads(capsys.readouterr().out)
        assert prediction["engine"]["name"] == name
        scores[name] = prediction["score"]
        table = tmp_path / f"{name}.csv"
        assert run(["extract", "--cohort", str(cohort_file), *model, "--engine", name, "--out", str(table)]) == 0
        assert set(pd.read_csv(table)["engine"]) == {name}
        assert run(["score", "--cohort", str(cohort_file), *model, "--engine", name, "--out",
                    str(tmp_path / name)]) == 0
        assert set(pd.read_csv(tmp_path / name / "scores.csv")["engine"]) == {name}
        capsys.readouterr()
    assert all(scores[name] == pytest.approx(scores["native"], rel=1e-9) for name in scores
               if same_values("native", name))
    last = list(scores)[-1]
    assert run(["stability", *case, "--perturbations", "10", "--kinds", "rotation", "--jobs", "1", "--json", "--engine",
                last]) == 0
    assert json.loads(capsys.readouterr().out)["unperturbed"]["engine"]["name"] == last


def test_an_engine_is_refused_where_none_is_needed_or_known(cohort_file: Path, tmp_path: Path,
                                                            capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", "--cohort", str(cohort_file), "--model", "s2_escc_ln_response", "--out", str(tmp_path / "o"),
                "--engine", "mirp"]) == 2
    assert "choose from" in capsys.readouterr().err
    assert run(["reproducibility", "--features", str(cohort_file), "--engine", "native", "--out",
                str(tmp_path / "r")]) == 2
    assert "--engine needs --cohort" in capsys.readouterr().err


def test_rows_are_kept_for_each_engine(cohort_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cohort, protocol = read_cohort(cohort_file), load_protocol("ct-original-raw")
    names = ["original_firstorder_Mean"]
    computed: list[str] = []
    extract_row = extraction._extract_row
    monkeypatch.setattr(extraction, "_extract_row", lambda task: (computed.append(task.engine), extract_row(task))[1])
    for name in 2 * installed_engines():
        assert set(extract_cohort(cohort, protocol, names, engine=name)["engine"]) == {name}
    assert computed == installed_engines()
    with pytest.raises(EngineUnfit):
        extract_cohort(cohort, protocol, names, engine="mirp")
