"""A person at Slicer: opens the module, chooses, draws, looks; all by Slicer's public API and the panel's widgets."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import qt
import slicer

from . import cases, mouse
from .watching import Latencies, MainThreadWatch, clear_error_log, logged_errors

#: The model with a nomogram, what it needs, and a model that needs nothing but a contour.
S1, S2 = "s1_escc_lpfs_radscore", "s2_escc_ln_response"
SCALING = "demonstration-sts-ct"
COVARIATES = {"n_stage": "N1", "complete_response": "no"}

MODULE = "RadiomicsPrognosis"


class Skipped(Exception):
    """The scenario cannot be played here, for the reason given."""


class Answers:
    """Stands for ``qt`` in the panel's modules and answers the file dialogs it opens; everything else is Qt's own."""

    def __init__(self, path: str):
        self.opened: list[str] = []
        self._path = path

    def __getattr__(self, name: str) -> Any:
        if name == "QFileDialog":
            return self
        if name == "QDesktopServices":
            return self
        if name.startswith(("getOpenFileName", "getSaveFileName", "getExistingDirectory")):
            return lambda *_: self._path
        return getattr(qt, name)

    def openUrl(self, url: Any) -> bool:
        self.opened.append(url.toLocalFile())
        return True


class Hands:
    """What a person does and sees.

    ``volume``, ``segmentation`` and ``key`` (segment ID) are the case added last; ``folder`` is a folder of the
    scenario's own, ``latencies`` what was timed.
    """

    def __init__(self, folder: Path, latencies: Latencies | None = None):
        self.folder, self.latencies = Path(folder), latencies or Latencies()
        self.volume = self.segmentation = None
        self.key = ""

    # The module ------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Start with an empty scene, another module and an empty error log."""
        self.leave()
        self.clear()
        clear_error_log()

    def open_module(self) -> None:
        """Select the module, which makes its panel the first time."""
        slicer.util.selectModule(MODULE)
        self.look()

    def leave(self, module: str = "Data") -> None:
        """Select another module."""
        slicer.util.selectModule(module)
        self.look()

    come_back = open_module

    def clear(self) -> None:
        """Close the scene."""
        slicer.mrmlScene.Clear(0)
        self.volume = self.segmentation = None
        self.look()

    @property
    def frame(self) -> Any:
        """The widget in the module panel."""
        return slicer.modules.radiomicsprognosis.widgetRepresentation()

    @property
    def widget(self) -> Any:
        """The module's Python widget."""
        return self.frame.self()

    @property
    def ui(self) -> Any:
        """The panel's widgets by name."""
        return self.widget.ui

    @property
    def panel(self) -> Any:
        """The panel behind the widgets, read only."""
        return self.widget.panel

    @property
    def node(self) -> Any:
        """The parameter node, to read what was chosen."""
        return self.widget.logic.getParameterNode()

    @property
    def editor(self) -> Any:
        """The Segment Editor in the panel."""
        return slicer.util.findChildren(self.frame, className="qMRMLSegmentEditorWidget")[0]

    # The case and the choices ----------------------------------------------------------------------------------------

    def add_case(self, name: str = "phantom", title: str = "CT") -> None:
        """Add a CT with a contour, show it in the slice views at the contour, and leave the choice to the panel."""
        try:
            image, mask = cases.images(name)
        except LookupError as error:
            raise Skipped(str(error)) from None
        import SimpleITK as sitk

        array = sitk.GetArrayFromImage(mask) > 0
        self.volume = cases.add_volume(image, title)
        self.segmentation, self.key = cases.add_contour(self.volume, array, f"Reading of {title}")
        slicer.util.setSliceViewerLayers(background=self.volume, fit=True)
        mouse.show_plane(self.centre())
        self.look()

    def choose_case(self) -> None:
        """Choose CT, segmentation and segment of the case added last in the panel's selectors."""
        for selector, chosen in ((self.ui.volumeSelector, self.volume),
                                 (self.ui.segmentationSelector, self.segmentation)):
            if selector.currentNode() is not chosen:
                selector.setCurrentNode(chosen)
        self.look()
        self._pick(self.ui.segmentSelector, self.key)

    def choose(self, model: str = S2, scaling: str = "", covariates: Mapping[str, str] | None = None) -> None:
        """Choose a model, and what it needs, in the panel's widgets."""
        self._pick(self.ui.modelSelector, model)
        if scaling:
            self._pick(self.ui.scalingSelector, scaling)
        for name, value in (covariates or {}).items():
            self.give(name, value)

    def give(self, covariate: str, value: str) -> None:
        """Give a clinical factor in the form."""
        widget = slicer.util.findChild(self.frame, f"covariate_{covariate}")
        kind = widget.className()
        if kind == "QComboBox":
            self._pick(widget, value)
        elif kind == "QCheckBox":
            widget.setCheckState({"yes": qt.Qt.Checked, "no": qt.Qt.Unchecked}.get(value, qt.Qt.PartiallyChecked))
        else:
            widget.value = float(value)
        self.look()

    def _pick(self, selector: Any, data: str) -> None:
        index = selector.findData(data)
        self.expect(index >= 0, f"'{data}' is not offered in {selector.objectName}")
        selector.setCurrentIndex(index)
        self.look()

    def start(self, case: str = "phantom", model: str = S2) -> Any:
        """Open the module, add a case, choose it and a model with all it needs, and return the first result."""
        self.open_module()
        self.add_case(case)
        self.choose_case()
        if model == S1:
            self.choose(S1, SCALING, COVARIATES)
        else:
            self.choose(model)
        return self.result()

    def open_tab(self, title: str) -> None:
        """Open the section Reproducibility at one of its tabs."""
        self.ui.reproducibilitySection.collapsed = False
        tabs = self.ui.reproducibilityTabs
        self.look()
        tabs.setCurrentIndex([tabs.tabText(number) for number in range(tabs.count)].index(title))
        self.look()

    # Drawing ---------------------------------------------------------------------------------------------------------

    def voxels(self) -> np.ndarray:
        """Return the contour's voxels, indexed k, j, i."""
        return cases.voxels(self.segmentation, self.key, self.volume)

    def intensities(self) -> np.ndarray:
        """Return the CT's intensities (HU), indexed k, j, i."""
        return slicer.util.arrayFromVolume(self.volume)

    def centre(self) -> list[float]:
        """Return the RAS coordinates of the contour's middle voxel."""
        return cases.ras(self.volume, np.argwhere(self.voxels()).mean(axis=0).round())

    def edge(self, side: int = 1) -> list[float]:
        """Return the RAS coordinates of the contour's last voxel to one side (1 or -1) in the middle slice."""
        index = np.argwhere(self.voxels()).mean(axis=0).round().astype(int)
        row = np.flatnonzero(self.voxels()[index[0], index[1]])
        return cases.ras(self.volume, (index[0], index[1], row[-1 if side > 0 else 0]))

    def inside(self, number: int = 0) -> list[float]:
        """Return the RAS coordinates of a voxel inside the contour, in another slice for each number."""
        array = self.voxels()
        slices = np.flatnonzero(array.any(axis=(1, 2)))
        k = sorted(slices, key=lambda k: abs(k - slices.mean()))[number % len(slices)]
        row, column = np.argwhere(array[k])[np.count_nonzero(array[k]) // 2]
        return cases.ras(self.volume, (k, row, column))

    def activate(self, effect: str, editor: Any = None) -> None:
        """Press an effect's button ('' presses the arrow that ends drawing)."""
        (editor or self.editor).setActiveEffectByName(effect)
        self.look()

    def stroke(self, effect: str, start: list[float], end: list[float] | None = None, view: str = "Red",
               editor: Any = None) -> float:
        """Draw from one RAS point to another with an effect; return the seconds that the release took."""
        end = end or start
        mouse.show_plane(start)
        if (editor or self.editor).activeEffect() is None or (
                (editor or self.editor).mrmlSegmentEditorNode().GetActiveEffectName() != effect):
            self.activate(effect, editor)
        return mouse.drag(view, mouse.position(view, start), mouse.position(view, end))

    def undo(self) -> None:
        """Take the last stroke back."""
        self.editor.undo()

    # Looking ---------------------------------------------------------------------------------------------------------

    def look(self, seconds: float = 0.05) -> None:
        """Let Slicer work for a moment."""
        end = time.monotonic() + seconds
        while True:
            slicer.app.processEvents()
            if time.monotonic() >= end:
                return
            time.sleep(0.002)

    def wait(self, condition: Callable[[], bool], seconds: float = 60.0, what: str = "") -> None:
        """Let Slicer work until a condition holds; AssertionError with what the panel says if it never does."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds:g} s in vain for {what or 'the panel'}; it says: {self.says()}")
            slicer.app.processEvents()
            time.sleep(0.001)

    def says(self) -> str:
        """Return what stands where the result is awaited."""
        return f"{self.ui.problemLabel.text} | {self.ui.freshnessLabel.text}"

    def result(self, seconds: float = 120.0) -> Any:
        """Wait for a result that belongs to what is drawn and chosen, and return it."""
        self.wait(lambda: self.panel.current, seconds, "a current result")
        return self.panel.prediction

    def settle(self, seconds: float = 60.0) -> None:
        """Wait until nothing is awaited."""
        self.look()
        self.wait(lambda: not self.panel.session.active, seconds, "the end of the work")

    def time(self, label: str) -> contextlib.AbstractContextManager[None]:
        """Take down how long a block took."""
        return self.latencies.time(label)

    def watch(self) -> MainThreadWatch:
        """Measure how long the main thread is held inside ``with``."""
        return MainThreadWatch()

    @contextlib.contextmanager
    def answering(self, path: Path) -> Iterator[Answers]:
        """Answer the panel's file dialogs with ``path``, and keep what it opens from opening."""
        answers = Answers(str(path))
        modules = [module for name, module in sys.modules.items()
                   if name.startswith("RadiomicsPrognosisPanel") and getattr(module, "qt", None) is qt]
        for module in modules:
            module.qt = answers
        try:
            yield answers
        finally:
            for module in modules:
                module.qt = qt

    def need(self, *packages: str) -> None:
        """Skip the scenario unless the packages, which the panel offers to install, are there."""
        missing = [name for name in packages if importlib.util.find_spec(name) is None]
        if missing:
            raise Skipped(f"not installed in this Slicer: {', '.join(missing)} (Resources/requirements.txt)")

    def expect(self, condition: object, what: str) -> None:
        """Raise AssertionError with ``what`` and the panel's words unless the condition holds."""
        if not condition:
            raise AssertionError(f"{what}; the panel says: {self.says()}")

    def expect_no_errors(self) -> None:
        """Raise AssertionError if the error log has errors."""
        errors = logged_errors()
        if errors:
            raise AssertionError("the error log has:\n" + "\n".join(errors))
