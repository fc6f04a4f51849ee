# ruff: noqa: F811 - the fixture `scene` is imported
"""The stand-in's parameter nodes and their widgets.

The strings expected in a parameter node are those Slicer's own parameterNodeWrapper (5.13) writes for the same class.
"""

from __future__ import annotations

import os
import types

import numpy as np
import pytest
import vtk
from slicer_standin.testing import ctk, qt, scene, slicer  # noqa: F401

# isort: split
from slicer.parameterNodeWrapper import parameterNodeWrapper


@parameterNodeWrapper
class Parameters:
    text: str = "abc"
    name: str
    live: bool = True
    volume: slicer.vtkMRMLScalarVolumeNode
    covariates: dict[str, str]


#: What Slicer's own wrapper leaves in the node for these parameters.
WRITTEN = {
    "text": "abc", "name": "n", "live": "False", "volume": "", "covariates.len": "2", "covariates.0.0": "n",
    "covariates.0.1": "N1", "covariates.1.0": "t", "covariates.1.1": "T3",
}


@pytest.fixture
def parameters(scene) -> Parameters:
    return Parameters(scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode"))


def fill(parameters: Parameters) -> None:
    parameters.name, parameters.live = "n", False
    parameters.covariates = {"n": "N1"}
    parameters.covariates["t"] = "T3"


def test_values_are_stored_as_slicer_stores_them(parameters) -> None:
    fill(parameters)
    node = parameters.parameterNode
    assert {name: node.GetParameter(name) for name in node.GetParameterNames()} == WRITTEN
    again = Parameters(node)
    for name in Parameters.allParameters:
        assert getattr(again, name) == getattr(parameters, name)
    assert again.covariates == {"n": "N1", "t": "T3"} and again.live is False


def test_nodes_are_references_and_go_with_the_node(scene, parameters) -> None:
    volume = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT")
    parameters.volume = volume
    assert parameters.parameterNode.GetNodeReferenceID("volume") == volume.GetID()
    scene.RemoveNode(volume)
    assert parameters.volume is None


@pytest.mark.parametrize(("name", "value", "error"), [
    ("text", None, ValueError), ("text", 3, TypeError), ("live", "yes", TypeError), ("live", 1, TypeError),
    ("volume", slicer.vtkMRMLTextNode(), TypeError), ("covariates", {"n": 1}, TypeError),
    ("covariates", {"n": None}, ValueError), ("covariates", {1: "n"}, TypeError),
])
def test_values_of_another_kind_are_refused_and_change_nothing(parameters, name: str, value, error) -> None:
    fill(parameters)
    before, written = getattr(parameters, name), str(parameters.parameterNode)
    with pytest.raises(error):
        setattr(parameters, name, value)
    assert getattr(parameters, name) == before and str(parameters.parameterNode) == written


def test_one_modified_event_for_a_bundle_of_changes(parameters) -> None:
    texts = []
    parameters.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda caller, event: texts.append(parameters.text))
    parameters.text = "one"
    with slicer.util.NodeModify(parameters):
        parameters.text = "two"
        parameters.live = False
    parameters.text = "two"
    assert texts == ["one", "two"]


def test_a_change_of_the_node_itself_is_taken_up(parameters) -> None:
    parameters.parameterNode.SetParameter("text", "from elsewhere")
    assert parameters.text == "from elsewhere"


def test_observed_dicts_keep_slicers_narrow_interface(parameters) -> None:
    fill(parameters)
    with pytest.raises(TypeError):
        parameters.covariates["n"] = 1
    assert parameters.covariates == {"n": "N1", "t": "T3"}
    del parameters.covariates["n"]
    assert parameters.covariates.pop("t") == "T3" and parameters.covariates.get("t") is None
    assert dict(Parameters(parameters.parameterNode).covariates) == {}
    with pytest.raises(TypeError):
        parameters.covariates.get("n", "default")


@pytest.mark.parametrize("kind", [set[str], np.ndarray, "noSuchName"])
def test_a_type_that_slicer_cannot_keep_is_refused(kind) -> None:
    with pytest.raises(Exception, match=r"member thing|noSuchName"):
        parameterNodeWrapper(type("Wrong", (), {"__annotations__": {"thing": kind}}))


@pytest.mark.skipif("SLICER_PYTHON" in os.environ, reason="Slicer's own wrapper has these types")
@pytest.mark.parametrize("kind", [int, float, list[str], dict[str, int], str | None])
def test_a_type_that_the_stand_in_lacks_is_named(kind) -> None:
    with pytest.raises(TypeError, match="or the stand-in does not have it"):
        parameterNodeWrapper(type("Wrong", (), {"__annotations__": {"thing": kind}}))


def test_the_wrappers_own_names_are_reserved() -> None:
    with pytest.raises(ValueError, match="reserved name 'connectGui'"):
        parameterNodeWrapper(type("Wrong", (), {"__annotations__": {"connectGui": str}}))


class Gui:
    """One widget per parameter, as childWidgetVariables gives them."""

    def __init__(self) -> None:
        self.text, self.live, self.volume = qt.QLineEdit(), qt.QCheckBox(), slicer.qMRMLNodeComboBox()
        for name, widget in vars(self).items():
            widget.setProperty("SlicerParameterName", name)
        self.volume.noneEnabled = True
        self.volume.setMRMLScene(slicer.mrmlScene)


def test_widgets_follow_the_parameters(scene, parameters) -> None:
    gui = Gui()
    parameters.connectGui(gui)
    parameters.text, parameters.live = "typed", False
    parameters.volume = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT")
    assert (gui.text.text, gui.live.checked, gui.volume.currentNode()) == ("typed", False, parameters.volume)
    assert gui.volume.nodeTypes == ("vtkMRMLScalarVolumeNode",)


def test_parameters_follow_the_widgets_until_disconnected(scene, parameters) -> None:
    volume, gui = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT"), Gui()
    tag = parameters.connectGui(gui)
    gui.text.text = "typed"
    gui.live.click()
    gui.volume.setCurrentNode(volume)
    assert (parameters.text, parameters.live, parameters.volume) == ("typed", False, volume)
    parameters.disconnectGui(tag)
    gui.text.text = "more"
    parameters.live = True
    assert parameters.text == "typed" and not gui.live.checked


@pytest.mark.parametrize(("widget", "name"), [
    (qt.QComboBox, "text"), (qt.QProgressBar, "text"), (qt.QCheckBox, "text"), (qt.QLineEdit, "live"),
    (ctk.ctkCollapsibleButton, "live"), (qt.QLineEdit, "nosuch"),
])
def test_pairs_without_connector_are_refused(parameters, widget, name: str) -> None:
    gui = types.SimpleNamespace(widget=widget())
    gui.widget.setProperty("SlicerParameterName", name)
    with pytest.raises((RuntimeError, ValueError)):
        parameters.connectGui(gui)
