"""The design of a reading study: its cases, who contours them in which session, what is read again, and after how long.

It is written once, as ``reading-study.json``, and every reading names its hash: a design is never edited.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from ..checked import Table
from ..contract import entry, read, write
from ..files import content_hash

SCHEMA = "radiomics-prognosis/reading-study/1"

#: What a scope's ``cases`` can be: every case, or the sample that is read again.
ALL, SAMPLE = "all", "sample"

#: Largest file name that is made of a text; the longest path that all file systems take has 255 characters.
_LONGEST = 60

#: Names that Windows keeps for devices.
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}


@dataclass(frozen=True, kw_only=True)
class ExistingContour:
    """A contour of a case that was drawn before the study.

    ``path`` is relative to the study's folder or absolute; ``label`` names its segment (empty: the only one). With a
    ``reader`` and a ``session`` it stands for that reading; without, it only tells where the lesion is.
    """

    path: str
    label: str = entry(default="")
    reader: str = entry(default="")
    session: str = entry(default="")

    def check(self, table: Table) -> None:
        """Refuse a contour of a reader without a session, or of a session without a reader."""
        if bool(self.reader) != bool(self.session):
            table.fail("reader", "must come with 'session', or neither of them")


@dataclass(frozen=True, kw_only=True)
class StudyCase:
    """A lesion to be contoured.

    ``image`` is a file or a DICOM folder, relative to the study's folder or absolute, and ``image_hash`` what it held
    when the study was set up (:func:`~.identity.image_hash`; ``image_file`` is its file's own hash). ``location`` (LPS
    mm) is a point in the lesion, ``window`` (level, width; HU) how it is first shown. ``volume`` is the name of the
    scene's volume that ``image`` was written from (empty: none). ``factors`` are the patient's clinical factors as
    texts by the covariates' names; one that is not given is missing.
    """

    name: str
    image: str
    image_hash: str
    image_file: str = entry(default="")
    lesion: str = entry(default="")
    location: tuple[float, float, float] | None = entry(default=None)
    window: tuple[float, float] | None = entry(default=None)
    volume: str = entry(default="")
    factors: dict[str, str] = entry(default={})
    existing: ExistingContour | None = entry(default=None)


@dataclass(frozen=True)
class ReadingScope:
    """Which ``cases`` (all, or the sample) ``reader`` contours in ``session``."""

    reader: str
    session: str
    cases: str = entry(choices=(ALL, SAMPLE))


@dataclass(frozen=True, kw_only=True)
class ReadingStudy:
    """A design. ``reread`` is the size of the sample (None: all cases); ``washout_days`` the least time between two
    sessions of one reader that is asked for; ``sessions`` are in the order in which they are read."""

    schema: str = entry(choices=(SCHEMA,))
    title: str
    preset: str = entry(default="")
    model: str = entry(default="")
    protocol: str = entry(default="")
    seed: int
    readers: tuple[str, ...] = entry(least="reader")
    sessions: tuple[str, ...] = entry(least="session")
    scope: tuple[ReadingScope, ...] = entry(least="row that says who reads what")
    reread: int | None = entry(default=None, low=1)
    washout_days: float = entry(default=0.0, low=0)
    cases: tuple[StudyCase, ...] = entry(least="case")

    def check(self, table: Table) -> None:
        """Refuse names that stand twice, scopes of unknown readers or sessions, and a sample larger than the cohort."""
        _check_names(table, "cases", [case.name for case in self.cases])
        _check_names(table, "readers", self.readers)
        _check_names(table, "sessions", self.sessions)
        for item in self.scope:
            if item.reader not in self.readers or item.session not in self.sessions:
                table.fail("scope", f"names reader '{item.reader}' in session '{item.session}'; readers are "
                                    f"{', '.join(self.readers)}, sessions {', '.join(self.sessions)}")
        if len({(item.reader, item.session) for item in self.scope}) < len(self.scope):
            table.fail("scope", "has two rows of the same reader and session")
        if self.reread is not None and self.reread > len(self.cases):
            table.fail("reread", f"is {self.reread}, but there are {len(self.cases)} cases; allowed: at most as many")
        for case in self.cases:
            drawn = case.existing
            if drawn is not None and drawn.reader and (
                    drawn.reader not in self.readers or drawn.session not in self.sessions):
                table.fail("cases", f"has a contour of case '{case.name}' by reader '{drawn.reader}' in session "
                                    f"'{drawn.session}', who are not in the study")

    @cached_property
    def hash(self) -> str:
        """What identifies the design (SHA-256)."""
        return content_hash(write(self))

    def case(self, name: str) -> StudyCase:
        """Return the case called ``name``. Raises KeyError."""
        return next(case for case in self.cases if case.name == name) if name in self.names else _unknown(name)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the cases."""
        return frozenset(case.name for case in self.cases)

    @cached_property
    def file_names(self) -> dict[str, dict[str, str]]:
        """File names by the texts they stand for, of the cases, readers and sessions (keys of the outer table)."""
        return {"cases": file_names(case.name for case in self.cases), "readers": file_names(self.readers),
                "sessions": file_names(self.sessions)}


def _unknown(name: str) -> StudyCase:
    raise KeyError(name)


def design_from(values: object, source: str) -> ReadingStudy:
    """Return the design in a table read from JSON; ``source`` names it in errors. Raises SchemaError."""
    return read(ReadingStudy, Table(values, source))


def file_names(texts: Iterable[str]) -> dict[str, str]:
    """Return a file name by each of the distinct ``texts``: distinct on every file system, of letters that all have.

    Names depend on the order of the texts only where two of them would have the same one.
    """
    names: dict[str, str] = {}
    for text in texts:
        plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip(".-")[:_LONGEST].rstrip(".-") or "unnamed"
        stem = f"_{plain}" if plain.split(".")[0].lower() in _RESERVED else plain
        name, number, taken = stem, 2, {other.lower() for other in names.values()}
        while name.lower() in taken:
            name, number = f"{stem}~{number}", number + 1
        names[text] = name
    return names


def _check_names(table: Table, key: str, names: Iterable[str]) -> None:
    earlier: set[str] = set()
    for name in names:
        if name != name.strip() or not name:
            table.fail(key, f"has the name '{name}', which is blank or has blanks at an end")
        if name in earlier:
            table.fail(key, f"has '{name}' twice; give each a name of its own")
        earlier.add(name)
