"""The folder of a reading study, which several readers share: design, images, a contour and a record per reading.

Every reading has two files of its own, which its reader alone writes, each whole or not at all: the contour first, then
the record with its hash. So neither two readers at once nor a crash between the two files can spoil a reading.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import SimpleITK as sitk

from ..contract import write
from ..errors import FileError, GeometryMismatch, InputError, SchemaError
from ..files import read_json, sha256_file, whole_file, write_json
from ..records import from_plain
from ..version import __version__
from ..voi.images import read_image
from .contour_file import write_contour
from .design import ReadingStudy, design_from
from .identity import file_hash, image_hash
from .reading import SCHEMA, Reading, ReadingRecord, ReadingState
from .schedule import cases_of

__all__ = ["Reading", "ReadingState", "StudyFolder"]

DESIGN_FILE, COHORT_FILE = "reading-study.json", "cohort.csv"

#: Folders of images and earlier contours that were written from scenes, and of the readings.
IMAGES, EXISTING, READINGS = "images", "existing", "readings"

#: What the cohort's table has for each usable reading, before the clinical factors of its case.
COHORT_COLUMNS = ("case", "image", "mask", "reader", "session", "seconds")


class StudyFolder:
    """A reading study at ``path`` with its ``design``; opened by :meth:`open`, made by :meth:`create`."""

    def __init__(self, path: Path, design: ReadingStudy):
        self.path, self.design = path, design
        self._checked: dict[str, tuple[object, str]] = {}

    @classmethod
    def open(cls, path: str | Path) -> StudyFolder:
        """Return the study in the folder ``path``. Raises FileError or SchemaError."""
        path = Path(path)
        if not (path / DESIGN_FILE).is_file():
            raise FileError(f"Folder '{path}' holds no reading study ({DESIGN_FILE}); choose the folder of one, or set "
                            "one up.")
        return cls(path, design_from(read_json(path / DESIGN_FILE, "Design"), DESIGN_FILE))

    @classmethod
    def create(cls, path: str | Path, design: ReadingStudy) -> StudyFolder:
        """Write ``design`` into ``path`` and return the study. Raises FileError if one is there already."""
        path = Path(path)
        if (path / DESIGN_FILE).exists():
            raise FileError(f"Folder '{path}' holds a reading study already; a design is never overwritten. Choose "
                            "another folder.")
        write_json(path / DESIGN_FILE, write(design))
        return cls.open(path)

    # Images ----------------------------------------------------------------------------------------------------------

    def image_path(self, case: str) -> Path:
        """Return the absolute path of a case's image. Raises KeyError for an unknown case."""
        return (self.path / self.design.case(case).image).absolute()

    def image(self, case: str) -> sitk.Image:
        """Return a case's image. Raises FileError where it is gone, GeometryMismatch when it is another one."""
        image = read_image(self.image_path(case))
        if image_hash(image) != self.design.case(case).image_hash:
            raise GeometryMismatch(f"The image of case '{case}' ({self.image_path(case)}) is not the one that the "
                                   "study was set up with; put that one back, or set up another study.")
        return image

    def image_problem(self, case: str) -> str:
        """Return why a case's image cannot be used, empty if it can. It is decoded only when its file is another."""
        path = self.image_path(case)
        state = _file_state(path)
        kept = self._checked.get(case)
        if kept is None or kept[0] != state:
            kept = self._checked[case] = (state, self._image_problem(case, path))
        return kept[1]

    def _image_problem(self, case: str, path: Path) -> str:
        known = self.design.case(case).image_file
        try:
            if not known or file_hash(path) != known:
                self.image(case)
        except (InputError, OSError) as error:
            return str(error)
        return ""

    # Readings --------------------------------------------------------------------------------------------------------

    def readings(self) -> tuple[Reading, ...]:
        """Return every reading of the design, in the order of its scopes and cases, as the disk has them."""
        return tuple(self.reading(*key) for key in self._keys())

    def _keys(self) -> Iterator[tuple[str, str, str]]:
        for case in self.design.cases:  # drawn before the study: of whoever's scope they are
            drawn = case.existing
            if drawn is not None and drawn.reader and case.name not in cases_of(
                    self.design, drawn.reader, drawn.session):
                yield case.name, drawn.reader, drawn.session
        for item in self.design.scope:
            for name in cases_of(self.design, item.reader, item.session):
                yield name, item.reader, item.session

    def reading(self, case: str, reader: str, session: str) -> Reading:
        """Return one reading as the disk has it; what is wrong with it is its ``problem``."""
        drawn = self.design.case(case).existing
        if drawn is not None and (drawn.reader, drawn.session) == (reader, session):
            path = (self.path / drawn.path).absolute()
            problem = "" if path.is_file() else f"Its contour '{path}' does not exist; put it back."
            return Reading(case=case, reader=reader, session=session, path=path, label=drawn.label,
                           state=ReadingState.DONE, existing=True, problem=problem)
        blank = Reading(case=case, reader=reader, session=session, path=self._stem(case, reader, session, ".seg.nrrd"))
        record_path = self._stem(case, reader, session, ".json")
        if not record_path.exists():
            return replace(blank, state=ReadingState.OPEN) if blank.path.exists() else blank
        try:
            record = _read_record(record_path)
        except InputError as error:
            return replace(blank, state=ReadingState.OPEN, problem=f"{error} Read the case again.")
        known = replace(blank, state=ReadingState(record.state), seconds=record.seconds, comment=record.comment,
                        started=record.started, saved=record.saved)
        return replace(known, problem=self._problem(known, record))

    def _problem(self, reading: Reading, record: ReadingRecord) -> str:
        if (record.case, record.reader, record.session) != (reading.case, reading.reader, reading.session):
            return f"Its record is that of case '{record.case}' by {record.reader} in session {record.session}."
        if record.design != self.design.hash:
            return "It was made under another design of the study."
        if record.image != self.design.case(reading.case).image_hash:
            return "It was drawn on another image."
        if reading.state is not ReadingState.DONE:
            return ""
        if not reading.path.is_file():
            return f"Its contour '{reading.path}' is gone; put it back, or read the case again."
        if sha256_file(reading.path) != record.contour:
            return "Its contour was changed after it was done; read the case again, or put the contour back."
        return ""

    def begin(self, reading: Reading, sitting: str) -> Reading:
        """Open a reading to be drawn in ``sitting``; return it as it is on disk then. Raises FileError.

        One that is done or skipped stays so until its contour is saved anew.
        """
        if reading.existing:
            raise FileError(f"Case '{reading.case}' was drawn by {reading.reader} before the study; it is not drawn "
                            "again.")
        started = reading.started or _now()
        kept = reading.state in (ReadingState.DONE, ReadingState.SKIPPED) and not reading.problem
        state = reading.state if kept else ReadingState.OPEN
        return self._record(replace(reading, state=state, started=started, problem=""), sitting)

    def save(self, reading: Reading, mask: sitk.Image | None, sitting: str) -> Reading:
        """Write the contour (None: there is none) and the record of a reading begun in ``sitting``.

        Return it as it is on disk then. Raises FileError where it cannot be written, another sitting writes it, or it
        is to be done without a contour.
        """
        if mask is None and reading.state is ReadingState.DONE:
            raise FileError(f"Nothing is drawn in case '{reading.case}': draw the lesion, or skip the case.")
        self._check_sitting(reading, sitting)
        if self.reading(reading.case, reading.reader, reading.session).state is ReadingState.DONE:
            # A crash between contour and record then leaves a reading to go on with, not one that was tampered with.
            self._record(replace(reading, state=ReadingState.OPEN), sitting)
        if mask is None:
            reading.path.unlink(missing_ok=True)
        else:
            write_contour(reading.path, mask, reading.title)
        return self._record(replace(reading, saved=_now()), sitting)

    def note(self, reading: Reading, sitting: str) -> Reading:
        """Write the record alone of a reading begun in ``sitting``, its contour staying as it is. Raises FileError."""
        self._check_sitting(reading, sitting)
        return self._record(reading, sitting)

    def _record(self, reading: Reading, sitting: str) -> Reading:
        contour = sha256_file(reading.path) if reading.path.is_file() else None
        record = ReadingRecord(
            schema=SCHEMA, design=self.design.hash, image=self.design.case(reading.case).image_hash, case=reading.case,
            reader=reading.reader, session=reading.session, state=reading.state.value,
            seconds=round(reading.seconds, 1), comment=reading.comment, started=reading.started, saved=reading.saved,
            contour=contour, sitting=sitting, software=__version__)
        write_json(self._stem(reading.case, reading.reader, reading.session, ".json"), asdict(record))
        return self.reading(reading.case, reading.reader, reading.session)

    def _check_sitting(self, reading: Reading, sitting: str) -> None:
        path = self._stem(reading.case, reading.reader, reading.session, ".json")
        if path.exists() and _read_record(path).sitting != sitting:
            raise FileError(f"Somebody else draws case '{reading.case}' as {reading.reader} in session "
                            f"{reading.session} at the same time; this contour is not saved. Agree who goes on, and "
                            "stop here.")

    def _stem(self, case: str, reader: str, session: str, ending: str) -> Path:
        names = self.design.file_names
        folder = self.path / READINGS / names["readers"][reader] / names["sessions"][session]
        return (folder / f"{names['cases'][case]}{ending}").absolute()

    # For the analysis ------------------------------------------------------------------------------------------------

    def left_out(self) -> tuple[str, ...]:
        """Return a sentence for each reading that is done but cannot be used, and for each image that is not there."""
        problems = [f"{item.case}, {item.title}: {item.problem}" for item in self.readings() if item.problem]
        images = [self.image_problem(name) for name in sorted({item.case for item in self.readings() if item.usable})]
        return (*problems, *filter(None, images))

    @property
    def factors(self) -> tuple[str, ...]:
        """The names of the clinical factors that any case has, sorted; none that would be another column's."""
        names = {name for case in self.design.cases for name in case.factors}
        return tuple(sorted(names - set(COHORT_COLUMNS)))

    def write_cohort(self) -> Path:
        """Write ``cohort.csv`` of the usable readings, as the command ``reproducibility --cohort`` reads it.

        A row for each, existing contours included; paths are relative to the folder. Each clinical factor that a case
        has is a column, empty where it is missing. Raises FileError when there is none.
        """
        usable = [item for item in self.readings() if item.usable and not self.image_problem(item.case)]
        if not usable:
            raise FileError(f"The study in '{self.path}' has no reading that is done; read cases first.")
        text, factors = io.StringIO(), self.factors
        table = csv.writer(text, lineterminator="\n")
        table.writerow([*COHORT_COLUMNS, *factors])
        for item in usable:
            image, mask = (relative_to(self.path, path) for path in (self.image_path(item.case), item.path))
            seconds = "" if item.existing else f"{item.seconds:g}"
            given = self.design.case(item.case).factors
            table.writerow([item.case, image, mask, item.reader, item.session, seconds,
                            *(given.get(name, "") for name in factors)])
        with whole_file(self.path / COHORT_FILE) as f:
            f.write(text.getvalue())
        return self.path / COHORT_FILE


def relative_to(folder: Path, path: Path) -> str:
    """Return ``path`` as seen from ``folder``, with slashes; absolute where there is no way between drives."""
    try:
        return Path(os.path.relpath(path.absolute(), folder.absolute())).as_posix()
    except ValueError:
        return str(path.absolute())


def _read_record(path: Path) -> ReadingRecord:
    try:
        record = from_plain(ReadingRecord, read_json(path, "Reading"))
    except (TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise SchemaError(f"Reading '{path}' is damaged ({error}).") from None
    record.check(f"Reading '{path}'")
    return record


def _file_state(path: Path) -> object:
    """Return what changes when a file, or a file of a folder, does."""
    try:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        return [(item.name, item.stat().st_size, item.stat().st_mtime_ns) for item in files]
    except OSError:
        return None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
