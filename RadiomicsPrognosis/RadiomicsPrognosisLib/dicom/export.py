"""Write a prediction and its VOI as DICOM beside the series they came from: a structured report and a segmentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ModelMismatch, PackageMissing
from ..files import whole_file
from ..models.model import Model
from ..prediction.record import Prediction
from ..prediction.redaction import without_names
from ..voi.voi import Voi

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


#: What names a patient, a visit or those who cared for them; of these, what a data set must hold stays, empty.
_NAMING = ("PatientName", "PatientID", "PatientBirthDate", "PatientBirthTime", "PatientSex", "PatientAge",
           "PatientSize", "PatientWeight", "PatientComments", "OtherPatientIDs", "OtherPatientNames", "EthnicGroup",
           "IssuerOfPatientID", "AccessionNumber", "StudyID", "StudyDate", "StudyTime", "StudyDescription",
           "ReferringPhysicianName", "PhysiciansOfRecord", "NameOfPhysiciansReadingStudy", "InstitutionName",
           "InstitutionAddress", "InstitutionalDepartmentName", "OperatorsName", "AdditionalPatientHistory")
_REQUIRED = frozenset({"PatientName", "PatientID", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID",
                       "StudyDate", "StudyTime", "ReferringPhysicianName"})


@dataclass(frozen=True)
class DicomPaths:
    """The files written: structured report (TID 1500) and segmentation."""

    report: Path
    segmentation: Path


def write_dicom(prediction: Prediction, model: Model, voi: Voi,
                source: str | Path | Sequence[str | Path | Dataset], folder: str | Path, input_name: str | None = None,
                stem: str = "radiomics", anonymous: bool = False) -> DicomPaths:
    """Write ``<stem>_sr.dcm`` and ``<stem>_seg.dcm`` into ``folder``.

    ``voi`` is that of the input ``input_name`` (the model's first when None); ``source`` the folder, files or datasets
    of the CT series it was drawn on, whose patient, study and frame of reference the instances share; ``anonymous``
    ones name neither patient nor study and keep their UIDs. Every call makes new instances. Raises ModelMismatch when
    the VOI is not the prediction's or the model reads no image, FileError or InvalidImage for an unusable series,
    GeometryMismatch when the VOI is not on it, PackageMissing without highdicom.
    """
    if model.is_clinical:
        raise ModelMismatch(f"Model '{model.id}' reads no image: there is no series that a DICOM report of its result "
                            "could refer to. Save the report or the JSON instead.")
    name = input_name or model.inputs[0].name
    prediction.check_origin(model, {name: voi})
    try:
        from .measurements import make_report
        from .segmentation import make_segmentation
        from .source import read_source
    except ImportError as error:
        raise PackageMissing(f"The DICOM export needs the package '{error.name}' (part of 3D Slicer 5.12; elsewhere "
                             "'pip install highdicom').") from None
    series = read_source(source)
    if anonymous:
        prediction = without_names(prediction, voi.identity)
        voi = replace(voi, name=prediction.vois[name].segment)
    segmentation = make_segmentation(voi, series)
    report = make_report(prediction, model, name, segmentation, series)
    paths = DicomPaths(Path(folder) / f"{stem}_sr.dcm", Path(folder) / f"{stem}_seg.dcm")
    for path, dataset in ((paths.segmentation, segmentation), (paths.report, report)):
        # UTF-8: names in any script (highdicom before 0.28 leaves the default, which is ASCII).
        dataset.SpecificCharacterSet = "ISO_IR 192"
        if anonymous:
            _leave_out_names(dataset)
        with whole_file(path, "wb") as f:
            dataset.save_as(f, enforce_file_format=True)
    return paths


def _leave_out_names(dataset: Dataset, inner: bool = False) -> None:
    """Empty what names the patient in a data set (type 2 attributes of PS3.3 C.7.1.1 and C.7.2.1), delete the rest.

    In the items of its sequences (``inner``) all of it is deleted.
    """
    for keyword in _NAMING:
        if keyword in dataset:
            if keyword in _REQUIRED and not inner:
                setattr(dataset, keyword, None)
            else:
                delattr(dataset, keyword)
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                _leave_out_names(item, inner=True)
    if not inner:
        dataset.PatientIdentityRemoved = "YES"
        dataset.DeidentificationMethod = "names, IDs, dates and institution left out; UIDs kept"
