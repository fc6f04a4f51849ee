"""Write a readers' study's report as one HTML file, and its figures as files beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...progress import Progress
from ...report.folder import write_page
from ..result import FIGURES_FOLDER, REPORT_FILE, ContourSource, ReproducibilityResult
from .circumstances import UNKNOWN, Circumstances
from .report_sections import reproducibility_content


def write_report(result: ReproducibilityResult, folder: str | Path, sources: Sequence[ContourSource] = (),
                 progress: Progress | None = None, known: Circumstances = UNKNOWN) -> Path:
    """Write ``reproducibility.html`` and ``figures/*.svg`` and ``*.png`` into ``folder``; return the page's path.

    ``sources`` say where the readings' images and contours are: without them the contours that agree least are not
    pictured. ``known`` is how the readings came about. The same input gives the same bytes. Raises FileError when the
    folder cannot be written.
    """
    report = reproducibility_content(result, sources, known)
    return write_page(report, Path(folder) / REPORT_FILE, Path(folder) / FIGURES_FOLDER, progress)
