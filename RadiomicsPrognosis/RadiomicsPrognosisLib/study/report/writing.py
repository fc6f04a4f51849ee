"""Write a study's report as one HTML file, and its figures as files beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...figures.theme import LIGHT, save_figure
from ...files import whole_file
from ...models.model import Model
from ...progress import Progress, step
from ...report.blocks import Picture, Report
from ...report.page import html_page
from ..output.file_names import FIGURES, REPORT_FILE
from ..results.study import StudyResult, ValidationResult
from .content import study_content, validation_content


def write_study_report(study: StudyResult, folder: str | Path, models: Mapping[str, Model] | None = None,
                       progress: Progress | None = None) -> Path:
    """Write ``report.html`` and ``figures/*.svg`` and ``*.png``; return the page's path.

    ``models`` are the stored models by their identifier in the recipe: nomograms are drawn from them. The same results
    give the same bytes. Raises FileError when the folder cannot be written.
    """
    return _write(study_content(study, models), Path(folder), progress)


def write_validation_report(validation: ValidationResult, folder: str | Path, progress: Progress | None = None) -> Path:
    """Write the same of a stored model's validation. Raises FileError when the folder cannot be written."""
    return _write(validation_content(validation), Path(folder), progress)


def _write(report: Report, folder: Path, progress: Progress | None) -> Path:
    pictures = [block for section in report.sections for block in section.blocks if isinstance(block, Picture)]
    for done, picture in enumerate(pictures, 1):
        for suffix in (".svg", ".png"):
            save_figure(picture.figure, folder / FIGURES / f"{picture.name}{suffix}", LIGHT)
        step(progress, done, len(pictures), f"figure {done} of {len(pictures)}")
    path = folder / REPORT_FILE
    with whole_file(path) as f:
        f.write(html_page(report))
    return path
