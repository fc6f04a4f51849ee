"""Whose result it is, for the head of a report and the foot of its pages; or that it names nobody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ..texts import clean

#: Titles of what is usually known of a patient and series, in the order shown; other keys follow under their own name.
PATIENT_TITLES = {
    "name": "Patient", "id": "Patient ID", "birth_date": "Born", "sex": "Sex", "age": "Age", "accession": "Accession",
    "study_date": "Study date", "study": "Study", "series": "Series", "modality": "Modality",
    "institution": "Institution", "reader": "Contoured by",
}

#: Rows of the head: a title, and the keys whose values stand in it, each with what leads it.
_HEAD = (("Patient", (("name", ""), ("id", "ID "), ("birth_date", "born "), ("sex", ""), ("age", ""))),
         ("Series", (("series", ""), ("modality", ""), ("study", ""), ("accession", "accession "),
                     ("institution", ""))),
         ("Date of the study", (("study_date", ""),)),
         ("Contoured by", (("reader", ""),)))

#: Longest text from outside that is shown; the rest is an ellipsis.
_LIMIT, _FOOT = 160, 50

NOBODY_STATED = "Patient and series are not stated"
ANONYMOUS = "Anonymous: patient and series are left out"


def stated(patient: Mapping[str, object] | None) -> dict[str, object]:
    """Return what is stated of a patient, without empty values."""
    return {key: value for key, value in (patient or {}).items() if value not in (None, "")}


def head_rows(patient: Mapping[str, object] | None, anonymous: bool,
              created: datetime | None) -> tuple[tuple[str, str], ...]:
    """Return patient, series, date and reader as rows of a title and a text, and the date of the report if given."""
    given = {} if anonymous else stated(patient)
    rows = [(title, "; ".join(f"{lead}{clean(given[key], _LIMIT)}" for key, lead in keys if key in given))
            for title, keys in _HEAD]
    rows = [(title, text) for title, text in rows if text]
    rows += [(clean(key, 60), clean(value, _LIMIT)) for key, value in given.items() if key not in PATIENT_TITLES]
    if not rows:
        rows = [("Patient", ANONYMOUS if anonymous else NOBODY_STATED)]
    if created is not None:
        rows.append(("Date of this report", created.strftime("%Y-%m-%d %H:%M")))
    return tuple(rows)


def foot_line(patient: Mapping[str, object] | None, anonymous: bool) -> str:
    """Return patient and series on one line for the foot of every page."""
    if anonymous:
        return ANONYMOUS
    given = stated(patient)
    leads = {"name": "", "id": "ID ", "birth_date": "born ", "series": "", "study_date": ""}
    texts = [f"{lead}{clean(given[key], _FOOT)}" for key, lead in leads.items() if key in given]
    return " · ".join(texts) or NOBODY_STATED
