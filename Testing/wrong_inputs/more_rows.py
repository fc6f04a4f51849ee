"""The rows of the table that are about more than an image and a contour, and the whole table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from . import contours, elsewhere, images
from .elsewhere import CONTROL, RESPONSE, S1, with_model
from .real import cropped, lower_half
from .rows import CONTOUR, CONTOUR_ROWS, IMAGE_ROWS, Row, scored_plainly
from .showing import PLAIN, QUESTIONED, REFUSED, WARNED, WITHHELD, Shown, plain_model

MODEL, TABLE, COMMAND, SERIES = ("The model, its scaling, clinical factors or phases are others", "A table is wrong",
                                 "On the command line", "The DICOM series is not one volume of the modality")


def _row(group: str, wrong: str, case: str, show: Callable[[Path], Shown], how: str, code: str, says: str,
         genuine: Callable[[], Shown] | None = None) -> Row:
    return Row(group=group, wrong=wrong, case=case, show=show, how=how, code=code, says=says,
               genuine=genuine)


MODEL_ROWS = (
    _row(MODEL, "A node's model on a primary tumour of 365 cm3", "STS_001",
         lambda _: with_model(cropped("STS_001"), CONTROL), QUESTIONED, "lesion-size", "a lymph node of model"),
    _row(MODEL, "A primary tumour's model on a piece of less than 1 cm3", "lung2",
         lambda _: with_model(contours.core(cropped("lung2")), S1), WITHHELD, "lesion-size", "a primary tumour"),
    _row(MODEL, "An organ (the heart) under a node's model", "lung2",
         lambda _: with_model(contours.heart(lower_half("lung2")), CONTROL), QUESTIONED, "lesion-size", "cm3"),
    _row(MODEL, "A raw-feature model on a case nothing like its patients", "lung1",
         lambda _: with_model(cropped("lung1"), RESPONSE), WITHHELD, "score-beyond", "SD from the nearest group"),
    _row(MODEL, "Slices of 1 mm under a model made on 5 mm", "lung1",
         lambda _: with_model(images.one_millimetre(cropped("lung1")), S1), WITHHELD, "spacing", "1 mm is outside"),
    _row(MODEL, "A contour with a margin of 15 mm of lung, most of which the model's HU range removes", "lung1",
         lambda _: with_model(contours.generous(cropped("lung1")), S1), WITHHELD, "removed", "of the contour"),
    _row(MODEL, "Two phases exchanged (imitated)", "lung2", lambda _: elsewhere.phases(exchanged=True), QUESTIONED,
         "phases", "seem to be exchanged", lambda: elsewhere.phases(exchanged=False)),
    _row(MODEL, "One phase given for both", "lung2", lambda _: elsewhere.one_phase_twice(), QUESTIONED, "same-image",
         "the same image"),
    _row(MODEL, "One phase of two missing", "lung2", lambda _: elsewhere.a_phase_missing(), REFUSED, "model-mismatch",
         "lacks venous"),
    _row(MODEL, "A scaling made for another model", "lung1",
         lambda _: elsewhere.with_scaling(lambda item: replace(item, model="another")), REFUSED, "model-mismatch",
         "made for model 'another'"),
    _row(MODEL, "A scaling made under another protocol", "lung1",
         lambda _: elsewhere.with_scaling(lambda item: replace(item, protocol_hash="0" * 64)), REFUSED,
         "model-mismatch", "another protocol"),
    _row(MODEL, "A scaling made with another engine", "lung1",
         lambda _: elsewhere.with_scaling(lambda item: replace(item, engine="other")), REFUSED, "model-mismatch",
         "with the engine other"),
    _row(MODEL, "A scaling of sarcomas under a model of oesophageal carcinoma", "lung2",
         lambda _: with_model(cropped("lung2"), S1, elsewhere.as_if_real), WITHHELD, "scaling-disease",
         "the model is for"),
    _row(MODEL, "An age of 400", "STS_025",
         lambda _: elsewhere.with_covariates(elsewhere.model_with_age(), age="400"), REFUSED, "covariate",
         "a number from 18 up to 100 years"),
    _row(MODEL, "An age in months", "STS_025",
         lambda _: elsewhere.with_covariates(elsewhere.model_with_age(), age="744"), REFUSED, "covariate", "years"),
    _row(MODEL, "A clinical factor of another model", "STS_025",
         lambda _: elsewhere.with_covariates(plain_model(), t_stage="T3"), REFUSED, "covariate", "has no covariate"),
)


TABLE_ROWS = tuple(
    _row(TABLE, (change.__doc__ or "").strip().rstrip("."), "STS_008, STS_025",
         lambda folder, change=change: elsewhere.cohort(folder, change), how, code, says)
    for change, how, code, says in (
        (elsewhere.exchanged_columns, REFUSED, "cohort", "were image and mask exchanged"),
        (elsewhere.one_mask, WARNED, "shared-mask", "can be drawn on one of them"),
        (elsewhere.one_image, WARNED, "shared-image", "lesions of one patient"),
        (elsewhere.one_lesion, WARNED, "shared-lesion", "a lesion belongs to one patient"),
        (elsewhere.repeated_row, REFUSED, "cohort", "repeats an earlier one"),
    )) + tuple(
    _row(TABLE, (change.__doc__ or "").strip().rstrip("."), "STS_025",
         lambda folder, change=change: elsewhere.features(folder, change), REFUSED, code, says)
    for change, code, says in (
        (elsewhere.in_percent, "cohort", "it can only be 0 to 1"),
        (elsewhere.permuted, "cohort", "columns were exchanged"),
        (elsewhere.other_protocol, "model-mismatch", "Extract them with that protocol"),
    ))

COMMAND_ROWS = (
    _row(COMMAND, "Spacing in cm", "STS_025",
         lambda folder: elsewhere.files(folder, images.centimetres(cropped("STS_025"))), WITHHELD, "voxel-size",
         "another unit"),
    _row(COMMAND, "The mask of the other side", "lung2",
         lambda folder: elsewhere.files(folder, contours.mirrored(lower_half("lung2"))), WITHHELD, "air", "side"),
    _row(COMMAND, "Image and mask exchanged", "STS_025", elsewhere.exchanged_files, REFUSED, "exit 2",
         "were image and mask exchanged"),
    _row(COMMAND, "A file with two labels, and none named", "STS_025", elsewhere.two_labels, REFUSED, "exit 2",
         "say which with a label"),
    _row(COMMAND, "A scaling for a model that takes none", "STS_025",
         lambda folder: elsewhere.files(folder, cropped("STS_025"), "--scaling", "demonstration-sts-ct"), REFUSED,
         "exit 2", "takes no scaling"),
)

SERIES_ROWS = tuple(
    _row(SERIES, (change.__doc__ or "").strip().rstrip("."), "STS_025",
         lambda folder, change=change: elsewhere.series(folder, change), how, code, says)
    for change, how, code, says in (
        (elsewhere.slice_missing, REFUSED, "exit 2", "1 slice is missing"),
        (elsewhere.slice_doubled, REFUSED, "exit 2", "two images of one place"),
        (elsewhere.every_second_missing, REFUSED, "exit 2", "missing"),
        (elsewhere.of_two_series, REFUSED, "exit 2", "--series"),
        (elsewhere.single_file, REFUSED, "exit 2", "folder"),
        (elsewhere.of_mr, REFUSED, "exit 2", "MR"),
        (elsewhere.at_80_kv, WARNED, "acquisition", "80 kV"),
    ))

#: What no check of image, contour and model tells from a right input, and what stands beside the result all the same.
UNTOLD = (
    _row(CONTOUR, "A piece of muscle of a node's size", "lung2",
         lambda _: scored_plainly(contours.muscle(lower_half("lung2"))), PLAIN, "",
         "the picture of the contour on the slice"),
    _row(CONTOUR, "The descending aorta without contrast agent", "lung2",
         lambda _: scored_plainly(contours.vessel(lower_half("lung2"))), PLAIN, "",
         "the picture of the contour on the slice"),
    _row(CONTOUR, "The contour moved by 1 cm inside a large tumour and the muscle about it", "STS_001",
         lambda _: scored_plainly(contours.shifted(cropped("STS_001"), 10.0)), PLAIN, "",
         "the picture of the contour on the slice, and how stable the answer is"),
    _row(MODEL, "A lesion of another organ, of the model's size and attenuation", "STS_025",
         lambda _: scored_plainly(cropped("STS_025")), PLAIN, "", "the model's title and population"),
)

ROWS = (*IMAGE_ROWS, *CONTOUR_ROWS, *MODEL_ROWS, *TABLE_ROWS, *COMMAND_ROWS, *SERIES_ROWS)
