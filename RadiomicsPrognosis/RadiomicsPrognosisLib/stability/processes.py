"""Run many small tasks in this process and in others beside it; nothing of them outlives the run.

A process of its own costs a second to start, so this one works too. Each process reads its tasks from a pipe of its
own: it ends with the pipe, also when this process is killed. Nothing but the standard library, as Slicer has it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import nullcontext, suppress
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from ..errors import InputError
from ..features.engine import get_engine
from ..features.threads import itk_threads

_T = TypeVar("_T")
_R = TypeVar("_R")

#: Tasks that wait in a process' pipe beside the one it works on, so that it never waits for the next.
_WAITING = 1


def usable_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_ENDED = ("A process that computed perturbations has ended by itself; there may be too little memory. Try again with "
          "fewer jobs.")


class Crew:
    """This process and ``jobs`` - 1 others, which are started at once and import what ``engine`` needs meanwhile.

    A context manager: at its end, however it comes, the others end too. ``engine`` is the name of an engine, empty for
    the preferred one.
    """

    def __init__(self, jobs: int, engine: str = ""):
        context = multiprocessing.get_context("spawn")
        self._pipes: list[Connection] = []
        self._processes = []
        try:
            for _ in range(jobs - 1):
                own, theirs = context.Pipe()
                process = context.Process(target=_serve, args=(theirs, engine), daemon=True)
                process.start()
                theirs.close()
                self._pipes.append(own)
                self._processes.append(process)
        except BaseException:
            self._end()
            raise

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join()
        for pipe in self._pipes:
            pipe.close()

    def run(self, work: Callable[[_T], _R], tasks: Sequence[_T]) -> Generator[tuple[int, _R]]:
        """Yield (number, ``work(task)``) of all ``tasks``, in the order in which they are done.

        ``work`` is sent to the others once, so it may hold images; it and what it returns must be picklable. An error
        of any task is raised here.
        """
        waiting = deque(enumerate(tasks))
        pipes = self._pipes[:max(0, len(tasks) - 1)]
        for pipe in pipes:
            _send(pipe, work)
        busy = dict.fromkeys(pipes, 0)
        with itk_threads(1) if pipes else nullcontext():
            while waiting or any(busy.values()):
                for pipe in pipes:
                    while waiting and busy[pipe] <= _WAITING:
                        _send(pipe, waiting.popleft())
                        busy[pipe] += 1
                if waiting:
                    number, task = waiting.popleft()
                    yield number, work(task)
                for pipe in _answering([pipe for pipe in pipes if busy[pipe]], at_once=bool(waiting)):
                    yield _received(pipe)
                    busy[pipe] -= 1


def _answering(pipes: list[Connection], at_once: bool) -> list[Any]:
    """Return those of ``pipes`` that have an answer, waiting for one unless ``at_once``."""
    return wait(pipes, 0 if at_once else None) if pipes else []


def _send(pipe: Connection, item: object) -> None:
    """Send ``item`` to a process. Raises RuntimeError when it has ended."""
    try:
        pipe.send(item)
    except OSError:
        raise RuntimeError(_ENDED) from None


def _received(pipe: Any) -> tuple[int, Any]:
    """Return (number, result) that a process sent. Raises the error it sent, or RuntimeError when it has ended."""
    try:
        number, result, error = pipe.recv()
    except (EOFError, OSError):
        raise RuntimeError(_ENDED) from None
    if error is not None:
        raise error
    return number, result


def _serve(pipe: Connection, engine: str) -> None:
    """Work on the tasks that come through ``pipe`` until it ends, having imported what ``engine`` needs."""
    # Ctrl-C reaches every process of a terminal; the one that was started decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(InputError):
        get_engine(engine)
    try:
        with itk_threads(1):
            work = pipe.recv()
            while True:
                number, task = pipe.recv()
                pipe.send(_done(work, number, task))
    except (EOFError, OSError):
        return


def _done(work: Callable[[Any], Any], number: int, task: Any) -> tuple[int, Any, Exception | None]:
    try:
        return number, work(task), None
    except Exception as error:
        return number, None, error
