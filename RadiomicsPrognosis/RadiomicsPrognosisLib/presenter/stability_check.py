"""The question how stable an answer is: asked of the command ``stability`` in a process of its own, without waiting."""

from __future__ import annotations

import json
import shutil
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from ..command_messages import StabilitySummary
from ..errors import FileError, InputError, ModelMismatch
from ..prediction import Prediction
from ..progress import ProgressMessage
from ..stability.record import Stability
from ..stability.scale import brief
from .case import Choices, ReadyCase
from .case_files import agreement_options, case_options, write_case
from .command_process import CommandProcess, Stage
from .errand import Errand
from .problem import Problem
from .session import Freshness, Session


class StabilityCheck:
    """Asks about one case at a time and keeps the last result, of which it says whose it is.

    Images are written and the result is read by threads, perturbing is done by ``process``: the caller's timer calls
    :meth:`poll` while :attr:`active`. ``result`` is the last result, ``problem`` why the last question has none.

    Parameters
    ----------
    process: runs the command.
    publish: called with each new result's JSON, and with None when the result is forgotten.
    """

    def __init__(self, process: CommandProcess[StabilitySummary], publish: Callable[[str | None], None]):
        self._process, self._publish = process, publish
        self._writing: Errand[list[str]] | None = None
        self._reading: Errand[tuple[Stability, str]] | None = None
        self._folder: Path | None = None
        self._options: list[str] = []
        self._subject: tuple[str, ...] = ()
        self.stage = Stage.IDLE
        self.result: Stability | None = None
        self.problem: Problem | None = None

    @property
    def active(self) -> bool:
        """Whether a question is being worked on."""
        return self.stage in (Stage.RUNNING, Stage.CANCELLING)

    @property
    def progress(self) -> ProgressMessage:
        """How far the perturbations are."""
        return self._process.progress if self._writing is None else ProgressMessage(0.0, "")

    @property
    def elapsed_s(self) -> float:
        """How long (s) the command has run, or ran."""
        return self._process.elapsed_s if self._writing is None else 0.0

    def start(self, choices: Choices, case: ReadyCase, analyses: Sequence[Path] = ()) -> None:
        """Ask how stable the answer to ``case``, which ``choices`` describe, is.

        ``analyses`` are results of reading studies, of which the first that measured this score gives its limits of
        agreement. Raises RuntimeError while another question is being worked on.
        """
        if self.active:
            raise RuntimeError("The stability of an answer is being computed already.")
        self.problem, self.stage = None, Stage.RUNNING
        folder = self._folder = Path(tempfile.mkdtemp(prefix="radiomics-prognosis-"))
        self._options = [*case_options(choices, case), "--out", str(folder / "stability")]
        self._writing = Errand(lambda: [*write_case(case, folder), *agreement_options(case, analyses)])

    def poll(self) -> bool:
        """Take up what has come since; return whether anything is new."""
        before = self.stage, self.progress
        if self._writing is not None:
            if self._writing.ended:
                self._take(self._run)
        elif self._reading is not None:
            if self._reading.ended:
                self._take(self._conclude)
        elif self.active and self._process.poll() and not self._process.active:
            self._hear()
        return before != (self.stage, self.progress)

    def _take(self, step: Callable[[], None]) -> None:
        try:
            step()
        except InputError as error:
            self._end(Stage.FAILED, Problem.of(error))
        except Exception:  # shown as a fault: an exception in a timer's callback would only reach the console
            self._end(Stage.FAILED, Problem("fault", details=traceback.format_exc()))

    def _run(self) -> None:
        writing, self._writing = self._writing, None
        named = writing.result() if writing is not None else []
        if self.stage is Stage.CANCELLING:
            self._end(Stage.CANCELLED)
            return
        self._process.start(["stability", *named, *self._options])
        if not self._process.active:
            self._hear()

    def _hear(self) -> None:
        """The process has ended: read what it wrote, or take over why it wrote nothing."""
        process = self._process
        if process.summary is not None and self.stage is Stage.RUNNING:
            path, folder, self._folder = Path(process.summary.json), self._folder, None
            self._reading = Errand(lambda: _read(path, folder))
        else:
            self._end(Stage.CANCELLED if process.stage is Stage.DONE else process.stage, process.problem)

    def _conclude(self) -> None:
        reading, self._reading = self._reading, None
        if reading is None or self.stage is Stage.CANCELLING:
            self._end(Stage.CANCELLED)
            return
        self.result, text = reading.result()
        self._end(Stage.DONE)
        self._publish(text)

    def _end(self, stage: Stage, problem: Problem | None = None) -> None:
        self.stage, self.problem = stage, problem
        self._writing = self._reading = None
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def cancel(self) -> None:
        """Give up the question; what is known stays."""
        if self.stage is Stage.RUNNING:
            self.stage = Stage.CANCELLING
            self._process.cancel()

    def close(self) -> None:
        """Give up the question and leave nothing behind, neither a process nor a file."""
        self.cancel()
        for errand in (self._writing, self._reading):
            if errand is not None:
                errand.wait()
        if self._process.active:
            self._process.close()
        if self.active:
            self._end(Stage.CANCELLED)

    # Whose result it is ----------------------------------------------------------------------------------------------

    def restore(self, result: Stability | None, problem: Problem | None = None) -> None:
        """Take over a reopened scene's result, or the ``problem`` of one that cannot be read."""
        self.cancel()
        self.result, self._subject = result, ()
        self.stage = self.stage if self.active else Stage.IDLE
        self.problem = problem

    def follow(self, choices: Choices) -> None:
        """Forget the result, and give up the question, when another volume or segment is chosen than before."""
        nodes = (choices.volume, choices.second_volume, choices.segmentation, choices.second_segmentation)
        subject = (*(node.GetID() if node is not None else "" for node in nodes), choices.segment_id,
                   choices.second_segment_id, str(choices.shared_contour))
        before, self._subject = self._subject, subject
        if before in ((), subject):
            return
        self.cancel()
        self.problem = None
        if self.result is not None:
            self.result = None
            self._publish(None)

    def freshness(self, session: Session[Prediction]) -> Freshness:
        """Return how the result relates to the case as it is chosen and drawn; NONE when it must not be shown."""
        result, case, shown = self.result, session.case, session.shown
        if result is None or not isinstance(case, ReadyCase) or result.unperturbed.model.hash != case.model.hash:
            return Freshness.NONE
        if not case.has_contour_of(result.unperturbed):
            return Freshness.CONTOUR_CHANGED
        if not case.has_answer_of(result.unperturbed):
            return Freshness.CHOICES_CHANGED
        if shown is not None and session.freshness is Freshness.CURRENT:
            try:
                result.check_origin(shown)
            except ModelMismatch:  # of another engine, or another version of it
                return Freshness.CHOICES_CHANGED
        return Freshness.CURRENT

    def current(self, session: Session[Prediction]) -> Stability | None:
        """Return the result if it is about the answer shown and the contour as it is drawn."""
        together = session.freshness is Freshness.CURRENT and self.freshness(session) is Freshness.CURRENT
        return self.result if together else None

    def remark(self, session: Session[Prediction]) -> str:
        """Return the current result in a few words, or nothing."""
        result = self.current(session)
        return brief(result) if result is not None else ""


def _read(path: Path, folder: Path | None) -> tuple[Stability, str]:
    """Return the result in a file, and the file's text, and remove ``folder``. Raises FileError."""
    try:
        text = path.read_text(encoding="utf-8")
        return Stability.from_dict(json.loads(text)), text
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise FileError(f"The result of the perturbations in '{path}' cannot be read ({type(error).__name__}: "
                        f"{error}); ask again, and make room on the disk if it is full.") from None
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
