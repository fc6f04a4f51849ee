"""The reading study that is open in the panel, and the reading being drawn: what the tabs of the section share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..reading.folder import StudyFolder
from ..reading.reading import Reading, ReadingState
from ..reading.schedule import Washout, cases_of, short_washouts
from .errand import Errand
from .sitting import Sitting


@dataclass(frozen=True)
class Queue:
    """What a reader has in a session: ``readings`` in reading order, existing contours left out."""

    readings: tuple[Reading, ...] = ()

    def count(self, state: ReadingState) -> int:
        """Return how many are in ``state``."""
        return sum(item.state is state for item in self.readings)

    def number(self, reading: Reading) -> int:
        """Return the place (from 1) of a reading in the order."""
        return [item.case for item in self.readings].index(reading.case) + 1

    @property
    def next(self) -> Reading | None:
        """The reading to go on with: one left unfinished, else the first not begun; None when there is none."""
        for state in (ReadingState.OPEN, ReadingState.PLANNED):
            for item in self.readings:
                if item.state is state:
                    return item
        return None

    @property
    def begun(self) -> tuple[Reading, ...]:
        """The readings that can be gone back to."""
        return tuple(item for item in self.readings if item.state is not ReadingState.PLANNED)


class ReadingDesk:
    """One study at a time.

    ``folder`` is the study (None: none is open), ``active`` the reading being drawn (None: none is); while there is one
    its reader is blinded, and no result, comparison or other contour may be shown. ``changed()`` is called after every
    change of these.
    """

    def __init__(self, changed: Callable[[], None], clock: Callable[[], float] = time.monotonic):
        self._changed, self._clock = changed, clock
        self._readings: tuple[Reading, ...] | None = None
        self.folder: StudyFolder | None = None
        self.sitting: Sitting | None = None
        self._looking: Errand[None] | None = None

    @property
    def active(self) -> Reading | None:
        """The reading being drawn."""
        return self.sitting.reading if self.sitting is not None else None

    @property
    def blinded(self) -> bool:
        """Whether results, names and other contours are to be hidden."""
        return self.sitting is not None

    def open(self, path: str | Path) -> None:
        """Open the study in the folder ``path`` in the place of the one that is open. Raises FileError, SchemaError."""
        folder = StudyFolder.open(path)
        self.folder, self.sitting, self._readings = folder, None, None
        # Hashing CTs takes a while: it is done before somebody asks for the analysis, which then finds them unchanged.
        self._looking = Errand(folder.check_images)
        self._changed()

    def close(self) -> None:
        """Let go of the study."""
        if self.folder is not None:
            self.folder = self.sitting = self._readings = None
            self._changed()

    def refresh(self) -> None:
        """Look at the disk again: other readers write there, too."""
        self._readings = None

    def readings(self) -> tuple[Reading, ...]:
        """Return the readings of the open study, as the disk had them when last looked at; none when none is open."""
        if self.folder is None:
            return ()
        if self._readings is None:
            self._readings = self.folder.readings()
        return self._readings

    def queue(self, reader: str, session: str) -> Queue:
        """Return what ``reader`` has in ``session``."""
        if self.folder is None:
            return Queue()
        by_case = {item.case: item for item in self.readings()
                   if (item.reader, item.session) == (reader, session) and not item.existing}
        return Queue(tuple(by_case[name] for name in cases_of(self.folder.design, reader, session) if name in by_case))

    def short_washouts(self, reader: str, session: str) -> tuple[Washout, ...]:
        """Return for which cases a reader waited, or would wait now, less than the design asks for."""
        if self.folder is None:
            return ()
        rows = short_washouts(self.folder.design, self.readings(), datetime.now(UTC))
        return tuple(item for item in rows if (item.reader, item.session) == (reader, session))

    def begin(self, reading: Reading) -> Sitting:
        """Sit down to draw ``reading``; the one before must have been left. Raises FileError, GeometryMismatch."""
        if self.folder is None or self.sitting is not None:
            raise RuntimeError("a reading is begun in an open study, after the one before was left")
        self.sitting = Sitting(self.folder, reading, self._clock)
        self._left()
        return self.sitting

    def leave(self) -> None:
        """The reading being drawn has been left: nobody is blinded any more."""
        self.sitting = None
        self._left()

    def _left(self) -> None:
        self.refresh()
        self._changed()
