"""The module's real panel on the Slicer stand-in, with a CT and a contour to drive it with."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
import slicer
import vtk
from conftest import textured_volume
from slicer_standin import load_module, unload_module
from slicer_standin.testing import process_events
from vtk.util import numpy_support

from RadiomicsPrognosisLib.files import write_json
from RadiomicsPrognosisLib.presenter.commands import Commands
from RadiomicsPrognosisLib.resources import shipped_folder
from RadiomicsPrognosisLib.worker.client import Event, Worker
from RadiomicsPrognosisLib.worker.jobs import Job

MODULE = Path(__file__).resolve().parents[2] / "RadiomicsPrognosis" / "RadiomicsPrognosis.py"

S1, S2 = "s1_escc_lpfs_radscore", "s2_escc_ln_response"
SCALING = "demonstration-sts-ct"


class CountingWorker(Worker):
    """The real worker; ``jobs`` counts the extractions asked for, ``polls`` how often it was asked for news."""

    jobs = polls = 0

    def submit(self, jobs: Mapping[str, Job]) -> int:
        self.jobs += 1
        return super().submit(jobs)

    def poll(self) -> list[Event]:
        self.polls += 1
        return super().poll()


class PanelBench:
    """The loaded module: ``widget`` (the Python widget), ``ui``, ``node`` (the parameter node), ``panel``.

    ``worker``, ``comparer`` and ``commands`` are those that the panel was given; ``worker_command`` and ``program`` are
    what they run in the place of the package's own, and ``more_sections`` stand below the panel's, from the next
    :meth:`open`.
    """

    def __init__(self) -> None:
        self.representation: Any = None
        self.worker_command: list[str] | None = None
        self.program: tuple[str, ...] = ()
        self.more_sections: tuple[type, ...] = ()
        self.open()

    def open(self) -> None:
        """Load the module and show its panel."""
        self.module = load_module(MODULE)
        widget = sys.modules["RadiomicsPrognosis"].RadiomicsPrognosisWidget
        widget.makePanel = lambda widget, frame: self._make_panel(widget.logic, frame)
        self.representation = self.module.widgetRepresentation()
        self.representation.resize(400, 900)
        self.representation.show()
        self.representation.enter()
        self.settle()

    def _make_panel(self, logic: Any, frame: Any) -> Any:
        from RadiomicsPrognosisPanel.panel import SECTIONS, Panel

        self.worker, self.comparer = CountingWorker(self.worker_command), CountingWorker(self.worker_command)
        self.commands = Commands(self.program)
        return Panel(frame, logic, self.worker, self.comparer, self.commands, (*SECTIONS, *self.more_sections))

    def reopen(self) -> None:
        """Unload the module and load it again."""
        self.close()
        self.open()

    def close(self) -> None:
        """Unload the module."""
        if hasattr(slicer.modules, "radiomicsprognosis"):
            unload_module("RadiomicsPrognosis")
        process_events()

    @property
    def widget(self) -> Any:
        return self.representation.self()

    @property
    def ui(self) -> Any:
        return self.widget.ui

    @property
    def node(self) -> Any:
        return self.widget.logic.getParameterNode()

    @property
    def panel(self) -> Any:
        return self.widget.panel

    @property
    def session(self) -> Any:
        return self.panel.session

    @property
    def editor(self) -> Any:
        """The embedded Segment Editor."""
        return next(section.editor for section in self.panel.sections if hasattr(section, "editor"))

    @property
    def jobs(self) -> int:
        """How many extractions were asked for."""
        return self.worker.jobs

    @property
    def problem(self) -> str:
        """The text that says why there is no result."""
        return self.ui.problemLabel.text

    def wait(self, condition: Callable[[], bool], seconds: float = 60.0) -> None:
        """Let events pass until ``condition()``."""
        assert process_events(round(1000 * seconds), condition), (
            self.problem, self.ui.freshnessLabel.text, self.commands.study.stage, self.commands.study.problem)

    def settle(self) -> None:
        """Let events pass until the panel awaits nothing."""
        process_events(30)
        self.wait(lambda: not self.session.active)

    def result(self) -> Any:
        """Wait for a current result and return it."""
        self.wait(lambda: self.panel.current)
        return self.panel.prediction

    def add_volume(self, image: sitk.Image, name: str = "CT") -> Any:
        """Add an image as a volume node."""
        matrix = vtk.vtkMatrix4x4()
        for axis, (spacing, origin) in enumerate(zip(image.GetSpacing(), image.GetOrigin(), strict=True)):
            sign = -1.0 if axis < 2 else 1.0
            matrix.SetElement(axis, axis, sign * spacing)
            matrix.SetElement(axis, 3, sign * origin)
        return slicer.util.addVolumeFromArray(sitk.GetArrayFromImage(image), matrix, name)

    def add_reading(self, volume: Any, mask: np.ndarray, name: str = "Reading", segment: str = "Tumour") -> Any:
        """Add a segmentation with one segment and return (node, segment ID)."""
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
        node.CreateDefaultDisplayNodes()
        node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
        return node, self.add_segment(node, volume, mask, segment)

    def add_segment(self, node: Any, volume: Any, mask: np.ndarray, name: str) -> str:
        """Add a segment to a segmentation and return its ID."""
        key = node.GetSegmentation().AddEmptySegment("", name)
        self.draw(node, key, volume, mask)
        return key

    def draw(self, node: Any, key: str, volume: Any, mask: np.ndarray) -> None:
        """Make ``mask`` the content of a segment."""
        slicer.util.updateSegmentBinaryLabelmapFromArray(mask.astype(np.uint8), node, key, volume)

    def small_case(self, size: tuple[int, int, int] = (24, 22, 20)) -> Any:
        """Add a small CT and a contour, choose them with a model that needs nothing else, and return the result."""
        image, mask = textured_volume(size)
        self.volume = self.add_volume(image)
        self.mask = sitk.GetArrayFromImage(mask)
        self.segmentation, self.key = self.add_reading(self.volume, self.mask)
        self.node.volume, self.node.segmentation, self.node.segmentID = self.volume, self.segmentation, self.key
        self.node.modelID = S2
        return self.result()

    def erase(self, layers: int = 1) -> None:
        """Take the outermost layers of the contour away with the real Segment Editor logic, as an eraser would."""
        rows = np.flatnonzero(self.mask.any(axis=(0, 1)))
        remove = np.zeros_like(self.mask)
        remove[:, :, rows[-layers:]] = 1
        self.mask = self.mask & ~remove.astype(bool)
        editor = self.editor.widget
        editor.saveStateForUndo()
        logic, mode = editor._si_logic, slicer.vtkSlicerSegmentEditorLogic.ModificationModeRemove
        logic.ResetModifierLabelmapToDefault()
        labelmap = slicer.vtkOrientedImageData()
        labelmap.DeepCopy(logic.GetModifierLabelmap())
        scalars = numpy_support.vtk_to_numpy(labelmap.GetPointData().GetScalars())
        scalars.reshape(labelmap.GetDimensions()[::-1])[:] = remove
        logic.ModifySegmentByLabelmap(self.segmentation, self.key, labelmap, mode, False, True)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less long for further edits than a person needs; the pause itself is tested with the session."""
    monkeypatch.setattr("RadiomicsPrognosisLib.presenter.session.DELAY_S", 0.05)


@pytest.fixture
def bench(scene: Any) -> Iterator[PanelBench]:
    """The panel, open in an empty scene."""
    panel = PanelBench()
    yield panel
    panel.close()


def own_model(user_home: Path, **changes: Any) -> str:
    """Write a model of the user's own, S1 with changes (None takes an entry out), and return its id."""
    values = json.loads((shipped_folder() / "Models" / f"{S1}.json").read_text(encoding="utf-8"))
    changed = {key: value for key, value in {**values, "id": "own", **changes}.items() if value is not None}
    write_json(user_home / "Models" / "own.json", changed)
    return "own"
