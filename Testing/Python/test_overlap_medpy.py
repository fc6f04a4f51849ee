"""Contour agreement on real contours against MedPy, which measures by a distance map where we search points."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import shared_case
from contour_edits import EDITS

from RadiomicsPrognosisLib.reading.overlap import contour_overlap

PAIRS = json.loads((Path(__file__).parent / "data" / "overlap" / "medpy_distances.json").read_text())["pairs"]


@pytest.mark.parametrize("case", sorted({pair["case"] for pair in PAIRS}))
def test_equal_to_medpy(case: str, request: pytest.FixtureRequest) -> None:
    """Every distance to 1e-6 mm, for five edits of each contour: 5 mm slices of lung, 3.27 mm of sarcoma."""
    if case.startswith("lung"):
        lung: Callable[[str], tuple[Path, Path]] = request.getfixturevalue("lung")
        path = lung(case)[1]
    else:
        path = shared_case(f"sts_ct/{case}")[1]
    mask = sitk.ReadImage(str(path)) > 0
    array = sitk.GetArrayFromImage(mask) > 0
    for pair in [pair for pair in PAIRS if pair["case"] == case]:
        check(pair, mask, EDITS[pair["edit"]](array))


def check(pair: dict[str, Any], mask: sitk.Image, edited: np.ndarray) -> None:
    assert edited.sum() == pair["voxels"], "the second contour is not the one that MedPy measured"
    second = sitk.GetImageFromArray(edited.astype(np.uint8))
    second.CopyInformation(mask)
    overlap = contour_overlap(mask, second)
    voxels = pair["surface_a"], pair["surface_b"]
    mean = np.average([pair["a_to_b_mm"], pair["b_to_a_mm"]], weights=voxels)
    percentile = max(pair["percentile95_a_to_b_mm"], pair["percentile95_b_to_a_mm"])
    assert overlap.dice == pytest.approx(pair["dice"], abs=1e-12)
    assert overlap.jaccard == pytest.approx(pair["jaccard"], abs=1e-12)
    assert overlap.mean_surface_distance_mm == pytest.approx(mean, abs=1e-6)
    assert overlap.hausdorff95_mm == pytest.approx(percentile, abs=1e-6)
    assert overlap.hausdorff_mm == pytest.approx(pair["hausdorff_mm"], abs=1e-6)
