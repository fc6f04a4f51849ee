"""Regenerate every figure and every page of the report, to be looked at: python Testing/gallery.py FOLDER [--render].

Cases: low risk, high risk, survival withheld, score withheld, a logistic model; and the sample CT scored with the
demonstration scaling. Figures in print and panel width, light and dark; index.html shows them all. --render adds
pictures of the pages where chromium (or google-chrome) and pdftoppm are installed.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

from RadiomicsPrognosisLib import figures
from RadiomicsPrognosisLib.errors import InputError
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.prediction import Prediction, score_vois
from RadiomicsPrognosisLib.report import ReportPaths, write_report
from RadiomicsPrognosisLib.sample import sample_case
from RadiomicsPrognosisLib.voi import Voi, make_voi, read_image, read_mask

sys.path.append(str(Path(__file__).resolve().parent / "Python"))

from figure_cases import COX, cases, demonstration_scaling, phantom_voi
from page_pictures import picture_page

#: Width in cm by name: the column of a printed page, and a narrow panel.
WIDTHS = {"print": figures.PRINT_WIDTH_CM, "panel": 9.0}

#: What a page must survive: markup, right-to-left letters, a very long word.
PATIENT = {"name": "محمد علي / Müller-Lüdenscheid <b>", "id": "0815", "sex": "F", "study_date": "2024-01-02",
           "series": "Thorax 5 mm " + "W" * 10_000}

#: Width and height in pixels of the browser windows that pages are seen in.
WINDOWS = {"desktop": (1000, 5600), "phone": (420, 8200)}


def sample_voi() -> Voi:
    """Return the VOI of the sample CT (or of the phantom, without network)."""
    sample = sample_case()
    print(sample.note or sample.name)
    mask, name = read_mask(sample.mask)
    return make_voi(read_image(sample.image), mask, load_model(COX).image_protocol(), name)


def drawings(prediction: Prediction, voi: Voi | None) -> Iterator[tuple[str, Callable]]:
    """Yield (name, function of theme and width) of the figures that a case has."""
    model = load_model(prediction.model.id)
    if prediction.score is not None:
        yield "score-scale", lambda theme, width: figures.draw_score_scale(prediction, model, theme, width)
        yield "contributions", lambda theme, width: figures.draw_contributions(prediction, model, theme, width)
    if prediction.survival is not None:
        yield "survival", lambda theme, width: figures.draw_survival(prediction, model, theme, width)
    if model.survival is not None:
        yield "nomogram", lambda theme, width: figures.draw_nomogram(prediction, model, theme, width)
    if voi is not None:
        yield "voi", lambda theme, width: figures.draw_voi(voi, theme, width)
        yield "surface", lambda theme, width: figures.draw_surface(voi, theme, width / 2)


def draw_all(case: str, prediction: Prediction, voi: Voi | None, folder: Path) -> list[Path]:
    """Write a case's figures as PNG and SVG and return the PNG files."""
    written = []
    for name, draw in drawings(prediction, voi):
        for size, width in WIDTHS.items():
            for theme_name, theme in figures.THEMES.items():
                path = folder / f"{case}-{name}-{size}-{theme_name}.png"
                try:
                    figure = draw(theme, width)
                except InputError as error:
                    print(f"{path.name}: {error}")
                    continue
                figures.save_figure(figure, path.with_suffix(".svg"), theme)
                written.append(figures.save_figure(figure, path, theme))
    return written


def render(paths: ReportPaths) -> None:
    """Write pictures of the page and of the PDF's sheets."""
    picture_page(paths.html, WINDOWS, paths.html.stem)
    if shutil.which("pdftoppm"):
        subprocess.run(["pdftoppm", "-r", "80", "-png", paths.pdf, paths.pdf.with_suffix("")], check=True)


def main() -> None:
    """Write the gallery into the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--render", action="store_true", help="also picture the pages")
    options = parser.parse_args()
    real = sample_voi()
    model = load_model(COX)
    scored = score_vois({"image": real}, model, demonstration_scaling(model),
                        {"n_stage": "N1", "complete_response": "no"})
    entries = [("sample", scored, real)]
    entries += [(name, prediction, None) for name, prediction in cases().items()]
    pictures, reports = [], []
    for case, prediction, voi in entries:
        pictures += draw_all(case, prediction, voi, options.folder / "figures")
        shown = voi or phantom_voi(prediction.model.id, prediction.vois["image"].segment)
        reports.append(write_report(prediction, load_model(prediction.model.id), options.folder / "reports",
                                    vois=None if case == "no-survival" else {"image": shown},
                                    patient=None if case == "logistic" else PATIENT, stem=case))
        if options.render:
            render(reports[-1])
    links = "".join(f"<li><a href='reports/{path.html.name}'>{escape(path.html.stem)}</a> "
                    f"(<a href='reports/{path.pdf.name}'>PDF</a>)</li>" for path in reports)
    images = "".join(f"<figure><img src='figures/{path.name}' width='{7 if 'panel' in path.name else 12}00' "
                     f"style='max-width:48vw;height:auto'><figcaption>{escape(path.stem)}</figcaption></figure>"
                     for path in pictures)
    page = f"<!DOCTYPE html><meta charset='utf-8'><title>Gallery</title><ul>{links}</ul>{images}"
    (options.folder / "index.html").write_text(page, encoding="utf-8")
    print(f"{len(pictures)} figures and {len(reports)} reports: {options.folder / 'index.html'}")


if __name__ == "__main__":
    main()
