"""The CT of a reading study's case in the scene: its voxels, its window, and the slice views at the lesion."""

from __future__ import annotations

import SimpleITK as sitk
import slicer
import vtk

from RadiomicsPrognosisLib import mrml
from RadiomicsPrognosisLib.reading.design import StudyCase

#: How a CT is shown where the design does not say (level, width; HU): soft tissue.
_SOFT_TISSUE = (40.0, 400.0)


def fill(volume: vtk.vtkObject, case: StudyCase, image: sitk.Image) -> None:
    """Give a volume node in the scene the CT of ``case``, in the window that the design has for it."""
    mrml.set_image(volume, image)
    volume.CreateDefaultDisplayNodes()
    display = volume.GetDisplayNode()
    level, width = case.window or _SOFT_TISSUE
    display.SetAutoWindowLevel(False)
    display.SetWindowLevel(width, level)


def look(volume: vtk.vtkObject, case: StudyCase) -> None:
    """Show the CT in the slice views, centred on the lesion where the design knows its place."""
    slicer.util.setSliceViewerLayers(background=volume, foreground=None, label=None, fit=True)
    if case.location is not None:
        x, y, z = case.location
        slices = slicer.vtkMRMLSliceNode
        slices.JumpAllSlices(slicer.mrmlScene, -x, -y, z, slices.CenteredJumpSlice)
