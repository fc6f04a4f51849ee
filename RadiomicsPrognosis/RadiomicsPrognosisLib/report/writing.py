"""Write a prediction's report as files, each whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ..errors import ModelMismatch, PackageMissing
from ..files import whole_file
from ..models.model import Model
from ..voi.voi import Voi


@dataclass(frozen=True)
class ReportPaths:
    """Where the report is: the HTML page, and the PDF if it was asked for."""

    html: Path
    pdf: Path | None


def write_report(prediction: Mapping[str, Any], model: Model, folder: str | Path,
                 vois: Mapping[str, Voi] | None = None, patient: Mapping[str, object] | None = None,
                 pdf: bool = True, stem: str = "report", created: datetime | None = None) -> ReportPaths:
    """Write ``<stem>.html`` and ``<stem>.pdf`` into ``folder`` and return their paths.

    ``prediction`` is ``Prediction.to_dict()`` or a stored prediction.json. ``vois`` (by input name, as given to
    ``score_vois``) is needed only for the pictures of the contour; ``patient`` holds any of the keys of
    ``content.PATIENT_TITLES`` and others, all shown as text. ``created`` is the PDF's date; without it the same input
    gives the same bytes. Raises ModelMismatch when model or VOI are not those of the prediction, PackageMissing without
    matplotlib or fpdf2, FileError when the folder cannot be written.
    """
    _check(prediction, model, vois or {})
    try:
        from .content import report_content
        from .page import html_page
        if pdf:
            from .pdf import pdf_bytes
    except ImportError as error:
        raise PackageMissing(f"A report needs the package '{error.name}'; install what Resources/requirements.txt "
                             "lists.") from None
    report = report_content(prediction, model, vois, patient)
    paths = ReportPaths(Path(folder) / f"{stem}.html", Path(folder) / f"{stem}.pdf" if pdf else None)
    page = html_page(report)
    data = pdf_bytes(report, created) if pdf else b""
    with whole_file(paths.html) as f:
        f.write(page)
    if paths.pdf is not None:
        with whole_file(paths.pdf, "wb") as f:
            f.write(data)
    return paths


def _check(prediction: Mapping[str, Any], model: Model, vois: Mapping[str, Voi]) -> None:
    if prediction["model"]["hash"] != model.hash:
        raise ModelMismatch(f"The prediction was made with model '{prediction['model']['id']}' "
                            f"({prediction['model']['hash'][:12]}), not with this '{model.id}' ({model.hash[:12]}); "
                            "load the model it names, or score the case again.")
    for name, voi in vois.items():
        found = prediction["vois"].get(name)
        if found is None or found["hash"] != voi.content_hash():
            raise ModelMismatch(f"The contour given for input '{name}' is not the one the prediction was made from; "
                                "score the case again.")
