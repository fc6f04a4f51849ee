"""What is wrong beside image and contour: the model, the scaling, the clinical factors, a phase, a table, a series."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pydicom
import SimpleITK as sitk
from dicom_cases import write_series

from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.cohort.columns import usable_rows
from RadiomicsPrognosisLib.cohort.extraction import extract_cohort
from RadiomicsPrognosisLib.cohort.scoring import predict_table, score_cohort
from RadiomicsPrognosisLib.cohort.table import read_cohort
from RadiomicsPrognosisLib.models.covariates import Covariate
from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.models.scaling import Scaling, load_scaling
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.prediction import Prediction, score_vois
from RadiomicsPrognosisLib.voi import make_voi

from . import contours
from .real import Case, cropped, lower_half, paths
from .showing import REFUSED, Shown, attempt, of_prediction, plain_model, scored

S1, RESPONSE, CONTROL = "s1_escc_lpfs_radscore", "s2_escc_ln_response", "s2_escc_ln_control_2y"


def with_model(case: Case, name: str, change: Callable[[Scaling], Scaling] | None = None) -> Shown:
    """Return what is shown of a case under a model that ships, S1 with the demonstration scaling, perhaps changed."""
    model = load_model(name)
    scaling = demonstration(model) if model.needs_scaling else None
    return attempt(lambda: scored(case, model, change(scaling) if change and scaling else scaling))


def demonstration(model: Model) -> Scaling:
    """Return the scaling that ships with S1."""
    return load_scaling("demonstration-sts-ct", model)


def with_scaling(change: Callable[[Scaling], Scaling]) -> Shown:
    """Return what is shown of the small lung tumour under S1 with a changed scaling."""
    return with_model(cropped("lung1"), S1, change)


def as_if_real(scaling: Scaling) -> Scaling:
    """The demonstration's scaling, its sarcomas, without its label."""
    return replace(scaling, name="our-patients", demonstration=False)


def with_covariates(model: Model, **values: str) -> Shown:
    """Return what is shown of a case with these clinical factors."""
    return attempt(lambda: scored(cropped("STS_025"), model, None, **values))


def model_with_age() -> Model:
    """Return the plain model with an age of 18 - 100 years among its clinical factors."""
    age = Covariate(name="age", title="Age", kind="continuous", unit="years", range=(18, 100))
    return plain_model(covariates=(age,))


# Two phases -----------------------------------------------------------------------------------------------------------


def two_phases() -> Model:
    """Return the plain model reading one feature of an arterial and one of a venous phase."""
    model = plain_model()
    inputs = tuple(replace(model.inputs[0], name=name, title=f"{name.capitalize()} phase")
                   for name in ("arterial", "venous"))
    terms = tuple(replace(term, input=item.name) for term, item in zip(model.terms, inputs, strict=True))
    return replace(model, inputs=inputs, signature=replace(model.signature, terms=terms))


def phases(*, exchanged: bool) -> Shown:
    """Return what is shown of lung2 in two imitated phases: the aorta bright in one, the heart a little in the other.
    """
    case = lower_half("lung2")
    aorta = contours.widened(contours.vessel(case).voxels)
    heart = contours.heart(case).voxels
    values = case.values
    arterial = case.with_values(values + 220.0 * aorta + 60.0 * heart)
    venous = case.with_values(values + 110.0 * aorta + 90.0 * heart)
    return _of_phases(*((venous, arterial) if exchanged else (arterial, venous)))


def one_phase_twice() -> Shown:
    """Return what is shown of one image given as both phases."""
    return _of_phases(cropped("lung2"), cropped("lung2"))


def _of_phases(arterial: Case, venous: Case) -> Shown:
    model = two_phases()
    protocol = model.image_protocol()
    return attempt(lambda: score_vois({item.name: make_voi(case.image, case.mask, protocol, "tumour") for item, case
                                       in zip(model.inputs, (arterial, venous), strict=True)}, model))


def a_phase_missing() -> Shown:
    """Return what is shown of a case with one of its two phases."""
    model, case = two_phases(), cropped("lung2")
    voi = make_voi(case.image, case.mask, model.image_protocol(), "tumour")
    return attempt(lambda: score_vois({"arterial": voi}, model))


# Tables ---------------------------------------------------------------------------------------------------------------


def _on_one_grid(case: Case) -> Case:
    """Return a case cropped to a size, and placed, as all are."""
    middle = np.argwhere(case.voxels).mean(axis=0)[::-1]
    size = np.minimum((100, 100, 22), case.image.GetSize())
    start = np.clip(middle - size / 2, 0, np.array(case.image.GetSize()) - size).astype(int)

    def change(item: sitk.Image) -> sitk.Image:
        item = sitk.RegionOfInterest(item, size.tolist(), start.tolist())
        item.SetOrigin((-50, -50, 0))
        return item

    return case.on_both(change)


def cohort(folder: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Shown:
    """Return what is shown of a cohort of two real patients after ``change`` to its table."""
    rows = []
    for name in ("STS_025", "STS_008"):
        case = _on_one_grid(cropped(name))
        files = {kind: str(folder / f"{name}_{kind}.nrrd") for kind in ("image", "mask")}
        sitk.WriteImage(sitk.Cast(case.image, sitk.sitkInt16), files["image"])
        sitk.WriteImage(case.mask, files["mask"])
        rows.append({"case": name, **files})
    table = folder / "cohort.csv"

    def predictions() -> list[Prediction]:
        change(pd.DataFrame(rows)).to_csv(table, index=False)
        kept: list[Prediction] = []
        frame = score_cohort(read_cohort(table), plain_model(), scored=lambda _, item, __: kept.append(item))
        errors.extend(frame["error"].dropna())
        return kept

    errors: list[str] = []
    result = attempt(predictions)
    return Shown(REFUSED, {**result.sentences, "error": errors[0]}) if errors else result


def exchanged_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Images in the column of masks, and masks in that of images."""
    return table.rename(columns={"image": "mask", "mask": "image"})


def one_mask(table: pd.DataFrame) -> pd.DataFrame:
    """One patient's mask in every row, copied under another name."""
    copy = Path(table["mask"][1]).with_name("copy.nrrd")
    shutil.copy(table["mask"][0], copy)
    return table.assign(mask=[table["mask"][0], str(copy)])


def one_image(table: pd.DataFrame) -> pd.DataFrame:
    """One patient's image in every row."""
    return table.assign(image=table["image"][0])


def one_lesion(table: pd.DataFrame) -> pd.DataFrame:
    """One patient's image and mask under two names."""
    return table.assign(image=table["image"][0], mask=table["mask"][0])


def repeated_row(table: pd.DataFrame) -> pd.DataFrame:
    """A row twice."""
    return pd.concat([table, table.iloc[:1]])


def features(folder: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Shown:
    """Return what is shown of extracted features after ``change`` to their table."""
    model = load_model(RESPONSE)
    image, mask = paths("STS_025")
    rows = pd.DataFrame([{"case": "STS_025", "image": str(image), "mask": str(mask)}])
    table = extract_cohort(rows, model.image_protocol(), model.features(), cache=folder / "cache")

    def predictions() -> list[Prediction]:
        predict_table(model, usable_rows(change(table))[0], None)
        return []

    return attempt(predictions)


def in_percent(table: pd.DataFrame) -> pd.DataFrame:
    """Features between 0 and 1 stored in percent."""
    name = "original_shape_Sphericity"
    return table.assign(**{name: 100 * table[name]})


def permuted(table: pd.DataFrame) -> pd.DataFrame:
    """The columns' names in another order than their values."""
    names = [name for name in table if name.startswith("original_")]
    return table.rename(columns=dict(zip(names, [*names[1:], names[0]], strict=True)))


def other_protocol(table: pd.DataFrame) -> pd.DataFrame:
    """Features made under other settings."""
    return table.assign(protocol_hash="0" * 64)


# The command line -----------------------------------------------------------------------------------------------------


def command(*arguments: object) -> Shown:
    """Return what the command line shows: its one line on stderr, or the prediction that it prints as JSON."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(["score", *map(str, arguments)])
    if code:
        return Shown(REFUSED, {f"exit {code}": err.getvalue().strip()})
    return of_prediction(Prediction.from_dict(json.loads(out.getvalue())))


def _written(case: Case, folder: Path) -> tuple[Path, Path]:
    image, mask = folder / "ct.nrrd", folder / "mask.nrrd"
    sitk.WriteImage(case.image, str(image))
    sitk.WriteImage(case.mask, str(mask))
    return image, mask


def files(folder: Path, case: Case, *more: str) -> Shown:
    """Return what the command line shows of a case written to files."""
    image, mask = _written(case, folder)
    return command("--image", image, "--mask", mask, "--model", CONTROL, "--json", *more)


def exchanged_files(folder: Path) -> Shown:
    """Return what the command line shows of image and mask exchanged."""
    image, mask = _written(cropped("STS_025"), folder)
    return command("--image", mask, "--mask", image, "--model", CONTROL)


def two_labels(folder: Path) -> Shown:
    """Return what the command line shows of a file with two labels when none is named."""
    case = cropped("STS_025")
    labels = case.voxels.astype(np.uint8)
    labels[: len(labels) // 2] *= 2
    image, mask = _written(replace(case, mask=case.with_voxels(labels > 0).mask), folder)
    two = sitk.GetImageFromArray(labels)
    two.CopyInformation(case.mask)
    sitk.WriteImage(two, str(mask))
    return command("--image", image, "--mask", mask, "--model", CONTROL)


# DICOM ----------------------------------------------------------------------------------------------------------------


def series(folder: Path, change: Callable[[list[Path]], Sequence[object]], model: str = CONTROL) -> Shown:
    """Return what the command line shows of STS_025 as a DICOM series after ``change`` to its files, in their order.

    ``change`` returns further options.
    """
    case = cropped("STS_025")
    paths_written = write_series(sitk.Cast(case.image, sitk.sitkInt32), folder / "series")
    in_order = sorted(paths_written, key=lambda path: float(
        pydicom.dcmread(path, stop_before_pixels=True).ImagePositionPatient[2]))
    options = change(in_order)
    mask = folder / "mask.nrrd"
    sitk.WriteImage(case.mask, str(mask))
    image = [] if "--image" in options else ["--image", folder / "series"]
    return command(*image, *options, "--mask", mask, "--model", model, "--json")


def slice_missing(slices: list[Path]) -> list[str]:
    """A slice inside the lesion is missing."""
    slices[len(slices) // 2].unlink()
    return []


def slice_doubled(slices: list[Path]) -> list[str]:
    """A slice lies in the folder twice, the second time as an image of its own."""
    copy = pydicom.dcmread(slices[len(slices) // 2])
    copy.SOPInstanceUID = copy.file_meta.MediaStorageSOPInstanceUID = f"{copy.SOPInstanceUID[:50]}.1"
    copy.save_as(slices[0].with_name("copy.dcm"))
    return []


def every_second_missing(slices: list[Path]) -> list[str]:
    """The slices of one half are twice as far from one another."""
    for path in slices[: len(slices) // 2: 2]:
        path.unlink()
    return []


def of_two_series(slices: list[Path]) -> list[str]:
    """The folder holds two series."""
    for path in slices:
        other = pydicom.dcmread(path)
        other.SeriesInstanceUID, other.SeriesNumber = f"{other.SeriesInstanceUID[:50]}.1", 4
        other.SOPInstanceUID = other.file_meta.MediaStorageSOPInstanceUID = f"{other.SOPInstanceUID[:50]}.2"
        other.save_as(path.with_name(f"b{path.name}"))
    return []


def single_file(slices: list[Path]) -> list[object]:
    """One file of the series instead of its folder."""
    return ["--image", slices[len(slices) // 2]]


def _set(slices: list[Path], **values: object) -> list[str]:
    for path in slices:
        item = pydicom.dcmread(path)
        for name, value in values.items():
            setattr(item, name, value)
        item.save_as(path)
    return []


def of_mr(slices: list[Path]) -> list[str]:
    """A series that DICOM calls MR."""
    return _set(slices, Modality="MR")


def at_80_kv(slices: list[Path]) -> list[str]:
    """A series at 80 kV, and the model's at 120 kV."""
    return _set(slices, KVP=80)
