"""What is chosen by itself, what is forgotten with a node, and what belongs to a patient, a model, a user."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import SimpleITK as sitk
from conftest import textured_volume

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import process_events, scene  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

import qt
import slicer
from panel_bench import S1, S2, SCALING, PanelBench, bench, impatient  # noqa: F401 - fixtures

from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.presenter.card import Card, make_card
from RadiomicsPrognosisLib.presenter.offer import order_models
from RadiomicsPrognosisLib.presenter.patient import covariates_of, store_covariates
from RadiomicsPrognosisLib.presenter.series import series_info


def add_case(bench: PanelBench, name: str) -> tuple[Any, Any, str]:  # noqa: F811
    """Add a CT and a contour; return (volume, segmentation, segment ID)."""
    image, mask = textured_volume()
    volume = bench.add_volume(image, name)
    segmentation, key = bench.add_reading(volume, sitk.GetArrayFromImage(mask), f"Contour of {name}")
    return volume, segmentation, key


def put_into_study(volume: Any, patient: str, modality: str = "") -> int:
    """Put a volume below a patient and a study of the subject hierarchy, as DICOM import does; return the patient."""
    tree = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    owner = tree.GetItemChildWithName(tree.GetSceneItemID(), patient)
    if not owner:
        owner = tree.CreateSubjectItem(tree.GetSceneItemID(), patient)
    study = tree.CreateStudyItem(owner, "Study")
    item = tree.GetItemByDataNode(volume) or tree.CreateItem(study, volume)
    tree.SetItemParent(item, study)
    if modality:
        tree.SetItemAttribute(item, "DICOM.Modality", modality)
    return owner


# The only one


def test_the_only_ct_and_the_only_contour_are_chosen_by_themselves(bench: PanelBench) -> None:  # noqa: F811
    volume, segmentation, key = add_case(bench, "CT")
    bench.settle()
    assert (bench.node.volume, bench.node.segmentation, bench.node.segmentID) == (volume, segmentation, key)
    assert not bench.node.modelID and "Choose a model" in bench.problem
    bench.ui.modelSelector.setCurrentIndex(bench.ui.modelSelector.findData(S2))
    assert bench.result().score is not None


def test_one_of_two_is_the_users_choice(bench: PanelBench) -> None:  # noqa: F811
    bench.representation.exit()
    first, _, _ = add_case(bench, "CT")
    add_case(bench, "Other")
    bench.representation.enter()
    bench.settle()
    assert bench.node.volume is None and bench.node.segmentation is None
    bench.node.volume = first
    bench.settle()
    assert bench.node.segmentation is None


def test_what_is_chosen_stays_when_another_comes(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    add_case(bench, "Other")
    bench.settle()
    assert bench.node.volume is bench.volume and bench.node.segmentation is bench.segmentation


def test_neither_a_hidden_segmentation_nor_a_preview_is_chosen(bench: PanelBench) -> None:  # noqa: F811
    volume = bench.add_volume(textured_volume()[0])
    hidden = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Hidden")
    hidden.SetHideFromEditors(True)
    preview = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Preview")
    preview.SetSaveWithScene(False)
    bench.settle()
    assert bench.node.volume is volume and bench.node.segmentation is None


def test_a_contour_drawn_on_another_ct_is_not_chosen(bench: PanelBench) -> None:  # noqa: F811
    bench.representation.exit()
    volume, segmentation, _ = add_case(bench, "CT")
    hidden = bench.add_volume(textured_volume()[0], "Reference")
    hidden.SetHideFromEditors(True)
    segmentation.SetReferenceImageGeometryParameterFromVolumeNode(hidden)
    bench.representation.enter()
    bench.settle()
    assert bench.node.volume is volume and bench.node.segmentation is None


def test_a_contour_of_another_patient_is_not_chosen(bench: PanelBench) -> None:  # noqa: F811
    bench.representation.exit()
    volume = bench.add_volume(textured_volume()[0])
    put_into_study(volume, "Doe^Jane")
    segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Contour")
    put_into_study(segmentation, "Roe^Jane")
    bench.representation.enter()
    bench.settle()
    assert bench.node.volume is volume and bench.node.segmentation is None


# What goes


@pytest.mark.parametrize("name", ["volume", "secondVolume", "segmentation"])
def test_a_deleted_node_leaves_its_choice_empty(bench: PanelBench, name: str) -> None:  # noqa: F811
    add_case(bench, "Neighbour")  # whose rows stand above in the selectors
    bench.small_case()
    bench.node.secondVolume = second = bench.add_volume(textured_volume()[0], "Second")
    going = {"volume": bench.volume, "secondVolume": second, "segmentation": bench.segmentation}[name]
    slicer.mrmlScene.RemoveNode(going)
    bench.settle()
    process_events(400)
    assert getattr(bench.node, name) is None
    selector = bench.representation.findChild(qt.QWidget, f"{name}Selector")
    assert selector.currentNode() is None
    assert name == "secondVolume" or bench.panel.prediction is None


def test_a_helper_that_comes_does_not_fill_a_choice_whose_node_was_deleted(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    bench.add_reading(bench.volume, bench.mask, "Second reading")
    bench.settle()
    slicer.mrmlScene.RemoveNode(bench.segmentation)
    bench.settle()
    assert bench.node.segmentation is None
    helper = slicer.mrmlScene.CreateNodeByClass("vtkMRMLSegmentationNode")
    helper.UnRegister(None)
    helper.SetHideFromEditors(True)
    slicer.mrmlScene.AddNode(helper)
    bench.settle()
    assert bench.node.segmentation is None


def test_a_node_deleted_out_of_sight_leaves_its_choice_empty(bench: PanelBench) -> None:  # noqa: F811
    add_case(bench, "Neighbour")
    bench.small_case()
    bench.representation.exit()
    slicer.mrmlScene.RemoveNode(bench.volume)
    process_events(50)
    assert bench.node.volume is None
    bench.representation.enter()
    bench.settle()
    assert bench.node.volume is None and "Choose the CT" in bench.problem


def test_a_ct_that_comes_for_a_deleted_one_is_not_scored_with_its_contour(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    slicer.mrmlScene.RemoveNode(bench.volume)
    bench.settle()
    bench.add_volume(textured_volume()[0], "Somebody else")
    bench.settle()
    assert bench.node.volume is None and bench.panel.prediction is None


def test_a_renamed_ct_is_named_at_once(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    bench.volume.SetName("Portal venous")
    bench.settle()
    assert "Portal venous" in bench.ui.seriesLabel.text
    assert "Portal venous" in bench.ui.chosenButton.toolTip


# Whose factors


def give(bench: PanelBench, **values: str) -> None:  # noqa: F811
    """Give clinical factors in the form."""
    for name, value in values.items():
        widget = bench.representation.findChild(qt.QWidget, f"covariate_{name}")
        widget.setCurrentIndex(widget.findData(value))
    bench.settle()


def stage(bench: PanelBench) -> str:  # noqa: F811
    """Return the N stage that the form shows, empty when it is not given."""
    widget = bench.representation.findChild(qt.QWidget, "covariate_n_stage")
    return widget.itemData(widget.currentIndex) or ""


@pytest.mark.parametrize("from_dicom", [False, True])
def test_factors_stay_with_their_patient(bench: PanelBench, from_dicom: bool, tmp_path: Path) -> None:  # noqa: F811
    bench.small_case()
    other, _, _ = add_case(bench, "Other")
    if from_dicom:
        put_into_study(bench.volume, "Doe^Jane")
        put_into_study(other, "Roe^Jane")
    bench.node.modelID, bench.node.scaling = S1, SCALING
    give(bench, n_stage="N2")
    bench.node.volume = other
    bench.settle()
    assert stage(bench) == "" and dict(bench.node.covariates) == {}
    give(bench, n_stage="N3")
    bench.node.volume = bench.volume
    bench.settle()
    assert stage(bench) == "N2"
    assert slicer.util.saveScene(str(tmp_path / "case.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "case.mrb"))
    bench.settle()
    assert stage(bench) == "N2"
    bench.node.volume = slicer.util.getNode("Other")
    bench.settle()
    assert stage(bench) == "N3"
    assert not [key for key in slicer.app.settings().allKeys() if "ovariate" in key or "n_stage" in key]


@pytest.mark.parametrize("from_dicom", [False, True])
def test_any_text_of_a_factor_is_saved_with_the_scene(bench: PanelBench, from_dicom: bool, tmp_path: Path) -> None:  # noqa: F811
    factors = {"stage": "T1|T2^a;\"<&>é"}
    volume = bench.add_volume(textured_volume()[0], "CT")
    if from_dicom:
        put_into_study(volume, "Doe^Jane")
    store_covariates(volume, factors)
    assert slicer.util.saveScene(str(tmp_path / "case.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "case.mrb"))
    assert covariates_of(slicer.util.getNode("CT")) == factors


def test_two_series_of_a_patient_share_the_factors(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    other, _, _ = add_case(bench, "Venous")
    for volume in (bench.volume, other):
        put_into_study(volume, "Doe^Jane")
    bench.node.modelID, bench.node.scaling = S1, SCALING
    give(bench, n_stage="N2")
    bench.node.volume = other
    bench.settle()
    assert stage(bench) == "N2"


@pytest.mark.parametrize("in_sight", [True, False])
def test_factors_of_a_deleted_ct_go_to_nobody(bench: PanelBench, in_sight: bool) -> None:  # noqa: F811
    bench.small_case()
    bench.node.modelID, bench.node.scaling = S1, SCALING
    give(bench, n_stage="N2")
    if not in_sight:
        bench.representation.exit()
    slicer.mrmlScene.RemoveNode(bench.volume)
    other, _, _ = add_case(bench, "Other")
    bench.node.volume = other
    if not in_sight:
        bench.representation.enter()
    bench.settle()
    assert stage(bench) == "" and covariates_of(other) == {}


def test_factors_of_a_ct_deleted_before_the_module_was_opened_go_to_nobody(bench: PanelBench,  # noqa: F811
                                                                           tmp_path: Path) -> None:
    bench.small_case()
    bench.node.modelID, bench.node.scaling = S1, SCALING
    give(bench, n_stage="N2")
    assert slicer.util.saveScene(str(tmp_path / "case.mrb"))
    bench.close()
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "case.mrb"))
    slicer.mrmlScene.RemoveNode(slicer.util.getNode("CT"))
    bench.add_volume(textured_volume()[0], "Somebody else")
    bench.open()
    bench.node.volume = slicer.util.getNode("Somebody else")
    bench.settle()
    assert dict(bench.node.covariates) == {}


def test_factors_set_by_a_script_belong_to_the_ct_chosen(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    bench.node.modelID, bench.node.scaling, bench.node.covariates = S1, SCALING, {"n_stage": "N1"}
    bench.settle()
    assert stage(bench) == "N1" and covariates_of(bench.volume) == {"n_stage": "N1"}


# What is remembered of the user


def choose(bench: PanelBench, selector: str, value: str) -> None:  # noqa: F811
    """Choose in one of the panel's combo boxes."""
    box = getattr(bench.ui, selector)
    box.setCurrentIndex(box.findData(value))
    bench.settle()


def test_a_scaling_once_chosen_is_remembered_for_its_model(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    choose(bench, "modelSelector", S1)
    assert bench.node.scaling == ""  # a demonstration is never chosen by itself
    choose(bench, "scalingSelector", SCALING)
    bench.reopen()
    slicer.mrmlScene.Clear(0)
    bench.small_case()
    choose(bench, "modelSelector", S1)
    assert bench.node.scaling == SCALING
    qt.QSettings().setValue(f"RadiomicsPrognosis/Scaling/{S1}", "gone")
    choose(bench, "modelSelector", S2)
    choose(bench, "modelSelector", S1)
    assert bench.node.scaling == ""


def test_no_model_is_chosen_by_itself(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    bench.reopen()
    slicer.mrmlScene.Clear(0)
    add_case(bench, "CT")
    bench.settle()
    assert bench.node.modelID == ""


# Which models first


def test_models_for_the_modality_come_first_and_those_that_cannot_score_last() -> None:
    model, plain = load_model(S1), load_model(S2)
    cards = [Card(model=model, rows=(), modality="CT"), Card(model=plain, rows=(), obstacle="broken"),
             Card(model=plain, rows=(), modality="MR"), Card(model=plain, rows=(), modality="CT")]
    assert order_models(cards, "CT") == [cards[3], cards[2], cards[0], cards[1]]
    assert order_models(cards, "MR") == [cards[2], cards[3], cards[0], cards[1]]
    assert order_models(cards, "") == [cards[2], cards[3], cards[0], cards[1]]
    assert make_card(model).modality == "CT" and make_card(model).can_score


def test_the_modality_is_what_the_scene_knows(bench: PanelBench) -> None:  # noqa: F811
    volume = bench.add_volume(textured_volume()[0])
    assert series_info(volume).modality == ""
    put_into_study(volume, "Doe^Jane", "MR")
    info = series_info(volume)
    assert (info.modality, info.patient, info.study) == ("MR", "Doe^Jane", "Study")


# A scene read into the present one


def results() -> list[str]:
    """Return the names of the result's nodes in the scene."""
    return sorted(node.GetName() for kind in ("vtkMRMLTextNode", "vtkMRMLTableNode", "vtkMRMLPlotSeriesNode",
                                              "vtkMRMLPlotChartNode") for node in slicer.util.getNodesByClass(kind)
                  if node.GetName().startswith("Radiomics prognosis"))


@pytest.mark.parametrize("in_sight", [True, False])
def test_a_scene_added_to_the_present_one_leaves_no_old_result(bench: PanelBench, in_sight: bool,  # noqa: F811
                                                               tmp_path: Path) -> None:
    bench.small_case()
    bench.node.modelID, bench.node.scaling = S1, SCALING
    bench.node.covariates = {"n_stage": "N1", "complete_response": "no"}
    bench.result()
    assert slicer.util.saveScene(str(tmp_path / "case.mrb"))
    names = results()
    assert len(names) == 5
    if not in_sight:
        bench.representation.exit()
    slicer.util.loadScene(str(tmp_path / "case.mrb"), {"clear": False})
    process_events(50)
    assert len(results()) == 5
    bench.representation.enter()
    assert bench.result().score is not None and len(results()) == 5


def test_an_old_result_that_is_looked_at_stays(bench: PanelBench, tmp_path: Path) -> None:  # noqa: F811
    bench.small_case()
    assert slicer.util.saveScene(str(tmp_path / "case.mrb"))
    view = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableViewNode")
    view.SetTableNodeID(bench.node.resultTable.GetID())
    shown = bench.node.resultTable
    slicer.util.loadScene(str(tmp_path / "case.mrb"), {"clear": False})
    process_events(50)
    assert shown.GetScene() is slicer.mrmlScene and len(results()) == 3


# Without the Extensions Manager


def test_a_slicer_without_extensions_manager_gets_words_instead_of_a_link(bench: PanelBench,  # noqa: F811
                                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    from RadiomicsPrognosisPanel import texts

    from RadiomicsPrognosisLib.presenter.problem import Problem

    problem = Problem("engine", "Install SlicerRadiomics.")
    monkeypatch.setattr(texts, "slicer", SimpleNamespace(app=object()))
    assert "href" not in texts.problem(problem) and "slicer.org" in texts.problem(problem)
    monkeypatch.setattr(texts, "slicer", SimpleNamespace(app=SimpleNamespace(openExtensionsManagerDialog=list)))
    assert f'href="{texts.EXTENSIONS_LINK}"' in texts.problem(problem)
