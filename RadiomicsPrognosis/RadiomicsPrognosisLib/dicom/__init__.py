"""DICOM export with highdicom: measurements as a TID 1500 structured report, the VOI as a segmentation."""

from .export import DicomPaths, write_dicom

__all__ = ["DicomPaths", "write_dicom"]
