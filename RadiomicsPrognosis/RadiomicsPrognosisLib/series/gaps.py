"""Slices that are evenly spaced and yet not all there: what their thickness and their numbers say of it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from ..errors import SeriesError
from ..warning import ResultWarning
from . import tags as dicom
from .headers import Header
from .tags import number

#: A distance of slices above this multiple of their thickness leaves tissue between them that no slice shows.
_GAP = 1.05


def gap_warnings(ordered: Sequence[Header], distance_mm: float, name: str) -> tuple[ResultWarning, ...]:
    """Return a warning for slices (in order, ``distance_mm`` apart) that are thinner than their distance.

    Raises SeriesError where every second, third ... slice of such a series is absent: their numbers (InstanceNumber)
    then go by as many as their distance is thicknesses, and even spacing does not show it.
    """
    thickness = number(ordered[0].tags, dicom.SLICE_THICKNESS)
    if thickness is None or thickness <= 0 or distance_mm <= _GAP * thickness:
        return ()
    numbers = [number(header.tags, dicom.INSTANCE_NUMBER) for header in ordered]
    steps = {abs(b - a) for a, b in itertools.pairwise(numbers) if a is not None and b is not None}
    if None not in numbers and len(steps) == 1:
        step = steps.pop()
        if step >= 2 and abs(distance_mm / thickness / step - 1) < 1 - 1 / _GAP:
            raise SeriesError(f"{name} holds every {_ordinal(int(step))} slice alone: they are {thickness:g} mm thick, "
                              f"{distance_mm:g} mm apart and numbered by {step:g} (InstanceNumber); export the whole "
                              "series.")
    return (ResultWarning("slice-gaps", f"The slices are {thickness:g} mm thick and {distance_mm:.3g} mm apart: the "
                          "image does not show the tissue between them, and texture along the slices' normal is that "
                          "of a sparser image."),)


def _ordinal(count: int) -> str:
    return {2: "second", 3: "third"}.get(count, f"{count}th")
