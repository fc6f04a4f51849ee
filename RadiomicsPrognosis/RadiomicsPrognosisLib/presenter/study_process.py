"""A study under way: the command in a process of its own, watched without blocking, and never left behind."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable, Sequence

from ..progress import ProgressMessage
from ..study_messages import FAULT, BadLine, Message, StudyCancelled, StudyError, StudySummary, from_line
from ..worker.failures import WorkerFailure
from ..worker.interpreter import interpreter
from .problem import Problem
from .study_run import StudyRun

#: How long (s) a cancelled study may take to clear up, and how long the application's end may wait for it.
_GRACE_S, _LAST_WAIT_S = 15.0, 3.0


class Stage(enum.Enum):
    """Where a study stands."""

    IDLE = enum.auto()
    RUNNING = enum.auto()
    CANCELLING = enum.auto()
    CANCELLED = enum.auto()
    DONE = enum.auto()
    FAILED = enum.auto()


class StudyProcess:
    """Runs one study at a time as ``python -m RadiomicsPrognosisLib study run`` and says how far it is.

    Nothing blocks or calls back: threads read the pipes, and :meth:`poll`, called from the panel's timer, takes over
    what has come since. The process cancels itself when its standard input ends, so it does not outlive the
    application.

    ``progress`` is how far it is, ``summary`` what it ended with, ``problem`` why it failed.

    Parameters
    ----------
    program: what runs in the place of this package's command line, before the arguments.
    clock: gives the time in seconds.
    grace_s: how long (s) a cancelled study may take to clear up before it is ended.
    last_wait_s: how long (s) :meth:`close` waits for that.
    """

    def __init__(self, program: Sequence[str] = (), clock: Callable[[], float] = time.monotonic,
                 grace_s: float = _GRACE_S, last_wait_s: float = _LAST_WAIT_S):
        self._program, self._clock = tuple(program), clock
        self._grace_s, self._last_wait_s = grace_s, last_wait_s
        self._run: StudyRun | None = None
        self._last_word: StudySummary | StudyError | StudyCancelled | None = None
        self._started = self._ended = self._deadline = 0.0
        self.stage, self.progress = Stage.IDLE, ProgressMessage(0.0, "")
        self.summary: StudySummary | None = None
        self.problem: Problem | None = None

    @property
    def active(self) -> bool:
        """Whether the process runs."""
        return self._run is not None

    @property
    def pid(self) -> int | None:
        """The id of the process that runs, None when none does."""
        return self._run.pid if self._run else None

    @property
    def elapsed_s(self) -> float:
        """How long (s) the study has run, or ran."""
        return (self._clock() if self.active else self._ended) - self._started

    def start(self, arguments: Sequence[str]) -> None:
        """Start the command with these arguments; a process that cannot be started is a problem.

        Raises RuntimeError while another study runs.
        """
        if self.active:
            raise RuntimeError("A study is running already.")
        self.progress, self.summary, self.problem = ProgressMessage(0.0, ""), None, None
        self._last_word = None
        self._started = self._ended = self._clock()
        try:
            program = self._program or (interpreter(), "-m", __package__.partition(".")[0])
            self._run = StudyRun([*program, *arguments])
        except WorkerFailure as error:
            self.stage, self.problem = Stage.FAILED, Problem.of_worker(error)
            return
        self.stage = Stage.RUNNING

    def poll(self) -> bool:
        """Take over what the process wrote; return whether anything is new."""
        run = self._run
        if run is None:
            return False
        before = (self.stage, self.progress)
        exit_code = run.exit_code  # first: once there is one, no more lines come
        self._take_lines(run)
        if exit_code is not None:
            self._finish(run, exit_code)
        elif self.stage is Stage.CANCELLING and self._clock() > self._deadline:
            run.kill()
        return before != (self.stage, self.progress)

    def cancel(self) -> None:
        """Ask the study to stop; it leaves nothing half-written. It is ended after a while if it does not listen."""
        if self._run is not None and self.stage is Stage.RUNNING:
            self._stop(self._run)

    def close(self) -> None:
        """Cancel, and wait a moment for the process to end, then end it."""
        self.cancel()
        run = self._run
        if run is not None:
            run.wait(self._last_wait_s)
            run.kill()
            self._take_lines(run)
            self._finish(run, run.exit_code)

    def _stop(self, run: StudyRun) -> None:
        self.stage, self._deadline = Stage.CANCELLING, self._clock() + self._grace_s
        run.close_input()

    def _take_lines(self, run: StudyRun) -> None:
        for line in run.new_lines():
            self._hear(run, line)

    def _hear(self, run: StudyRun, line: str) -> None:
        try:
            message: Message = from_line(line)
        except BadLine as error:
            if self.stage is Stage.RUNNING:
                # Whatever follows cannot be trusted either; the problem outlives the stop that it asks for.
                self.problem = Problem("study-line", details=f"{error}\n{line}")
                self._stop(run)
            return
        if isinstance(message, ProgressMessage):
            self.progress = message
        else:
            self._last_word = message

    def _finish(self, run: StudyRun, exit_code: int | None) -> None:
        stopped, word, self._run, self._ended = self.stage is Stage.CANCELLING, self._last_word, None, self._clock()
        run.close_input()
        if self.problem is not None:
            self.stage = Stage.FAILED
        elif isinstance(word, StudySummary):
            self.stage, self.summary = Stage.DONE, word
        elif stopped or isinstance(word, StudyCancelled):
            self.stage = Stage.CANCELLED
        else:
            self.stage, self.problem = Stage.FAILED, _problem(word, run.errors, exit_code)


def _problem(word: StudyError | None, errors: str, exit_code: int | None) -> Problem:
    """Return why a study failed; without a last word it was ended from outside, or could not even begin."""
    if word is None:
        return Problem("study-silent", details=errors or f"exit code {exit_code}", values={"exit": str(exit_code)})
    return Problem("study-fault", details=word.details) if word.code == FAULT else Problem("study", word.message)
