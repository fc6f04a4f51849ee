"""qMRMLSegmentSelectorWidget: choose a segmentation and one of its segments (Slicer, Libs/MRML/Widgets)."""

from __future__ import annotations

from typing import Any

import slicer
from PySide6 import QtCore, QtWidgets

from .ctk_widgets import plain
from .mrml_widgets import qMRMLNodeComboBox, qMRMLWidget
from .pythonqt import blocked, native

Property, Signal = QtCore.Property, QtCore.Signal

_CONTENT_EVENTS = ("SegmentAdded", "SegmentRemoved", "SegmentModified", "SegmentsOrderModified")


class SegmentationWatcher:
    """Calls back when the list of segments of a segmentation node, or a segment's name, changes."""

    def __init__(self, widget: QtCore.QObject, callback):
        self._callback, self._node, self._tags = callback, None, []
        widget.destroyed.connect(lambda: self.watch(None))

    def watch(self, node: Any) -> None:
        if self._node is not None:
            for tag in self._tags:
                self._node.RemoveObserver(tag)
        self._node, self._tags = node, []
        if node is not None:
            for name in _CONTENT_EVENTS:
                self._tags.append(node.AddObserver(getattr(slicer.vtkSegmentation, name), self._on_event))

    def _on_event(self, _caller, _event) -> None:
        self._callback()


@native
class qMRMLSegmentSelectorWidget(qMRMLWidget):
    """One segment at a time; several with ``multiSelection`` are kept but not shown."""

    currentNodeChanged = Signal(object)
    _si_validChanged = Signal(bool)
    currentSegmentChanged = Signal(str)
    segmentSelectionChanged = Signal("QStringList")
    nodeAboutToBeEdited = Signal(object)
    _si_signals = {  # noqa: RUF012
        "currentNodeChanged(vtkMRMLNode*)": "currentNodeChanged(PyObject)",
        "nodeAboutToBeEdited(vtkMRMLNode*)": "nodeAboutToBeEdited(PyObject)",
        "currentNodeChanged(bool)": "_si_validChanged(bool)",
    }

    def __init__(self, parent: QtWidgets.QWidget | None = None):
        super().__init__(parent)
        self._si_segment, self._si_selected = "", []
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._si_nodes, self._si_box = qMRMLNodeComboBox(), QtWidgets.QComboBox()
        self._si_nodes.nodeTypes = ["vtkMRMLSegmentationNode"]
        layout.addWidget(self._si_nodes)
        layout.addWidget(self._si_box)
        self._si_watcher = SegmentationWatcher(self, self._si_fill)
        self._si_nodes.currentNodeChanged.connect(self._si_on_node)
        self._si_box.currentIndexChanged.connect(self._si_on_segment)
        self.mrmlSceneChanged.connect(self._si_nodes.setMRMLScene)

    def _si_set_none(self, value: bool) -> None:
        self._si_nodes.noneEnabled = value
        self._si_fill()

    noneEnabled = Property(bool, lambda self: self._si_nodes.noneEnabled, _si_set_none)
    segmentationNodeSelectorVisible = Property(bool, lambda self: not self._si_nodes.isHidden(),
                                               lambda self, value: self._si_nodes.setVisible(value))
    editEnabled = plain(bool, "editEnabled", False)
    multiSelection = plain(bool, "multiSelection", False)
    horizontalLayout = plain(bool, "horizontalLayout", False)
    selectNodeUponCreation = plain(bool, "selectNodeUponCreation", True)

    def currentNode(self):
        return self._si_nodes.currentNode()

    def currentNodeID(self) -> str:
        return self._si_nodes.currentNodeID

    def setCurrentNode(self, node) -> None:
        self._si_nodes.setCurrentNode(node)

    def setCurrentNodeID(self, node_id: str) -> None:
        self._si_nodes.setCurrentNodeID(node_id)

    def currentSegmentID(self) -> str:
        return self._si_segment

    def setCurrentSegmentID(self, segment_id: str) -> None:
        """As in Slicer (issue 5289 there), an ID that is not in the segmentation changes nothing and raises nothing."""
        index = 0 if not segment_id and self.noneEnabled else self._si_box.findData(segment_id)
        if index >= 0:
            self._si_box.setCurrentIndex(index)

    def segmentIDs(self) -> tuple[str, ...]:
        ids = (self._si_box.itemData(index) for index in range(self._si_box.count))
        return tuple(segment_id for segment_id in ids if segment_id)

    def selectedSegmentIDs(self) -> tuple[str, ...]:
        return tuple(self._si_selected)

    def setSelectedSegmentIDs(self, segment_ids: list[str]) -> None:
        known = [segment_id for segment_id in segment_ids if segment_id in self.segmentIDs()]
        if known != self._si_selected:
            self._si_selected = known
            self.segmentSelectionChanged.emit(known)

    def _si_on_node(self, node) -> None:
        self._si_watcher.watch(node)
        self._si_segment = ""
        self._si_fill()
        self.currentNodeChanged.emit(node)
        self._si_validChanged.emit(node is not None)

    def _si_fill(self) -> None:
        node, wanted = self.currentNode(), self._si_segment
        with blocked(self._si_box):
            self._si_box.clear()
            if node is not None:
                if self.noneEnabled:
                    self._si_box.addItem("None", "")
                content = node.GetSegmentation()
                for segment_id in content.GetSegmentIDs():
                    self._si_box.addItem(content.GetSegment(segment_id).GetName(), segment_id)
            index = self._si_box.findData(wanted) if wanted or self.noneEnabled else -1
            self._si_box.setCurrentIndex(index)
        if index < 0:
            # The segment is gone, or none was chosen: take the first, and say so.
            first = 1 if self.noneEnabled and self._si_box.count > 1 else 0
            if self._si_box.count > first:
                self._si_box.setCurrentIndex(first)
            elif self._si_segment:
                self._si_on_segment(-1)

    def _si_on_segment(self, index: int) -> None:
        self._si_segment = (self._si_box.itemData(index) or "") if index >= 0 else ""
        self.currentSegmentChanged.emit(self._si_segment)
