"""One command a study, from images, contours and a clinical table to a stored model, which then scores an unseen case.

The images are real CT, the rest is made (:mod:`simulated_cohorts`). Each recipe is the one that ships, with fewer
features and bootstrap repetitions; ``Testing/benchmarks/studies.py`` runs them whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import simulated_cohorts as cohorts

slicer = pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from session_bench import HandWorker  # noqa: E402 - needs the package above
from test_mrml import Scene  # noqa: E402

from RadiomicsPrognosisLib import resources  # noqa: E402
from RadiomicsPrognosisLib.cli.main import run  # noqa: E402
from RadiomicsPrognosisLib.cohort.table import read_table  # noqa: E402
from RadiomicsPrognosisLib.models.model import Model  # noqa: E402
from RadiomicsPrognosisLib.models.store import load_model  # noqa: E402
from RadiomicsPrognosisLib.prediction import Prediction  # noqa: E402
from RadiomicsPrognosisLib.presenter.case import CaseReader, Choices  # noqa: E402
from RadiomicsPrognosisLib.presenter.session import Freshness, Session  # noqa: E402
from RadiomicsPrognosisLib.study.recipe.parsing import load_recipe  # noqa: E402
from RadiomicsPrognosisLib.study.recipe.recipe import Recipe  # noqa: E402
from RadiomicsPrognosisLib.study.run import run_study  # noqa: E402

#: Balls cut from every tumour, as tumours and as lymph nodes.
TUMOURS, NODES = 3, 8

#: Cases that are read again, and by whom and when: two sessions of a reader, one of another.
READ_AGAIN, READERS = 9, (("a", "1"), ("a", "2"), ("b", "1"))

S1_FEATURES = ("original_firstorder_Skewness", "original_glszm_LowGrayLevelZoneEmphasis", "wavelet-HLL_glcm_Idn",
               "wavelet-HLL_firstorder_Maximum", "wavelet-LLL_firstorder_Variance", "wavelet-LLH_ngtdm_Coarseness",
               "wavelet-LLH_glcm_DifferenceVariance", "wavelet-HHH_glcm_MaximumProbability")
S2_FEATURES = ("original_shape_Sphericity", "original_glcm_InverseVariance", "original_firstorder_InterquartileRange",
               "original_firstorder_90Percentile", "original_firstorder_Kurtosis", "original_glrlm_ShortRunEmphasis",
               "original_glrlm_RunPercentage", "original_glszm_LargeAreaHighGrayLevelEmphasis")
#: The eleven of the paper's table 2.
S3_FEATURES = ("original_ibexglcm-45-7_DifferenceEntropy", "original_ibexglcm-135-7_Dissimilarity",
               "original_ibexglcm-0-1_InformationMeasureCorr1", "original_ibexglcm-90-7_InformationMeasureCorr2",
               "original_ibexglcm-45-7_InverseVariance", "original_ibexglrlm-90_HighGrayLevelRunEmphasis",
               "original_ibexshape_Compactness1", "original_ibexshape_Mass", "original_ibexshape_Orientation",
               "original_ibexshape_Roundness", "original_ibexhistogram_Kurtosis")
#: One that sees what the made outcomes follow.
S3_SPREAD = "original_ibexhistogram_InterQuartileRange"


@dataclass(frozen=True, kw_only=True)
class StudyRun:
    """A study run from images: its ``folder``, and the case it has not seen with its covariates."""

    recipe: Recipe
    folder: Path
    unseen: cohorts.Lesion
    covariates: dict[str, Any]

    def stored(self, name: str) -> tuple[Path, Path | None, Model]:
        """Return the files of the model that the recipe calls ``name``, and the model."""
        results = json.loads((self.folder / "study.json").read_text(encoding="utf-8"))["models"]
        row = next(item for item in results if item["id"] == name)
        assert row["model_file"], row
        scaling = self.folder / row["scaling_file"] if row["scaling_file"] else None
        return self.folder / row["model_file"], scaling, load_model(self.folder / row["model_file"])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for what the module's studies keep: extracted rows are computed once."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("home")
        patch.setenv(resources.HOME_VARIABLE, str(folder))
        yield folder


@pytest.fixture(scope="module")
def folders() -> list[Path]:
    """The folders of the sarcomas' CTs."""
    folders = cohorts.sources()
    if not folders:
        pytest.skip("the sarcomas' CTs are not beside this checkout")
    return folders


@pytest.fixture(scope="module")
def tumours(folders: list[Path]) -> list[cohorts.Lesion]:
    """Lesions that stand for tumours, one a patient."""
    return cohorts.lesions(folders, TUMOURS)


@pytest.fixture(scope="module")
def nodes(folders: list[Path]) -> list[cohorts.Lesion]:
    """Lesions that stand for lymph nodes, several a patient."""
    return cohorts.lesions(folders, NODES, cohorts.NODE_MM)


def shortened(name: str, folder: Path, *changes: tuple[str, str]) -> Path:
    """Write the shipped recipe ``name`` with ``changes`` (old, new) and few bootstrap repetitions; return its path."""
    text = resources.find("Recipes", ".toml", name, "Recipe").read_text(encoding="utf-8")
    for old, new in (*changes, *((("bootstrap = 200", "bootstrap = 2"),) if "bootstrap = 200" in text else ())):
        assert old in text
        text = text.replace(old, new)
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def listed(names: tuple[str, ...]) -> tuple[str, str]:
    """Return the change that takes ``names`` in place of all features of the protocol."""
    return "features = { protocol = true }", f"features = {{ names = {json.dumps(names)} }}"


def run_from_images(recipe_file: Path, folder: Path, balls: list[cohorts.Lesion], *options: str,
                    outcomes: tuple[float, int], nodes: int = 0, by: str = "case",
                    split: tuple[str, ...] = ()) -> StudyRun:
    """Write cohort and readings of all balls but the first tumour's, and run the recipe on them by one command.

    ``outcomes``: how strongly the covariates act, and the seed that draws them (chosen so that the models exist).
    ``nodes``: so many balls that follow each other are nodes of one patient, whose outcomes are each node's own or the
    patient's (``by`` 'patient'). ``split`` fills the column 'cohort', tumour by tumour.
    """
    recipe = load_recipe(recipe_file)
    phases = [item.name for item in recipe.inputs] if len(recipe.inputs) > 1 else []
    rows = cohorts.write_rows(folder, balls, phases)
    if nodes:
        whose = {item.name: f"{item.source}-{(item.number - 1) // nodes}" for item in balls}
        rows.insert(1, "patient", rows["case"].map(whose))
    rows = cohorts.with_outcomes(rows, balls, recipe, *outcomes, by)
    if split:
        tumour = rows["case"].str.rpartition("-")[0]
        rows["cohort"] = [split[number % len(split)] for number in pd.factorize(tumour)[0]]
    new = rows["case"].str.startswith(balls[0].source)
    rows[~new].to_csv(folder / "cohort.csv", index=False)
    arguments = ["study", "run", str(recipe_file), "--cohort", str(folder / "cohort.csv"), "--out",
                 str(folder / "study"), *options]
    if recipe.reproducibility:
        again = rows[~new].head(READ_AGAIN * max(len(phases), 1))
        arguments += ["--readings", str(cohorts.write_readings(folder, again, READERS))]
    assert run(arguments) == 0
    first = rows[rows["case"] == balls[0].name].iloc[0]
    return StudyRun(recipe=recipe, folder=folder / "study", unseen=balls[0],
                    covariates={item.name: first[item.name] for item in recipe.covariates})


def scored_by_command(study: StudyRun, model: str, capsys: pytest.CaptureFixture[str]) -> Prediction:
    """Return what ``score`` says of the unseen case with a stored model."""
    path, scaling, stored = study.stored(model)
    arguments = ["score", "--model", str(path), "--json"]
    images = study.folder.parent
    for number, item in enumerate(stored.inputs):
        name = f"{study.unseen.name}_{item.name}" if len(stored.inputs) > 1 else study.unseen.name
        files = str(images / f"{name}_ct.nrrd"), str(images / f"{name}_contour.nrrd")
        arguments += ["--image", files[0], "--mask", files[1]] if not number else [
            "--input", f"{item.name}={','.join(files)}"]
    arguments += ["--scaling", str(scaling)] if scaling else []
    for item in stored.covariates_used():
        arguments += ["--covariate", f"{item.name}={study.covariates[item.name]}"]
    capsys.readouterr()
    assert run(arguments) == 0
    return Prediction.from_dict(json.loads(capsys.readouterr().out))


def scored_by_panel(study: StudyRun, model: str, folder: Path) -> Prediction:
    """Return what the panel's session publishes for the unseen case, chosen in a scene of real MRML nodes."""
    _, scaling, stored = study.stored(model)
    lesions = [study.unseen if item.name != "venous" else cohorts.venous(study.unseen) for item in stored.inputs]
    scenes = []
    for number, lesion in enumerate(lesions):
        (folder / str(number)).mkdir()
        scenes.append(Scene(lesion.image, lesion.mask, folder / str(number)))
        scenes[-1].segmentation.GetSegmentation().GetSegment(scenes[-1].tumour).SetName("label 1")
    choices = Choices(volume=scenes[0].volume, segmentation=scenes[0].segmentation, segment_id=scenes[0].tumour,
                      model_id=stored.id, model=stored, scaling=str(scaling) if scaling else "",
                      covariates={item.name: str(study.covariates[item.name]) for item in stored.covariates_used()})
    if len(scenes) > 1:
        choices = replace(choices, second_volume=scenes[1].volume, second_segmentation=scenes[1].segmentation,
                          second_segment_id=scenes[1].tumour, shared_contour=False)
    reader, worker, published = CaseReader(), HandWorker(), []
    session = Session(worker, lambda: reader.read(choices), published.append)
    session.refresh(score=True)
    while not worker.submitted and session.problem is None:
        session.poll()
    assert session.problem is None, session.problem
    worker.work()
    while not published and session.problem is None:
        session.poll()
    assert session.problem is None and session.freshness is Freshness.CURRENT
    return published[0]


def check_answer(study: StudyRun, model: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> Prediction:
    """Assert that command and panel say the same of the unseen case, to the last bit; return it.

    A scene holds spacings in directions, which costs a last bit.
    """
    told, shown = scored_by_command(study, model, capsys), scored_by_panel(study, model, folder)
    for name, voi in told.vois.items():
        assert shown.vois[name].spacing_mm == pytest.approx(voi.spacing_mm, rel=1e-12)
    spaced = {name: replace(voi, spacing_mm=told.vois[name].spacing_mm) for name, voi in shown.vois.items()}
    assert replace(shown, vois=spaced) == told
    return told


# S1: Rad-score and nomogram


@pytest.fixture(scope="module")
def s1(tmp_path_factory: pytest.TempPathFactory, home: Path, tumours: list[cohorts.Lesion]) -> StudyRun:
    folder = tmp_path_factory.mktemp("s1")
    recipe = shortened("s1_escc_lpfs_radscore", folder, listed(S1_FEATURES))
    return run_from_images(recipe, folder, tumours, outcomes=(5.0, 2))


def test_s1_from_images_to_the_answer_for_a_new_case(s1: StudyRun, home: Path, tmp_path: Path, monkeypatch: Any,
                                                     capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv(resources.HOME_VARIABLE, str(home))
    answer = check_answer(s1, "nomogram", tmp_path, capsys)
    assert answer.survival is not None and answer.survival.horizons_months == (12.0, 24.0, 36.0)
    assert set(answer.covariates) == {"t_stage", "complete_response"}


# S2: nodes of patients, two Rad-scores


@pytest.fixture(scope="module")
def s2(tmp_path_factory: pytest.TempPathFactory, home: Path, nodes: list[cohorts.Lesion]) -> StudyRun:
    folder = tmp_path_factory.mktemp("s2")
    recipe = shortened("s2_escc_ln_response", folder, listed(S2_FEATURES))
    return run_from_images(recipe, folder, nodes, outcomes=(1.0, 3), nodes=NODES,
                           split=("training", "training", "training", "validation"))


def test_s2_from_images_to_the_answer_for_a_new_node(s2: StudyRun, home: Path, tmp_path: Path, monkeypatch: Any,
                                                     capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv(resources.HOME_VARIABLE, str(home))
    answer = check_answer(s2, "response", tmp_path, capsys)
    # The score is the log-odds itself (fit = "none").
    assert answer.probability == pytest.approx(1 / (1 + np.exp(-answer.score)), abs=1e-12)
    assert answer.group is not None and answer.group.label in ("predicted responder", "predicted non-responder")


# S3: features along directions, three logistic models


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory, home: Path, tumours: list[cohorts.Lesion]) -> StudyRun:
    folder = tmp_path_factory.mktemp("s3")
    recipe = shortened("s3_escc_early_recurrence", folder, listed((*S3_FEATURES, S3_SPREAD)))
    return run_from_images(recipe, folder, tumours, outcomes=(2.0, 3))


def test_s3_from_images_to_the_answer_for_a_new_case(s3: StudyRun, home: Path, tmp_path: Path, monkeypatch: Any,
                                                     capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv(resources.HOME_VARIABLE, str(home))
    answer = check_answer(s3, "integrated", tmp_path, capsys)
    assert answer.probability is not None and answer.group is not None and answer.covariates
    assert {item.feature.partition("_")[2][:4] for item in answer.contributions} == {"ibex"}


# S4: deep signatures of two phases, by a network of a few weights


@pytest.fixture(scope="module")
def s4(tmp_path_factory: pytest.TempPathFactory, home: Path, tumours: list[cohorts.Lesion]) -> StudyRun:
    cases = pytest.importorskip("deep_use_cases", reason="onnx, which makes the network, is not installed")
    pytest.importorskip("onnxruntime")
    folder = tmp_path_factory.mktemp("s4")
    protocol = cases.deep_protocol(home, "s4-network")
    return run_from_images(shortened("s4_gnen_dl_survival", folder), folder, tumours, "--protocol", protocol,
                           outcomes=(2.0, 1), split=("training", "training", "internal", "training", "external"))


def test_s4_from_two_phases_to_the_answer_for_a_new_case(s4: StudyRun, home: Path, tmp_path: Path, monkeypatch: Any,
                                                         capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv(resources.HOME_VARIABLE, str(home))
    answer = check_answer(s4, "combined", tmp_path, capsys)
    assert set(answer.vois) == {"arterial", "venous"}
    assert answer.survival is not None and answer.survival.horizons_months == (36.0, 60.0)
    (tmp_path / "dl").mkdir()
    both = check_answer(s4, "dl", tmp_path / "dl", capsys)
    assert [item.id for item in both.scores] == ["arterial", "venous"]  # an axis each in the nomogram
    assert {item.input for item in both.contributions} == {"arterial", "venous"}


# S0: deep features of nodes, patients by the largest of each


@pytest.fixture(scope="module")
def s0(tmp_path_factory: pytest.TempPathFactory, home: Path, nodes: list[cohorts.Lesion]) -> StudyRun:
    cases = pytest.importorskip("deep_use_cases", reason="onnx, which makes the network, is not installed")
    pytest.importorskip("onnxruntime")
    folder = tmp_path_factory.mktemp("s0")
    recipe = shortened("s0_escc_lnm_cnn", folder, ("trees = 500, select = 9", "trees = 40, select = 2"))
    return run_from_images(recipe, folder, nodes, "--protocol", cases.deep_protocol(home, "s0-network"),
                           outcomes=(1.0, 1), nodes=2, by="patient")


def test_s0_from_nodes_to_the_answer_for_a_new_node(s0: StudyRun, home: Path, tmp_path: Path, monkeypatch: Any,
                                                    capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv(resources.HOME_VARIABLE, str(home))
    answer = check_answer(s0, "nomogram_os", tmp_path, capsys)
    assert answer.survival is not None and answer.survival.horizons_months == (12.0, 36.0, 60.0)
    assert answer.group is not None and answer.group.label in ("low risk", "high risk")


# What the documentation says of all five


@pytest.mark.parametrize("name", ["s0", "s1", "s2", "s3", "s4"])
def test_what_a_studys_page_names_is_in_its_folder(name: str, request: pytest.FixtureRequest) -> None:
    """Every table, figure and page of docs/studies/sN.md, which says where the paper's own stand."""
    study: StudyRun = request.getfixturevalue(name)
    text = (Path(__file__).resolve().parents[2] / "docs" / "studies" / f"{name}.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:tables|figures|Pages|Models|Scalings)/[^` ]+)`", text))
    named |= {item.partition("/")[2] for item in re.findall(rf"{name}/(?:Models|Scalings)/\S+", text)}
    named = {f"*/{item}" if "/" not in item else item for item in named}
    assert len(named) >= 10
    assert not [item for item in sorted(named) if not list(study.folder.glob(item))]
    columns = re.search(r"```text\n(.+)\n", text)
    assert columns is not None
    cohort = (study.folder.parent / "cohort.csv").read_text(encoding="utf-8").partition("\n")[0].split(",")
    optional = {"label", "patient", "cohort"}
    assert set(columns[1].split(",")) - optional == set(cohort) - optional


def test_the_features_made_on_the_way_give_the_same_study(s3: StudyRun) -> None:
    """What was extracted on the way is the table that 'extract' writes: a study of it learns the same."""
    tables = {what: read_table(s3.folder / "tables" / f"{what}-features.csv") for what in ("cohort", "readings")}
    again = run_study(load_recipe(s3.folder / "recipe.toml"), tables["cohort"], tables["readings"]).result.to_dict()
    first = json.loads((s3.folder / "study.json").read_text(encoding="utf-8"))
    for what in ("signatures", "models"):
        assert json.loads(json.dumps(again[what])) == first[what]


def test_images_that_cannot_be_read_are_told_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "cohort.csv").write_text("case,image,mask\na,no.nrrd,no.nrrd\n", encoding="utf-8")
    arguments = ["study", "run", "s1_escc_lpfs_radscore", "--cohort", str(tmp_path / "cohort.csv"), "--out",
                 str(tmp_path / "out")]
    assert run(arguments) == 2
    assert "none of the 1 rows could be extracted; the first says: Mask" in capsys.readouterr().err
    assert run([*arguments, "--protocol", "absent"]) == 2
    assert "There is no protocol 'absent'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
