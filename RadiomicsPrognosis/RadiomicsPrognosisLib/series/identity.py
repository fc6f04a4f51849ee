"""Whose image it is: patient, study and series, as DICOM states them."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from . import tags as dicom
from .tags import Tags, text


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Patient, study and series of an image; an empty text is not stated.

    Dates are written 2024-01-31 and a name 'Family, Given'; ``study`` and ``series`` are descriptions, the UIDs those
    of the DICOM objects.
    """

    name: str = ""
    id: str = ""
    birth_date: str = ""
    sex: str = ""
    age: str = ""
    accession: str = ""
    study_date: str = ""
    study: str = ""
    series_number: str = ""
    series: str = ""
    modality: str = ""
    institution: str = ""
    study_uid: str = ""
    series_uid: str = ""
    frame_of_reference_uid: str = ""

    def patient(self) -> dict[str, str]:
        """Return what a report shows of patient and series, by the keys of its titles; what is not stated is left out.

        The UIDs are not in it: they identify files, and no reader compares them.
        """
        hidden = ("series_number", "study_uid", "series_uid", "frame_of_reference_uid")
        return {key: value for key, value in asdict(self).items() if value and key not in hidden}


#: Of an image that states nothing of its patient.
NOBODY = Identity()


def identity_of(tags: Tags) -> Identity:
    """Return patient, study and series that the attributes of a DICOM image state."""
    return Identity(
        name=_name(text(tags, dicom.PATIENT_NAME)), id=text(tags, dicom.PATIENT_ID),
        birth_date=_date(text(tags, dicom.PATIENT_BIRTH_DATE)), sex=text(tags, dicom.PATIENT_SEX),
        age=_age(text(tags, dicom.PATIENT_AGE)), accession=text(tags, dicom.ACCESSION_NUMBER),
        study_date=_date(text(tags, dicom.STUDY_DATE)), study=text(tags, dicom.STUDY_DESCRIPTION),
        series_number=text(tags, dicom.SERIES_NUMBER), series=text(tags, dicom.SERIES_DESCRIPTION),
        modality=text(tags, dicom.MODALITY), institution=text(tags, dicom.INSTITUTION_NAME),
        study_uid=text(tags, dicom.STUDY_UID), series_uid=text(tags, dicom.SERIES_UID),
        frame_of_reference_uid=text(tags, dicom.FRAME_OF_REFERENCE_UID))


def _name(value: str) -> str:
    """Return a person's name (PS3.5 6.2.1: Family^Given^Middle^Prefix^Suffix) as 'Family, Given Middle'."""
    alphabetic = value.split("=")[0]
    family, _, rest = alphabetic.partition("^")
    given = " ".join(component for component in rest.split("^") if component.strip())
    return ", ".join(component.strip() for component in (family, given) if component.strip())


def _date(value: str) -> str:
    """Return a date (PS3.5 DA, 20240131) as 2024-01-31; what is none as it is."""
    return f"{value[:4]}-{value[4:6]}-{value[6:]}" if re.fullmatch(r"\d{8}", value) else value


def _age(value: str) -> str:
    """Return an age (PS3.5 AS, 064Y) as '64 years'; what is none as it is."""
    matched = re.fullmatch(r"(\d{3})([DWMY])", value)
    units = {"D": "days", "W": "weeks", "M": "months", "Y": "years"}
    return f"{int(matched[1])} {units[matched[2]]}" if matched else value
