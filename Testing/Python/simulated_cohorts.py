"""Cohorts made of real CT, to run the shipped recipes from images to a stored model.

The CT and the contours are those of soft-tissue sarcomas (Vallieres et al. 2015, TCIA Soft-tissue-Sarcoma, doi
10.7937/K9/TCIA.2015.7GO2GSKS, CC BY 3.0). What is made, and said so wherever it is shown: each tumour is cut into
balls, which stand for lesions, lymph nodes or patients of their own; second readings are simulated; the venous phase is
the CT itself with soft tissue brightened; clinical factors are drawn at random, and outcomes follow them and the
lesion's SD of attenuation. No number that comes of it says anything about a patient.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import SimpleITK as sitk
from conftest import SHARED
from simulated_readings import Hand, simulated_contour
from study_cases import clinical_columns

from RadiomicsPrognosisLib.study.recipe.recipe import Recipe

#: Radius of the balls that stand for tumours and for lymph nodes, and what of the CT is kept around them (mm).
TUMOUR_MM, NODE_MM, MARGIN_MM = 11.0, 8.0, 14.0

#: The made venous phase: soft tissue of this attenuation (HU) is smoothed (mm) and brightened (HU) by as much.
SOFT_TISSUE, SMOOTHED_MM, BRIGHTENED = (0.0, 150.0), 1.0, 25.0

#: How strongly outcomes follow the standardised SD of attenuation (:func:`study_cases.clinical_columns`).
STRENGTH = 2.5

#: How the simulated second reading departs from the first.
SECOND_READING = Hand(sd_mm=0.5, length_mm=6.0)


@dataclass(frozen=True)
class Lesion:
    """A ball cut from the tumour of ``source`` (STS_001 ...): the CT (HU) around it, its mask, SD of attenuation (HU).
    """

    source: str
    number: int
    image: sitk.Image
    mask: sitk.Image
    sd: float

    @property
    def name(self) -> str:
        """The lesion's name, for files and rows."""
        return f"{self.source}-{self.number}"


def sources() -> list[Path]:
    """Return the folders of the cases, none where the data are not beside the checkout."""
    return sorted(path for path in (SHARED / "sts_ct").glob("STS_*") if (path / "mask.nii.gz").is_file())


def lesions(folders: Sequence[Path], per_tumour: int, radius_mm: float = TUMOUR_MM) -> list[Lesion]:
    """Return ``per_tumour`` balls of every tumour, each at the centre of one of its equal parts along its longest axis.
    """
    return [lesion for folder in folders for lesion in _balls(folder, per_tumour, radius_mm)]


def _balls(folder: Path, count: int, radius: float) -> list[Lesion]:
    image = sitk.ReadImage(str(folder / "image.nii.gz"), sitk.sitkInt16)
    tumour = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / "mask.nii.gz"))) > 0
    spacing = np.array(image.GetSpacing()[::-1])
    places = np.argwhere(tumour) * spacing
    axis = int(np.ptp(places, axis=0).argmax())
    stretches = np.array_split(places[places[:, axis].argsort(kind="stable")], count)
    return [_ball(folder.name, number, image, tumour, stretch, radius) for number, stretch in enumerate(stretches, 1)]


def _ball(source: str, number: int, image: sitk.Image, tumour: np.ndarray, places: np.ndarray,
          radius: float) -> Lesion:
    """Return the ball (mm) about the voxel that is nearest to the centre of ``places`` (n, 3; z, y, x; mm)."""
    spacing = np.array(image.GetSpacing()[::-1])
    centre = places[np.linalg.norm(places - places.mean(axis=0), axis=1).argmin()]
    low = np.maximum(np.floor((centre - radius - MARGIN_MM) / spacing).astype(int), 0)
    high = np.minimum(np.ceil((centre + radius + MARGIN_MM) / spacing).astype(int) + 1, tumour.shape)
    z, y, x = (np.arange(a, b) * s - c for a, b, s, c in zip(low, high, spacing, centre, strict=True))
    ball = z[:, None, None]**2 + y[None, :, None]**2 + x[None, None, :]**2 <= radius**2
    inside = ball & tumour[low[0]:high[0], low[1]:high[1], low[2]:high[2]]
    around = image[low[2]:high[2], low[1]:high[1], low[0]:high[0]]
    mask = sitk.GetImageFromArray(inside.astype(np.uint8))
    mask.CopyInformation(around)
    return Lesion(source, number, around, mask, float(sitk.GetArrayFromImage(around)[inside].std()))


def venous(lesion: Lesion) -> Lesion:
    """Return the lesion in the made venous phase, its contour a voxel wider in the plane."""
    smooth = sitk.SmoothingRecursiveGaussian(sitk.Cast(lesion.image, sitk.sitkFloat64), SMOOTHED_MM)
    values, now = sitk.GetArrayFromImage(smooth), sitk.GetArrayFromImage(lesion.image)
    soft = (now >= SOFT_TISSUE[0]) & (now <= SOFT_TISSUE[1])
    bright = sitk.GetImageFromArray(np.where(soft, np.rint(values + BRIGHTENED), now).astype(np.int16))
    bright.CopyInformation(lesion.image)
    return Lesion(lesion.source, lesion.number, bright, sitk.BinaryDilate(lesion.mask, (1, 1, 0)), lesion.sd)


def write_rows(folder: Path, items: Sequence[Lesion], phases: Sequence[str] = ()) -> pd.DataFrame:
    """Write image and contour of each lesion, and of each of its ``phases`` (arterial, venous), and return the rows."""
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, object]] = []
    for item in items:
        for phase in phases or ("",):
            shown, name = venous(item) if phase == "venous" else item, "_".join(filter(None, (item.name, phase)))
            sitk.WriteImage(shown.image, str(folder / f"{name}_ct.nrrd"))
            sitk.WriteImage(shown.mask, str(folder / f"{name}_contour.nrrd"))
            rows.append({"case": item.name, **({"input": phase} if phase else {}), "image": f"{name}_ct.nrrd",
                         "mask": f"{name}_contour.nrrd"})
    return pd.DataFrame(rows)


def write_readings(folder: Path, rows: pd.DataFrame, readers: Sequence[tuple[str, str]]) -> Path:
    """Write simulated further readings of ``rows`` by (reader, session), the first the contours themselves."""
    read = []
    for place, (reader, session) in enumerate(readers):
        named = rows[[name for name in ("case", "input", "image", "mask") if name in rows]].assign(
            reader=reader, session=session)
        if place:
            named["mask"] = [f"{reader}{session}_{mask}" for mask in rows["mask"]]
            for number, (first, drawn) in enumerate(zip(rows["mask"], named["mask"], strict=True)):
                contour = simulated_contour(sitk.ReadImage(str(folder / first)), SECOND_READING, (number, place))
                sitk.WriteImage(contour, str(folder / drawn))
        read.append(named)
    path = folder / "readings.csv"
    pd.concat(read, ignore_index=True).to_csv(path, index=False)
    return path


def with_outcomes(rows: pd.DataFrame, items: Sequence[Lesion], recipe: Recipe, signal: float, seed: int,
                  by: str = "case") -> pd.DataFrame:
    """Return the rows with random covariates of ``recipe``, and outcomes by them and the lesion's SD of attenuation.

    ``signal`` says how strongly covariates act. The same values stand in all rows of a case, or (``by`` the column
    'patient') of a patient, whose lesion of the largest SD it is then.
    """
    spread = rows["case"].map({item.name: item.sd for item in items}).groupby(rows[by], sort=False).max()
    risk = STRENGTH * (spread.to_numpy() - spread.mean()) / spread.std(ddof=0)
    clinical = pd.DataFrame(clinical_columns(recipe, np.random.default_rng(seed), risk, signal))
    return rows.merge(clinical.assign(**{by: spread.index}), on=by, how="left", validate="m:1")
