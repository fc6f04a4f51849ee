"""The last prediction and its stability in the nodes that the parameter node refers to, and the way back from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import slicer

from RadiomicsPrognosisLib.errors import SchemaError
from RadiomicsPrognosisLib.prediction import Prediction
from RadiomicsPrognosisLib.presenter import stored
from RadiomicsPrognosisLib.presenter.problem import Problem
from RadiomicsPrognosisLib.presenter.session import Session
from RadiomicsPrognosisLib.presenter.stability_check import StabilityCheck

if TYPE_CHECKING:
    from RadiomicsPrognosis import RadiomicsPrognosisParameterNode


def restore(node: RadiomicsPrognosisParameterNode, session: Session[Prediction], stability: StabilityCheck) -> None:
    """Give session and stability what the scene has kept, or the problem of what cannot be read."""
    try:
        session.restore(stored.load(node.resultText))
    except SchemaError as error:
        session.restore(None, Problem.of(error))
    try:
        stability.restore(stored.load_stability(node.stabilityText))
    except SchemaError as error:
        stability.restore(None, Problem.of(error))


def publish(node: RadiomicsPrognosisParameterNode, prediction: Prediction) -> None:
    """Write a prediction into the scene."""
    nodes = stored.store(slicer.mrmlScene, prediction, stored.ResultNodes(
        text=node.resultText, table=node.resultTable, curve=node.curveTable, series=node.curveSeries,
        chart=node.curveChart))
    with slicer.util.NodeModify(node):
        node.resultText, node.resultTable = nodes.text, nodes.table
        node.curveTable, node.curveSeries, node.curveChart = nodes.curve, nodes.series, nodes.chart


def publish_stability(node: RadiomicsPrognosisParameterNode, text: str | None) -> None:
    """Write how stable the prediction is into the scene; None takes it out."""
    node.stabilityText = stored.store_stability(slicer.mrmlScene, text, node.stabilityText)
