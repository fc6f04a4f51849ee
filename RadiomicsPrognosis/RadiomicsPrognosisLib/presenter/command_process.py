"""A command under way in a process of its own, watched without blocking, and never left behind."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from ..command_messages import FAULT, BadLine, CommandCancelled, CommandError, Message, Result, from_line
from ..processes.failures import WorkerFailure
from ..processes.interpreter import interpreter
from ..progress import ProgressMessage
from .command_run import CommandRun
from .problem import Problem

#: How long (s) a cancelled command may take to clear up, and how long the application's end may wait for it.
_GRACE_S, _LAST_WAIT_S = 15.0, 3.0

R = TypeVar("R", bound=Result)


class Stage(enum.Enum):
    """Where a command stands."""

    IDLE = enum.auto()
    RUNNING = enum.auto()
    CANCELLING = enum.auto()
    CANCELLED = enum.auto()
    DONE = enum.auto()
    FAILED = enum.auto()


class CommandProcess(Generic[R]):
    """Runs one command at a time as ``python -m RadiomicsPrognosisLib ARGUMENTS --json-lines`` and says how far it is.

    Nothing blocks or calls back: threads read the pipes, and :meth:`poll`, called from the panel's timer, takes over
    what has come since. The process cancels itself when its standard input ends, so it does not outlive the
    application.

    ``progress`` is how far it is, ``summary`` what it ended with, ``problem`` why it failed.

    Parameters
    ----------
    ends_with: the class of the command's result; a result of another class is none.
    program: what runs in the place of this package's command line, before the arguments.
    clock: gives the time in seconds.
    grace_s: how long (s) a cancelled command may take to clear up before it is ended.
    last_wait_s: how long (s) :meth:`close` waits for that.
    """

    def __init__(self, ends_with: type[R], program: Sequence[str] = (), clock: Callable[[], float] = time.monotonic,
                 grace_s: float = _GRACE_S, last_wait_s: float = _LAST_WAIT_S):
        self._ends_with, self._program, self._clock = ends_with, tuple(program), clock
        self._grace_s, self._last_wait_s = grace_s, last_wait_s
        self._run: CommandRun | None = None
        self._last_word: R | CommandError | CommandCancelled | None = None
        self._started = self._ended = self._deadline = 0.0
        self.stage, self.progress = Stage.IDLE, ProgressMessage(0.0, "")
        self.summary: R | None = None
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
        """How long (s) the command has run, or ran."""
        return (self._clock() if self.active else self._ended) - self._started

    def start(self, arguments: Sequence[str]) -> None:
        """Start the command with these arguments; a process that cannot be started is a problem.

        Raises RuntimeError while another runs.
        """
        if self.active:
            raise RuntimeError("A command is running already.")
        self.progress, self.summary, self.problem = ProgressMessage(0.0, ""), None, None
        self._last_word = None
        self._started = self._ended = self._clock()
        try:
            program = self._program or (interpreter(), "-m", __package__.partition(".")[0])
            self._run = CommandRun([*program, *arguments])
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
        """Ask the command to stop; it leaves nothing half-written. It is ended after a while if it does not listen."""
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

    def _stop(self, run: CommandRun) -> None:
        self.stage, self._deadline = Stage.CANCELLING, self._clock() + self._grace_s
        run.close_input()

    def _take_lines(self, run: CommandRun) -> None:
        for line in run.new_lines():
            self._hear(run, line)

    def _hear(self, run: CommandRun, line: str) -> None:
        try:
            message: Message = from_line(line)
        except BadLine as error:
            self._distrust(run, line, str(error))
            return
        if isinstance(message, ProgressMessage):
            self.progress = message
        elif isinstance(message, (CommandError, CommandCancelled, self._ends_with)):
            self._last_word = message
        else:
            self._distrust(run, line, f"{type(message).__name__} is what another command ends with")

    def _distrust(self, run: CommandRun, line: str, why: str) -> None:
        if self.stage is Stage.RUNNING:
            # Whatever follows cannot be trusted either; the problem outlives the stop that it asks for.
            self.problem = Problem("command-words", details=f"{why}\n{line}")
            self._stop(run)

    def _finish(self, run: CommandRun, exit_code: int | None) -> None:
        stopped, word, self._run, self._ended = self.stage is Stage.CANCELLING, self._last_word, None, self._clock()
        run.close_input()
        if self.problem is not None:
            self.stage = Stage.FAILED
        elif isinstance(word, self._ends_with):
            self.stage, self.summary = Stage.DONE, word
        elif stopped or isinstance(word, CommandCancelled):
            self.stage = Stage.CANCELLED
        else:
            error = word if isinstance(word, CommandError) else None
            self.stage, self.problem = Stage.FAILED, _problem(error, run.errors, exit_code)


def _problem(error: CommandError | None, errors: str, exit_code: int | None) -> Problem:
    """Return why a command failed; without a last word it was ended from outside, or could not even begin."""
    if error is None:
        return Problem("command-silent", details=errors or f"exit code {exit_code}", values={"exit": str(exit_code)})
    return Problem("command-fault", details=error.details) if error.code == FAULT else Problem("command", error.message)
