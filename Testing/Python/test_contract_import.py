"""What loading the module and opening its panel cost: measured in a process of its own, on the Slicer stand-in."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
MODULE = HERE.parents[1] / "RadiomicsPrognosis" / "RadiomicsPrognosis.py"

_PROGRAM = f"""
import json, sys, time
sys.path[:0] = [{str(HERE)!r}, {str(MODULE.parent)!r}]
import slicer_standin
slicer_standin.install()
import importlib.util
spec = importlib.util.spec_from_file_location("RadiomicsPrognosis", {str(MODULE)!r})
source = importlib.util.module_from_spec(spec)
before, start = set(sys.modules), time.process_time()
spec.loader.exec_module(source)
loading, loaded = time.process_time() - start, set(sys.modules) - before
module = slicer_standin.load_module({str(MODULE)!r})
before = set(sys.modules)
widget = module.widgetRepresentation()
widget.enter()
opened = set(sys.modules) - before
slicer_standin.unload_module("RadiomicsPrognosis")
print(json.dumps({{"seconds": loading, "loaded": sorted(loaded), "opened": sorted(opened)}}))
"""


@pytest.fixture(scope="module")
def cost() -> dict:
    """CPU seconds of loading the module file, and what loading it and opening the panel imported."""
    for package in ("slicer", "PySide6"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=False,
                          env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, timeout=120)
    if "QtMissing" in done.stderr:  # Qt's wheel is there, the shared libraries it needs are not
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_loading_the_module_imports_nothing_that_slicer_has_not_loaded(cost: dict) -> None:
    assert {name.partition(".")[0] for name in cost["loaded"]} <= set(sys.stdlib_module_names)


def test_loading_the_module_takes_no_time_at_start_up(cost: dict) -> None:
    assert cost["seconds"] < 0.05  # CPU time, so that a busy machine does not count


def test_opening_the_panel_imports_nothing_heavy(cost: dict) -> None:
    opened = {name.partition(".")[0] for name in cost["opened"]}
    assert "RadiomicsPrognosisPanel" in opened
    assert not opened & {"radiomics", "pywt", "scipy", "pandas", "sklearn", "lifelines", "matplotlib", "joblib"}
