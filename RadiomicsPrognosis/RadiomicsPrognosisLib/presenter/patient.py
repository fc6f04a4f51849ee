"""Whose CT it is: the patient in the subject hierarchy, and the clinical factors that the scene keeps for each."""

from __future__ import annotations

import json

import vtk

from ..scene_series import own_item

#: Attribute (of the patient in the subject hierarchy, or of the volume where it has none) that holds the factors.
ATTRIBUTE = "RadiomicsPrognosis.Covariates"


def ancestor(volume: vtk.vtkObject, level: str) -> tuple[vtk.vtkObject, int] | None:
    """Return (subject hierarchy node, item) of what stands above ``volume`` at ``level``, such as 'Patient'."""
    own = own_item(volume)
    above = own[0].GetItemAncestorAtLevel(own[1], level) if own else 0
    return (own[0], above) if own and above else None


def same_patient(one: vtk.vtkObject, other: vtk.vtkObject) -> bool:
    """Tell whether two volumes are known to be of one patient; those that did not come from DICOM never are."""
    if one is other:
        return True
    patients = [ancestor(volume, "Patient") for volume in (one, other)]
    return patients[0] is not None and patients[0] == patients[1]


def covariates_of(volume: vtk.vtkObject) -> dict[str, str]:
    """Return the clinical factors stored for the patient of ``volume`` as texts by name; none where there are none."""
    patient = ancestor(volume, "Patient")
    text = patient[0].GetItemAttribute(patient[1], ATTRIBUTE) if patient else ""
    try:
        values = json.loads(text or volume.GetAttribute(ATTRIBUTE) or "{}")
    except ValueError:  # not ours, or damaged: nothing about a patient is assumed
        return {}
    if not isinstance(values, dict):
        return {}
    return {name: value for name, value in values.items() if isinstance(value, str)}


def store_covariates(volume: vtk.vtkObject, values: dict[str, str]) -> None:
    """Store the clinical factors of the patient of ``volume`` in its scene."""
    if values == covariates_of(volume):
        return
    patient = ancestor(volume, "Patient")
    # A scene's file separates the attributes of an item by '|', which it does not escape in their values.
    text = json.dumps(values, sort_keys=True).replace("|", "\\u007c")
    if patient:
        patient[0].SetItemAttribute(patient[1], ATTRIBUTE, text)
    else:
        volume.SetAttribute(ATTRIBUTE, text)
