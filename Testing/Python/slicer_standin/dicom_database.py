"""Slicer's DICOM database and its import, as far as the panel uses them: files by SOP Instance UID.

The names are those of ctkDICOMDatabase (isOpen, fileForInstance) and DICOMLib.DICOMUtils (importDicom).
"""

from __future__ import annotations

import shutil
import types
from pathlib import Path

import pydicom


class DicomDatabase:
    """Keeps copies in ``folder``; refuses objects of the modalities in ``refused``, without a word but a log's."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._files: dict[str, Path] = {}
        self.isOpen = True
        self.refused: set[str] = set()

    def fileForInstance(self, uid: str) -> str:
        """Return the path of an instance's file, empty for one that is not in the database."""
        return str(self._files.get(uid, ""))

    def index(self, folder: str, copy: bool) -> None:
        """Take over the DICOM files of ``folder``, as links or, if ``copy``, as files of its own."""
        for path in sorted(Path(folder).iterdir()):
            header = pydicom.dcmread(path, stop_before_pixels=True)
            if header.Modality in self.refused:
                continue
            target = self._folder / f"{header.SOPInstanceUID}.dcm" if copy else path
            if copy:
                shutil.copy(path, target)
            self._files[str(header.SOPInstanceUID)] = target

    def objects(self, modality: str) -> list[pydicom.Dataset]:
        """Return the objects of a modality that are in the database."""
        read = (pydicom.dcmread(path) for path in self._files.values())
        return [dataset for dataset in read if dataset.Modality == modality]


def dicom_lib() -> types.ModuleType:
    """Return the package DICOMLib with its module DICOMUtils."""
    package, utils = types.ModuleType("DICOMLib"), types.ModuleType("DICOMLib.DICOMUtils")

    def import_dicom(folder: str, database: DicomDatabase, copyFiles: bool = False) -> bool:
        database.index(folder, copyFiles)
        return True

    utils.importDicom = import_dicom
    package.DICOMUtils = utils
    return package
