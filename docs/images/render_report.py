"""Render the top of a report into this folder: python docs/images/render_report.py (needs chromium and Pillow).

The sample CT (or, without network, the phantom) with the demonstration scaling, so the report bears its band.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image

FOLDER = Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parents[1] / "Testing" / "Python"))

from figure_cases import COX, demonstration_scaling
from page_pictures import picture_page

from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.prediction import score_vois
from RadiomicsPrognosisLib.report import write_report
from RadiomicsPrognosisLib.sample import sample_case
from RadiomicsPrognosisLib.voi import make_voi, read_acquired, read_mask

#: Width and height of the window in pixels: the page's column, down to the pictures.
_WINDOW = (800, 1170)


def main() -> None:
    """Score the sample, write its report, and picture the top of the page in light colours."""
    sample, model = sample_case(), load_model(COX)
    mask, name = read_mask(sample.mask)
    vois = {"image": make_voi(read_acquired(sample.image), mask, model.image_protocol(), name)}
    prediction = score_vois(vois, model, demonstration_scaling(model), {"n_stage": "N1", "complete_response": "no"})
    with tempfile.TemporaryDirectory() as folder:
        page = write_report(prediction, model, folder, vois, pdf=False).html
        picture_page(page, {"top": _WINDOW}, page.stem)
        picture = Image.open(page.with_name(f"{page.stem}-top-light.png")).convert("RGB")
        picture.quantize(128).save(FOLDER / "report.png", optimize=True)


if __name__ == "__main__":
    main()
