"""Slicer's own Segment Editor module, as far as a scenario opens and uses it (Modules/Scripted/SegmentEditor)."""

import slicer
from slicer.ScriptedLoadableModule import ScriptedLoadableModule, ScriptedLoadableModuleWidget
from slicer.util import VTKObservationMixin


class SegmentEditor(ScriptedLoadableModule):
    """Name and place in the menu."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title, self.parent.categories = "Segment Editor", [""]


class SegmentEditorWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """An editor widget with an editor node of its own, which takes the scene's first segmentation."""

    def __init__(self, parent):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)

    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)
        self.parameterSetNode = None
        self.editor = slicer.qMRMLSegmentEditorWidget()
        self.editor.setMaximumNumberOfUndoStates(10)
        self.selectParameterNode()
        self.editor.setMRMLScene(slicer.mrmlScene)
        self.layout.addWidget(self.editor)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self.onSceneStartClose)

    def selectParameterNode(self):
        node = slicer.mrmlScene.GetSingletonNode("SegmentEditor", "vtkMRMLSegmentEditorNode")
        if node is None:
            node = slicer.mrmlScene.CreateNodeByClass("vtkMRMLSegmentEditorNode")
            node.UnRegister(None)
            node.SetSingletonTag("SegmentEditor")
            node = slicer.mrmlScene.AddNode(node)
        self.parameterSetNode = node
        self.editor.setMRMLSegmentEditorNode(node)

    def enter(self):
        self.editor.installKeyboardShortcuts()
        self.selectParameterNode()
        self.editor.updateWidgetFromMRML()
        if self.editor.segmentationNode() is None:
            segmentation = slicer.mrmlScene.GetFirstNode(None, "vtkMRMLSegmentationNode")
            if segmentation is None:
                segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
            self.editor.setSegmentationNode(segmentation)

    def exit(self):
        self.editor.setActiveEffect(None)
        self.editor.uninstallKeyboardShortcuts()
        self.editor.removeViewObservations()

    def onSceneStartClose(self, caller, event):
        self.editor.setSegmentationNode(None)
        self.editor.removeViewObservations()

    def cleanup(self):
        self.removeObservers()
        self.editor.setMRMLSegmentEditorNode(None)
        self.editor.setMRMLScene(None)
