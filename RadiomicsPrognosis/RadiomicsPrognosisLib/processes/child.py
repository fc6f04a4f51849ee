"""A child process with the package on its path and a pipe for each of its three standard streams."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from .failures import WorkerNotStarted
from .interpreter import PACKAGE_PARENT, process_environment

#: How Popen is told that no console window shall flash up, which happens on Windows only.
if sys.platform == "win32":
    _NO_WINDOW = subprocess.CREATE_NO_WINDOW
else:
    _NO_WINDOW = 0


@dataclass(frozen=True)
class Child:
    """A process that runs, or has ended, and this side's ends of its pipes."""

    process: subprocess.Popen[bytes]
    stdin: IO[bytes]
    stdout: IO[bytes]
    stderr: IO[bytes]

    def kill_group(self) -> None:
        """End the process and those it started, when it leads a group; does nothing once it has ended."""
        if self.process.poll() is None:
            with contextlib.suppress(OSError):
                if sys.platform == "win32":
                    subprocess.run(["taskkill", "/T", "/F", "/PID", str(self.process.pid)], check=False,
                                   creationflags=_NO_WINDOW, capture_output=True)
                else:
                    os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def start_child(command: Sequence[str], what: str, environment: Mapping[str, str] | None = None,
                leads_group: bool = False) -> Child:
    """Start ``command`` with ``environment`` added to this process's.

    A launcher and the process behind it can be ended together when it ``leads_group``. Raises WorkerNotStarted, whose
    message begins with ``what`` could not be started.
    """
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   cwd=PACKAGE_PARENT, env={**process_environment(), **(environment or {})},
                                   creationflags=_NO_WINDOW, start_new_session=leads_group)
    except OSError as error:
        raise WorkerNotStarted(f"{what} could not be started: {error}.") from None
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise WorkerNotStarted(f"{what} could not be started: it has no pipes.")
    return Child(process, process.stdin, process.stdout, process.stderr)
