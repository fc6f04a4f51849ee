"""From nodes and choices to a case, and from a prediction to nodes and back: real MRML, no Qt."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import textured_volume

slicer = pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from test_mrml import Scene  # noqa: E402 - needs the package above

from RadiomicsPrognosisLib import mrml  # noqa: E402
from RadiomicsPrognosisLib.errors import InputError, ModelMismatch, SchemaError, SegmentNotFound  # noqa: E402
from RadiomicsPrognosisLib.files import write_json  # noqa: E402
from RadiomicsPrognosisLib.models.covariates import Covariate, Level  # noqa: E402
from RadiomicsPrognosisLib.models.store import load_model  # noqa: E402
from RadiomicsPrognosisLib.prediction import Prediction, score_vois  # noqa: E402
from RadiomicsPrognosisLib.presenter import stored, summary  # noqa: E402
from RadiomicsPrognosisLib.presenter.card import Catalogue  # noqa: E402
from RadiomicsPrognosisLib.presenter.case import CaseReader, Choices  # noqa: E402
from RadiomicsPrognosisLib.presenter.form import form_fields  # noqa: E402
from RadiomicsPrognosisLib.presenter.scripting import score_nodes  # noqa: E402
from RadiomicsPrognosisLib.presenter.series import series_info  # noqa: E402
from RadiomicsPrognosisLib.resources import shipped_folder  # noqa: E402
from RadiomicsPrognosisLib.voi import make_voi  # noqa: E402

S1, S2 = load_model("s1_escc_lpfs_radscore"), load_model("s2_escc_ln_response")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """A scene with a CT and two segments."""
    return Scene(*textured_volume(), tmp_path)


def choices(scene: Scene, **changes: object) -> Choices:
    """Return complete choices, with ``changes``."""
    return replace(Choices(volume=scene.volume, segmentation=scene.segmentation, segment_id=scene.tumour,
                           model_id=S2.id, model=S2), **changes)


def test_the_case_is_the_one_the_command_line_scores(scene: Scene) -> None:
    case = CaseReader().read(choices(scene))
    voi = make_voi(scene.image, scene.mask, S2.image_protocol(), "Tumour")
    assert case.problem is None and case.vois["image"].content_hash() == voi.content_hash()
    assert case.vois["image"].name == "Tumour"


@pytest.mark.parametrize(("changes", "code"), [
    ({"volume": None}, "volume"),
    ({"model": None, "model_id": ""}, "model"),
    ({"model": None, "model_id": "of another computer"}, "unknown-model"),
    ({"segmentation": None}, "segmentation"),
    ({"segment_id": ""}, "segment"),
    ({"segment_id": "deleted"}, "segment"),
    ({"model": S1}, "scaling"),
    ({"model": S1, "scaling": "unknown"}, "file"),
    ({"model": S1, "scaling": "demonstration-sts-ct", "covariates": {"n_stage": "N9"}}, "covariate"),
    ({"model": replace(S2, inputs=(*S2.inputs, replace(S2.inputs[0], name="venous")))}, "second-volume"),
])
def test_what_is_missing_or_wrong_is_named(scene: Scene, changes: dict, code: str) -> None:
    case = CaseReader().read(choices(scene, **changes))
    assert case.problem.code == code
    assert case.problem.is_choice == (code not in ("file", "covariate"))
    assert case.problem.is_choice or case.problem.message


def test_a_missing_scaling_does_not_hide_what_the_contour_holds(scene: Scene) -> None:
    case = CaseReader().read(choices(scene, model=S1))
    counts = summary.kept(case.vois["image"].statistics)
    inside = sitk.GetArrayFromImage(scene.image)[sitk.GetArrayFromImage(scene.mask) != 0]
    assert counts.contoured == inside.size and counts.kept == (inside >= -50).sum()
    assert counts.share == pytest.approx(counts.kept / counts.contoured)
    assert counts.volume_cm3 == pytest.approx(counts.kept * math.prod(scene.image.GetSpacing()) / 1000)


def test_an_empty_segment_is_refused_in_words(scene: Scene) -> None:
    empty = scene.segmentation.GetSegmentation().AddEmptySegment("", "Nothing yet")
    problem = CaseReader().read(choices(scene, segment_id=empty)).problem
    assert problem.code == "empty-voi" and "Nothing yet" in problem.message


def test_covariates_of_other_models_are_left_alone(scene: Scene) -> None:
    case = CaseReader().read(choices(scene, covariates={"age_of_another_model": "60"}))
    assert case.problem is None and case.covariates == {}


def test_the_image_is_read_again_only_when_it_changed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    reads, real = [], mrml.volume_image
    monkeypatch.setattr(mrml, "volume_image", lambda volume: reads.append(volume) or real(volume))
    reader = CaseReader()
    first = reader.read(choices(scene))
    assert reader.read(choices(scene, segment_id=scene.other)).vois["image"].name == "Node"
    assert len(reads) == 1
    slicer.util.arrayFromVolume(scene.volume)[:] += 10
    scene.volume.GetImageData().GetPointData().GetScalars().Modified()
    changed = reader.read(choices(scene))
    assert len(reads) == 2
    assert changed.vois["image"].statistics.mean_hu == pytest.approx(first.vois["image"].statistics.mean_hu + 10)
    shift = np.eye(4)
    shift[0, 3] = 5.0
    node = scene.transform(shift)
    scene.volume.SetAndObserveTransformNodeID(node.GetID())
    scene.segmentation.SetAndObserveTransformNodeID(node.GetID())
    moved = reader.read(choices(scene))
    assert len(reads) == 3 and moved.vois["image"].grid.origin[0] == pytest.approx(scene.image.GetOrigin()[0] - 5.0)


def predictions(scene: Scene) -> list[Prediction]:
    """Return predictions with every kind of part: survival, probability, withheld, warnings."""
    rows = [score_nodes(scene.volume, scene.segmentation, scene.tumour, S2)[0]]
    for scaling, covariates in (("demonstration-sts-ct", {"n_stage": "N1", "complete_response": "no"}), (None, {})):
        rows.append(score_nodes(scene.volume, scene.segmentation, "Tumour", S1.id, covariates, scaling)[0])
    return rows


def test_scripts_get_the_prediction_of_the_one_path(scene: Scene) -> None:
    prediction, vois = score_nodes(scene.volume, scene.segmentation, scene.tumour, S2)
    voi = make_voi(scene.image, scene.mask, S2.image_protocol(), "Tumour")
    assert prediction == score_vois({"image": voi}, S2)
    assert vois["image"].content_hash() == voi.content_hash()
    assert score_nodes({"image": scene.volume}, scene.segmentation, scene.tumour, S2)[0] == prediction


@pytest.mark.parametrize(("arguments", "error"), [
    ({"segment_id": "nobody"}, SegmentNotFound),
    ({"scaling": "demonstration-sts-ct"}, ModelMismatch),
    ({"model": "no-such-model"}, InputError),
    ({"volumes": {"arterial": None}}, ModelMismatch),
])
def test_scripts_get_typed_errors(scene: Scene, arguments: dict, error: type) -> None:
    given = {"volumes": scene.volume, "segmentation": scene.segmentation, "segment_id": scene.tumour, "model": S2}
    with pytest.raises(error):
        score_nodes(**{**given, **arguments})


def test_a_prediction_comes_back_from_its_nodes_as_it_was(scene: Scene, tmp_path: Path) -> None:
    for prediction in predictions(scene):
        nodes = stored.store(scene.node, prediction, stored.ResultNodes())
        assert stored.load(nodes.text) == prediction
        assert nodes.table.GetNumberOfRows() == len(prediction.contributions)
        assert (nodes.chart is not None) == (prediction.survival is not None)
    slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene.node)
    path = tmp_path / "scene.mrb"
    assert scene.node.WriteToMRB(str(path))
    again = mrml.load_scene(path)
    texts = [again.GetNthNodeByClass(number, "vtkMRMLTextNode") for number in range(3)]
    assert [stored.load(text) for text in texts] == predictions(scene)


def test_a_reopened_scene_holds_the_contour_its_result_was_made_from(tmp_path: Path) -> None:
    scene = Scene(*textured_volume(spacing=(0.9, 0.9, 5.0)), tmp_path)  # comes back as 0.90000000000000002
    prediction, _ = score_nodes(scene.volume, scene.segmentation, scene.tumour, S2)
    slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene.node)
    path = tmp_path / "scene.mrb"
    assert scene.node.WriteToMRB(str(path))
    again = mrml.load_scene(path)
    volume = mrml.find_node(again, "vtkMRMLScalarVolumeNode", None, "volume")
    segmentation = mrml.find_node(again, "vtkMRMLSegmentationNode", None, "segmentation")
    case = CaseReader().read(Choices(volume=volume, segmentation=segmentation, segment_id=scene.tumour,
                                     model_id=S2.id, model=S2))
    assert case.matches(prediction)


def test_a_new_prediction_takes_the_place_of_the_old_one(scene: Scene) -> None:
    with_probability, with_survival, _ = predictions(scene)
    nodes = stored.store(scene.node, with_survival, stored.ResultNodes())
    count = scene.node.GetNumberOfNodes()
    again = stored.store(scene.node, with_survival, nodes)
    assert again == nodes and scene.node.GetNumberOfNodes() == count
    assert again.chart.GetNumberOfPlotSeriesNodes() == 1
    assert slicer.util.arrayFromTableColumn(again.curve, "survival")[-1] == with_survival.survival.curve[-1]
    less = stored.store(scene.node, with_probability, again)
    assert less.chart is None and scene.node.GetNumberOfNodesByClass("vtkMRMLPlotChartNode") == 0
    assert less.text is nodes.text and stored.load(less.text) == with_probability


@pytest.mark.parametrize("damage", [
    lambda text: text[:-20],
    lambda text: "[]",
    lambda text: text.replace("prediction/2", "prediction/9"),
    lambda text: text.replace('"score"', '"points"'),
    lambda text: json.dumps({**json.loads(text), "group": {"nonsense": 1}}),
])
def test_a_damaged_result_is_named_not_shown(scene: Scene, damage) -> None:
    nodes = stored.store(scene.node, predictions(scene)[0], stored.ResultNodes())
    nodes.text.SetText(damage(nodes.text.GetText()))
    with pytest.raises(SchemaError, match="score again"):
        stored.load(nodes.text)


def test_no_result_is_no_error(scene: Scene) -> None:
    assert stored.load(None) is None
    assert stored.load(scene.node.AddNewNodeByClass("vtkMRMLTextNode")) is None


def test_the_score_lies_on_its_scale_between_the_ends(scene: Scene) -> None:
    for prediction in predictions(scene)[:2]:
        model = load_model(prediction.model.id)
        for known in (model, None):
            scale = summary.score_scale(prediction, known)
            assert scale.low < min(scale.score, scale.cutoff) <= max(scale.score, scale.cutoff) < scale.high
            assert 0 < scale.share(scale.score) < 1
    assert summary.score_scale(predictions(scene)[2], S1) is None


def test_contributions_add_up_to_the_score(scene: Scene) -> None:
    prediction = predictions(scene)[1]
    listed, rest = summary.bars(prediction)
    assert sum(bar.value for bar in listed) + rest.value + prediction.intercept == pytest.approx(prediction.score)
    sizes = [abs(bar.value) for bar in listed]
    assert sizes == sorted(sizes, reverse=True)
    assert summary.bars(predictions(scene)[2]) == ((), None)


def test_nomogram_points_of_the_patient(scene: Scene) -> None:
    rows, total = summary.points(predictions(scene)[1], S1)
    assert rows[0][0] == "Rad-score" and total == pytest.approx(sum(row[2] for row in rows))
    assert summary.points(predictions(scene)[0], S2) == ((), None)  # the score alone: no nomogram
    assert summary.points(predictions(scene)[1], None) == ((), None)


def test_the_form_has_a_field_for_every_kind_of_covariate() -> None:
    fields = {field.name: field for field in form_fields(replace(S1, covariates=(
        *S1.covariates,
        Covariate(name="age", title="Age", kind="continuous", unit="years", range=(18.0, None)),
        Covariate(name="dose", title="Dose", kind="continuous", unit="Gy", range=(50.0, 66.6)),
        Covariate(name="site", title="Site", kind="categorical", levels=(Level("upper"), Level("lower"))),
        Covariate(name="smoker", title="Smoker", kind="binary", levels=(Level("yes", 1.0), Level("no", 0.0))),
    )))}
    assert fields["smoker"].kind == "flag" and fields["smoker"].options == ("no", "yes")
    response = fields["complete_response"]  # a check box has no fourth answer
    assert response.kind == "choice" and response.options == ("no", "yes") and "221 patients" in response.pending
    assert fields["n_stage"].kind == "choice" and "N1" in fields["n_stage"].options
    assert (fields["age"].low, fields["age"].unit, fields["age"].decimals) == (18.0, "years", 1)
    assert fields["age"].high > 1e5 and fields["age"].bounded
    assert (fields["dose"].low, fields["dose"].high, fields["dose"].decimals) == (50.0, 66.6, 2)
    assert fields["site"].kind == "choice"
    for field in form_fields(S1):
        for option in field.options:
            S1.parse_covariates({field.name: option})


def test_the_catalogue_names_broken_files_and_shows_the_others(user_home: Path) -> None:
    (user_home / "Models").mkdir(parents=True)
    (user_home / "Models" / "broken.json").write_text("{}")
    own = json.loads((shipped_folder() / "Models" / "s2_escc_ln_response.json").read_text(encoding="utf-8"))
    write_json(user_home / "Models" / "own.json", {**own, "id": "own", "protocol": "no-such-protocol"})
    catalogue = Catalogue()
    assert {"s1_escc_lpfs_radscore", "s2_escc_ln_response"} <= set(catalogue.models)
    broken, own = sorted(map(str, catalogue.errors))
    assert "broken.json" in broken
    assert "own.json" in own and "no-such-protocol" in own
    assert catalogue.card("nobody") is None


def test_a_card_says_what_limits_painting_and_which_scaling_to_start_with() -> None:
    card = Catalogue().card(S1.id)
    assert card.hu_range == (-50.0, None)
    assert "C-index" in " ".join(row.text for row in card.rows)
    assert [item.name for item in card.scalings] == ["demonstration-sts-ct"]
    assert card.default_scaling == ""  # a demonstration is never chosen by itself
    other = replace(card.scalings[0], name="own", demonstration=False)
    assert replace(card, scalings=(card.scalings[0], other)).default_scaling == ""  # nor one of another disease
    real = replace(other, disease=S1.disease)
    assert replace(card, scalings=(card.scalings[0], real)).default_scaling == "own"
    assert replace(card, scalings=(real, replace(real, name="other"))).default_scaling == ""


def test_patient_and_series_come_from_the_subject_hierarchy(scene: Scene) -> None:
    info = series_info(scene.volume)
    assert (info.patient, info.study, info.series) == ("", "", "CT")
    assert info.size == scene.image.GetSize() and info.spacing_mm == pytest.approx(scene.image.GetSpacing())
    tree = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene.node)
    patient = tree.CreateSubjectItem(tree.GetSceneItemID(), "Doe^Jane (42)")
    study = tree.CreateStudyItem(patient, "Staging CT (2021-03-04)")
    tree.SetItemParent(tree.GetItemByDataNode(scene.volume) or tree.CreateItem(study, scene.volume), study)
    info = series_info(scene.volume)
    assert (info.patient, info.study) == ("Doe^Jane (42)", "Staging CT (2021-03-04)")
