"""A result as DICOM objects in the database that its CT was loaded from: the slices' files, the objects, the check."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import vtk

from ..errors import FileError
from ..models.model import Model
from ..models.store import load_model
from ..prediction import Prediction
from ..voi import Voi

#: Attribute in which Slicer's DICOM module keeps the SOP Instance UIDs of a volume's slices, separated by blanks
#: (DICOMScalarVolumePlugin.py), and what it writes for a slice whose UID is not known.
_INSTANCES, _UNKNOWN = "DICOM.instanceUIDs", "Unknown"


class DicomDatabase(Protocol):
    """What is used of ctkDICOMDatabase; ``isOpen`` is a property of it."""

    @property
    def isOpen(self) -> bool: ...

    def fileForInstance(self, uid: str, /) -> str:
        """Return the path of the file of a SOP instance, empty where it is not in the database."""


@dataclass(frozen=True)
class AddedObjects:
    """SOP Instance UIDs of the structured report and the segmentation that a database holds."""

    report: str
    segmentation: str


def source_files(volume: vtk.vtkObject, database: DicomDatabase | None) -> list[Path]:
    """Return the files of the slices that ``volume`` (a volume node) was loaded from.

    Raises FileError, saying what to do, for a database that is not open, a volume that did not come from it, and slices
    whose files are gone.
    """
    if database is None or not database.isOpen:
        raise FileError("The DICOM database is not open: open the DICOM module, choose a folder for the database there "
                        "and load the CT from it.")
    uids = (volume.GetAttribute(_INSTANCES) or "").split()
    if not uids or _UNKNOWN in uids:
        raise FileError(f"Volume '{volume.GetName()}' was not loaded from the DICOM database, so there is no series "
                        "that a DICOM object could refer to: import its DICOM files in the DICOM module, load the CT "
                        "from there, and contour that volume.")
    files = [database.fileForInstance(uid) for uid in uids]
    missing = sum(not (name and Path(name).is_file()) for name in files)
    if missing:
        raise FileError(f"{missing} of the {len(uids)} slices of volume '{volume.GetName()}' are not in the DICOM "
                        "database, or their files were moved or deleted: import the series again in the DICOM module.")
    return [Path(name) for name in files]


def add_result(prediction: Prediction, voi: Voi, input_name: str, files: list[Path], database: DicomDatabase,
               add_folder: Callable[[str], bool], model: Model | None = None, anonymous: bool = False) -> AddedObjects:
    """Write the result as structured report and segmentation, have them added, and see that they are there.

    ``files`` are those of the series that ``voi``, of the input ``input_name``, was drawn on; ``add_folder`` copies the
    DICOM files of a folder into ``database`` and tells whether it could; ``anonymous`` objects name nobody.

    Raises PackageMissing without highdicom, the
    errors of :func:`..dicom.write_dicom`, and FileError when an object is not in the database afterwards.
    """
    from ..dicom import write_dicom
    from ..dicom.source import instance_uid

    with tempfile.TemporaryDirectory(prefix="radiomics-prognosis-") as folder:
        paths = write_dicom(prediction, model or load_model(prediction.model.id), voi, files, folder, input_name,
                            anonymous=anonymous)
        added = AddedObjects(instance_uid(paths.report), instance_uid(paths.segmentation))
        is_added = add_folder(folder)
    # The database tells of what it cannot take in the application's log alone.
    present = {title: is_added and _is_there(database, uid)
               for title, uid in (("structured report", added.report), ("segmentation", added.segmentation))}
    lacking = [title for title, is_there in present.items() if not is_there]
    if lacking:
        kept = [title for title, is_there in present.items() if is_there]
        raise FileError(f"The DICOM database did not take the {' and the '.join(lacking)}"
                        + (f" (the {kept[0]} is in it)" if kept else "") + ": look into Slicer's error log, and make "
                        "sure that the database's folder can be written to and has room.")
    return added


def _is_there(database: DicomDatabase, uid: str) -> bool:
    name = database.fileForInstance(uid)
    return bool(name) and Path(name).is_file()
