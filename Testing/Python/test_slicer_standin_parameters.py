# ruff: noqa: F811 - the fixture `scene` is imported
"""The stand-in's parameter nodes and their widgets.

The strings expected in a parameter node are those Slicer's own parameterNodeWrapper (5.13) writes for the same class.
"""

from __future__ import annotations

import enum
import pathlib
from typing import Annotated, Optional

import numpy as np
import pytest
import vtk
from slicer_standin.testing import ctk, qt, scene, slicer  # noqa: F401

# isort: split
from slicer.parameterNodeWrapper import (
    Choice,
    Decimals,
    Default,
    FloatRange,
    Minimum,
    RangeBounds,
    WithinRange,
    parameterNodeWrapper,
    parameterPack,
)


class Mode(enum.Enum):
    NATIVE = 1
    RESAMPLED = 2


@parameterPack
class Point:
    x: float
    y: float = 2.5


@parameterNodeWrapper
class Parameters:
    count: int
    bins: Annotated[int, WithinRange(1, 256)] = 32
    width: Annotated[float, Minimum(0), Decimals(3)] = 0.5
    text: str = "abc"
    live: bool = True
    mode: Mode = Mode.RESAMPLED
    choice: Annotated[str, Choice(["one", "two"])] = "two"
    volume: slicer.vtkMRMLScalarVolumeNode
    covariates: dict[str, str]
    values: list[int]
    pair: tuple[int, str] = (0, "")
    maybe: Optional[float]  # noqa: UP045 - both spellings exist in modules
    either: int | str = "text"
    folder: pathlib.Path
    point: Point
    hu: Annotated[FloatRange, RangeBounds(-1000, 1000), Default(FloatRange(-50, 300))]


#: What Slicer's own wrapper leaves in the node for these parameters.
WRITTEN = {
    "count": "7", "bins": "32", "width": "0.25", "text": "abc", "live": "False", "mode": "NATIVE", "choice": "two",
    "volume": "", "covariates.len": "2", "covariates.0.0": "n", "covariates.0.1": "N1", "covariates.1.0": "t",
    "covariates.1.1": "T3", "values.len": "2", "values.0": "5", "values.1": "6", "pair.0": "3", "pair.1": "c",
    "maybe.0": "1.5", "either.1": "text", "folder": "a/b", "point.x": "4.0", "point.y": "2.5", "hu._minimum": "-50",
    "hu._maximum": "300",
}


@pytest.fixture
def parameters(scene) -> Parameters:
    return Parameters(scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode"))


def fill(parameters: Parameters) -> None:
    parameters.count, parameters.width, parameters.live, parameters.mode = 7, 0.25, False, Mode.NATIVE
    parameters.covariates = {"n": "N1"}
    parameters.covariates["t"] = "T3"
    parameters.values = [5, 4]
    parameters.values[1] = 6
    parameters.pair, parameters.maybe, parameters.folder = (3, "c"), 1.5, pathlib.Path("a/b")
    parameters.point.x = 4.0


def test_values_are_stored_as_slicer_stores_them(scene, parameters) -> None:
    fill(parameters)
    node = parameters.parameterNode
    assert {name: node.GetParameter(name) for name in node.GetParameterNames()} == WRITTEN
    again = Parameters(node)
    for name in Parameters.allParameters:
        assert getattr(again, name) == getattr(parameters, name)
    assert again.mode is Mode.NATIVE and again.hu == FloatRange(-50, 300) and again.point.getValue("y") == 2.5


def test_nodes_are_references_and_go_with_the_node(scene, parameters) -> None:
    volume = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT")
    parameters.volume = volume
    assert parameters.parameterNode.GetNodeReferenceID("volume") == volume.GetID()
    scene.RemoveNode(volume)
    assert parameters.volume is None


@pytest.mark.parametrize(("name", "value", "error"), [
    ("bins", 0, ValueError), ("bins", 1.5, TypeError), ("width", -1.0, ValueError), ("text", None, ValueError),
    ("text", 3, TypeError), ("live", "yes", TypeError), ("mode", "NATIVE", TypeError), ("choice", "three", ValueError),
    ("volume", slicer.vtkMRMLTextNode(), TypeError), ("values", ["a"], TypeError), ("covariates", {"n": 1}, TypeError),
    ("maybe", "x", TypeError), ("hu", FloatRange(-2000, 0), ValueError), ("pair", (1,), ValueError),
])
def test_values_of_another_kind_are_refused_and_change_nothing(parameters, name: str, value, error) -> None:
    before = getattr(parameters, name)
    with pytest.raises(error):
        setattr(parameters, name, value)
    assert getattr(parameters, name) == before


def test_one_modified_event_for_a_bundle_of_changes(parameters) -> None:
    seen = []
    parameters.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda caller, event: seen.append(parameters.count))
    parameters.count = 1
    with slicer.util.NodeModify(parameters):
        parameters.count = 2
        parameters.text = "two"
    parameters.count = 2
    assert seen == [1, 2]


def test_observed_containers_keep_slicers_narrow_interface(parameters) -> None:
    parameters.values = [3, 1]
    parameters.values.sort()
    parameters.values += [9]
    assert parameters.values == [1, 3, 9] and list(Parameters(parameters.parameterNode).values) == [1, 3, 9]
    with pytest.raises(NotImplementedError):
        parameters.values + [1]  # noqa: RUF005
    with pytest.raises(TypeError):
        parameters.values.append("text")
    assert parameters.values == [1, 3, 9]
    with pytest.raises(TypeError):
        parameters.covariates.get("n", "default")


@pytest.mark.parametrize("kind", [set[str], list, tuple[int, int], np.ndarray])
def test_a_type_that_slicer_cannot_keep_is_refused(kind) -> None:
    with pytest.raises(TypeError, match="member thing"):
        parameterNodeWrapper(type("Wrong", (), {"__annotations__": {"thing": kind}}))


class Gui:
    """One widget per parameter, as childWidgetVariables gives them."""

    def __init__(self) -> None:
        made = {
            "count": qt.QSpinBox(), "bins": qt.QSlider(), "width": qt.QDoubleSpinBox(), "text": qt.QLineEdit(),
            "live": qt.QCheckBox(), "mode": qt.QComboBox(), "choice": ctk.ctkComboBox(),
            "volume": slicer.qMRMLNodeComboBox(), "folder": ctk.ctkPathLineEdit(), "hu": ctk.ctkRangeWidget(),
            "point.x": qt.QDoubleSpinBox(),
        }
        for name, widget in made.items():
            widget.setProperty("SlicerParameterName", name)
            setattr(self, name.replace(".", "_"), widget)
        self.volume.noneEnabled = True
        self.volume.setMRMLScene(slicer.mrmlScene)


def test_widgets_follow_the_parameters(scene, parameters) -> None:
    gui = Gui()
    parameters.connectGui(gui)
    fill(parameters)
    parameters.volume = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT")
    parameters.hu = FloatRange(-100, 200)
    assert (gui.count.value, gui.bins.value, gui.width.value, gui.width.decimals) == (7, 32, 0.25, 3)
    assert (gui.text.text, gui.live.checked, gui.mode.currentText, gui.choice.currentText) == (
        "abc", False, "NATIVE", "two")
    assert gui.volume.currentNode() is parameters.volume and gui.folder.currentPath == "a/b"
    assert (gui.hu.minimumValue, gui.hu.maximumValue, gui.point_x.value) == (-100, 200, 4)
    assert (gui.bins.minimum, gui.bins.maximum) == (1, 256)


def test_parameters_follow_the_widgets_until_disconnected(scene, parameters) -> None:
    volume, gui = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT"), Gui()
    tag = parameters.connectGui(gui)
    gui.count.value = 11
    gui.text.text = "typed"
    gui.live.click()
    gui.mode.currentIndex = 0
    gui.choice.setCurrentIndex(0)
    gui.volume.setCurrentNode(volume)
    gui.hu.setValues(-10, 20)
    gui.folder.currentPath = "x"
    assert (parameters.count, parameters.text, parameters.live, parameters.mode) == (11, "typed", False, Mode.NATIVE)
    assert parameters.choice == "one" and parameters.volume is volume and parameters.folder == pathlib.Path("x")
    assert parameters.hu == FloatRange(-10, 20)
    parameters.disconnectGui(tag)
    gui.count.value = 12
    assert parameters.count == 11


@pytest.mark.parametrize(("widget", "name"), [
    (slicer.qMRMLSegmentSelectorWidget, "text"), (qt.QComboBox, "text"), (qt.QSlider, "count"), (qt.QSpinBox, "width"),
    (qt.QProgressBar, "bins"), (qt.QLabel, "nosuch"),
])
def test_pairs_without_connector_are_refused(parameters, widget, name: str) -> None:
    made = widget()
    made.setProperty("SlicerParameterName", name)
    with pytest.raises((RuntimeError, ValueError)):
        parameters.connectGui(_holder(made))


def _holder(widget):
    holder = type("", (), {})()
    holder.widget = widget
    return holder
