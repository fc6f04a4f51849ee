"""qMRMLSegmentEditorWidget over the real vtkMRMLSegmentEditorNode and vtkSlicerSegmentEditorLogic.

Behaves towards MRML as Modules/Loadable/Segmentations/Widgets/qMRMLSegmentEditorWidget.cxx: the editor node holds the
choices, a newly chosen segmentation selects its reference volume and its first segment and ends the active effect. An
active effect shows its options, which the widget does not get narrower than, and hears the mouse in the slice views.
"""

from __future__ import annotations

import slicer
import vtk
from PySide6 import QtCore, QtGui, QtWidgets

from .ctk_widgets import plain
from .effects import EFFECTS, make_effect, qSlicerSegmentEditorAbstractEffect
from .mrml_widgets import EventWatcher, check_object, qMRMLWidget
from .pythonqt import blocked, native

Property, Signal = QtCore.Property, QtCore.Signal

#: Mouse events that an active effect listens to in every slice view.
_MOUSE = ("LeftButtonPressEvent", "MouseMoveEvent", "LeftButtonReleaseEvent")


@native
class qSlicerSegmentEditorEffectFactory(QtCore.QObject):
    """The list of effects; extensions may add to it at any time."""

    effectRegistered = Signal(str)
    _si_only = None

    def __init__(self) -> None:
        super().__init__()
        self._si_effects = [make_effect(name) for name in EFFECTS]

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


@native
class qMRMLSegmentEditorWidget(qMRMLWidget):
    """Shows the segments' names and a grid of effect buttons."""

    currentSegmentIDChanged = Signal(str)

    def __init__(self, parent: QtWidgets.QWidget | None = None):
        super().__init__(parent)
        self._si_logic = slicer.vtkSlicerSegmentEditorLogic()
        self._si_node = self._si_segmentation = None
        self._si_segment, self._si_busy, self._si_effects = "", False, []
        self._si_active = self._si_last = None
        self._si_source, self._si_observed, self._si_shortcuts = None, [], []
        events = slicer.vtkSegmentation
        self._si_content_watcher = EventWatcher(
            self, (events.SegmentAdded, events.SegmentRemoved, events.SegmentModified, events.SegmentsOrderModified),
            lambda _event: self.updateWidgetFromMRML())
        self._si_scene_watcher = EventWatcher(self, (slicer.vtkMRMLScene.EndCloseEvent,), self._si_on_closed)
        self._si_node_watcher = EventWatcher(self, (vtk.vtkCommand.ModifiedEvent,),
                                             lambda _event: self.updateWidgetFromMRML())
        self._si_build()
        self.updateEffectList()

    def _si_build(self) -> None:
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self._si_box = QtWidgets.QFrame()
        self._si_box.setFrameShape(QtWidgets.QFrame.StyledPanel)
        self._si_grid = QtWidgets.QGridLayout(self._si_box)
        self._si_grid.setContentsMargins(4, 4, 4, 4)
        row.addWidget(self._si_box, 0, QtCore.Qt.AlignTop)
        layout = QtWidgets.QVBoxLayout()
        row.addLayout(layout)
        self._si_table = QtWidgets.QTableWidget(0, 2)
        self._si_table.setHorizontalHeaderLabels(["", "Name"])
        self._si_table.horizontalHeader().setStretchLastSection(True)
        self._si_table.verticalHeader().hide()
        self._si_table.setColumnWidth(0, 28)
        self._si_table.setMaximumHeight(110)
        self._si_table.setSelectionBehavior(QtWidgets.QTableWidget.SelectRows)
        self._si_table.itemSelectionChanged.connect(self._si_on_row)
        layout.addWidget(self._si_table)
        self._si_options = QtWidgets.QGroupBox("Options")
        QtWidgets.QVBoxLayout(self._si_options)
        self._si_options.hide()
        layout.addWidget(self._si_options)
        layout.addStretch()

    # The two selectors of nodes and the button are not drawn: only whether they would be is kept.
    segmentationNodeSelectorVisible = plain(bool, "segmentationNodeSelectorVisible", True)
    sourceVolumeNodeSelectorVisible = plain(bool, "sourceVolumeNodeSelectorVisible", True)
    switchToSegmentationsButtonVisible = plain(bool, "switchToSegmentationsButtonVisible", True)

    effectColumnCount = plain(int, "effectColumnCount", 2)

    @property
    def effectButtonStyle(self) -> QtCore.Qt.ToolButtonStyle:
        return self.__dict__.get("_si_style", QtCore.Qt.ToolButtonIconOnly)

    def setEffectButtonStyle(self, style: QtCore.Qt.ToolButtonStyle) -> None:
        self.__dict__["_si_style"] = style
        for button in self._si_box.findChildren(QtWidgets.QToolButton):
            button.setToolButtonStyle(style)

    def setSegmentationNodeSelectorVisible(self, visible: bool) -> None:
        self.segmentationNodeSelectorVisible = visible

    def setSourceVolumeNodeSelectorVisible(self, visible: bool) -> None:
        self.sourceVolumeNodeSelectorVisible = visible

    def setSwitchToSegmentationsButtonVisible(self, visible: bool) -> None:
        self.switchToSegmentationsButtonVisible = visible

    def setMaximumNumberOfUndoStates(self, number: int) -> None:
        self._si_logic.SetMaximumNumberOfUndoStates(number)

    maximumNumberOfUndoStates = Property(int, lambda self: self._si_logic.GetMaximumNumberOfUndoStates(),
                                         setMaximumNumberOfUndoStates)

    def setMRMLScene(self, scene) -> None:
        if scene is not self.mrmlScene():
            super().setMRMLScene(scene)
            self._si_logic.SetMRMLApplicationLogic(slicer.app.applicationLogic())
            self._si_logic.SetMRMLScene(scene)
            self._si_scene_watcher.watch(scene)
            self.updateWidgetFromMRML()

    def mrmlSegmentEditorNode(self):
        return self._si_node

    def setMRMLSegmentEditorNode(self, node) -> None:
        check_object(node, slicer.vtkMRMLSegmentEditorNode)
        if node is not self._si_node:
            self._si_node = node
            self._si_node_watcher.watch(node)
            self._si_logic.SetSegmentEditorNode(node)
            if node is not None:
                self._si_set_defaults()
                self.updateWidgetFromMRML()

    def segmentationNode(self):
        return self._si_logic.GetSegmentationNode()

    def setSegmentationNode(self, node) -> None:
        check_object(node, slicer.vtkMRMLNode)
        if self._si_logic.GetSegmentationNode() is not node:
            self._si_logic.SetSegmentationNode(node)
            self.setActiveEffect(None)

    def sourceVolumeNode(self):
        return self._si_logic.GetSourceVolumeNode()

    def setSourceVolumeNode(self, node) -> None:
        check_object(node, slicer.vtkMRMLNode)
        self._si_logic.SetSourceVolumeNode(node)

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
        return next((effect for effect in self._si_effects if effect.objectName == name), None)

    def availableEffectNames(self) -> tuple[str, ...]:
        return tuple(effect.objectName for effect in self._si_effects)

    def updateEffectList(self) -> None:
        known = {effect.objectName for effect in self._si_effects}
        for effect in qSlicerSegmentEditorEffectFactory.instance()._si_effects:
            if effect.objectName not in known:  # every editor has copies of its own
                own = make_effect(effect.objectName)
                own.optionsFrame().setVisible(False)
                self._si_options.layout().addWidget(own.optionsFrame())
                self._si_effects.append(own)
        if self._si_node is not None:
            self._si_set_defaults()
        while self._si_grid.count():
            self._si_grid.takeAt(0).widget().deleteLater()
        for place, effect in enumerate(self._si_effects):
            button = QtWidgets.QToolButton()
            button.setText(effect.objectName)
            button.setToolTip(effect.objectName)
            button.setAccessibleName(effect.objectName)
            button.setToolButtonStyle(self.effectButtonStyle)
            button.setIcon(_initials(effect.objectName))
            button.setCheckable(True)
            button.setSizePolicy(QtWidgets.QSizePolicy.Minimum, QtWidgets.QSizePolicy.Preferred)
            button.clicked.connect(lambda on, name=effect.objectName: self.setActiveEffectByName(name if on else ""))
            self._si_grid.addWidget(button, place // self.effectColumnCount, place % self.effectColumnCount)
        self.updateWidgetFromMRML()

    def _si_set_defaults(self) -> None:
        before = self._si_node.StartModify()
        for effect in self._si_effects:
            effect._si_defaults(self._si_node, self._si_logic)
        self._si_node.EndModify(before)

    def _si_on_closed(self, _event: int) -> None:
        if self._si_node is not None:  # a closed scene has reset it
            self._si_set_defaults()
            self.updateWidgetFromMRML()

    def installKeyboardShortcuts(self, parent: QtWidgets.QWidget | None = None) -> None:
        self.uninstallKeyboardShortcuts()
        parent = parent or slicer.app.mainWindow()
        if parent is None:
            return  # a QShortcut without a widget never fires
        keys = [(str(index % 10), lambda index=index: self._si_toggle(index - 1)) for index in range(1, 11)]
        keys += [("Esc", lambda: self.setActiveEffect(None)), ("Space", lambda: self.setActiveEffect(self._si_last)),
                 ("Z", self.undo), ("Ctrl+Z", self.undo), ("Y", self.redo), ("Ctrl+Y", self.redo),
                 ("I", self._si_logic.ToggleSourceVolumeIntensityMask)]
        for text, slot in keys:
            shortcut = QtGui.QShortcut(QtGui.QKeySequence(text), parent)
            shortcut.connect("activated()", slot)
            self._si_shortcuts.append(shortcut)

    def uninstallKeyboardShortcuts(self) -> None:
        for shortcut in self._si_shortcuts:
            shortcut.setParent(None)
            shortcut.deleteLater()
        self._si_shortcuts = []

    def _si_toggle(self, index: int) -> None:
        effect = self._si_effects[index]
        self.setActiveEffect(None if effect is self.activeEffect() else effect)

    def setupViewObservations(self) -> None:
        self.removeViewObservations()
        manager = slicer.app.layoutManager()
        for name in manager.sliceViewNames() if manager is not None else ():
            view = manager.sliceWidget(name)
            interactor = view.interactorStyle().GetInteractor()
            for event in _MOUSE:
                tag = interactor.AddObserver(event, lambda _caller, event, view=view: self._si_hear(view, event), 1.0)
                self._si_observed.append((interactor, tag))

    def removeViewObservations(self) -> None:
        for interactor, tag in self._si_observed:
            interactor.RemoveObserver(tag)
        self._si_observed = []

    def _si_hear(self, view, event: str) -> None:
        scene, effect = self.mrmlScene(), self.activeEffect()
        if scene is not None and not scene.IsClosing() and effect is not None:
            effect._si_event(view, event)

    def undo(self) -> None:
        self._si_logic.Undo()

    def redo(self) -> None:
        self._si_logic.Redo()

    def saveStateForUndo(self) -> None:
        self._si_logic.SaveStateForUndo()

    def updateWidgetFromMRML(self) -> None:
        scene = self.mrmlScene()
        if self._si_busy or scene is None or scene.IsClosing() or scene.IsBatchProcessing() or self._si_node is None:
            return
        self._si_busy = True
        try:
            self._si_take_segmentation()
            self._si_take_source()
            self._si_take_effect()
            self._si_show_segments()
        finally:
            self._si_busy = False
        if self.currentSegmentID() != self._si_segment:
            self._si_segment = self.currentSegmentID()
            self.currentSegmentIDChanged.emit(self._si_segment)

    def _si_take_segmentation(self) -> None:
        segmentation = self.segmentationNode()
        if segmentation is self._si_segmentation:
            return
        self._si_segmentation = segmentation
        self._si_content_watcher.watch(segmentation)
        if segmentation is None:
            return
        role = slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole()
        reference = segmentation.GetNodeReference(role)
        if reference is not None:
            self._si_logic.SetSourceVolumeNode(reference)
        segmentation.CreateDefaultDisplayNodes()
        self._si_logic.SelectFirstSegment(False)

    def _si_take_source(self) -> None:
        """A newly chosen source volume is shown in slice views that do not show it (showSourceVolumeInSliceViewers)."""
        source, manager = self._si_logic.GetSourceVolumeNode(), slicer.app.layoutManager()
        if self._si_segmentation is None or source is self._si_source:
            return
        self._si_source = source
        for name in manager.sliceViewNames() if manager is not None and source is not None else ():
            composite = manager.sliceWidget(name).mrmlSliceCompositeNode()
            if source.GetID() not in (composite.GetBackgroundVolumeID(), composite.GetForegroundVolumeID()):
                composite.SetBackgroundVolumeID(source.GetID())
                composite.SetForegroundVolumeID(None)
                composite.SetLabelVolumeID(None)

    def _si_take_effect(self) -> None:
        effect = self.activeEffect()
        if effect is self._si_active:
            return
        if self._si_active is not None:
            self._si_active.optionsFrame().setVisible(False)
        if effect is not None:
            self.setupViewObservations()
            effect.optionsFrame().setVisible(True)
        else:
            self.removeViewObservations()
        self._si_options.setVisible(effect is not None)
        self._si_last, self._si_active = self._si_active, effect

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
        for index in range(self._si_grid.count()):
            button = self._si_grid.itemAt(index).widget()
            button.setChecked(active is not None and button.text == active.objectName)

    def _si_on_row(self) -> None:
        rows = self._si_table.selectionModel().selectedRows()
        if rows:
            self.setCurrentSegmentID(self._si_table.item(rows[0].row(), 1).data(QtCore.Qt.UserRole))


def _initials(name: str) -> QtGui.QIcon:
    """Return an icon for an effect: the first letters of its name, as Slicer's own pictures are not here."""
    letters = "".join(word[0] for word in name.split()).upper() if " " in name else name[:2]
    pixmap = QtGui.QPixmap(42, 42)
    pixmap.setDevicePixelRatio(2.0)
    pixmap.fill(QtCore.Qt.transparent)
    painter = QtGui.QPainter(pixmap)
    painter.setPen(QtWidgets.QApplication.palette().color(QtGui.QPalette.ButtonText))
    painter.drawText(QtCore.QRect(0, 0, 21, 21), QtCore.Qt.AlignCenter, letters)
    painter.end()
    return QtGui.QIcon(pixmap)
