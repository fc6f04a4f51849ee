"""How the readings of a study came about, where the table of features does not tell: sampling, wash-out, blinding."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import InputError
from ..design import ALL, ReadingStudy
from ..folder import COHORT_FILE, DESIGN_FILE, StudyFolder
from ..presets import load_preset
from ..reading import Reading
from ..schedule import washouts

#: What the panel hides from who reads a case of a study.
_BLINDED = ("Readings were made in the panel of RadiomicsPrognosis, which hides all earlier contours, names of "
            "readers, score and risk group while a case is read, and draws the order of the cases at random for each "
            "reader and session.")


@dataclass(frozen=True, kw_only=True)
class SessionInterval:
    """The days that ``reader`` waited before reading a case again in ``session``: from shortest to longest, in
    ``cases`` cases."""

    reader: str
    session: str
    cases: int
    shortest_days: float
    longest_days: float


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What is known beside the numbers; an empty text or None says that it is not known.

    ``title`` is the study's; ``design`` names the published design that it follows, ``sampling`` says which cases were
    read, ``blinding`` what readers could not see, and ``notes`` what else the authors say; each is one or more whole
    sentences. ``first_day`` and ``last_day`` (ISO 8601) are those of the readings. ``washout_days`` were asked for,
    ``intervals`` were kept. ``seconds`` is the median time of a reading.
    """

    title: str = ""
    design: str = ""
    sampling: str = ""
    blinding: str = ""
    notes: tuple[str, ...] = ()
    first_day: str = ""
    last_day: str = ""
    washout_days: float | None = None
    intervals: tuple[SessionInterval, ...] = ()
    seconds: float | None = None


#: Of readings whose table is all that there is.
UNKNOWN = Circumstances()


def circumstances_of(cohort: str | Path, notes: Sequence[str] = ()) -> Circumstances:
    """Return what the study folder knows whose table ``cohort`` is; of any other table only the ``notes``.

    Raises FileError or SchemaError for a study folder that cannot be read.
    """
    path = Path(cohort)
    if path.name != COHORT_FILE or not (path.parent / DESIGN_FILE).is_file():
        return Circumstances(notes=tuple(notes))
    folder = StudyFolder.open(path.parent)
    design = folder.design
    readings = [item for item in folder.readings() if item.usable]
    drawn = [item for item in readings if not item.existing]
    days = sorted(item.saved[:10] for item in drawn if item.saved)
    return Circumstances(
        title=design.title, design=_design(design), sampling=_sampling(design), notes=tuple(notes),
        blinding=_BLINDED if drawn and len(drawn) == len(readings) else "", first_day=days[0] if days else "",
        last_day=days[-1] if days else "", washout_days=design.washout_days or None,
        intervals=_intervals(design, readings),
        seconds=statistics.median(item.seconds for item in drawn) if drawn else None)


def _design(design: ReadingStudy) -> str:
    if not design.preset:
        return ""
    try:
        preset = load_preset(design.preset)
    except InputError:
        return f"The design followed the preset {design.preset}."
    return f"The design followed: {preset.title}" + (f" ({preset.citation})." if preset.citation else ".")


def _sampling(design: ReadingStudy) -> str:
    sampled = [item for item in design.scope if item.cases != ALL]
    if not sampled or design.reread is None:
        return f"Every reader of the design was to read all {len(design.cases)} cases in each session asked for."
    who = " and ".join(f"{item.reader} in session {item.session}" for item in sampled)
    return (f"A simple random sample of {design.reread} of the {len(design.cases)} cases (seed {design.seed}) was "
            f"to be read by {who}, all cases otherwise.")


def _intervals(design: ReadingStudy, readings: Sequence[Reading]) -> tuple[SessionInterval, ...]:
    days: dict[tuple[str, str], list[float]] = {}
    for item in washouts(design, readings):
        days.setdefault((item.reader, item.session), []).append(item.days)
    return tuple(SessionInterval(reader=reader, session=session, cases=len(values), shortest_days=min(values),
                                 longest_days=max(values)) for (reader, session), values in days.items())
