"""What can go wrong with the worker process itself; ``details`` holds what it last wrote to its error output."""

from __future__ import annotations


class WorkerFailure(Exception):
    """The worker could not compute. ``code`` names the kind for programs, ``details`` is for a fault report."""

    code = "worker"

    def __init__(self, message: str, details: str = ""):
        super().__init__(message)
        self.details = details


class WorkerNotStarted(WorkerFailure):
    """The worker process could not be started, or did not get ready in time."""

    code = "worker-start"


class WorkerCrashed(WorkerFailure):
    """The worker process ended by itself."""

    code = "worker-crash"


class WorkerHung(WorkerFailure):
    """The worker process gave no sign of life for too long and was ended."""

    code = "worker-hang"


class WorkerFault(WorkerFailure):
    """The worker met an error of the software, not of the input; it goes on running."""

    code = "worker-fault"
