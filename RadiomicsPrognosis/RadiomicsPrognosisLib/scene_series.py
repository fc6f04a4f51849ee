"""What a scene keeps of the DICOM series behind a volume node: modality, slices, and their files in Slicer's database.

Slicer's DICOM module gives a volume an even grid whatever its slices were: where they are uneven or tilted it adds a
non-linear transform ('... acquisition transform') or, where the user has switched that off, no more than a line in the
log (DICOMScalarVolumePlugin.py, AcquisitionModeling). So the slices' own headers are checked, if their files are known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import SimpleITK as sitk

from .errors import SeriesError
from .series.acquisition import FILE, SCENE, acquisition_of, file_acquisition
from .series.gaps import gap_warnings
from .series.geometry import EVEN, in_order
from .series.headers import Header, read_header
from .series.identity import identity_of
from .series.multiframe import frame_headers
from .series.rescaling import is_one_rescaling
from .series.tags import COLUMNS, MODALITY, PIXEL_SPACING, POSITION, ROWS, numbers, text
from .series.voxels import AcquiredImage
from .warning import ResultWarning

if TYPE_CHECKING:  # nodes come from outside: reading a case without a scene needs no VTK
    import vtk

#: Attribute of a volume with the SOP Instance UID of each slice, in their order, separated by blanks.
INSTANCES = "DICOM.instanceUIDs"

#: Attribute of its item in the subject hierarchy (vtkMRMLSubjectHierarchyConstants).
_MODALITY = "DICOM.Modality"

#: Returns the path of the file of a SOP Instance UID, empty where it is not known.
FileOf = Callable[[str], str]


def own_item(volume: vtk.vtkObject) -> tuple[vtk.vtkObject, int] | None:
    """Return (subject hierarchy node, item) of ``volume``, or None where it has none."""
    scene = volume.GetScene()
    tree = scene.GetFirstNodeByClass("vtkMRMLSubjectHierarchyNode") if scene else None
    if tree is None:
        return None
    item = tree.GetItemByDataNode(volume)
    return (tree, item) if item else None


def modality(volume: vtk.vtkObject) -> str:
    """Return the DICOM modality (0008,0060) that the subject hierarchy keeps of a volume, or an empty text."""
    own = own_item(volume)
    return str(own[0].GetItemAttribute(own[1], _MODALITY)) if own else ""


def slice_headers(volume: vtk.vtkObject, file_of: FileOf | None) -> tuple[Header, ...]:
    """Return the header of each DICOM file behind ``volume``; none unless the files of all are at hand.

    Raises SeriesError for a file that is damaged.
    """
    uids = (volume.GetAttribute(INSTANCES) or "").split()
    files = [Path(file_of(uid) or "") for uid in uids] if file_of is not None else []
    headers = [read_header(path) if path.is_file() else None for path in files]
    present = tuple(header for header in headers if header is not None)
    return present if len(present) == len(uids) else ()


def check_slices(volume: vtk.vtkObject, headers: Sequence[Header]) -> tuple[Header, tuple[ResultWarning, ...]]:
    """Return the middle one of the slices (``headers``) behind ``volume``, known to be one volume, and warnings of it.

    A volume of another size than its slices was cropped or resampled since it was loaded: its slices' places are not
    its own any more, and nothing is checked. Raises SeriesError as :func:`in_order` does, for a volume whose spacing is
    not that of its slices, and for slices that Slicer cannot have rescaled.
    """
    name = f"The DICOM series of volume '{volume.GetName()}'"
    listed = frame_headers(headers[0]) if len(headers) == 1 else tuple(headers)
    middle, first = listed[len(listed) // 2], listed[0].tags
    size = volume.GetImageData().GetDimensions() if volume.GetImageData() is not None else ()
    if tuple(size) != (int(text(first, COLUMNS) or 0), int(text(first, ROWS) or 0), len(listed)):
        return middle, ()
    ordered = in_order(listed, name)
    if not is_one_rescaling(ordered, name):
        raise SeriesError(f"{name} rescales its slices to HU each in its own way, and Slicer reads them all as numbers "
                          "of the first one's kind; score its folder on the command line, or export it with one "
                          "rescaling.")
    ends = [numbers(ordered[index].tags, POSITION) for index in (0, -1)]
    depth = math.dist(*ends) / (len(ordered) - 1)
    rows_mm, columns_mm = numbers(ordered[0].tags, PIXEL_SPACING)
    own = volume.GetSpacing()
    if any(abs(a - b) > EVEN * b for a, b in zip(own, (columns_mm, rows_mm, depth), strict=True)):
        raise SeriesError(f"Volume '{volume.GetName()}' has voxels of {_sizes(own)} mm, but its DICOM slices have "
                          f"{_sizes((columns_mm, rows_mm, depth))} mm: its spacing was changed after it was loaded. "
                          "Load it again from the DICOM module.")
    return middle, gap_warnings(ordered, depth, name)


def acquired_image(volume: vtk.vtkObject, read: Callable[[vtk.vtkObject], sitk.Image],
                   file_of: FileOf | None = None) -> AcquiredImage:
    """Return the image that ``read`` makes of ``volume``, with what scene and DICOM files state of it.

    The slices behind it are checked before ``read`` is called, where ``file_of`` knows their files; where it does not,
    a warning says that they could not be. Raises SeriesError, and the errors of ``read``.
    """
    headers = slice_headers(volume, file_of)
    middle, warnings = check_slices(volume, headers) if headers else (None, ())
    image = read(volume)
    x, y, z = image.GetSpacing()
    if middle is not None:
        return AcquiredImage(image=image, acquisition=acquisition_of(middle.tags, (x, y, z)),
                             identity=identity_of(middle.tags), warnings=warnings)
    is_dicom, kind = bool(volume.GetAttribute(INSTANCES)), modality(volume)
    stated = replace(file_acquisition((x, y, z), SCENE if is_dicom or kind else FILE), modality=kind)
    if not is_dicom:
        return AcquiredImage(image=image, acquisition=stated)
    return AcquiredImage(image=image, acquisition=stated, identity=identity_of({MODALITY: stated.modality}), warnings=(
        ResultWarning("series-unchecked", f"The slices of volume '{volume.GetName()}' could not be checked, because "
                      "their DICOM files are not at hand: a missing or doubled slice would not be noticed. Import the "
                      "series in the DICOM module of this Slicer and load it from there."),))


def _sizes(values: Sequence[float]) -> str:
    return " x ".join(f"{value:.3g}" for value in values)
