"""The features of a cohort extracted into a table, and a scaling fitted from them, by commands in their own processes.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ..command_messages import ExtractionSummary, ScalingSummary
from ..models.model import Model
from ..progress import ProgressMessage
from ..resources import listing
from .case_files import engine_options
from .command_process import CommandProcess, Stage
from .development import SUFFIXES, is_file
from .problem import Problem

#: What a scaling may be called: it becomes the name of a file.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True, kw_only=True)
class CohortWish:
    """What is to be done with which cohort: the path of its table, the model, and for a scaling what it is to say.

    ``engine`` is the name of the engine that extracts, empty for the preferred one.
    """

    cohort: str = ""
    model: Model | None = None
    engine: str = ""
    name: str = ""
    disease: str = ""
    origin: str = ""

    def extraction(self, table: str) -> list[str]:
        """Return the arguments of the command that extracts the model's features into ``table``."""
        model = self.model.id if self.model is not None else ""
        return ["extract", "--cohort", self.cohort, "--model", model, *engine_options(self.engine), "--out", table]

    def scaling(self, table: str) -> list[str]:
        """Return the arguments of the command that fits the scaling from ``table``."""
        model = self.model.id if self.model is not None else ""
        return ["scaling", "--features", table, "--model", model, "--name", self.name, "--disease", self.disease,
                "--origin", self.origin]


def obstacle(wish: CohortWish) -> Problem | None:
    """Return what is in the way of an extraction, None if nothing is."""
    model = wish.model
    if model is None:
        return Problem("model")
    if model.protocol is None:
        return Problem("table-model")
    if not wish.cohort:
        return Problem("images")
    if not Path(wish.cohort).is_absolute() or not is_file(Path(wish.cohort)):
        return Problem("no-file", values={"path": wish.cohort})
    if Path(wish.cohort).suffix.lower() not in SUFFIXES:
        return Problem("no-table", values={"path": wish.cohort})
    return None


def scaling_obstacle(wish: CohortWish) -> Problem | None:
    """Return what is in the way of a scaling, None if nothing is."""
    problem = obstacle(wish)
    if problem is not None or wish.model is None:
        return problem
    if not wish.model.needs_scaling:
        return Problem("raw-model")
    if not wish.name:
        return Problem("scaling-name")
    if not _NAME.fullmatch(wish.name):
        return Problem("bad-name", values={"name": wish.name})
    if wish.name in listing("Scalings", ".json"):
        return Problem("taken-name", values={"name": wish.name})
    if not wish.disease:
        return Problem("disease")
    return Problem("origin") if not wish.origin else None


class CohortFeatures:
    """Runs one wish at a time: an extraction, with the fit of a scaling after it if that was asked for.

    The caller's timer calls :meth:`poll` while :attr:`active`. ``extracted`` and ``fitted`` are what came of the last
    wish, ``problem`` why nothing did.

    Parameters
    ----------
    extraction, scaling: run the two commands.
    """

    def __init__(self, extraction: CommandProcess[ExtractionSummary], scaling: CommandProcess[ScalingSummary]):
        self._extraction, self._scaling = extraction, scaling
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.wish = CohortWish()
        self.stage = Stage.IDLE
        self.is_scaling = False
        self.extracted: ExtractionSummary | None = None
        self.fitted: ScalingSummary | None = None
        self.problem: Problem | None = None

    @property
    def active(self) -> bool:
        """Whether a command runs."""
        return self.stage in (Stage.RUNNING, Stage.CANCELLING)

    @property
    def progress(self) -> ProgressMessage:
        """How far the extraction is; fitting takes a moment."""
        return self._extraction.progress

    @property
    def elapsed_s(self) -> float:
        """How long (s) the extraction has run, or ran."""
        return self._extraction.elapsed_s

    def extract(self, wish: CohortWish, table: Path) -> None:
        """Extract the features of a cohort into ``table``. Raises RuntimeError while another wish is worked on."""
        self._begin(wish, str(table))

    def fit(self, wish: CohortWish) -> None:
        """Extract the features of a cohort, and fit a scaling from them. Raises RuntimeError as :meth:`extract`."""
        if not self.active:
            self._folder = tempfile.TemporaryDirectory(prefix="radiomics-prognosis-", ignore_cleanup_errors=True)
        self._begin(wish, str(Path(self._folder.name) / "features.csv") if self._folder is not None else "")

    def _begin(self, wish: CohortWish, table: str) -> None:
        if self.active:
            raise RuntimeError("The features of a cohort are being extracted already.")
        self.is_scaling = self._folder is not None
        self.wish, self.extracted, self.fitted, self.problem = wish, None, None, None
        self.stage = Stage.RUNNING
        self._extraction.start(wish.extraction(table))
        self._hear()

    def poll(self) -> bool:
        """Take up what has come since; return whether anything is new."""
        if not self.active:
            return False
        before = self.stage, self.progress, self.extracted
        self._extraction.poll()
        self._scaling.poll()
        self._hear()
        return before != (self.stage, self.progress, self.extracted)

    def _hear(self) -> None:
        """Take over the end of a command, and start what follows it."""
        if self._extraction.active or self._scaling.active:
            return
        if self.extracted is None:
            self.extracted = self._extraction.summary
            if self.extracted is None or not self.is_scaling:
                self._end(self._extraction)
            elif self.stage is Stage.CANCELLING:
                self._finish(Stage.CANCELLED)
            else:
                self._scaling.start(self.wish.scaling(self.extracted.table))
                self._hear()
        else:
            self.fitted = self._scaling.summary
            self._end(self._scaling)

    def _end(self, process: CommandProcess[ExtractionSummary] | CommandProcess[ScalingSummary]) -> None:
        self.problem = process.problem
        self._finish(process.stage)

    def _finish(self, stage: Stage) -> None:
        self.stage = stage
        if self._folder is not None:
            self._folder.cleanup()
        self._folder = None

    def cancel(self) -> None:
        """Give up the wish; rows that are done are known to the next one."""
        if self.stage is Stage.RUNNING:
            self.stage = Stage.CANCELLING
            self._extraction.cancel()
            self._scaling.cancel()

    def close(self) -> None:
        """Leave nothing behind; the processes are ended by those who own them."""
        self._finish(Stage.IDLE)
