"""The module as 3D Slicer sees it: metadata, parameters, widget, logic and self-test; all work is done in the packages
RadiomicsPrognosisLib (no Qt) and RadiomicsPrognosisPanel (Qt), which are imported when they are needed."""

import sys
import time
from pathlib import Path

import slicer
from slicer import (
    vtkMRMLPlotChartNode,
    vtkMRMLPlotSeriesNode,
    vtkMRMLScalarVolumeNode,
    vtkMRMLSegmentationNode,
    vtkMRMLTableNode,
    vtkMRMLTextNode,
)
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.parameterNodeWrapper import parameterNodeWrapper
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin

#
# RadiomicsPrognosis
#


class RadiomicsPrognosis(ScriptedLoadableModule):
    """Title, texts and sample data of the module."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Radiomics Prognosis")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Informatics")]
        self.parent.dependencies = ["Segmentations", "SegmentEditor", "Volumes", "Tables", "Plots"]
        self.parent.contributors = ["RadiomicsPrognosis team"]
        self.parent.helpText = _("""
Contour a tumour on CT and see its Rad-score, risk group and predicted survival by a published radiomics model beside
the contour while you draw. Research use only; not a medical device.
See the <a href="https://github.com/RadiomicsPrognosis/SlicerRadiomicsPrognosis">documentation</a>.
""")
        self.parent.acknowledgementText = _("""
Texture features are those of pyradiomics (van Griethuysen et al., Cancer Research 2017). Each model's card cites the
study it comes from.
""")
        slicer.app.connect("startupCompleted()", registerSampleData)


def registerSampleData():
    """Add the sample CT (pyradiomics' test case lung2 with its contour) to the Sample Data module."""
    import SampleData

    category, url = "RadiomicsPrognosis", "https://github.com/Radiomics/pyradiomics/releases/download/v1.0/"
    SampleData.SampleDataLogic.registerCustomSampleDataCategory(category, title=_("Radiomics Prognosis"))
    SampleData.SampleDataLogic.registerCustomSampleDataSource(
        category=category,
        sampleName="LungTumourCT",
        thumbnailFileName=str(Path(__file__).parent / "Resources" / "Icons" / "LungTumourCT.png"),
        uris=[url + "lung2_image.nrrd", url + "lung2_label.nrrd"],
        fileNames=["lung2_image.nrrd", "lung2_label.nrrd"],
        nodeNames=["LungTumourCT", "LungTumourContour"],
        loadFileTypes=["VolumeFile", "SegmentationFile"],
        # The same digests as RadiomicsPrognosisLib.sample checks.
        checksums=["SHA256:aa2b94eec79127ed786798ac8dc3c013010e1692d5787bebfae1a1e9685a4651",
                   "SHA256:cef52738dc51aab69a48fe30639da956d2b911b1c2920439c091fab84727657a"],
    )


#
# RadiomicsPrognosisParameterNode
#


@parameterNodeWrapper
class RadiomicsPrognosisParameterNode:
    """
    Every choice of the panel and its last result.

    volume, secondVolume - the CT, and the second phase of a model that reads two.
    segmentation, segmentID, secondSegmentation, secondSegmentID - the contour that is scored, and the second phase's;
    sharedContour - whether that is the first one's, as in scenes from before phases had contours of their own.
    modelID, scaling - the model and the means and SDs of its features, by name; engine - what computes these, empty
    for the engine that the module prefers.
    covariates - clinical factors given, as texts by name; covariatesVolume - the CT whose patient they are of;
    covariatesOwned - whether they are of anyone (the CT may have been deleted).
    live - whether to score again by itself after each change.
    limitPainting, previewExcluded - how the model's HU range shows while drawing.
    showInViews, labelAtSegment - whether the answer is written in the slice views: in a corner, beside the contour.
    studyRecipe, studyCohort, studyReadings, studyFolder - what is developed from what: a recipe's name or path, paths.
    readingStudy, readingReader, readingSession - the reading study's folder, and who reads in which session;
    readingSnapshot - the study of this scene's lesions without its images.
    analysis - what readings are analysed, and how, as texts by name.
    compareSegmentationA, compareSegmentA, compareSegmentationB, compareSegmentB - the two readings compared;
    compareInViews, compareIn3D - where they are shown.
    resultText, resultTable, curveTable, curveSeries, curveChart, stabilityText - the last prediction, how stable it is.
    """

    volume: vtkMRMLScalarVolumeNode
    secondVolume: vtkMRMLScalarVolumeNode
    segmentation: vtkMRMLSegmentationNode
    segmentID: str
    secondSegmentation: vtkMRMLSegmentationNode
    secondSegmentID: str
    sharedContour: bool = True
    modelID: str
    scaling: str
    engine: str
    covariates: dict[str, str]
    covariatesVolume: vtkMRMLScalarVolumeNode
    covariatesOwned: bool = False
    live: bool = True
    limitPainting: bool = True
    previewExcluded: bool = False
    showInViews: bool = True
    labelAtSegment: bool = False
    studyRecipe: str
    studyCohort: str
    studyReadings: str
    studyFolder: str
    readingStudy: str
    readingReader: str
    readingSession: str
    readingSnapshot: vtkMRMLTextNode
    analysis: dict[str, str]
    compareSegmentationA: vtkMRMLSegmentationNode
    compareSegmentA: str
    compareSegmentationB: vtkMRMLSegmentationNode
    compareSegmentB: str
    compareInViews: bool = True
    compareIn3D: bool = False
    resultText: vtkMRMLTextNode
    resultTable: vtkMRMLTableNode
    curveTable: vtkMRMLTableNode
    curveSeries: vtkMRMLPlotSeriesNode
    curveChart: vtkMRMLPlotChartNode
    stabilityText: vtkMRMLTextNode


#
# RadiomicsPrognosisWidget
#


class RadiomicsPrognosisWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """Connects the panel to the module's and the scene's life."""

    def __init__(self, parent=None) -> None:
        self.logic = None
        self.panel = None
        self._frame = None
        self._parameterNode = None
        self._parameterNodeGuiTag = None
        self._entered = False
        # Before the base class: without a parent that calls setup() at once.
        VTKObservationMixin.__init__(self)
        ScriptedLoadableModuleWidget.__init__(self, parent)

    def setup(self) -> None:
        """Called when the user opens the module the first time."""
        ScriptedLoadableModuleWidget.setup(self)
        self._frame = slicer.util.loadUI(self.resourcePath("UI/RadiomicsPrognosis.ui"))
        self.layout.addWidget(self._frame)
        self._frame.setMRMLScene(slicer.mrmlScene)
        self.logic = RadiomicsPrognosisLogic()
        self.panel = self.makePanel(self._frame)
        self.ui = self.panel.ui
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self.onSceneStartClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self.onSceneEndClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndImportEvent, self.onSceneEndImport)
        self.initializeParameterNode()
        if getattr(self.parent, "isEntered", False):  # reloaded while it is shown: nobody calls enter() then
            self.enter()

    def makePanel(self, frame):
        """Return the panel behind the widget ``frame``, with workers for features and processes for commands."""
        from RadiomicsPrognosisPanel.panel import Panel

        from RadiomicsPrognosisLib.presenter.commands import Commands
        from RadiomicsPrognosisLib.worker.client import Worker

        return Panel(frame, self.logic, Worker(), Worker(), Commands())

    def cleanup(self) -> None:
        """Called when the module is unloaded or reloaded, or the application closes."""
        self.setParameterNode(None)
        self.removeObservers()
        if self.panel is not None:
            self.panel.close()
            self._frame.deleteLater()
        self.panel = self._frame = self.ui = None

    def enter(self) -> None:
        """Called each time the user opens this module."""
        self._entered = True
        self.initializeParameterNode()
        self.panel.enter()

    def exit(self) -> None:
        """Called each time the user opens another module."""
        self._entered = False
        self.panel.exit()

    def onSceneStartClose(self, caller=None, event=None) -> None:
        """Called just before the scene is closed."""
        self.panel.scene_closing()
        self.setParameterNode(None)

    def onSceneEndClose(self, caller=None, event=None) -> None:
        """Called just after the scene is closed."""
        if self._entered:
            self.initializeParameterNode()
            self.panel.enter()

    def onSceneEndImport(self, caller=None, event=None) -> None:
        """Called after a scene is loaded, which brings its own choices and result."""
        self.setParameterNode(None)
        if self._entered:
            self.initializeParameterNode()
            self.panel.enter()

    def initializeParameterNode(self) -> None:
        """Ensure the parameter node exists and is observed."""
        if self._parameterNode is None:
            self.setParameterNode(self.logic.getParameterNode())

    def setParameterNode(self, inputParameterNode: RadiomicsPrognosisParameterNode | None) -> None:
        """Connect widgets and panel to the parameter node; None disconnects them."""
        if self._parameterNode:
            self._parameterNode.disconnectGui(self._parameterNodeGuiTag)
            self._parameterNodeGuiTag = None
        self._parameterNode = inputParameterNode
        if self._parameterNode:
            self._parameterNodeGuiTag = self._parameterNode.connectGui(self.ui)
        if self.panel is not None:
            self.panel.set_node(self._parameterNode)

    def onReload(self) -> None:
        """Reload the packages too, not this file alone."""
        packages = ("RadiomicsPrognosisLib", "RadiomicsPrognosisPanel")
        for name in [name for name in sys.modules if name.partition(".")[0] in packages]:
            del sys.modules[name]
        frame = self._frame
        ScriptedLoadableModuleWidget.onReload(self)
        if frame is not None:
            frame.setParent(None)  # which is hidden only, and stays until events are next processed


#
# RadiomicsPrognosisLogic
#


class RadiomicsPrognosisLogic(ScriptedLoadableModuleLogic):
    """Scoring without a panel, for scripts and the Python console."""

    def __init__(self) -> None:
        ScriptedLoadableModuleLogic.__init__(self)
        self.vois = {}

    def getParameterNode(self):
        return RadiomicsPrognosisParameterNode(super().getParameterNode())

    def score(self, volumeNode, segmentationNode, segmentID, model, covariates=None, scaling=None, engine=""):
        """
        Score one segment, or the clinical factors alone by a model that reads no image (volume, segmentation and
        segment are then None).

        :param volumeNode: scalar volume node, or a dict of them by input name for a model with several.
        :param segmentationNode: segmentation node that holds the contour, or a dict of them by input name.
        :param segmentID: ID (or name) of the segment, or a dict of them by input name.
        :param model: name of a model, or path of its file.
        :param covariates: dict of clinical factors by name, e.g. {"n_stage": "N1"}.
        :param scaling: name of a scaling, or path of its file; needed by models with z-scored features.
        :param engine: "native" or "pyradiomics", which compute the same features; the preferred one when empty.
        :return: the prediction; :attr:`vois` keeps the VOIs it was made from, for :meth:`report`.
        :raises InputError: (a ValueError) with what is wrong and what to do.
        """
        from RadiomicsPrognosisLib.presenter.scripting import score_nodes

        prediction, self.vois = score_nodes(volumeNode, segmentationNode, segmentID, model, covariates, scaling,
                                             engine)
        return prediction

    def exportTable(self, prediction, path):
        """Write the prediction's features (value, unit, z-score, contribution) as CSV and return the path."""
        from RadiomicsPrognosisLib.export import write_features

        return write_features(path, prediction)

    def report(self, prediction, folder, vois=None, patient=None, stability=None, anonymous=False):
        """
        Write the report (HTML and PDF) of a prediction into a folder and return the paths.

        :param vois: the VOIs it was made from, for the pictures of the contour (those of the last score when None).
        :param patient: dict of texts that identify patient and series.
        :param stability: how stable the answer is, for a section on it.
        :param anonymous: whether the report says that names are left out.
        :raises PackageMissing: when matplotlib or the PDF library is not installed (see Resources/requirements.txt).
        """
        from RadiomicsPrognosisLib.presenter.scripting import report

        return report(prediction, folder, self.vois if vois is None else vois, patient, stability=stability,
                      anonymous=anonymous)


#
# RadiomicsPrognosisTest
#


class RadiomicsPrognosisTest(ScriptedLoadableModuleTest):
    """Scores a synthetic CT through logic and panel: no data, no network, nothing to install."""

    model = "s1_escc_lpfs_radscore"
    scaling = "demonstration-sts-ct"
    covariates = {"n_stage": "N1", "complete_response": "no"}  # noqa: RUF012

    def setUp(self):
        """Start from an empty scene."""
        slicer.mrmlScene.Clear(0)

    def test_logic(self):
        """One call scores a segment, and another contour gives another score."""
        from RadiomicsPrognosisPanel import self_check

        self.delayDisplay("Scoring through the logic")
        volume, segmentation, segmentID = self_check.add_phantom()
        logic = RadiomicsPrognosisLogic()
        first = logic.score(volume, segmentation, segmentID, self.model, self.covariates, self.scaling)
        self.assertIsNotNone(first.group)
        self.assertEqual(len(first.survival.at_horizons), 3)
        table = Path(slicer.app.temporaryPath) / "RadiomicsPrognosisSelfCheck.csv"
        logic.exportTable(first, table)
        self.assertEqual(len(table.read_text(encoding="utf-8").splitlines()), 1 + len(first.contributions))
        table.unlink()
        self_check.erode(volume, segmentation, segmentID)
        second = logic.score(volume, segmentation, segmentID, self.model, self.covariates, self.scaling)
        self.assertNotEqual(second.score, first.score)
        with self.assertRaises(ValueError):
            logic.score(volume, segmentation, "no such segment", self.model)

    def test_panel(self):
        """The panel scores by itself, follows the contour, and a saved scene brings the result back."""
        from RadiomicsPrognosisPanel import self_check

        self.delayDisplay("Scoring through the panel")
        widget = slicer.modules.radiomicsprognosis.widgetRepresentation().self()
        widget.enter()
        volume, segmentation, segmentID = self_check.add_phantom()
        node = widget.logic.getParameterNode()
        node.volume, node.segmentation, node.segmentID = volume, segmentation, segmentID
        node.modelID, node.scaling, node.covariates = self.model, self.scaling, self.covariates
        first = self._awaitScore(widget, lambda score: True)
        expected = RadiomicsPrognosisLogic().score(volume, segmentation, segmentID, self.model, self.covariates,
                                                   self.scaling)
        self.assertEqual(first, expected.score)
        self.delayDisplay("Changing the contour")
        self_check.erode(volume, segmentation, segmentID)
        second = self._awaitScore(widget, lambda score: score != first)
        self.delayDisplay("Saving and opening the scene")
        path = str(Path(slicer.app.temporaryPath) / "RadiomicsPrognosisSelfCheck.mrb")
        self.assertTrue(slicer.util.saveScene(path))
        slicer.mrmlScene.Clear(0)
        self.assertIsNone(widget.panel.prediction)
        slicer.util.loadScene(path)
        Path(path).unlink()
        self.assertEqual(self._awaitScore(widget, lambda score: True), second)
        self.assertEqual(widget.logic.getParameterNode().covariates, self.covariates)
        slicer.mrmlScene.Clear(0)
        self.assertIsNone(widget.panel.prediction)
        widget.exit()

    def _awaitScore(self, widget, condition):
        """Wait until the panel shows a current result whose score meets ``condition``; return the score."""
        panel = widget.panel
        self._await(lambda: panel.current and condition(panel.prediction.score))
        return panel.prediction.score

    def _await(self, condition, seconds=120):
        """Let events pass until ``condition()``."""
        end = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), end, "the panel did not get there in time")
            slicer.app.processEvents()
            time.sleep(0.01)
