"""The command line scores the scene, and the case written to files as a cohort, to the panel's last digit."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path

import slicer

from .hands import COVARIATES, S1, SCALING, Hands


def run(hands: Hands) -> None:
    first = hands.start(model=S1)
    folder, scene = hands.folder, hands.folder / "case.mrb"
    hands.expect(slicer.util.saveScene(str(scene)), "the scene was not saved")
    factors = [text for name, value in COVARIATES.items() for text in ("--covariate", f"{name}={value}")]
    printed = _command(hands, "--image", str(scene), *factors, "--json")
    hands.expect(json.loads(printed)["score"] == first.score, f"the scene gives {json.loads(printed)['score']}")
    hands.need("pandas", "joblib")
    _write(hands.volume, slicer.vtkMRMLVolumeArchetypeStorageNode(), folder / "ct.nrrd")
    _write(hands.segmentation, slicer.vtkMRMLSegmentationStorageNode(), folder / "contour.seg.nrrd")
    table = folder / "cohort.csv"
    table.write_text(",".join(("case", "image", "mask", *COVARIATES)) + "\n" + ",".join(
        ("P1", "ct.nrrd", "contour.seg.nrrd", *COVARIATES.values())), encoding="utf-8")
    _command(hands, "--cohort", str(table), "--out", str(folder / "out"))
    with (folder / "out" / "scores.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    hands.expect(any(_is(value, first.score) for value in row.values()), f"no {first.score!r} in {row}")


def _write(node, storage, path: Path) -> None:
    storage.SetFileName(str(path))
    if not storage.WriteData(node):
        raise AssertionError(f"MRML did not write {path.name}")


def _command(hands: Hands, *options: str) -> str:
    """Run ``score`` with the interpreter that the panel's worker has, and return what it prints."""
    from RadiomicsPrognosisLib.processes.interpreter import PACKAGE_PARENT, interpreter, process_environment

    command = [interpreter(), "-m", "RadiomicsPrognosisLib", "score", "--model", S1, "--scaling", SCALING, *options]
    done = subprocess.run(command, cwd=PACKAGE_PARENT, env=process_environment(), capture_output=True, text=True,
                          encoding="utf-8", timeout=300, check=False)
    hands.expect(done.returncode == 0, f"{' '.join(options[:2])} ended with {done.returncode}: {done.stderr[-800:]}")
    return done.stdout


def _is(text: str | None, value: float) -> bool:
    try:
        return float(text or "nan") == value
    except ValueError:
        return False
