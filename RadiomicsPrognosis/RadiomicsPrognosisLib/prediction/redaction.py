"""A prediction without the names of its patient: what a person called a contour or a series may be a patient's name."""

from __future__ import annotations

import re
from dataclasses import replace

from ..series.identity import Identity
from .record import Prediction

#: Fewer letters are an initial or a syllable that other words hold as well.
_FEWEST_LETTERS = 3

#: Stands for a text that named the patient or the series.
LEFT_OUT = "left out"


def without_names(prediction: Prediction, identity: Identity) -> Prediction:
    """Return ``prediction`` without what identifies the patient or the series of ``identity`` in any of its texts.

    That is, case aside, a word of the patient's name, the ID, the accession number, the birth and study date (in either
    writing), the institution, and the descriptions of study and series. A contour that holds one is called after its
    input, a property of the acquisition is left out, and in a warning a mark stands for it.
    """
    pattern = _pattern(identity)
    if pattern is None:
        return prediction
    return replace(
        prediction,
        vois={name: replace(voi, segment=f"contour, {name}") if pattern.search(voi.segment) else voi
              for name, voi in prediction.vois.items()},
        acquisition=tuple(replace(row, acquired=LEFT_OUT) if pattern.search(row.acquired) else row
                          for row in prediction.acquisition),
        warnings=tuple(replace(item, message=pattern.sub("…", item.message)) for item in prediction.warnings),
        withheld=tuple(replace(item, reason=pattern.sub("…", item.reason)) for item in prediction.withheld))


def names_somebody(text: str, identity: Identity) -> bool:
    """Tell whether ``text`` holds what :func:`without_names` leaves out."""
    pattern = _pattern(identity)
    return pattern is not None and pattern.search(text) is not None


def _pattern(identity: Identity) -> re.Pattern[str] | None:
    """Return what finds the words of an identity in a text, None where it has none."""
    words = sorted(_identifying(identity), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)), re.IGNORECASE) if words else None


def _identifying(identity: Identity) -> list[str]:
    dates = [date for value in (identity.birth_date, identity.study_date) for date in (value, value.replace("-", ""))]
    texts = [*re.split(r"[\s,^=]+", identity.name), identity.id, identity.accession, identity.institution,
             identity.study, identity.series, *dates]
    return [text for text in texts if len(text) >= _FEWEST_LETTERS]
