"""How a command tells what it does: to a person on the terminal, or in JSON lines to the program that started it."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import traceback
from collections.abc import Iterator
from typing import TextIO

from ..command_messages import FAULT, CommandCancelled, CommandError, Message, Result, to_line
from ..errors import Cancelled, InputError
from ..progress import Pace, Progress, ProgressMessage, paced

#: Progress is written in lines no more often than this (s).
_PROGRESS_S = 0.05


class Terminal:
    """Tells a person: results on standard output, progress and errors on standard error.

    ``as_json``: whether the command was asked for one JSON object, which an error then is, too.
    """

    def __init__(self, as_json: bool = False):
        self._as_json = as_json
        self._last = -1
        self._pace = Pace()

    def progress(self, share: float, text: str) -> None:
        """Print progress and how long the rest takes: a line that changes on a terminal, else one per five per cent."""
        left = self._pace.left(share)
        if sys.stderr.isatty():
            whole = f"{text:<46.46} {left}"
            print(f"\r{share:4.0%} {whole:<70.70}", end="\r" if share < 1 else "\n", file=sys.stderr, flush=True)
        elif int(share * 20) > self._last:
            self._last = int(share * 20)
            print(f"{share:4.0%} {text}" + (f" ({left})" if left else ""), file=sys.stderr, flush=True)

    def done(self, _summary: Result, text: str) -> None:
        """Print a result as the ``text`` that a person reads."""
        print(text)

    def refused(self, error: InputError) -> None:
        """Print what is wrong with the input, as one line."""
        message = " ".join(str(error).split())
        if self._as_json:
            print(json.dumps({"error": {"code": error.code, "message": message}}, ensure_ascii=False))
        print(f"radiomics-prognosis: {message}", file=sys.stderr)

    def cancelled(self) -> None:
        """Print that the work was cancelled."""
        print("radiomics-prognosis: cancelled; no output was written.", file=sys.stderr)

    def failed(self, error: Exception) -> None:
        """Print a fault of the software with its traceback."""
        traceback.print_exception(error)
        print("radiomics-prognosis: this is a fault of the software, not of your input; please report the lines above.",
              file=sys.stderr)


class JsonLines:
    """Tells a program: messages of :mod:`..command_messages` into ``stream``, one a line."""

    def __init__(self, stream: TextIO):
        self._stream = stream
        self.progress: Progress = paced(self._write_progress, _PROGRESS_S)

    def _write_progress(self, share: float, text: str) -> None:
        try:
            self._write(ProgressMessage(share, text))
        except OSError:  # nobody reads any more
            raise Cancelled from None

    def done(self, summary: Result, _text: str) -> None:
        """Write a result."""
        self._write_last(summary)

    def refused(self, error: InputError) -> None:
        """Write what is wrong with the input."""
        self._write_last(CommandError(error.code, type(error).__name__, " ".join(str(error).split())))

    def cancelled(self) -> None:
        """Write that the work was cancelled."""
        self._write_last(CommandCancelled())

    def failed(self, error: Exception) -> None:
        """Write a fault of the software with its traceback."""
        details = "".join(traceback.format_exception(error))
        self._write_last(CommandError(FAULT, type(error).__name__, str(error), details))

    def _write_last(self, message: Message) -> None:
        with contextlib.suppress(OSError):
            self._write(message)

    def _write(self, message: Message) -> None:
        self._stream.write(to_line(message) + "\n")
        self._stream.flush()


#: To whom a command tells what it does.
Reporter = Terminal | JsonLines


@contextlib.contextmanager
def standard_output_for_lines() -> Iterator[JsonLines]:
    """Yield the reporter that writes to standard output; whatever else prints there meanwhile goes to standard error.

    That holds for C libraries and child processes too, which know the file descriptor and not ``sys.stdout``.
    """
    sys.stdout.flush()
    stream = os.fdopen(os.dup(1), "w", encoding="ascii", newline="\n")
    os.dup2(2, 1)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield JsonLines(stream)
    finally:
        os.dup2(stream.fileno(), 1)
        with contextlib.suppress(OSError):  # closing tries once more to write what nobody reads
            stream.close()
