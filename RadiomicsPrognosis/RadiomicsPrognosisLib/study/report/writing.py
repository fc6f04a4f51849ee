"""Write a study's report as one HTML file, and its figures as files beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...models.model import Model
from ...progress import Progress
from ...report.blocks import Report
from ...report.folder import write_page
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
    return write_page(report, folder / REPORT_FILE, folder / FIGURES, progress)
