"""Which Python runs a process of its own: this one, or inside 3D Slicer the PythonSlicer beside it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from .failures import WorkerNotStarted

#: The folder that holds the package, so that ``python -m`` finds it.
PACKAGE_PARENT = Path(__file__).resolve().parents[2]


def interpreter() -> str:
    """Return the interpreter; inside Slicer its console interpreter PythonSlicer, which sets up Slicer's libraries.

    Raises WorkerNotStarted when none is found. There ``sys.executable`` may be the application, which would open a
    second Slicer. PythonSlicer is on the application's PATH (Slicer's python_faq, 'What is the PythonSlicer
    executable?').
    """
    executable = Path(sys.executable or "unknown")
    is_python = executable.stem.lower().startswith("python")
    inside_slicer = hasattr(sys.modules.get("slicer"), "app")
    if inside_slicer or not is_python:
        beside = executable.with_name("PythonSlicer.exe" if sys.platform == "win32" else "PythonSlicer")
        console = shutil.which("PythonSlicer") or (str(beside) if beside.is_file() else "")
        if console:
            return console
    if is_python:
        return str(executable)
    raise WorkerNotStarted("The interpreter PythonSlicer was not found beside 3D Slicer; reinstall Slicer, or start it "
                           "with its own launcher.")


def process_environment() -> dict[str, str]:
    """Return this process's environment without what would hide the package from ``python -m``."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONSAFEPATH"}
