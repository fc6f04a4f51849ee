"""Which DICOM series a folder holds, and the one that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import FileError, SeriesError
from . import tags as dicom
from .headers import Header, is_localiser, read_header, stored_class
from .tags import number, text

#: Series named in a message; of more, only how many there are.
_LISTED = 12


@dataclass(frozen=True, kw_only=True)
class DicomSeries:
    """The files of one series (one SeriesInstanceUID) in a folder, in no order.

    ``uid``, ``number``, ``description`` and ``modality`` are DICOM's, empty where not stated.
    """

    folder: Path
    uid: str
    number: str
    description: str
    modality: str
    headers: tuple[Header, ...]

    @property
    def slices(self) -> int:
        """How many slices it has: files, or frames of a multi-frame file."""
        return sum(frames(header) for header in self.headers)

    @property
    def is_localiser(self) -> bool:
        """Whether all of its images are scouts for planning a scan."""
        return all(is_localiser(header) for header in self.headers)

    def __str__(self) -> str:
        described = f" '{self.description}'" if self.description else ""
        counted = f"{self.slices} slice{'' if self.slices == 1 else 's'}"
        kind = f"{self.modality or 'modality not stated'}{' localiser' if self.is_localiser else ''}"
        return f"{self.number or 'without number'}{described} ({kind}, {counted})"


def frames(header: Header) -> int:
    """Return how many frames the image of a file has."""
    return max(int(number(header.tags, dicom.FRAMES) or 1), 1)


def list_series(folder: Path) -> tuple[DicomSeries, ...]:
    """Return the series whose images lie in ``folder`` itself, by number; other files are passed over.

    Raises SeriesError naming a DICOM image that cannot be read, FileError for a folder without any.
    """
    if not folder.is_dir():
        raise FileError(f"'{folder}' is no folder; give the one with the CT's DICOM slices.")
    groups: dict[str, list[Header]] = {}
    for path in sorted(folder.iterdir()):
        header = read_header(path) if path.is_file() and not path.name.startswith(".") else None
        if header is not None:
            groups.setdefault(text(header.tags, dicom.SERIES_UID), []).append(header)
    if not groups:
        raise FileError(f"Folder '{folder}' holds no DICOM series; give the folder with the CT's slices"
                        f"{_below(folder)}.")
    return tuple(sorted((_series(folder, uid, headers) for uid, headers in groups.items()),
                        key=lambda item: (int(item.number) if item.number.isdigit() else 10 ** 9, item.uid)))


def _series(folder: Path, uid: str, headers: Sequence[Header]) -> DicomSeries:
    first = headers[0].tags
    return DicomSeries(folder=folder, uid=uid, number=text(first, dicom.SERIES_NUMBER),
                       description=text(first, dicom.SERIES_DESCRIPTION), modality=text(first, dicom.MODALITY),
                       headers=tuple(headers))


def _below(folder: Path) -> str:
    """Return where DICOM files lie in folders of ``folder``, in words; empty where there are none."""
    inner = [path for path in sorted(folder.iterdir()) if path.is_dir()]
    holding = [path.name for path in inner
               if any(item.is_file() and stored_class(item) is not None for item in sorted(path.iterdir())[:20])]
    return f" (there are DICOM files in its folders {', '.join(holding[:_LISTED])})" if holding else ""


def choose_series(folder: Path, wanted: str | None = None) -> DicomSeries:
    """Return the series of ``folder`` with the number or UID ``wanted``, its only one where that is None.

    Raises SeriesError, with the series there are, when there are several or none is the one asked for.
    """
    series = list_series(folder)
    if wanted is None:
        if len(series) == 1:
            return series[0]
        raise SeriesError(f"Folder '{folder}' holds {len(series)} DICOM series: {_listed(series)}. Say which with "
                          "--series NUMBER or its UID, or give each a folder of its own.")
    chosen = [item for item in series if wanted in (item.number, item.uid)]
    if len(chosen) == 1:
        return chosen[0]
    if chosen:
        raise SeriesError(f"Folder '{folder}' holds {len(chosen)} series with the number {wanted}; give the UID of "
                          f"one: {', '.join(item.uid for item in chosen)}.")
    raise SeriesError(f"Folder '{folder}' holds no series '{wanted}'; there are: {_listed(series)}.")


def _listed(series: Sequence[DicomSeries]) -> str:
    rest = f"; and {len(series) - _LISTED} more" if len(series) > _LISTED else ""
    return "; ".join(str(item) for item in series[:_LISTED]) + rest


def refuse_single(path: Path, header: Header) -> SeriesError:
    """Return the error of a single slice given where a volume is needed: it names the folder of its series."""
    uid, folder = text(header.tags, dicom.SERIES_UID), path.parent
    own = next((item for item in list_series(folder) if item.uid == uid), None)
    if own is None or own.slices < 2:
        return SeriesError(f"'{path}' is a single DICOM slice, and a contour needs a volume; export the whole series "
                           "into a folder and give that.")
    several = "" if len(list_series(folder)) == 1 else f" --series {own.number or own.uid}"
    return SeriesError(f"'{path}' is one of the slices of series {own}; give the folder that holds them all: "
                       f"'{folder}'{several}.")
