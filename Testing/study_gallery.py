"""Regenerate all figures and reports of simulated studies, to be looked at: python Testing/study_gallery.py FOLDER.

Studies by the shipped recipes: with signal (S1, S3 binary, S4 with three cohorts), without any (S1, nothing selected),
and a stored model's validation. Each gets its report with its figures; the figures also in a narrow print column and in
dark; index.html shows them all. --render adds pictures of the pages where chromium (or google-chrome) is installed.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from unittest.mock import patch

from RadiomicsPrognosisLib.figures.theme import DARK, LIGHT, PRINT_WIDTH_CM, Theme, save_figure
from RadiomicsPrognosisLib.report.blocks import Picture, Report
from RadiomicsPrognosisLib.study import figures
from RadiomicsPrognosisLib.study.report import pictures as report_pictures
from RadiomicsPrognosisLib.study.report import (
    study_content,
    validation_content,
    write_study_report,
    write_validation_report,
)

sys.path.append(str(Path(__file__).resolve().parent / "Python"))

from page_pictures import picture_page
from study_report_cases import run_cases, validation_case

#: Theme and width in cm that every figure is drawn in beside the report's own.
LOOKS = {"narrow-light": (LIGHT, 8.5), "print-dark": (DARK, PRINT_WIDTH_CM)}

#: Width and height in pixels of the browser windows that pages are seen in; a longer page is cut.
WINDOWS = {"desktop": (900, 16000), "phone": (420, 16000)}


@contextlib.contextmanager
def drawn_as(theme: Theme, width_cm: float) -> Iterator[None]:
    """Have every figure of a report drawn in another theme and width."""
    def changed(draw: Callable) -> Callable:
        return lambda *arguments, **options: draw(*arguments, **options, theme=theme, width_cm=width_cm)

    with contextlib.ExitStack() as stack:
        for name in (name for name in figures.__all__ if name.startswith("draw_")):
            stack.enter_context(patch.object(figures, name, changed(getattr(figures, name))))
        stack.enter_context(patch.object(report_pictures, "draw_nomogram", changed(report_pictures.draw_nomogram)))
        yield


def draw_looks(folder: Path, content: Callable[[], Report]) -> list[Path]:
    """Write the report's figures in all LOOKS and return the PNG files."""
    written = []
    for look, (theme, width_cm) in LOOKS.items():
        with drawn_as(theme, width_cm):
            report = content()
        for block in (block for section in report.sections for block in section.blocks):
            if isinstance(block, Picture):
                written.append(save_figure(block.figure, folder / look / f"{block.name}.png", theme))
    return written


def main() -> None:
    """Write the gallery into the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--render", action="store_true", help="also picture the pages")
    options = parser.parse_args()
    pages, pictures = [], []
    for case, study in run_cases().items():
        folder, models = options.folder / case, study.stored_models()
        pages.append(write_study_report(study.result, folder, models))
        pictures += draw_looks(folder, lambda study=study, models=models: study_content(study.result, models))
    validation = validation_case()
    pages.append(write_validation_report(validation, options.folder / "validation"))
    pictures += draw_looks(options.folder / "validation", lambda: validation_content(validation))
    for page in pages if options.render else ():
        picture_page(page, WINDOWS, "page")
    links = "".join(f"<li><a href='{escape(page.relative_to(options.folder).as_posix())}'>{escape(page.parent.name)}"
                    "</a></li>" for page in pages)
    images = "".join(f"<figure><img src='{escape(path.relative_to(options.folder).as_posix())}' "
                     f"style='max-width:48vw;height:auto'><figcaption>{escape(path.stem)}</figcaption></figure>"
                     for path in pictures)
    (options.folder / "index.html").write_text(
        f"<!DOCTYPE html><meta charset='utf-8'><title>Gallery of studies</title><ul>{links}</ul>{images}",
        encoding="utf-8")
    print(f"{len(pages)} reports and {len(pictures)} figures in other looks: {options.folder / 'index.html'}")


if __name__ == "__main__":
    main()
