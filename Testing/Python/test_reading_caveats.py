"""What a result of readings warns of: other lesions, one lesion as two cases, and names that are one person's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk

from RadiomicsPrognosisLib.reading.analysis import analyse_readings
from RadiomicsPrognosisLib.reading.contour_agreement import compare_contours
from RadiomicsPrognosisLib.reading.rule import ReproducibilityFilter
from RadiomicsPrognosisLib.reading.study_result import ContourAgreement, ContourSource, ReproducibilityResult

FEATURES = ("original_firstorder_Mean", "original_firstorder_Skewness", "original_glcm_Contrast")


def table(cases: int = 8) -> pd.DataFrame:
    """Return readings of ``cases`` by A and B in sessions 1 and 2."""
    generator = np.random.default_rng(0)
    truth = generator.normal(size=(cases, 3))
    return pd.concat([pd.DataFrame({"case": [f"P{number}" for number in range(cases)], "reader": reader,
                                    "session": session}).assign(
        **dict(zip(FEATURES, (truth + 0.1 * generator.normal(size=(cases, 3))).T, strict=True)))
        for reader in ("A", "B") for session in ("1", "2")], ignore_index=True)


def analysed(readings: pd.DataFrame, contours: tuple[ContourAgreement, ...] = ()) -> ReproducibilityResult:
    return analyse_readings(readings, ReproducibilityFilter("ICC(2,1)", 0.5), contours=contours)


def messages(result: ReproducibilityResult) -> dict[str, str]:
    return {item.code: item.message for item in result.warnings}


@pytest.mark.parametrize(("column", "one", "other"), [
    ("reader", "B", "b"), ("session", "2", "02"), ("session", "2", "2.0"), ("case", "P3", "p3"),
    ("case", "P3", "P 3"), ("case", "P3", "P03")])
def test_names_that_are_probably_one_are_warned_of(column: str, one: str, other: str) -> None:
    readings = table()
    assert "alike-names" not in messages(analysed(readings))
    rows = readings.index[(readings[column] == one) & (readings["reader"] == "B")]
    readings.loc[rows if column == "session" else rows[-1:], column] = other
    message = messages(analysed(readings))["alike-names"]
    assert f"'{one}'" in message and f"'{other}'" in message and f"{column}s" in message


@pytest.mark.parametrize("names", [("1", "10"), ("1.5", "1.05"), ("Ann", "Anna"), ("1", "2")])
def test_names_of_two_are_not(names: tuple[str, str]) -> None:
    readings = table()
    readings["session"] = readings["session"].map(dict(zip(("1", "2"), names, strict=True)))
    assert "alike-names" not in messages(analysed(readings))


@pytest.mark.parametrize("hashed", [False, True], ids=["features", "voi_hash"])
def test_one_lesion_under_two_names_is_warned_of(hashed: bool) -> None:
    readings = table()
    if hashed:
        readings["voi_hash"] = [f"{number:03}" for number in range(len(readings))]
    assert not messages(analysed(readings))
    again = readings[readings["case"] == "P3"].assign(case="Q")
    message = messages(analysed(pd.concat([readings, again])))["repeated-case"]
    assert "P3 and Q" in message and "counted" in message


def test_contours_without_a_common_voxel_are_warned_of(tmp_path: Path) -> None:
    image = sitk.GetImageFromArray(np.zeros((6, 8, 8), np.int16))
    sources = []
    for reader, low in (("A", 1), ("B", 5)):
        voxels = np.zeros((6, 8, 8), np.uint8)
        voxels[1:4, low:low + 3, 1:4] = 1
        mask = sitk.GetImageFromArray(voxels)
        sitk.WriteImage(mask, f"{tmp_path}/{reader}.nrrd")
        sources.append(ContourSource(case="P3", reading=f"{reader} / 1", image=f"{tmp_path}/ct.nrrd",
                                     mask=f"{tmp_path}/{reader}.nrrd", label=None))
    sitk.WriteImage(image, f"{tmp_path}/ct.nrrd")
    contours = compare_contours(sources, [("A / 1", "B / 1")])
    message = messages(analysed(table(), contours))["disjoint-contours"]
    assert "P3 (A / 1, B / 1)" in message and "swapped" in message
    assert contours[0].overlap is not None
    touching = replace(contours[0], overlap=replace(contours[0].overlap, dice=0.01))
    assert "disjoint-contours" not in messages(analysed(table(), (touching,)))
