"""How the readings of a study came about, where the table of features does not tell: sampling, wash-out, blinding."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Washout:
    """The days between two sessions of a ``reader``: the shortest and the longest over the cases read in both."""

    reader: str
    sessions: tuple[str, str]
    shortest_days: float
    longest_days: float


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What is known beside the numbers; an empty text or None says that it is not known.

    ``title`` is the study's, ``design`` a sentence on its plan, ``sampling`` one on which cases were read, ``blinding``
    one on what readers could not see, ``first_day`` and ``last_day`` (ISO 8601) those of the readings.
    ``washout_days`` were asked for, ``washouts`` were kept. ``seconds`` is the median time of a reading.
    """

    title: str = ""
    design: str = ""
    sampling: str = ""
    blinding: str = ""
    first_day: str = ""
    last_day: str = ""
    washout_days: float | None = None
    washouts: tuple[Washout, ...] = ()
    seconds: float | None = None


#: Of readings whose table is all that there is.
UNKNOWN = Circumstances()
