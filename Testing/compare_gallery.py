"""Picture the Compare tab and two readings in the views: python Testing/compare_gallery.py FOLDER [--case lung2].

The panel is the real one on the stand-in for Slicer, slices and surfaces are drawn by Slicer's own displayable managers
(offscreen). The second contour is simulated by edits of voxels; nobody drew it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import vtk
from views_gallery import Gallery, draw  # installs the stand-in: before qt is imported

# isort: split

import slicer
from contour_edits import EDITS
from panel_bench import S1, S2, SCALING, PanelBench
from scenarios import cases
from slicer_standin.testing import process_events

#: Width and height (pixels), and pixels per ordinary one, of the views; width and height of the panel.
_VIEWS, _PANEL = ((620, 500, 1), (250, 200, 1)), ((400, 1000), (350, 1000))


class Pictures:
    """Pictures of panel and views in ``folder``."""

    def __init__(self, bench: PanelBench, gallery: Gallery, folder: Path):
        self._bench, self._gallery, self._folder, self._count = bench, gallery, folder, 0

    @property
    def tab(self) -> Any:
        """The Compare tab."""
        return next(section for section in self._bench.panel.sections if section.ui_file == "CompareSection.ui")

    def settle(self) -> None:
        """Wait until nothing is awaited."""
        self._bench.settle()
        comparing = self.tab._comparing
        self._bench.wait(lambda: not comparing.active)

    def take(self, name: str) -> None:
        """Picture the tab in each width, and the slice view."""
        for width, height in _PANEL:
            self._bench.representation.resize(width, height)
            process_events(100)
            self._count += 1
            path = self._folder / f"tab-{self._count:02d}-{name}-{width}.png"
            if not self._bench.ui.choicesContents.grab().save(str(path)):
                raise OSError(f"Qt cannot write '{path}'")
            print(path)
        self._gallery.take(name, _VIEWS)


def save_surfaces(path: Path) -> None:
    """Draw the models of the scene as a 3-D view does, and write them as PNG."""
    window, renderer = vtk.vtkRenderWindow(), vtk.vtkRenderer()
    window.SetOffScreenRendering(1)
    window.SetSize(500, 400)
    window.SetAlphaBitPlanes(True)
    window.SetMultiSamples(0)
    window.AddRenderer(renderer)
    interactor = vtk.vtkGenericRenderWindowInteractor()
    interactor.SetRenderWindow(window)
    renderer.SetBackground(0.56, 0.57, 0.77)
    renderer.SetUseDepthPeeling(True)  # as Slicer does
    group, manager = slicer.vtkMRMLDisplayableManagerGroup(), slicer.vtkMRMLModelDisplayableManager()
    manager.SetMRMLApplicationLogic(slicer.app.applicationLogic())
    group.SetRenderer(renderer)
    group.AddDisplayableManager(manager)
    group.SetMRMLDisplayableNode(slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLViewNode"))
    renderer.ResetCamera()
    window.Render()
    picture, writer = vtk.vtkWindowToImageFilter(), vtk.vtkPNGWriter()
    picture.SetInput(window)
    writer.SetInputConnection(picture.GetOutputPort())
    writer.SetFileName(str(path))
    writer.Write()
    print(path)


def picture_readings(bench: PanelBench, contour: np.ndarray, pictures: Pictures, folder: Path) -> None:
    """Picture the tab from nothing chosen to a comparison, and what may stand in its way."""
    bench.ui.reproducibilitySection.collapsed = False
    tabs = bench.ui.reproducibilityTabs
    tabs.setCurrentIndex([tabs.tabText(number) for number in range(tabs.count)].index("Compare"))
    bench.node.modelID = S1
    pictures.settle()
    pictures.take("nothing-chosen")
    second = EDITS["shaky"](EDITS["generous"](contour))
    other, key = cases.add_contour(bench.volume, second, "Reading 2, Dr. Ahmadi-Nordström")
    node = bench.node
    node.compareSegmentationA, node.compareSegmentA = bench.segmentation, bench.key
    node.compareSegmentationB, node.compareSegmentB = other, key
    pictures.settle()
    pictures.take("no-scaling")
    node.scaling, node.covariates = SCALING, {"n_stage": "N1", "complete_response": "no"}
    pictures.settle()
    pictures.take("compared")
    node.compareIn3D = True
    pictures.settle()
    save_surfaces(folder / "surfaces.png")
    node.live = False
    bench.draw(other, key, bench.volume, contour & (contour.cumsum(axis=2) > 6))
    pictures.settle()
    pictures.take("contour-changed")
    node.modelID, node.live = S2, True
    pictures.settle()
    pictures.take("probability")
    bench.draw(other, key, bench.volume, 0 * contour)
    pictures.settle()
    pictures.take("empty")


def picture_comparison(bench: PanelBench, gallery: Gallery, contour: np.ndarray, folder: Path) -> None:
    """Picture two readings of the case."""
    picture_readings(bench, contour, Pictures(bench, gallery, folder), folder)


if __name__ == "__main__":
    draw(__doc__, picture_comparison)
