"""One sitting over one case: what is drawn is saved while it is drawn and when it is left, with the time it took."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

import SimpleITK as sitk

from ..reading.folder import StudyFolder
from ..reading.reading import Reading, ReadingState
from ..reading.stopwatch import Stopwatch
from ..voi.segments import read_mask


class Sitting:
    """Begins ``reading``, whose ``image`` and earlier ``contour`` (None: none) are then to be shown.

    A case that was done is still done after a crash if it was only looked at again; one that was changed is unfinished.

    Parameters
    ----------
    folder: the study.
    reading: what is drawn, as the disk has it. Raises FileError or GeometryMismatch where its image is not there, is
        another one, or nothing can be written.
    clock: gives the time (s).
    """

    def __init__(self, folder: StudyFolder, reading: Reading, clock: Callable[[], float]):
        self._folder, self._token = folder, secrets.token_hex(8)
        self.image = folder.image(reading.case)
        self.contour: sitk.Image | None = read_mask(reading.path)[0] if reading.path.is_file() else None
        self._before = reading
        self._changed = False
        self.watch = Stopwatch(clock, reading.seconds)
        self.comment = reading.comment
        self.reading = folder.begin(reading, self._token)

    def autosave(self, mask: sitk.Image | None) -> None:
        """Save what is drawn (None: nothing) as unfinished. Raises FileError."""
        self._changed = True
        self._save(mask, ReadingState.OPEN)

    def finish(self, mask: sitk.Image | None) -> None:
        """Save what is drawn as done. Raises FileError when nothing is drawn or it cannot be written."""
        self._save(mask, ReadingState.DONE)

    def skip(self, mask: sitk.Image | None) -> None:
        """Pass the case over, keeping what is drawn. Raises FileError."""
        self._save(mask, ReadingState.SKIPPED)

    def stop(self, mask: sitk.Image | None, changed: bool) -> None:
        """Leave the case: one that was done and has not ``changed`` stays done, any other is unfinished.

        Raises FileError.
        """
        untouched = not (changed or self._changed)
        if untouched and self._before.state in (ReadingState.DONE, ReadingState.SKIPPED):
            state = self._before.state if not self._before.problem else ReadingState.OPEN
            self.reading = self._folder.note(replace(self._timed(), state=state), self._token)
        else:
            self._save(mask, ReadingState.OPEN)

    def _timed(self) -> Reading:
        return replace(self.reading, seconds=self.watch.seconds, comment=self.comment.strip())

    def _save(self, mask: sitk.Image | None, state: ReadingState) -> None:
        self.reading = self._folder.save(replace(self._timed(), state=state), mask, self._token)
