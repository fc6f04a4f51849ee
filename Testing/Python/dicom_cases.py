"""A volume as a DICOM CT series, written slice by slice with pydicom."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import SimpleITK as sitk
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid


def write_series(image: sitk.Image, folder: Path, patient: str = "Phantom^Thorax") -> list[Path]:
    """Write ``image`` (HU) as CT slices into ``folder``, file names in no order, and return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    array = sitk.GetArrayFromImage(image)
    direction = np.array(image.GetDirection()).reshape(3, 3)
    spacing = image.GetSpacing()
    common = {name: generate_uid() for name in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")}
    paths = []
    for index in np.random.default_rng(0).permutation(len(array)).tolist():
        uid = generate_uid()
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CTImageStorage, uid
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        path = folder / f"{len(paths):04d}.dcm"
        slice_ = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
        slice_.update(_header(common, uid, index, patient))
        slice_.ImagePositionPatient = [f"{value:.6f}" for value in image.TransformIndexToPhysicalPoint((0, 0, index))]
        slice_.ImageOrientationPatient = [f"{value:.8f}" for value in (*direction[:, 0], *direction[:, 1])]
        slice_.PixelSpacing, slice_.SliceThickness = [spacing[1], spacing[0]], spacing[2]
        slice_.Rows, slice_.Columns = array.shape[1:]
        slice_.PixelData = (array[index] + 1024).astype("<u2").tobytes()
        pydicom.dcmwrite(path, slice_, enforce_file_format=True)
        paths.append(path)
    return paths


def _header(common: dict[str, str], uid: str, index: int, patient: str) -> pydicom.Dataset:
    header = pydicom.Dataset()
    for name, value in {
        **common, "SOPClassUID": CTImageStorage, "SOPInstanceUID": uid, "Modality": "CT", "PatientName": patient,
        "PatientID": "P-1", "PatientBirthDate": "19600101", "PatientSex": "M", "StudyDate": "20240102",
        "StudyTime": "101112", "StudyID": "1", "AccessionNumber": "A1", "ReferringPhysicianName": "",
        "SeriesNumber": 3, "InstanceNumber": index + 1, "AcquisitionNumber": 1, "Manufacturer": "None",
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"], "SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 16, "BitsStored": 16, "HighBit": 15, "PixelRepresentation": 0, "RescaleIntercept": -1024,
        "RescaleSlope": 1, "KVP": 120, "PositionReferenceIndicator": "",
        "PatientPosition": "HFS", "SpecificCharacterSet": "ISO_IR 192",
    }.items():
        setattr(header, name, value)
    return header
