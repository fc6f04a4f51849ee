"""The readings of an open study that two can be compared of, by case."""

from __future__ import annotations

from typing import Any

from ..errors import InputError
from ..reading.reading import Reading
from .reading_desk import ReadingDesk

#: Finished readings by case.
CaseReadings = dict[str, tuple[Reading, ...]]


def comparable(desk: ReadingDesk) -> CaseReadings:
    """Return the finished readings of each case that has two or more; none while somebody reads blinded."""
    if desk.blinded or desk.folder is None:
        return {}
    cases: CaseReadings = {}
    try:
        for reading in desk.readings():
            if reading.usable:
                cases[reading.case] = (*cases.get(reading.case, ()), reading)
    except InputError:  # said where the study is opened
        return {}
    return {case: readings for case, readings in cases.items() if len(readings) > 1}


def segment_of(segmentation: Any, reading: Reading) -> str:
    """Return the ID of the segment that is ``reading`` in the segmentation node loaded from its file, or empty."""
    content = segmentation.GetSegmentation()
    ids = [str(key) for key in content.GetSegmentIDs()]
    named = [key for key in ids if reading.label and content.GetSegment(key).GetName() == reading.label]
    return (named or ids or [""])[0]
