"""What the buttons write to disk: the features table and the report, in the folder that the user has chosen once."""

from __future__ import annotations

import subprocess
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import qt
import slicer
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.errors import InputError
from RadiomicsPrognosisLib.files import whole_file
from RadiomicsPrognosisLib.prediction import Prediction
from RadiomicsPrognosisLib.prediction.redaction import without_names
from RadiomicsPrognosisLib.presenter import saved
from RadiomicsPrognosisLib.presenter.problem import Problem
from RadiomicsPrognosisLib.presenter.series import SeriesInfo
from RadiomicsPrognosisLib.series.identity import NOBODY, Identity
from RadiomicsPrognosisLib.stability.record import Stability
from RadiomicsPrognosisLib.voi import Voi
from RadiomicsPrognosisLib.voi.voi import identity_of_vois

from . import memory
from .notice import PanelNotice

if TYPE_CHECKING:
    from RadiomicsPrognosis import RadiomicsPrognosisLogic

#: What runs the networks that give deep features.
_OF_NETWORKS = ("onnxruntime", "onnx")


def export_table(logic: RadiomicsPrognosisLogic, prediction: Prediction, vois: dict[str, Voi], info: SeriesInfo,
                 folder: Path) -> PanelNotice:
    """Write the features table into ``folder`` and return what came of it."""
    prediction, _patient, case = _told(prediction, vois, info)

    def write(name: str) -> PanelNotice:
        path = logic.exportTable(prediction, saved.free_path(folder, name, ".csv"))
        return PanelNotice(_("Table saved: {name}").format(name=path.name), path, folder)

    return _written(write, saved.stem(case, prediction, datetime.now()))


def export_segments(table: str, model_id: str, info: SeriesInfo, folder: Path) -> PanelNotice:
    """Write the text of the table of all segments into ``folder`` and return what came of it."""

    def write(name: str) -> PanelNotice:
        path = saved.free_path(folder, name, ".csv")
        with whole_file(path) as f:
            f.write(table)
        return PanelNotice(_("Table saved: {name}").format(name=path.name), path, folder)

    case = "" if memory.anonymous() else info.series
    return _written(write, saved.segments_stem(case, model_id, datetime.now()))


def write_report(logic: RadiomicsPrognosisLogic, prediction: Prediction, vois: dict[str, Voi], info: SeriesInfo,
                 folder: Path, stability: Stability | None = None) -> PanelNotice:
    """Write the report with pictures of ``vois`` into a folder of its own in ``folder``; return what came of it.

    With ``stability``, which is that of the prediction, it has a section on it.
    """
    anonymous = memory.anonymous()
    prediction, patient, case = _told(prediction, vois, info)

    def write(name: str) -> PanelNotice:
        own = saved.free_path(folder, name)
        paths = logic.report(prediction, own, vois, patient, stability, anonymous)
        return PanelNotice(_("Report written: {name}").format(name=own.name), paths.pdf or paths.html, own)

    return _written(write, saved.stem(case, prediction, datetime.now()))


def _told(prediction: Prediction, vois: dict[str, Voi], info: SeriesInfo) -> tuple[Prediction, dict[str, str], str]:
    """Return the prediction as it is written, what is written of the patient, and the case's name in names of files.

    Whose image it is says the DICOM header of its slices, where their files are at hand, and the scene otherwise.
    Nothing of it is written if the user wants no names.
    """
    identity = identity_of_vois(vois)
    if identity == NOBODY:
        identity = Identity(name=info.patient, study=info.study, series=info.series, modality=info.modality)
    if memory.anonymous():
        return without_names(prediction, identity), {}, ""
    return prediction, {"series": info.series, **identity.patient()}, info.series


def _written(write: Callable[[str], PanelNotice], name: str) -> PanelNotice:
    """Return what ``write`` gives for a file ``name``, or the problem it met."""
    try:
        with slicer.util.WaitCursor():
            return write(name)
    except InputError as error:
        return PanelNotice(problem=Problem.of(error))
    except Exception:  # told as a fault: raised in a slot it would only reach the console
        return PanelNotice(problem=Problem("fault", details=traceback.format_exc()))


def ask_folder() -> Path | None:
    """Ask for the folder of reports and tables and remember it; None when the user cancels."""
    before = memory.results_folder()
    text = qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), _("Folder for reports and tables"),
                                               str(before) if before is not None else "")
    if not text:
        return None
    memory.remember_results_folder(Path(text))
    return Path(text)


def folder() -> Path | None:
    """Return the folder of reports and tables, asking for it the first time; None when the user cancels."""
    return memory.results_folder() or ask_folder()


def ensure_packages(*names: str) -> PanelNotice | None:
    """Install what is missing of the packages for reports and studies, asking first; return why they are not there.

    With ``names`` these packages alone are asked for, without them all but those that only networks need.
    """
    import slicer.packaging

    requirements = Path(__file__).resolve().parents[1] / "Resources" / "requirements.txt"
    try:
        wanted = [item for item in slicer.packaging.load_requirements(str(requirements))
                  if (item.name in names if names else item.name not in _OF_NETWORKS)]
        slicer.packaging.pip_ensure(wanted, requester="RadiomicsPrognosis")
    except RuntimeError as error:  # what pip_ensure raises when the user declines
        return PanelNotice(problem=Problem("declined", str(error)))
    except subprocess.CalledProcessError as error:
        text = _("The packages could not be installed; check the connection to the internet and try again.")
        return PanelNotice(problem=Problem("declined", text, str(error)))
    return None


def ensure_network_packages() -> PanelNotice | None:
    """Install what runs the networks that give deep features, asking first; return why it is not there."""
    return ensure_packages(*_OF_NETWORKS)
