"""Write a prediction's report as files, each whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..errors import PackageMissing
from ..files import whole_file
from ..models.model import Model
from ..prediction.record import Prediction
from ..stability.record import Stability
from ..voi.voi import Voi


@dataclass(frozen=True)
class ReportPaths:
    """Where the report is: the HTML page, and the PDF if it was asked for."""

    html: Path
    pdf: Path | None

    @property
    def written(self) -> list[Path]:
        """The files there are."""
        return [self.html] if self.pdf is None else [self.html, self.pdf]


def write_report(prediction: Prediction, model: Model, folder: str | Path,
                 vois: Mapping[str, Voi] | None = None, patient: Mapping[str, object] | None = None,
                 pdf: bool = True, stem: str = "report", created: datetime | None = None,
                 stability: Stability | None = None, anonymous: bool = False) -> ReportPaths:
    """Write ``<stem>.html`` and ``<stem>.pdf`` into ``folder`` and return their paths.

    ``vois`` (by input name, as given to ``score_vois``) is needed only for the pictures of the contour; ``patient``
    holds any of the keys of ``identity.PATIENT_TITLES`` and others, all shown as text, on the first page and on every
    page's foot; an ``anonymous`` report shows none of it. ``created`` is the report's date; without it the same input
    gives the same bytes. ``stability`` adds a section on how stable the answer is. Raises
    ModelMismatch when model, VOI or stability are not those of the prediction, PackageMissing without matplotlib or
    fpdf2, FileError when the folder cannot be written.
    """
    prediction.check_origin(model, vois or {})
    if stability is not None:
        stability.check_origin(prediction)
    try:
        from .content import report_content
        from .page import html_page
        if pdf:
            from .pdf import pdf_bytes
    except ImportError as error:
        raise PackageMissing(f"A report needs the package '{error.name}'; install what Resources/requirements.txt "
                             "lists.") from None
    report = report_content(prediction, model, vois, patient, stability, anonymous, created)
    paths = ReportPaths(Path(folder) / f"{stem}.html", Path(folder) / f"{stem}.pdf" if pdf else None)
    page = html_page(report)
    data = pdf_bytes(report, created) if pdf else b""
    with whole_file(paths.html) as f:
        f.write(page)
    if paths.pdf is not None:
        with whole_file(paths.pdf, "wb") as f:
            f.write(data)
    return paths
