"""A prediction in the scene: table, JSON text and survival plot as MRML nodes, and the way back from the JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import vtk

from ..errors import SchemaError
from ..mrml import write_table
from ..prediction import Prediction
from ..prediction.columns import describe
from ..prediction.record import SurvivalPrediction
from ..stability.record import Stability

_T = TypeVar("_T")

#: Names under which the nodes appear in the scene.
NAME = "Radiomics prognosis"


@dataclass(kw_only=True)
class ResultNodes:
    """The nodes that hold a prediction and its stability, each None where there is none (no curve, for instance)."""

    text: Any = None
    table: Any = None
    curve: Any = None
    series: Any = None
    chart: Any = None
    stability: Any = None


def store(scene: vtk.vtkObject, prediction: Prediction, nodes: ResultNodes) -> ResultNodes:
    """Write ``prediction`` into ``nodes``, adding to ``scene`` those that are missing, and return all of them."""
    text = nodes.text or scene.AddNewNodeByClass("vtkMRMLTextNode", f"{NAME}: prediction")
    text.SetText(json.dumps(prediction.to_dict(), allow_nan=False))
    text.SetDescription(describe(prediction))
    table = write_table(scene, prediction, f"{NAME}: features", nodes.table)
    if prediction.survival is None:
        remove(scene, ResultNodes(curve=nodes.curve, series=nodes.series, chart=nodes.chart))
        return ResultNodes(text=text, table=table)
    curve, series, chart = _store_curve(scene, prediction.survival, prediction.model.endpoint, nodes)
    return ResultNodes(text=text, table=table, curve=curve, series=series, chart=chart)


def referenced(parameters: vtk.vtkObject | None) -> ResultNodes:
    """Return the nodes of the result that the parameter node (vtkMRMLScriptedModuleNode) refers to."""
    if parameters is None:
        return ResultNodes()
    role = parameters.GetNodeReference
    return ResultNodes(text=role("resultText"), table=role("resultTable"), curve=role("curveTable"),
                       series=role("curveSeries"), chart=role("curveChart"), stability=role("stabilityText"))


def remove_orphans(scene: vtk.vtkObject, nodes: ResultNodes) -> None:
    """Remove those of ``nodes`` from ``scene`` that no node refers to any more: a scene read into it brought others."""
    for node in (nodes.chart, nodes.series, nodes.curve, nodes.table, nodes.text, nodes.stability):
        if node is not None and node.GetScene() is scene and not _is_referenced(scene, node):
            scene.RemoveNode(node)


def _is_referenced(scene: vtk.vtkObject, node: vtk.vtkObject) -> bool:
    others = (scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes()))
    return any(other is not node and scene.IsNodeReferencingNodeID(other, node.GetID()) for other in others)


def remove(scene: vtk.vtkObject, nodes: ResultNodes) -> None:
    """Remove ``nodes`` from ``scene``."""
    for node in (nodes.chart, nodes.series, nodes.curve, nodes.table, nodes.text):
        if node is not None:
            scene.RemoveNode(node)


def _store_curve(scene: vtk.vtkObject, survival: SurvivalPrediction, endpoint: str,
                 nodes: ResultNodes) -> tuple[Any, Any, Any]:
    curve = nodes.curve or scene.AddNewNodeByClass("vtkMRMLTableNode", f"{NAME}: survival")
    curve.RemoveAllColumns()
    for name, values in (("months", survival.curve_months), ("survival", survival.curve)):
        column = vtk.vtkDoubleArray()
        column.SetName(name)
        for value in values:
            column.InsertNextValue(value)
        curve.AddColumn(column)
    curve.Modified()
    series = nodes.series or scene.AddNewNodeByClass("vtkMRMLPlotSeriesNode", f"{NAME}: survival curve")
    series.SetAndObserveTableNodeID(curve.GetID())
    series.SetXColumnName("months")
    series.SetYColumnName("survival")
    series.SetPlotType(series.PlotTypeScatter)
    series.SetMarkerStyle(series.MarkerStyleNone)
    chart = nodes.chart or scene.AddNewNodeByClass("vtkMRMLPlotChartNode", f"{NAME}: survival chart")
    if not chart.HasPlotSeriesNodeID(series.GetID()):
        chart.RemoveAllPlotSeriesNodeIDs()
        chart.AddAndObservePlotSeriesNodeID(series.GetID())
    chart.SetTitle(endpoint)
    chart.SetXAxisTitle("months")
    chart.SetYAxisTitle("survival")
    chart.SetYAxisRangeAuto(False)
    chart.SetYAxisRange(0.0, 1.0)
    return curve, series, chart


def load(text: vtk.vtkObject | None) -> Prediction | None:
    """Return the prediction in a text node, or None when it holds none. Raises SchemaError for a damaged one."""
    return _load(text, Prediction.from_dict, "score again")


def store_stability(scene: vtk.vtkObject, text: str | None, node: Any) -> Any:
    """Write the JSON ``text`` of an answer's stability (None: none) into ``node``, added if need be, and return it."""
    if node is None and text is not None:
        node = scene.AddNewNodeByClass("vtkMRMLTextNode", f"{NAME}: stability")
    if node is not None:
        node.SetText(text or "")
    return node


def load_stability(text: vtk.vtkObject | None) -> Stability | None:
    """Return the stability in a text node, or None when it holds none. Raises SchemaError for a damaged one."""
    return _load(text, Stability.from_dict, "press 'How stable?' again")


def _load(text: vtk.vtkObject | None, read: Callable[[Mapping[str, Any]], _T], remedy: str) -> _T | None:
    if text is None or not text.GetText():
        return None
    try:
        return read(json.loads(text.GetText()))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SchemaError(f"The result stored in the scene (text node '{text.GetName()}') cannot be read "
                          f"({error}); {remedy}.") from None
