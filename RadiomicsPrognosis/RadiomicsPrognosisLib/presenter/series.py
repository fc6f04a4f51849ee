"""Patient and series of a volume, as far as the scene knows them (DICOM)."""

from __future__ import annotations

from dataclasses import dataclass

import vtk


@dataclass(frozen=True)
class SeriesInfo:
    """Names from the subject hierarchy (empty when the volume did not come from DICOM), size and spacing (mm)."""

    patient: str
    study: str
    series: str
    size: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]


def series_info(volume: vtk.vtkObject) -> SeriesInfo:
    """Return what identifies ``volume`` (a scalar volume node in a scene)."""
    names = {"Patient": "", "Study": ""}
    scene = volume.GetScene()
    tree = scene.GetFirstNodeByClass("vtkMRMLSubjectHierarchyNode") if scene else None
    if tree is not None and tree.GetItemByDataNode(volume):
        item = tree.GetItemByDataNode(volume)
        for level in names:
            ancestor = tree.GetItemAncestorAtLevel(item, level)
            names[level] = tree.GetItemName(ancestor) if ancestor else ""
    data = volume.GetImageData()
    size = tuple(data.GetDimensions()) if data is not None else (0, 0, 0)
    return SeriesInfo(names["Patient"], names["Study"], volume.GetName() or "", size, tuple(volume.GetSpacing()))
