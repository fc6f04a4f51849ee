"""Where the DICOM file of a slice is, by Slicer's database."""

from __future__ import annotations

import slicer


def slice_file(uid: str) -> str:
    """Return the path of the file of a SOP instance, empty where Slicer's DICOM database has none or is not open."""
    database = getattr(slicer, "dicomDatabase", None)  # absent where Slicer was started without its DICOM module
    return str(database.fileForInstance(uid)) if database is not None and database.isOpen else ""
