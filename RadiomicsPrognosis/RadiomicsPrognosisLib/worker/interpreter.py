"""Which Python runs the worker: this one, or inside 3D Slicer the PythonSlicer beside it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from .failures import WorkerNotStarted

#: The folder that holds the package, so that ``python -m`` finds it.
PACKAGE_PARENT = Path(__file__).resolve().parents[2]


def worker_command() -> list[str]:
    """Return the command that starts a worker. Raises WorkerNotStarted when no interpreter is found.

    Inside Slicer ``sys.executable`` may be the application, which would open a second Slicer; its console interpreter
    PythonSlicer is on the application's PATH (Slicer's python_faq, 'What is the PythonSlicer executable?').
    """
    return [_python(), "-m", __package__]


def _python() -> str:
    executable = Path(sys.executable) if sys.executable else None
    if executable and executable.stem.lower().startswith("python"):
        return str(executable)
    found = shutil.which("PythonSlicer")
    if not found and executable:
        beside = executable.with_name("PythonSlicer.exe" if os.name == "nt" else "PythonSlicer")
        found = str(beside) if beside.is_file() else None
    if not found:
        raise WorkerNotStarted("The interpreter PythonSlicer was not found beside 3D Slicer; reinstall Slicer, or "
                               "start it with its own launcher.")
    return found


def worker_environment() -> dict[str, str]:
    """Return this process's environment without what would hide the package from ``python -m``."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONSAFEPATH"}
