"""Codes for a DICOM SR: the IBSI's identifier where a feature has one, our private scheme ``99RADPROG`` elsewhere.

IBSI identifiers: Zwanenburg et al., Image Biomarker Standardisation Initiative, reference manual (arXiv:1612.07003),
and DICOM PS3.16 CID 7467 - 7501. A feature whose pyradiomics definition differs from the IBSI's (kurtosis without -3)
or that the IBSI lacks gets a private code, so that no code promises another number. Private codes:

* ``<class>_<Feature>`` with pyradiomics' names, e.g. ``firstorder_Kurtosis``: that feature as pyradiomics defines it;
  of a class that pyradiomics lacks, e.g. ``ibexshape_Mass``: as the software in the code's meaning does;
* ``wavelet-XYZ``, ``log-sigma-S-mm-3D`` as Measurement Method: the filtered image measured;
* ``dl_0000`` and so on: a deep feature, which the Measurement Method ``DEEP-<digits>`` tells from every other
  network's: the digits begin the SHA-256 of its protocol, which covers the network's own;
* ``SCORE``, ``SURVIVAL_<months>M`` (0 - 1), ``PROBABILITY`` (0 - 1), ``KEPT_VOLUME`` (mm3): the prediction;
* ``GROUP`` with the values ``GROUP_ABOVE`` and ``GROUP_BELOW``: the side of the model's cut-off, its label as meaning.
"""

from __future__ import annotations

from highdicom.sr import CodedConcept
from pydicom import Dataset

from ..catalogue import image_type_words, parse_name
from ..texts import clean, feature_label

IBSI, PRIVATE = "IBSI", "99RADPROG"

#: UCUM units of the features' units.
_UCUM = {"": ("1", "no units"), "mm": ("mm", "millimeter"), "mm2": ("mm2", "square millimeter"),
         "mm3": ("mm3", "cubic millimeter"), "cm": ("cm", "centimeter"), "cm2": ("cm2", "square centimeter"),
         "cm3": ("cm3", "cubic centimeter"), "1/cm": ("/cm", "per centimeter"), "g": ("g", "gram"),
         "deg": ("deg", "degree"), "1/mm": ("/mm", "per millimeter"), "HU": ("[hnsf'U]", "Hounsfield unit"),
         "HU2": ("[hnsf'U]2", "square Hounsfield unit"),
         "HU2 mm3": ("[hnsf'U]2.mm3", "square Hounsfield unit times cubic millimeter")}


def short_text(text: object, limit: int = 64) -> str:
    """Return text for an attribute of ``limit`` characters, without the backslash, which separates values.

    DICOM counts characters, some readers bytes; so no more than ``limit`` bytes of UTF-8.
    """
    shown = clean(text, limit).replace("\\", "/")
    while len(shown.encode()) > limit:
        shown = shown.removesuffix("…")[:-1] + "…"
    return shown


def private_code(value: str, meaning: str) -> CodedConcept:
    """Return a concept of the scheme ``99RADPROG``; DICOM allows 64 characters in its meaning."""
    return CodedConcept(value, PRIVATE, short_text(meaning))


def private_scheme() -> list[Dataset]:
    """Return what tells a reader whose scheme ``99RADPROG`` is (Coding Scheme Identification Sequence)."""
    scheme = Dataset()
    scheme.CodingSchemeDesignator = PRIVATE
    scheme.CodingSchemeName = "RadiomicsPrognosis"
    scheme.CodingSchemeVersion = "1"
    scheme.CodingSchemeResponsibleOrganization = "RadiomicsPrognosis, extension of 3D Slicer"
    return [scheme]


def feature_code(name: str) -> CodedConcept:
    """Return the concept of a feature, whatever image it was computed on."""
    parsed = parse_name(name)
    if parsed.is_deep:
        return private_code(name, feature_label(name))
    feature = parsed.described
    if feature.ibsi and parsed.feature_class == parsed.entry.name:
        return CodedConcept(feature.ibsi, IBSI, feature.ibsi_meaning)
    key = f"{parsed.feature_class}_{parsed.feature}"
    return private_code(key, feature_label(f"original_{key}") if parsed.entry.source else f"pyradiomics {key}")


def image_code(name: str) -> CodedConcept | None:
    """Return the concept of the filtered image a feature was computed on, None for the original image."""
    image_type = parse_name(name).image_type
    if image_type == "original":
        return None
    words = image_type_words(image_type)
    return private_code(image_type, words if words.startswith("IBSI") else f"pyradiomics image type {image_type}")


def method_code(name: str, protocol_hash: str) -> CodedConcept | None:
    """Return the concept of what a feature was computed by: its filtered image, or the network that gave it.

    It is None for the original image. ``protocol_hash`` is the SHA-256 of the protocol.
    """
    if not parse_name(name).is_deep:
        return image_code(name)
    return private_code(f"DEEP-{protocol_hash[:11]}", f"network of the protocol with SHA-256 {protocol_hash[:27]}")


def unit_code(unit: str) -> CodedConcept:
    """Return the UCUM concept of a feature's unit."""
    value, meaning = _UCUM[unit]
    return CodedConcept(value, "UCUM", meaning)
