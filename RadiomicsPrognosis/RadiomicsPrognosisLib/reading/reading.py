"""One reading of a study: whose contour of which case, and how far it is."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..errors import SchemaError

#: What a reading's record says it is.
SCHEMA = "radiomics-prognosis/reading/1"


def reading_title(reader: str, session: str) -> str:
    """Return what a reading is called wherever one is named: 'Reader 1 · 2' is the first reader's in session 2."""
    return f"{reader} · {session}"


class ReadingState(enum.StrEnum):
    """How far a reading is: not begun, being drawn or left unfinished, done, or passed over."""

    PLANNED = "planned"
    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The contour of ``case`` by ``reader`` in ``session``.

    ``path`` is the contour's file (absent until something is drawn) and ``label`` its segment there (empty: the only
    one); ``seconds`` the time spent on it in all sittings; ``started`` and ``saved`` are UTC times in ISO 8601, empty
    where there is none. ``existing`` marks a contour drawn before the study. ``problem`` says why the reading cannot be
    used although it is there (empty: it can).
    """

    case: str
    reader: str
    session: str
    path: Path
    label: str = ""
    state: ReadingState = ReadingState.PLANNED
    seconds: float = 0.0
    comment: str = ""
    started: str = ""
    saved: str = ""
    existing: bool = False
    problem: str = ""

    @property
    def usable(self) -> bool:
        """Whether the contour is finished and belongs to this study and image."""
        return self.state is ReadingState.DONE and not self.problem

    @property
    def title(self) -> str:
        """Reader and session, as its segment is named."""
        return reading_title(self.reader, self.session)


@dataclass(frozen=True, kw_only=True)
class ReadingRecord:
    """What the file beside a contour says of it.

    ``design`` and ``image`` are the hashes of the design and the image that it was read under, ``contour`` that of the
    contour's file (None: nothing is drawn). ``sitting`` names the sitting in which it was last written, so that two
    people who draw under one name notice.
    """

    schema: str
    design: str
    image: str
    case: str
    reader: str
    session: str
    state: str
    seconds: float
    comment: str
    started: str
    saved: str
    contour: str | None
    sitting: str
    software: str

    def check(self, source: str) -> None:
        """Raise SchemaError for another schema, state, time or date than there can be."""
        problem = ""
        if self.schema != SCHEMA:
            problem = f"schema '{self.schema}' is not '{SCHEMA}'"
        elif self.state not in set(ReadingState) - {ReadingState.PLANNED}:
            problem = f"state '{self.state}' is none of open, done, skipped"
        elif not 0 <= self.seconds < 1e9:
            problem = f"{self.seconds} s cannot have been spent on it"
        for text in filter(None, (self.started, self.saved)):
            try:
                datetime.fromisoformat(text)
            except ValueError:
                problem = f"'{text}' is no date and time in ISO 8601"
        if problem:
            raise SchemaError(f"{source}: {problem}.")
