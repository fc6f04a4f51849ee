"""Play the scenarios in a real Slicer with its main window, one line each, and print how long things took.

    Slicer --no-splash --testing --additional-module-paths RadiomicsPrognosis \\
        --python-script Testing/Slicer/run_scenarios.py -- [names]

(the paths before the script, as Slicer wants them; under xvfb-run on a machine without a screen.) Without names all are
played; those of reports, cohorts and studies are skipped where the packages of Resources/requirements.txt are not
installed. With --testing no message box waits for an answer. Slicer ends with 1 when a scenario failed, with 2 when the
module is not loaded. What the person at this Slicer keeps (user folder, settings of the module) is not touched.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

import qt
import slicer

sys.path.insert(0, str(Path(__file__).resolve().parent))

import scenarios
from scenarios.hands import Hands, Skipped
from scenarios.watching import Latencies


def play(names: Sequence[str], folder: Path) -> int:
    """Play the scenarios by name, print a line each and the latencies, and return how many failed."""
    latencies, failed = Latencies(), 0
    width = max(len(name) for name in names)
    for name in names:
        began = time.monotonic()
        outcome, details = _play(name, folder / name, latencies)
        failed += outcome.startswith("failed")
        print(f"{name:<{width}}  {time.monotonic() - began:5.1f} s  {outcome}{details}", flush=True)
    print(f"\n{len(names) - failed} of {len(names)} scenarios did not fail.\n", flush=True)
    print("\n".join(latencies.lines()), flush=True)
    return failed


def _play(name: str, folder: Path, latencies: Latencies) -> tuple[str, str]:
    """Return the outcome in a line and what is told below it."""
    folder.mkdir()
    hands = Hands(folder, latencies)
    qt.QSettings().remove("RadiomicsPrognosis")
    try:
        hands.begin()
        importlib.import_module(f"scenarios.{name}").run(hands)
        hands.expect_no_errors()
    except Skipped as reason:
        return f"skipped: {reason}", ""
    except AssertionError as error:
        first, _, rest = str(error).partition("\n")
        return f"failed: {first}", f"\n{rest}" if rest else ""
    except Exception as error:  # the others are played all the same
        return f"failed: {type(error).__name__}: {error}", f"\n{traceback.format_exc()}"
    return "ok", ""


@contextlib.contextmanager
def untouched(folder: Path) -> Iterator[None]:
    """Give the module a user folder of its own with the sample CT in it, and put its settings back afterwards."""
    from RadiomicsPrognosisLib import resources

    settings, before = qt.QSettings(), os.environ.get(resources.HOME_VARIABLE)
    kept = {key: settings.value(key) for key in settings.allKeys() if key.startswith("RadiomicsPrognosis/")}
    sample = resources.cache_folder() / "sample"
    os.environ[resources.HOME_VARIABLE] = str(folder / "home")
    if sample.is_dir():
        shutil.copytree(sample, resources.cache_folder() / "sample")
    try:
        yield
    finally:
        settings.remove("RadiomicsPrognosis")
        for key, value in kept.items():
            settings.setValue(key, value)
        os.environ.pop(resources.HOME_VARIABLE)
        if before is not None:
            os.environ[resources.HOME_VARIABLE] = before


def main(arguments: Sequence[str]) -> int:
    """Play what is named, or everything, and return the exit code."""
    if not hasattr(slicer.modules, "radiomicsprognosis") or slicer.util.mainWindow() is None:
        print("The scenarios need the module (--additional-module-paths RadiomicsPrognosis) and the main window.")
        return 2
    unknown = set(arguments) - set(scenarios.names())
    if unknown:
        print(f"There is no scenario {', '.join(sorted(unknown))}; known: {', '.join(scenarios.names())}.")
        return 2
    with tempfile.TemporaryDirectory() as name, untouched(Path(name)):
        return 1 if play(list(arguments) or scenarios.names(), Path(name)) else 0


if __name__ == "__main__":
    slicer.util.exit(main([argument for argument in sys.argv[1:] if argument != "--"]))
