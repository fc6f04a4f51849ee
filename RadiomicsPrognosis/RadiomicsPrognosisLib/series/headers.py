"""What the header of a DICOM file states, read with GDCM before any voxel is."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import SimpleITK as sitk

from ..errors import SeriesError
from . import tags as dicom

#: Character sets (PS3.3 C.12.1.1.2) and Python's codecs for them; what is in none of them is ISO-IR 6.
_CODECS = {
    "ISO_IR 100": "latin-1", "ISO_IR 101": "iso8859-2", "ISO_IR 109": "iso8859-3", "ISO_IR 110": "iso8859-4",
    "ISO_IR 126": "iso8859-7", "ISO_IR 127": "iso8859-6", "ISO_IR 138": "iso8859-8", "ISO_IR 144": "iso8859-5",
    "ISO_IR 148": "iso8859-9", "ISO_IR 166": "tis-620", "ISO_IR 13": "shift_jis", "ISO_IR 192": "utf-8",
    "GB18030": "gb18030", "GBK": "gbk", "ISO 2022 IR 87": "iso2022_jp", "ISO 2022 IR 149": "euc_kr",
    "ISO 2022 IR 58": "gb2312", "ISO 2022 IR 100": "latin-1", "ISO 2022 IR 13": "shift_jis",
}

#: Where the file meta information begins, and its attribute that names the kind of object (PS3.10 7.1).
_MAGIC_AT, _MAGIC, _STORED_CLASS = 128, b"DICM", b"\x02\x00\x02\x00UI"

#: Kinds of object that hold images of a volume (PS3.4 B.5): CT, MR, PET, secondary capture, nuclear medicine.
_IMAGE_CLASSES = tuple(f"1.2.840.10008.5.1.4.1.1.{ending}" for ending in (
    "2", "2.1", "2.2", "4", "4.1", "4.4", "7", "7.2", "7.3", "20", "128", "128.1", "130"))

_display = threading.Lock()


@dataclass(frozen=True)
class Header:
    """A DICOM file (or, from Slicer's database, an instance of that name) and the values of its tags."""

    name: str
    tags: dict[str, str]
    path: Path = Path()


@contextlib.contextmanager
def without_itk_warnings() -> Iterator[None]:
    """Keep ITK from writing its warnings to stderr meanwhile: what a user must know is said in our words."""
    with _display:
        shown = sitk.ProcessObject.GetGlobalWarningDisplay()
        sitk.ProcessObject.SetGlobalWarningDisplay(False)
        try:
            yield
        finally:
            sitk.ProcessObject.SetGlobalWarningDisplay(shown)


def read_header(path: Path) -> Header | None:
    """Return the header of the DICOM image in ``path``; None for a file that is no DICOM image.

    Raises SeriesError for a DICOM image that is damaged: a slice would be missing without a word.
    """
    reader = sitk.ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(str(path))
    try:
        with without_itk_warnings():
            reader.ReadImageInformation()
    except RuntimeError:
        if stored_class(path) in _IMAGE_CLASSES:
            raise SeriesError(f"'{path}' is a DICOM image that cannot be read: it is damaged or cut short; export "
                              "the series again.") from None
        return None
    return Header(path.name, _decoded({key: reader.GetMetaData(key) for key in reader.GetMetaDataKeys()}), path)


def stored_class(path: Path) -> str | None:
    """Return the UID of the kind of object a DICOM file holds, '' where it does not say; None for no DICOM file."""
    try:
        with path.open("rb") as file:
            start = file.read(1024)
    except OSError:
        return None
    if start[_MAGIC_AT:_MAGIC_AT + len(_MAGIC)] != _MAGIC:
        return None
    at = start.find(_STORED_CLASS, _MAGIC_AT)
    if at < 0:
        return ""
    first = at + len(_STORED_CLASS) + 2
    length = int.from_bytes(start[first - 2:first], "little")
    return start[first:first + length].decode("ascii", "replace").strip("\0 ")


def is_localiser(header: Header) -> bool:
    """Tell whether an image is a scout for planning a scan, by what it is said to be (PS3.3 C.8.2.1.1.1)."""
    return "LOCALIZER" in header.tags.get(dicom.IMAGE_TYPE, "").upper()


def _decoded(values: dict[str, str]) -> dict[str, str]:
    """Return texts in the character set that the data set names: GDCM hands its bytes on as they are."""
    named = [item.strip() for item in values.get(dicom.SPECIFIC_CHARACTER_SET, "").split("\\")]
    codec = next((_CODECS[item] for item in reversed(named) if item in _CODECS), "latin-1")
    return {key: _decode(value, codec) for key, value in values.items()}


def _decode(value: str, codec: str) -> str:
    raw = value.encode("utf-8", "surrogateescape")
    if raw.isascii() and b"\x1b" not in raw:
        return value
    return raw.decode(codec, "replace")
