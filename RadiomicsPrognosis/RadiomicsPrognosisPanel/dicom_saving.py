"""What 'Export to DICOM database' does: structured report and segmentation beside the CT that they are about."""

from __future__ import annotations

import traceback

import slicer
import vtk
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.errors import InputError
from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.prediction import Prediction
from RadiomicsPrognosisLib.presenter import dicom_database
from RadiomicsPrognosisLib.presenter.problem import Problem
from RadiomicsPrognosisLib.voi import Voi

from . import memory, saving
from .notice import PanelNotice


def export_to_database(prediction: Prediction, vois: dict[str, Voi], model: Model,
                       volume: vtk.vtkObject) -> PanelNotice:
    """Add structured report and segmentation of a result to Slicer's DICOM database; return what came of it.

    ``volume`` is the CT of the model's first input. What is missing of the packages is asked for, once it is known that
    the volume came from the database.
    """
    database = getattr(slicer, "dicomDatabase", None)  # absent where Slicer was started without its DICOM module
    name = model.inputs[0].name
    try:
        files = dicom_database.source_files(volume, database)
        obstacle = saving.ensure_packages("highdicom")
        if obstacle is not None:
            return obstacle
        with slicer.util.WaitCursor():
            dicom_database.add_result(prediction, vois[name], name, files, database, _add_folder, model,
                                      memory.anonymous())
    except InputError as error:
        return PanelNotice(problem=Problem.of(error))
    except Exception:  # told as a fault: raised in a slot it would only reach the console
        return PanelNotice(problem=Problem("fault", details=traceback.format_exc()))
    return PanelNotice(_("Added to the DICOM database: a structured report and a segmentation of '{segment}', in the "
                         "study of '{series}'. The DICOM module lists them; sending them to the archive is done there.")
                       .format(segment=prediction.vois[name].segment, series=volume.GetName()))


def _add_folder(folder: str) -> bool:
    """Copy the DICOM files of a folder into Slicer's database, as its DICOM module does; False if that cannot be."""
    from DICOMLib import DICOMUtils  # a module of Slicer's, and slow to import

    return bool(DICOMUtils.importDicom(folder, slicer.dicomDatabase, True))
