"""A sample of what the software writes: a case's report and a cohort's page, of phantoms, made when pages are built."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import SimpleITK as sitk

from RadiomicsPrognosisLib.cohort.image_rows import score_rows
from RadiomicsPrognosisLib.models.scaling import load_scaling
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.overview.cohort_page import cohort_page
from RadiomicsPrognosisLib.overview.thumbnail import thumbnail
from RadiomicsPrognosisLib.phantom import PHANTOM_NAME, ct_phantom
from RadiomicsPrognosisLib.prediction import Prediction
from RadiomicsPrognosisLib.report import write_report
from RadiomicsPrognosisLib.voi import Voi

#: The model of the samples: its survival has intervals, its scaling is the demonstration's, so that both are shown.
MODEL, SCALING = "s1_escc_lpfs_radscore", "demonstration-sts-ct"

#: (N stage, complete response) of each phantom; an empty one is not known.
_PATIENTS = (("N1", "unknown"), ("N0", "yes"), ("", "no"))

REPORT, COHORT = "sample_report.html", "sample_cohort.html"

SAMPLE_LINKS = f'''* <a href="{REPORT}">The report of one case</a>
* <a href="{COHORT}">A cohort on one page</a>
'''


def sample_pages() -> dict[str, str]:
    """Return the report of the first phantom and the page of all of them, by file name."""
    model = load_model(MODEL)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cohort = _phantoms(folder)

        def keep(number: int, prediction: Prediction, vois: dict[str, Voi]) -> bytes:
            if number == 0:
                write_report(prediction, model, folder, vois, pdf=False)
            return thumbnail(vois[model.inputs[0].name])

        rows = score_rows(cohort, model, load_scaling(SCALING, model), keep)
        failed = [row.error for row in rows if row.error]
        if failed:
            raise ValueError(f"A phantom of the samples cannot be scored: {failed[0]}")
        return {REPORT: (folder / "report.html").read_text(encoding="utf-8"),
                COHORT: cohort_page(cohort, rows, model)}


def _phantoms(folder: Path) -> pd.DataFrame:
    """Write the phantoms into ``folder`` and return them as a cohort."""
    lines = []
    for number, (stage, response) in enumerate(_PATIENTS):
        image, mask = ct_phantom(seed=number, lesion_radius_mm=14 + 4 * number)
        sitk.WriteImage(image, str(folder / f"ct{number}.nrrd"))
        sitk.WriteImage(mask, str(folder / f"mask{number}.nrrd"))
        lines.append({"case": f"{PHANTOM_NAME} {number + 1}", "image": str(folder / f"ct{number}.nrrd"),
                      "mask": str(folder / f"mask{number}.nrrd"), "n_stage": stage or None,
                      "complete_response": response})
    return pd.DataFrame(lines)
