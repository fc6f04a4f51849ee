"""A case as files and options, as the commands that score one case take it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import SimpleITK as sitk

from ..errors import FileError, InputError
from ..texts import clean
from ..voi import Voi
from .case import Choices, ReadyCase


def case_options(choices: Choices, case: ReadyCase) -> list[str]:
    """Return the options that choose model, scaling, engine and covariates as ``choices`` do for ``case``."""
    known = [item.name for item in case.model.covariates]
    given = [f"{name}={choices.covariates[name]}" for name in known if choices.covariates.get(name)]
    options = ["--model", choices.model_id]
    options += ["--scaling", choices.scaling] if case.scaling is not None else []
    options += engine_options(choices.engine)
    return options + [text for item in given for text in ("--covariate", item)]


def engine_options(engine: str) -> list[str]:
    """Return the option that chooses ``engine``, none for the preferred one (an empty text)."""
    return ["--engine", engine] if engine else []


def write_case(case: ReadyCase, folder: Path) -> list[str]:
    """Write the images and contours of ``case`` into ``folder`` and return the options that name them.

    What is read back has the same voxels and places to the last bit, so that a command computes what the panel does;
    it is the whole image, because a VOI is identified by its place in it. Raises FileError.
    """
    options: list[str] = []
    for number, (name, voi) in enumerate(case.vois.items(), 1):
        # Directions and spacings stand apart in .mha; the header of .nrrd multiplies them, which rounds.
        image, mask = folder / f"image{number}.mha", folder / f"contour{number}.seg.nrrd"
        try:
            sitk.WriteImage(voi.image, str(image))
            sitk.WriteImage(_contour(voi), str(mask), useCompression=True)
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1]
            raise FileError(f"The case cannot be written into the temporary folder '{folder}' ({reason}); make room "
                            "there.") from None
        options += ["--input", f"{name}={image},{mask}"] if options else ["--image", str(image), "--mask", str(mask)]
    return options


def agreement_options(case: ReadyCase, analyses: Sequence[Path]) -> list[str]:
    """Return the option that names the first of ``analyses`` with limits of agreement for the score of ``case``.

    They hold for the same model with the same scaling; what is absent, damaged or of another score is passed over.
    """
    from ..reading.study_result import read_result  # statistics that take long to import: here, a thread's time

    for path in analyses:
        try:
            result = read_result(path)
        except InputError:
            continue
        model, scaling = result.model, case.scaling
        if (model is not None and model.hash == case.model.hash and result.widest_limits() is not None
                and (model.scaling.hash if model.scaling else None) == (scaling.hash if scaling else None)):
            return ["--agreement", str(path)]
    return []


def _contour(voi: Voi) -> sitk.Image:
    """Return the contour as a segmentation of one segment on its box of the image's grid."""
    box = voi.grid.cropped(voi.start, voi.contour.shape[::-1])
    mask: sitk.Image = box.image(voi.contour.astype("uint8"))
    for key, text in (("ID", "Segment_1"), ("Name", clean(voi.name, 200) or "Segment_1"), ("LabelValue", "1"),
                      ("Layer", "0")):
        mask.SetMetaData(f"Segment0_{key}", text)
    return mask
