"""What is told of all segments of a reading: a row for each, and the patient-level summary in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..prediction.all_segments import NamedScore, PatientSummary, SegmentResult
from ..prediction.record import GROUP, PROBABILITY, SCORE, SURVIVAL, Prediction
from ..texts import number, percent

#: What stands below every table of segments.
CAVEATS = (
    "Each result is that of one segment. Segments of one patient are not independent: do not count them as patients.",
    "The cut-off is that of single segments: the more segments there are, the more easily one of them is beyond it. "
    "Neither the highest score nor the mean was validated for patients by the model's authors, unless its card says "
    "so.",
    "The mean has no interval: how strongly the segments of one patient depend on each other is not known.",
)
