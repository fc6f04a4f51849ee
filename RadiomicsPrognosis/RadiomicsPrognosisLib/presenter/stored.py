"""A prediction in the scene: table, JSON text and survival plot as MRML nodes, and the way back from the JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import vtk

from ..errors import SchemaError
from ..mrml import describe, write_table
from ..prediction import Prediction
from ..prediction.record import SurvivalPrediction

#: Names under which the nodes appear in the scene.
NAME = "Radiomics prognosis"


@dataclass
class ResultNodes:
    """The nodes that hold a prediction, each None where there is none (no curve without a survival model)."""

    text: Any = None
    table: Any = None
    curve: Any = None
    series: Any = None
    chart: Any = None


def store(scene: vtk.vtkObject, prediction: Prediction, nodes: ResultNodes) -> ResultNodes:
    """Write ``prediction`` into ``nodes``, adding to ``scene`` those that are missing, and return all of them."""
    text = nodes.text or scene.AddNewNodeByClass("vtkMRMLTextNode", f"{NAME}: prediction")
    text.SetText(json.dumps(prediction.to_dict(), allow_nan=False))
    text.SetDescription(describe(prediction))
    table = write_table(scene, prediction, f"{NAME}: features", nodes.table)
    if prediction.survival is None:
        remove(scene, ResultNodes(curve=nodes.curve, series=nodes.series, chart=nodes.chart))
        return ResultNodes(text, table)
    return ResultNodes(text, table, *_store_curve(scene, prediction.survival, prediction.model.endpoint, nodes))


def referenced(parameters: vtk.vtkObject | None) -> ResultNodes:
    """Return the nodes of the result that the parameter node (vtkMRMLScriptedModuleNode) refers to."""
    if parameters is None:
        return ResultNodes()
    return ResultNodes(*(parameters.GetNodeReference(role) for role in (
        "resultText", "resultTable", "curveTable", "curveSeries", "curveChart")))


def remove_orphans(scene: vtk.vtkObject, nodes: ResultNodes) -> None:
    """Remove those of ``nodes`` from ``scene`` that no node refers to any more: a scene read into it brought others."""
    for node in (nodes.chart, nodes.series, nodes.curve, nodes.table, nodes.text):
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
    if text is None or not text.GetText():
        return None
    try:
        return Prediction.from_dict(json.loads(text.GetText()))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SchemaError(f"The result stored in the scene (text node '{text.GetName()}') cannot be read "
                          f"({error}); score again.") from None
