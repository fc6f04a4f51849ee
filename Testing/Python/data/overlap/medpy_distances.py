"""Write medpy_distances.json: surface distances of real contours and simulated second ones by MedPy (not our code).

Run in an environment of its own (pip install medpy SimpleITK scipy), with the folder of the shared data:

    PYTHONPATH=Testing/Python python Testing/Python/data/overlap/medpy_distances.py ../shared/data

MedPy (GPL-3) is no dependency of the tests; its numbers are compared by test_overlap.py.
"""

from __future__ import annotations

import json
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from contour_edits import EDITS
from medpy.metric import binary

LUNG = ("lung1", "lung2")
SARCOMA = tuple(f"STS_{number:03d}" for number in (1, 4, 8, 12, 19, 25, 29))


def read(folder: Path, case: str) -> tuple[np.ndarray, tuple[float, ...]]:
    """Return the mask (k, j, i) of a case and its spacing (mm) in that order."""
    path = folder / "lung" / f"{case}_label.nrrd" if case in LUNG else folder / "sts_ct" / case / "mask.nii.gz"
    mask = sitk.ReadImage(str(path))
    return sitk.GetArrayFromImage(mask) > 0, mask.GetSpacing()[::-1]


def measure(a: np.ndarray, b: np.ndarray, spacing: tuple[float, ...]) -> dict[str, float]:
    """Return MedPy's numbers of two masks."""
    directed = [binary.__surface_distances(*pair, spacing, 1) for pair in ((a, b), (b, a))]
    return {
        "voxels": int(b.sum()), "dice": binary.dc(a, b), "jaccard": binary.jc(a, b),
        "hausdorff_mm": binary.hd(a, b, spacing), "a_to_b_mm": binary.asd(a, b, spacing),
        "b_to_a_mm": binary.asd(b, a, spacing), "surface_a": len(directed[0]), "surface_b": len(directed[1]),
        "percentile95_a_to_b_mm": float(np.percentile(directed[0], 95)),
        "percentile95_b_to_a_mm": float(np.percentile(directed[1], 95)),
    }


def main() -> None:
    """Measure every case and edit."""
    folder = Path(sys.argv[1])
    pairs = []
    for case in (*LUNG, *SARCOMA):
        mask, spacing = read(folder, case)
        for name, edit in EDITS.items():
            pairs.append({"case": case, "edit": name, **measure(mask, edit(mask), spacing)})
    versions = {name: metadata.version(name) for name in ("medpy", "numpy", "scipy", "SimpleITK")}
    text = json.dumps({"versions": versions, "pairs": pairs}, indent=1, default=float)
    (Path(__file__).parent / "medpy_distances.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
