"""What the buttons write to disk, where the user says: the features table and the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import qt
import slicer
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.prediction import Prediction
from RadiomicsPrognosisLib.presenter.series import SeriesInfo
from RadiomicsPrognosisLib.voi import Voi

if TYPE_CHECKING:
    from RadiomicsPrognosis import RadiomicsPrognosisLogic


def export_table(logic: RadiomicsPrognosisLogic, prediction: Prediction) -> None:
    """Ask for a file and write the features table."""
    path = qt.QFileDialog.getSaveFileName(slicer.util.mainWindow(), _("Save the features table"),
                                          f"{prediction.model.id}.csv", _("Table (*.csv)"))
    if not path:
        return
    with slicer.util.tryWithErrorDisplay(_("The table could not be saved.")):
        logic.exportTable(prediction, path)
        slicer.util.showStatusMessage(_("Saved {path}").format(path=path), 5000)


def write_report(logic: RadiomicsPrognosisLogic, prediction: Prediction, vois: dict[str, Voi],
                 info: SeriesInfo) -> None:
    """Ask for a folder, install what it needs if the user agrees, and write the report with pictures of ``vois``."""
    folder = qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), _("Folder for the report"))
    if not folder or not ensure_packages():
        return
    patient = {"name": info.patient, "study": info.study, "series": info.series}
    with slicer.util.tryWithErrorDisplay(_("The report could not be written."), waitCursor=True):
        paths = logic.report(prediction, folder, vois, {key: text for key, text in patient.items() if text})
        slicer.util.showStatusMessage(_("Report written to {path}").format(path=paths.html), 5000)


def ensure_packages() -> bool:
    """Install what is missing of the packages for reports and studies, asking first; return whether they are there."""
    import slicer.packaging

    requirements = Path(__file__).resolve().parents[1] / "Resources" / "requirements.txt"
    try:
        slicer.packaging.pip_ensure(slicer.packaging.load_requirements(str(requirements)),
                                    requester="RadiomicsPrognosis")
    except RuntimeError as error:  # what pip_ensure raises when the user declines
        slicer.util.showStatusMessage(str(error), 5000)
        return False
    return True
