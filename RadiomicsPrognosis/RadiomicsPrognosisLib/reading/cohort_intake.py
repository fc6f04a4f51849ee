"""The cases of a reading study from a cohort's table: one of each lesion, whose further contours are told of."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import CohortError, FileError
from ..files import read_text
from .intake import CaseSource, Stand, file_source

#: How many columns of a table are named in an error.
_SHOWN = 10

#: The column of a cohort that tells whose volume of a model a row is of.
INPUT = "input"

#: A reader or session that a table has no column of, as the analysis calls it.
_ONLY = "1"


@dataclass(frozen=True)
class UntakenContour:
    """An earlier contour of ``case`` by ``whose`` (None: the table does not say) that is no reading of the study.

    ``is_place`` tells that it shows where the lesion is all the same.
    """

    case: str
    whose: Stand | None
    is_place: bool


@dataclass(frozen=True, kw_only=True)
class _CohortRow:
    number: int
    case: str
    image: str
    mask: str
    label: str
    whose: Stand | None
    factors: dict[str, str]


def cohort_sources(path: Path, readings: Collection[Stand] = (), covariates: Iterable[str] = ()) -> list[CaseSource]:
    """Return the lesions in a cohort's table (CSV; columns case, image, and if present mask, label, reader, session).

    Of several contours of a lesion the first that is one of the study's ``readings`` is taken, else the first.
    Columns named like ``covariates`` are the cases' clinical factors. Raises FileError, or CohortError naming column
    or row.
    """
    rows = _rows(path, frozenset(covariates))
    lesions: dict[tuple[str, str], list[_CohortRow]] = {}
    named = not _labels_name_drawings(rows)
    for row in rows:
        lesions.setdefault((row.case, row.label if named else ""), []).append(row)
    cases = [case for case, _label in lesions]
    return [_source(path, f"{case} {label}".strip() if cases.count(case) > 1 else case, members, readings)
            for (case, label), members in lesions.items()]


def untaken(sources: Iterable[CaseSource], stand: Stand | None,
            readings: Collection[Stand]) -> tuple[UntakenContour, ...]:
    """Return the earlier contours that do not stand for a reading of the study, although others do or could.

    A study whose earlier contours only show where the lesions are (``stand`` None) takes the first of each lesion.
    """
    rows = []
    for source in sources:
        if stand is not None and source.drawn_by is not None and source.drawn_by not in readings:
            rows.append(UntakenContour(source.name, source.drawn_by, True))
        rows += [UntakenContour(source.name, whose, False) for whose in source.others]
    return tuple(rows)


def _rows(path: Path, covariates: Collection[str]) -> list[_CohortRow]:
    if path.suffix.lower() != ".csv":
        raise FileError(f"Cohort '{path}' must be a .csv file; save the table as UTF-8 CSV with commas.")
    reader = csv.DictReader(io.StringIO(read_text(path, "Cohort").removeprefix("\ufeff")))
    columns = reader.fieldnames or []
    missing = [name for name in ("case", "image") if name not in columns]
    if missing:
        raise CohortError(f"Cohort '{path}' has no column {', '.join(missing)}; its columns are "
                          f"{', '.join(columns[:_SHOWN]) or 'none'}.")
    rows, inputs = [], set[str]()
    for number, cells in enumerate(reader, start=2):
        inputs.add(_cell(cells, INPUT))
        if len(inputs) > 1:
            raise CohortError(f"Cohort '{path}': row {number} is of another {INPUT} than those before it "
                              f"({', '.join(map(repr, sorted(inputs)))}), and a reading study shows one image of a "
                              "case; give it the rows of one.")
        case, image, mask, label = (_cell(cells, key) for key in ("case", "image", "mask", "label"))
        if not case or not image:
            raise CohortError(f"Cohort '{path}': row {number} has no {'image' if case else 'case'}; fill it in or "
                              "remove the row.")
        factors = {name: _cell(cells, name) for name in columns if name in covariates and _cell(cells, name)}
        whose = _whose(cells, columns, f"Cohort '{path}': row {number} (case {case})") if mask else None
        rows.append(_CohortRow(number=number, case=case, image=image, mask=mask, label=label, whose=whose,
                               factors=factors))
    if not rows:
        raise CohortError(f"Cohort '{path}' has no rows.")
    return rows


def _cell(cells: dict[str, str | None], key: str) -> str:
    return (cells.get(key) or "").strip()


def _whose(cells: dict[str, str | None], columns: Sequence[str], where: str) -> Stand | None:
    """Return whose contour a row has, None where it does not say. Raises CohortError when half of it is blank."""
    given = {key: _cell(cells, key) for key in ("reader", "session") if key in columns}
    if not any(given.values()):
        return None
    blank = [key for key, text in given.items() if not text]
    if blank:
        raise CohortError(f"{where} has no {blank[0]}; fill it in or remove the row.")
    return Stand(given.get("reader", _ONLY), given.get("session", _ONLY))


def _labels_name_drawings(rows: Sequence[_CohortRow]) -> bool:
    """Tell whether labels tell drawings apart and not lesions, as the analysis of such a table has it: each reading of
    a case has one row, and no label is that of two readings of a case, as when a segment is called by its reader."""
    drawn = [row for row in rows if row.whose is not None]
    readings = {(row.case, row.whose) for row in drawn}
    labels = {(row.case, row.label) for row in drawn}
    return len(rows) == len(drawn) == len(readings) == len(labels) > len({row.case for row in drawn})


def _source(path: Path, name: str, rows: Sequence[_CohortRow], readings: Collection[Stand]) -> CaseSource:
    """Return the lesion in ``rows``, with the contour of the row that suits the study best."""
    drawn = [row for row in rows if row.mask]
    chosen = next((row for row in drawn if row.whose in readings), (drawn or rows)[0])
    mask = path.parent / chosen.mask if chosen.mask else None
    # A copy of a row is no further contour.
    others = dict.fromkeys((row.whose, row.mask, row.label) for row in drawn if row is not chosen)
    others.pop((chosen.whose, chosen.mask, chosen.label), None)
    return file_source(name, path.parent / chosen.image, mask, chosen.label, drawn_by=chosen.whose,
                       others=tuple(whose for whose, _mask, _label in others),
                       factors=_factors(path, name, rows))


def _factors(path: Path, name: str, rows: Sequence[_CohortRow]) -> dict[str, str]:
    """Return the clinical factors of a lesion, which its rows must agree on. Raises CohortError."""
    factors: dict[str, str] = {}
    for row in rows:
        for key, text in row.factors.items():
            if factors.setdefault(key, text) != text:
                raise CohortError(f"Cohort '{path}': '{key}' of case '{name}' is '{factors[key]}' in one row and "
                                  f"'{text}' in row {row.number}; correct the table.")
    return factors
