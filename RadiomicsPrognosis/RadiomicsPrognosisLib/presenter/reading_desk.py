"""The reading study that is open in the panel, and the reading being drawn: what the tabs of the section share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..reading.folder import StudyFolder
from ..reading.reading import Reading


class ReadingDesk:
    """One study at a time.

    ``folder`` is the study (None: none is open), ``active`` the reading being drawn (None: none is); while there is one
    its reader is blinded, and no result, comparison or other contour may be shown. ``changed()`` is called after every
    change of these.
    """

    def __init__(self, changed: Callable[[], None]):
        self._changed = changed
        self.folder: StudyFolder | None = None
        self.active: Reading | None = None

    @property
    def blinded(self) -> bool:
        """Whether results, names and other contours are to be hidden."""
        return self.active is not None

    def open(self, path: str | Path) -> None:
        """Open the study in the folder ``path`` in the place of the one that is open. Raises FileError, SchemaError."""
        self.folder = StudyFolder.open(path)
        self._changed()

    def close(self) -> None:
        """Let go of the study."""
        self.folder = self.active = None
        self._changed()

    def readings(self) -> tuple[Reading, ...]:
        """Return the readings of the open study as the disk has them; empty when none is open."""
        return self.folder.readings() if self.folder is not None else ()
