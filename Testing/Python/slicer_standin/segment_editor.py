"""qMRMLSegmentEditorWidget over the real vtkMRMLSegmentEditorNode and vtkSlicerSegmentEditorLogic; effects are names.

Behaves towards MRML as Modules/Loadable/Segmentations/Widgets/qMRMLSegmentEditorWidget.cxx: the editor node holds the
choices, a newly chosen segmentation selects its reference volume and its first segment and ends the active effect.
"""

from __future__ import annotations

import slicer
import vtk
from PySide6 import QtCore, QtGui, QtWidgets

from .ctk_widgets import plain
from .mrml_widgets import check_object, qMRMLNodeComboBox, qMRMLWidget
from .pythonqt import blocked, native
from .segment_selector import SegmentationWatcher

Property, Signal = QtCore.Property, QtCore.Signal

EFFECTS = ("Paint", "Draw", "Erase", "Level tracing", "Grow from seeds", "Fill between slices", "Threshold", "Margin",
           "Hollow", "Smoothing", "Scissors", "Islands", "Logical operators", "Mask volume")


@native
class qSlicerSegmentEditorAbstractEffect(QtCore.QObject):
    """An effect known by its name; it draws nothing."""

    def __init__(self, name: str):
        super().__init__()
        self.setObjectName(name)

    title = Property(str, lambda self: self.objectName)

    def helpText(self) -> str:
        return ""


@native
class qSlicerSegmentEditorEffectFactory(QtCore.QObject):
    """The list of effects; extensions may add to it at any time."""

    effectRegistered = Signal(str)
    _si_only = None

    def __init__(self) -> None:
        super().__init__()
        self._si_effects = [qSlicerSegmentEditorAbstractEffect(name) for name in EFFECTS]

    @staticmethod
    def instance() -> qSlicerSegmentEditorEffectFactory:
        cls = qSlicerSegmentEditorEffectFactory
        if cls._si_only is None:
            cls._si_only = cls()
        return cls._si_only

    def registerEffect(self, effect: qSlicerSegmentEditorAbstractEffect) -> bool:
        self._si_effects.append(effect)
        self.effectRegistered.emit(effect.objectName)
        return True

    def registeredEffects(self) -> list[qSlicerSegmentEditorAbstractEffect]:
        return list(self._si_effects)


@native
class qMRMLSegmentEditorWidget(qMRMLWidget):
    """Shows the segments' names and a grid of effect buttons."""

    currentSegmentIDChanged = Signal(str)
    sourceVolumeNodeChanged = Signal(object)
    segmentationNodeChanged = Signal(object)
    _si_signals = {  # noqa: RUF012
        "sourceVolumeNodeChanged(vtkMRMLVolumeNode*)": "sourceVolumeNodeChanged(PyObject)",
        "segmentationNodeChanged(vtkMRMLSegmentationNode*)": "segmentationNodeChanged(PyObject)",
    }

    def __init__(self, parent: QtWidgets.QWidget | None = None):
        super().__init__(parent)
        self._si_logic = slicer.vtkSlicerSegmentEditorLogic()
        self._si_node = self._si_tag = self._si_segmentation = self._si_volume = None
        self._si_segment, self._si_order, self._si_busy = "", [], False
        self._si_views = self._si_shortcuts = False
        self._si_watcher = SegmentationWatcher(self, self.updateWidgetFromMRML)
        self.destroyed.connect(lambda: self._si_observe(None))
        self._si_build()
        self.updateEffectList()

    def _si_build(self) -> None:
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._si_selectors = {}
        for kind, types in (("Segmentation", "vtkMRMLSegmentationNode"), ("Source volume", "vtkMRMLScalarVolumeNode")):
            selector = qMRMLNodeComboBox()
            selector.noneEnabled = True
            selector.nodeTypes = [types]
            row = QtWidgets.QWidget()
            form = QtWidgets.QFormLayout(row)
            form.setContentsMargins(0, 0, 0, 0)
            form.addRow(f"{kind}:", selector)
            layout.addWidget(row)
            self._si_selectors[kind] = (row, selector)
        self._si_selectors["Segmentation"][1].nodeActivated.connect(self.setSegmentationNode)
        self._si_selectors["Source volume"][1].nodeActivated.connect(self.setSourceVolumeNode)
        buttons = QtWidgets.QHBoxLayout()
        self._si_add, self._si_remove = QtWidgets.QPushButton("Add"), QtWidgets.QPushButton("Remove")
        for button in (self._si_add, self._si_remove, QtWidgets.QPushButton("Show 3D")):
            buttons.addWidget(button)
        self._si_add.clicked.connect(self._si_add_segment)
        self._si_remove.clicked.connect(lambda: self._si_logic.RemoveSelectedSegment())
        layout.addLayout(buttons)
        self._si_table = QtWidgets.QTableWidget(0, 2)
        self._si_table.setHorizontalHeaderLabels(["", "Name"])
        self._si_table.horizontalHeader().setStretchLastSection(True)
        self._si_table.verticalHeader().hide()
        self._si_table.setColumnWidth(0, 28)
        self._si_table.setMaximumHeight(110)
        self._si_table.setSelectionBehavior(QtWidgets.QTableWidget.SelectRows)
        self._si_table.setEditTriggers(QtWidgets.QTableWidget.NoEditTriggers)
        self._si_table.itemSelectionChanged.connect(self._si_on_row)
        layout.addWidget(self._si_table)
        self._si_box = QtWidgets.QGroupBox("Effects")
        self._si_grid = QtWidgets.QGridLayout(self._si_box)
        self._si_grid.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self._si_box)

    segmentationNodeSelectorVisible = Property(
        bool, lambda self: not self._si_selectors["Segmentation"][0].isHidden(),
        lambda self, value: self.setSegmentationNodeSelectorVisible(value))
    sourceVolumeNodeSelectorVisible = Property(
        bool, lambda self: not self._si_selectors["Source volume"][0].isHidden(),
        lambda self, value: self.setSourceVolumeNodeSelectorVisible(value))
    maximumNumberOfUndoStates = Property(int, lambda self: self._si_logic.GetMaximumNumberOfUndoStates(),
                                         lambda self, value: self.setMaximumNumberOfUndoStates(value))
    maskingSectionVisible = plain(bool, "maskingSectionVisible", True)
    specifyGeometryButtonVisible = plain(bool, "specifyGeometryButtonVisible", True)
    show3DButtonVisible = plain(bool, "show3DButtonVisible", True)
    addRemoveSegmentButtonsVisible = plain(bool, "addRemoveSegmentButtonsVisible", True)
    switchToSegmentationsButtonVisible = plain(bool, "switchToSegmentationsButtonVisible", True)
    autoShowSourceVolumeNode = plain(bool, "autoShowSourceVolumeNode", True)
    undoEnabled = plain(bool, "undoEnabled", True)
    readOnly = plain(bool, "readOnly", False)
    effectColumnCount = plain(int, "effectColumnCount", 2)
    unorderedEffectsVisible = plain(bool, "unorderedEffectsVisible", True)
    jumpToSelectedSegmentEnabled = plain(bool, "jumpToSelectedSegmentEnabled", False)
    defaultTerminologyEntry = plain(str, "defaultTerminologyEntry", "")
    defaultTerminologyEntrySettingsKey = plain(str, "defaultTerminologyEntrySettingsKey", "")

    def setSegmentationNodeSelectorVisible(self, visible: bool) -> None:
        self._si_selectors["Segmentation"][0].setVisible(visible)

    def setSourceVolumeNodeSelectorVisible(self, visible: bool) -> None:
        self._si_selectors["Source volume"][0].setVisible(visible)

    def setMaskingSectionVisible(self, visible: bool) -> None:
        self._si_maskingSectionVisible = visible

    def setSwitchToSegmentationsButtonVisible(self, visible: bool) -> None:
        self._si_switchToSegmentationsButtonVisible = visible

    def setSpecifyGeometryButtonVisible(self, visible: bool) -> None:
        self._si_specifyGeometryButtonVisible = visible

    def setShow3DButtonVisible(self, visible: bool) -> None:
        self._si_show3DButtonVisible = visible

    def setAutoShowSourceVolumeNode(self, show: bool) -> None:
        self._si_autoShowSourceVolumeNode = show

    def setAddRemoveSegmentButtonsVisible(self, visible: bool) -> None:
        self._si_addRemoveSegmentButtonsVisible = visible
        self._si_add.setVisible(visible)
        self._si_remove.setVisible(visible)

    def setUndoEnabled(self, enabled: bool) -> None:
        self._si_undoEnabled = enabled

    def setReadOnly(self, read_only: bool) -> None:
        self._si_readOnly = read_only

    def setMaximumNumberOfUndoStates(self, number: int) -> None:
        self._si_logic.SetMaximumNumberOfUndoStates(number)

    def setMRMLScene(self, scene) -> None:
        if scene is self.mrmlScene():
            return
        for _, selector in self._si_selectors.values():
            selector.setMRMLScene(scene)
        super().setMRMLScene(scene)
        self._si_logic.SetMRMLApplicationLogic(slicer.app.applicationLogic())
        self._si_logic.SetMRMLScene(scene)
        self.updateWidgetFromMRML()

    def mrmlSegmentEditorNode(self):
        return self._si_node

    def setMRMLSegmentEditorNode(self, node) -> None:
        check_object(node, slicer.vtkMRMLSegmentEditorNode)
        if node is self._si_node:
            return
        self._si_observe(node)
        self._si_logic.SetSegmentEditorNode(node)
        self.updateWidgetFromMRML()

    def _si_observe(self, node) -> None:
        if self._si_node is not None:
            self._si_node.RemoveObserver(self._si_tag)
        self._si_node = node
        if node is not None:
            self._si_tag = node.AddObserver(vtk.vtkCommand.ModifiedEvent, self._si_on_modified)

    def _si_on_modified(self, _node, _event) -> None:
        self.updateWidgetFromMRML()

    def segmentationNode(self):
        return self._si_logic.GetSegmentationNode()

    def segmentationNodeID(self) -> str:
        return self.segmentationNode().GetID() if self.segmentationNode() else ""

    def setSegmentationNode(self, node) -> None:
        check_object(node, slicer.vtkMRMLNode)
        if self._si_logic.GetSegmentationNode() is not node:
            self._si_logic.SetSegmentationNode(node)
            self.setActiveEffect(None)

    def setSegmentationNodeID(self, node_id: str) -> None:
        self.setSegmentationNode(self.mrmlScene().GetNodeByID(node_id) if self.mrmlScene() else None)

    def sourceVolumeNode(self):
        return self._si_logic.GetSourceVolumeNode()

    def sourceVolumeNodeID(self) -> str:
        return self.sourceVolumeNode().GetID() if self.sourceVolumeNode() else ""

    def setSourceVolumeNode(self, node) -> None:
        check_object(node, slicer.vtkMRMLNode)
        self._si_logic.SetSourceVolumeNode(node)

    def setSourceVolumeNodeID(self, node_id: str) -> None:
        self.setSourceVolumeNode(self.mrmlScene().GetNodeByID(node_id) if self.mrmlScene() else None)

    def currentSegmentID(self) -> str:
        return (self._si_node.GetSelectedSegmentID() or "") if self._si_node is not None else ""

    def setCurrentSegmentID(self, segment_id: str) -> None:
        if self._si_node is not None:
            self._si_node.SetSelectedSegmentID(segment_id)

    def activeEffect(self):
        name = self._si_node.GetActiveEffectName() if self._si_node is not None else None
        return self.effectByName(name) if name else None

    def setActiveEffect(self, effect) -> None:
        check_object(effect, qSlicerSegmentEditorAbstractEffect)
        if self._si_node is not None:
            self._si_node.SetActiveEffectName(effect.objectName if effect is not None else "")

    def setActiveEffectByName(self, name: str) -> None:
        self.setActiveEffect(self.effectByName(name))

    def effectByName(self, name: str):
        return next((effect for effect in self._si_shown() if effect.objectName == name), None)

    def effectByIndex(self, index: int):
        return self._si_shown()[index]

    def effectCount(self) -> int:
        return len(self._si_shown())

    def availableEffectNames(self) -> tuple[str, ...]:
        return tuple(effect.objectName for effect in qSlicerSegmentEditorEffectFactory.instance().registeredEffects())

    def effectNameOrder(self) -> tuple[str, ...]:
        return tuple(self._si_order)

    def setEffectNameOrder(self, names: list[str]) -> None:
        self._si_order = list(names)
        self.updateEffectList()

    def _si_shown(self) -> list[qSlicerSegmentEditorAbstractEffect]:
        every = qSlicerSegmentEditorEffectFactory.instance().registeredEffects()
        ordered = [effect for name in self._si_order for effect in every if effect.objectName == name]
        return ordered + ([effect for effect in every if effect not in ordered] if self.unorderedEffectsVisible else [])

    def updateEffectList(self) -> None:
        while self._si_grid.count():
            self._si_grid.takeAt(0).widget().deleteLater()
        for place, effect in enumerate(self._si_shown()):
            button = QtWidgets.QToolButton()
            button.setText(effect.objectName)
            button.setCheckable(True)
            button.setSizePolicy(QtWidgets.QSizePolicy.Ignored, QtWidgets.QSizePolicy.Fixed)
            button.clicked.connect(lambda on, name=effect.objectName: self.setActiveEffectByName(name if on else ""))
            self._si_grid.addWidget(button, place // 4, place % 4)
        self.updateWidgetFromMRML()

    def installKeyboardShortcuts(self, parent: QtWidgets.QWidget | None = None) -> None:
        self._si_shortcuts = True

    def uninstallKeyboardShortcuts(self) -> None:
        self._si_shortcuts = False

    def setupViewObservations(self) -> None:
        self._si_views = True

    def removeViewObservations(self) -> None:
        self._si_views = False

    def undo(self) -> None:
        self._si_logic.Undo()

    def redo(self) -> None:
        self._si_logic.Redo()

    def saveStateForUndo(self) -> None:
        self._si_logic.SaveStateForUndo()

    def selectNextSegment(self) -> None:
        self._si_logic.SelectNextSegment(True)

    def selectPreviousSegment(self) -> None:
        self._si_logic.SelectPreviousSegment(True)

    def _si_add_segment(self, _checked: bool = False) -> None:
        self.setCurrentSegmentID(self.segmentationNode().GetSegmentation().AddEmptySegment(""))

    def updateWidgetFromMRML(self) -> None:
        scene = self.mrmlScene()
        if self._si_busy or scene is None or scene.IsClosing() or scene.IsBatchProcessing() or self._si_node is None:
            return
        self._si_busy = True
        try:
            self._si_take_nodes()
            self._si_show_segments()
        finally:
            self._si_busy = False
        self._si_tell_segment()

    def _si_take_nodes(self) -> None:
        segmentation = self.segmentationNode()
        if segmentation is not self._si_segmentation:
            self._si_segmentation = segmentation
            self._si_watcher.watch(segmentation)
            if segmentation is not None:
                role = slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole()
                reference = segmentation.GetNodeReference(role)
                if reference is not None:
                    self._si_logic.SetSourceVolumeNode(reference)
                segmentation.CreateDefaultDisplayNodes()
                self._si_logic.SelectFirstSegment(False)
            self.segmentationNodeChanged.emit(segmentation)
        volume = self.sourceVolumeNode()
        if volume is not self._si_volume:
            self._si_volume = volume
            self.sourceVolumeNodeChanged.emit(volume)
        for kind, node in (("Segmentation", segmentation), ("Source volume", volume)):
            with blocked(self._si_selectors[kind][1]):
                self._si_selectors[kind][1].setCurrentNode(node)

    def _si_show_segments(self) -> None:
        content = self._si_segmentation.GetSegmentation() if self._si_segmentation is not None else None
        ids = list(content.GetSegmentIDs()) if content is not None else []
        active = self.activeEffect()
        with blocked(self._si_table):
            self._si_table.setRowCount(len(ids))
            for row, segment_id in enumerate(ids):
                segment = content.GetSegment(segment_id)
                swatch, name = QtWidgets.QTableWidgetItem(), QtWidgets.QTableWidgetItem(segment.GetName())
                swatch.setBackground(QtGui.QColor.fromRgbF(*segment.GetColor()))
                name.setData(QtCore.Qt.UserRole, segment_id)
                self._si_table.setItem(row, 0, swatch)
                self._si_table.setItem(row, 1, name)
            self._si_table.clearSelection()
            if self.currentSegmentID() in ids:
                self._si_table.selectRow(ids.index(self.currentSegmentID()))
        self._si_box.setEnabled(self._si_segmentation is not None)
        self._si_add.setEnabled(bool(self._si_logic.CanAddSegments()))
        self._si_remove.setEnabled(self.currentSegmentID() in ids)
        for index in range(self._si_grid.count()):
            button = self._si_grid.itemAt(index).widget()
            button.setChecked(active is not None and button.text == active.objectName)

    def _si_tell_segment(self) -> None:
        if self.currentSegmentID() != self._si_segment:
            self._si_segment = self.currentSegmentID()
            self.currentSegmentIDChanged.emit(self._si_segment)

    def _si_on_row(self) -> None:
        rows = self._si_table.selectionModel().selectedRows()
        if rows:
            self.setCurrentSegmentID(self._si_table.item(rows[0].row(), 1).data(QtCore.Qt.UserRole))
