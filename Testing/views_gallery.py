"""Picture the answer in slice views, to be looked at: python Testing/views_gallery.py FOLDER [--case lung2].

The panel is the real one on the stand-in for Slicer, the views are VTK's: a CT slice, its segment and Slicer's own
corner texts are drawn offscreen (EGL, or Mesa in its place) in the sizes that views have, dark and bright.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk
import vtk

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path += [str(Path(__file__).resolve().parent / name) for name in ("Python", "Slicer", "../RadiomicsPrognosis")]

from slicer_standin.testing import slicer

# isort: split

from panel_bench import S1, S2, SCALING, PanelBench
from RadiomicsPrognosisPanel.view_overlay import Content, ViewOverlay
from RadiomicsPrognosisPanel.view_pictures import Pictures
from scenarios import cases, mouse
from slicer_standin import views
from slicer_standin.main_window import close_main_window, open_main_window

from RadiomicsPrognosisLib.answer import Omission
from RadiomicsPrognosisLib.presenter.cross_section import Outline
from RadiomicsPrognosisLib.presenter.session import Freshness

#: Width and height (pixels), and pixels per ordinary one, of the views pictured.
_SIZES = ((512, 400, 1), (250, 200, 1), (1200, 900, 1), (1024, 800, 2))

#: Window and level (HU) of a soft tissue window, and of one that shows everything nearly white.
_DARK, _BRIGHT = (400, 40), (400, -900)

#: What DataProbe writes: lower left always, the upper corners where the user has asked for it.
_NAMES, _PATIENT, _HOSPITAL = "B: CT chest", "Doe^Jane\nID: 0815\n1961-03-04 F", "University Hospital\nDr. Roe"


class RealWindow:
    """Makes the render window of a slice view in the place of the stand-in's, which draws nothing."""

    def __new__(cls) -> Any:
        window = vtk.vtkRenderWindow()
        window.SetOffScreenRendering(1)
        window.SetNumberOfLayers(2)
        for layer in (0, 1):
            renderer = vtk.vtkRenderer()
            renderer.SetLayer(layer)
            window.AddRenderer(renderer)
        return window


class View:
    """The red view, with what Slicer draws in it."""

    def __init__(self) -> None:
        self._widget = slicer.app.layoutManager().sliceWidget("Red")
        self.view, logic = self._widget.sliceView(), self._widget.sliceLogic()
        self._window = self.view.renderWindow()
        self._mapper, actor = vtk.vtkImageMapper(), vtk.vtkActor2D()
        self._mapper.SetColorWindow(255)
        self._mapper.SetColorLevel(127.5)
        actor.SetMapper(self._mapper)
        renderer = self._window.GetRenderers().GetItemAsObject(0)
        renderer.AddViewProp(actor)
        renderer.RemoveViewProp(self.view.cornerAnnotation())  # Slicer's is added later than the image
        renderer.AddViewProp(self.view.cornerAnnotation())
        interactor = vtk.vtkGenericRenderWindowInteractor()
        interactor.SetRenderWindow(self._window)
        self._held = (interactor, _segments_of(renderer, logic.GetSliceNode()))
        texts = self.view.cornerAnnotation()
        texts.SetMaximumFontSize(14)
        texts.SetMinimumFontSize(14)
        texts.SetMaximumLineHeight(0.07)
        texts.GetTextProperty().SetFontFamilyToTimes()
        texts.GetTextProperty().ShadowOn()
        texts.SetText(0, _NAMES)

    def resize(self, width: int, height: int, ratio: int) -> None:
        """Give the view a size and a density, as Qt does, and show all of the slice in it."""
        offset = self._widget.sliceLogic().GetSliceOffset()
        self._window.SetDPI(72 * ratio)
        self._window.SetSize(width, height)
        self._widget.sliceLogic().ResizeSliceNode(width, height)
        self._widget.fitSliceToBackground()
        self._widget.sliceLogic().SetSliceOffset(offset)

    def corners(self, left: str, right: str) -> None:
        """Write into the upper corners, as DataProbe does when it is asked to."""
        texts = self.view.cornerAnnotation()
        texts.SetText(2, left)
        texts.SetText(3, right)

    def save(self, path: Path) -> None:
        """Draw the view and write it as PNG."""
        self._mapper.SetInputConnection(self._widget.sliceLogic().GetImageDataConnection())
        self._window.Render()
        picture, writer = vtk.vtkWindowToImageFilter(), vtk.vtkPNGWriter()
        picture.SetInput(self._window)
        picture.ReadFrontBufferOff()
        writer.SetInputConnection(picture.GetOutputPort())
        writer.SetFileName(str(path))
        writer.Write()
        print(path)


def _segments_of(renderer: Any, node: Any) -> Any:
    """Return the displayable manager that draws segments into a renderer."""
    group, manager = slicer.vtkMRMLDisplayableManagerGroup(), slicer.vtkMRMLSegmentationsDisplayableManager2D()
    manager.SetMRMLApplicationLogic(slicer.app.applicationLogic())
    group.SetRenderer(renderer)
    group.AddDisplayableManager(manager)
    group.SetMRMLDisplayableNode(node)
    return group


class Gallery:
    """Pictures of one case in ``view``, numbered in their order."""

    def __init__(self, bench: PanelBench, view: View, folder: Path):
        self._bench, self.view, self._folder, self._count = bench, view, folder, 0

    def take(self, name: str, sizes: Sequence[tuple[int, int, int]] = _SIZES, tone: tuple[int, int] = _DARK,
             settled: bool = True) -> None:
        """Picture the view in these sizes, by default when nothing is awaited."""
        if settled:
            self._bench.settle()
        display = self._bench.node.volume.GetDisplayNode()
        display.AutoWindowLevelOff()
        display.SetWindowLevel(*tone)
        for width, height, ratio in sizes:
            self.view.resize(width, height, ratio)
            self._count += 1
            at = f"@{ratio}" if ratio > 1 else ""
            self.view.save(self._folder / f"{self._count:02d}-{name}-{width}x{height}{at}.png")


def add_case(bench: PanelBench, image: sitk.Image, mask: sitk.Image) -> np.ndarray:
    """Add a CT with its contour, show the contour's middle, choose both, and return the contour (k, j, i)."""
    volume, contour = cases.add_volume(image, "CT chest"), sitk.GetArrayFromImage(mask) > 0
    bench.volume = volume
    bench.segmentation, bench.key = cases.add_contour(volume, contour, "Reading 1")
    slicer.util.setSliceViewerLayers(background=volume, fit=True)
    mouse.show_plane(cases.ras(volume, [round(axis.mean()) for axis in contour.nonzero()]))
    node = bench.node
    node.volume, node.segmentation, node.segmentID = volume, bench.segmentation, bench.key
    return contour


def picture_case(bench: PanelBench, contour: np.ndarray, gallery: Gallery, view: View) -> None:
    """Picture the answer of each kind, and how it grows old."""
    node, few = bench.node, _SIZES[:2]
    node.labelAtSegment, node.modelID, node.scaling = True, S1, SCALING
    bench.result()
    gallery.take("survival-withheld", few)
    node.covariates = {"n_stage": "N1", "complete_response": "no"}
    bench.result()
    gallery.take("current")
    gallery.take("current-bright", few, _BRIGHT)
    view.corners(_PATIENT, _HOSPITAL)
    gallery.take("with-patient", few)
    view.corners("", "")
    smaller = contour & (contour.cumsum(axis=2) > 2)
    bench.draw(bench.segmentation, bench.key, bench.volume, smaller)
    bench.wait(lambda: bench.session.freshness is Freshness.UPDATING)
    gallery.take("updating", few, settled=False)
    bench.result()
    node.live = False
    bench.draw(bench.segmentation, bench.key, bench.volume, contour)
    gallery.take("contour-changed", few)
    gallery.take("contour-changed-bright", few, _BRIGHT)
    bench.draw(bench.segmentation, bench.key, bench.volume, smaller)
    node.covariates = {"n_stage": "N3", "complete_response": "no"}
    gallery.take("choices-changed", few)


def picture_kinds(bench: PanelBench, gallery: Gallery) -> None:
    """Picture a probability, and answers that lack a group, or all."""
    few, node = _SIZES[:2], bench.node
    node.modelID = S2
    bench.ui.scoreButton.click()
    bench.result()
    gallery.take("probability", few)
    answer, voi = bench.panel.answer, next(iter(bench.session.case.vois.values()))
    node.showInViews = node.labelAtSegment = False
    bench.settle()
    gallery.take("switched-off", few)
    overlay = ViewOverlay(slicer.app.layoutManager().sliceWidget("Red"), lambda: None)
    reasons = tuple(Omission(component=key, title=key, reason="") for key in ("score", "group", "probability"))
    grey = tuple(replace(item, questioned=True) for item in answer.told.outcomes)
    for name, changes in (("no-group", {"group": "", "worse": None, "headline": answer.told.score}),
                          ("questioned", {"questioned": ("group", "probability"), "caution": "!", "outcomes": grey}),
                          ("score-withheld", {"group": "", "worse": None, "score": "", "outcomes": (),
                                              "headline": "No result: Rad-score withheld", "withheld": reasons})):
        told = replace(answer.told, **changes)
        overlay.show(Content(pictures=Pictures(replace(answer, told=told)), volumes=(node.volume.GetID(),),
                             in_corner=True, outline=Outline.of(voi)))
        gallery.take(name, few)
    overlay.remove()


def draw(description: str | None, picture: Callable[[PanelBench, Gallery, np.ndarray, Path], None]) -> None:
    """Take the pictures that ``picture`` takes of the case named on the command line into the folder named there."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--case", default="phantom", choices=("phantom", "lung1", "lung2"))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    views.RenderWindow = RealWindow
    image, mask = cases.images(options.case)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RADIOMICS_PROGNOSIS_HOME"] = folder
        open_main_window()
        bench = PanelBench()
        try:
            gallery = Gallery(bench, View(), options.folder)
            picture(bench, gallery, add_case(bench, image, mask), options.folder)
        finally:
            bench.close()
            close_main_window()


def picture_answer(bench: PanelBench, gallery: Gallery, contour: np.ndarray, _folder: Path) -> None:
    """Picture the answer in the views, as it comes and in kinds that no shipped model gives."""
    picture_case(bench, contour, gallery, gallery.view)
    picture_kinds(bench, gallery)


if __name__ == "__main__":
    draw(__doc__, picture_answer)
