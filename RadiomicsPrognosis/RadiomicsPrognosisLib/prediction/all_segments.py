"""All segments of a reading scored by one model, and what they say of the patient together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import InputError
from ..models.model import Model
from .record import GROUP, SCORE, Group, Prediction, VoiDescription

SCHEMA = "radiomics-prognosis/segments/1"


@dataclass(frozen=True, kw_only=True)
class SegmentResult:
    """One segment of a reading and what came of it: a ``prediction``, or the ``error`` that says why there is none.

    ``label`` tells it from the reading's other segments (label value, segment name or ID), ``name`` is what people
    read; ``colour`` is (red, green, blue), each 0 - 1, None where the file has none. ``volume_mm3`` is that of the
    contour as drawn, None where it could not be measured.
    """

    label: str
    name: str
    colour: tuple[float, float, float] | None = None
    volume_mm3: float | None = None
    prediction: Prediction | None = None
    error: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the segment as plain data for JSON."""
        prediction = self.prediction.to_dict() if self.prediction is not None else None
        return {"label": self.label, "name": self.name, "volume_mm3": self.volume_mm3, "prediction": prediction,
                "error": self.error or None}


@dataclass(frozen=True, kw_only=True)
class NamedScore:
    """The score and the group of one segment; ``questioned`` tells that a warning speaks against one of them."""

    label: str
    name: str
    score: float
    group: Group | None
    questioned: bool


@dataclass(frozen=True, kw_only=True)
class PatientSummary:
    """What the segments of one patient say together; None where ``reasons`` says why it is not known.

    Of ``segments`` segments ``scored`` have a score, ``withheld`` have none that can be shown and ``failed`` could not
    be measured; ``questioned`` of the scored have a warning against score or group. ``above`` of ``grouped`` segments
    are in the upper group, called ``above_label``, which is the worse one if ``above_is_worse``. ``any_above`` tells
    whether any segment is: None when none is known to be and some are unknown. ``highest``, ``lowest`` and ``mean`` are
    of the scored segments; ``worst`` is the one with the worst prognosis, ``largest`` that with the largest contour,
    None when that one has no score. ``repeated`` names segments with exactly the same contour.
    """

    segments: int
    scored: int
    withheld: int
    failed: int
    questioned: int
    grouped: int
    above: int
    above_label: str
    below_label: str
    above_is_worse: bool | None
    any_above: bool | None
    highest: NamedScore | None
    lowest: NamedScore | None
    worst: NamedScore | None
    mean: float | None
    largest: NamedScore | None
    largest_name: str
    repeated: tuple[tuple[str, ...], ...]
    reasons: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as plain data for JSON."""
        return asdict(self)


def contoured_volume_mm3(voi: VoiDescription) -> float:
    """Return the volume (mm3) of a contour as drawn, before the HU range."""
    return voi.contoured_voxels * math.prod(voi.spacing_mm)


def score_each(segments: Sequence[SegmentResult], predict: Callable[[int, SegmentResult], Prediction],
               scored: Callable[[int, SegmentResult], None] | None = None) -> list[SegmentResult]:
    """Return ``segments`` with what ``predict`` says of each; an InputError costs only its own segment.

    Both are called with the segment's number (from 0): ``predict`` with the segment, ``scored`` with its result,
    whatever came of it.
    """
    results = []
    for number, segment in enumerate(segments):
        try:
            result = with_prediction(segment, predict(number, segment))
        except InputError as error:
            result = with_error(segment, str(error))
        results.append(result)
        if scored is not None:
            scored(number, result)
    return results


def with_prediction(segment: SegmentResult, prediction: Prediction) -> SegmentResult:
    """Return ``segment`` with its prediction, whose first input's contour has its volume."""
    volume = contoured_volume_mm3(next(iter(prediction.vois.values())))
    return SegmentResult(label=segment.label, name=segment.name, colour=segment.colour, volume_mm3=volume,
                         prediction=prediction)


def with_error(segment: SegmentResult, error: str) -> SegmentResult:
    """Return ``segment`` with why it has no prediction."""
    return SegmentResult(label=segment.label, name=segment.name, colour=segment.colour, volume_mm3=segment.volume_mm3,
                         error=error)


def summarise(results: Sequence[SegmentResult], model: Model) -> PatientSummary:
    """Return what the segments of one patient say together.

    No interval is given for the mean: the segments of one patient are not independent, and nothing is known of how
    strongly they depend on each other.
    """
    predictions = [item.prediction for item in results if item.prediction is not None]
    named = [score for score in map(_named, results) if score is not None]
    groups = [prediction.group for prediction in predictions if prediction.group is not None]
    above = sum(group.above for group in groups)
    cutoff, biggest = model.cutoff, _largest(results)
    return PatientSummary(
        segments=len(results), scored=len(named), withheld=len(predictions) - len(named),
        failed=len(results) - len(predictions), questioned=sum(item.questioned for item in named),
        grouped=len(groups), above=above, above_label=cutoff.labels.above if cutoff else "",
        below_label=cutoff.labels.below if cutoff else "", above_is_worse=cutoff.worse_is_above if cutoff else None,
        any_above=True if above else False if cutoff and groups and len(groups) == len(results) else None,
        highest=max(named, key=lambda item: item.score, default=None),
        lowest=min(named, key=lambda item: item.score, default=None),
        worst=_worst(results),
        mean=math.fsum(item.score for item in named) / len(named) if named else None,
        largest=_named(biggest) if biggest is not None else None,
        largest_name=biggest.name if biggest is not None else "",
        repeated=_repeated(results), reasons=_reasons(results, len(groups), above, model, biggest))


def _named(result: SegmentResult) -> NamedScore | None:
    prediction = result.prediction
    if prediction is None or prediction.score is None:
        return None
    return NamedScore(label=result.label, name=result.name, score=prediction.score, group=prediction.group,
                      questioned=bool({SCORE, GROUP} & set(prediction.questioned)))


def _worst(results: Sequence[SegmentResult]) -> NamedScore | None:
    """Return the segment whose score lies furthest to the side of the worse prognosis; None without a cut-off."""
    sides = []
    for result in results:
        prediction, name = result.prediction, _named(result)
        if name is not None and name.group is not None and prediction is not None and prediction.distance is not None:
            worse_is_above = name.group.above == name.group.worse
            sides.append((prediction.distance if worse_is_above else -prediction.distance, name))
    return max(sides, key=lambda side: side[0])[1] if sides else None


def _largest(results: Sequence[SegmentResult]) -> SegmentResult | None:
    """Return the segment with the largest contour; None when the volume of one is not known."""
    volumes = [item.volume_mm3 for item in results if item.volume_mm3 is not None]
    if not volumes or len(volumes) < len(results):
        return None
    return max(results, key=lambda item: item.volume_mm3 or 0.0)


def _repeated(results: Sequence[SegmentResult]) -> tuple[tuple[str, ...], ...]:
    """Return the names of segments that have exactly the same contour on the same image."""
    names: dict[tuple[str, ...], list[str]] = {}
    for item in results:
        if item.prediction is not None:
            names.setdefault(tuple(voi.hash for voi in item.prediction.vois.values()), []).append(item.name)
    return tuple(tuple(group) for group in names.values() if len(group) > 1)


def _reasons(results: Sequence[SegmentResult], grouped: int, above: int, model: Model,
             biggest: SegmentResult | None) -> tuple[str, ...]:
    """Return why numbers of the summary are not known."""
    reasons = []
    if model.cutoff is None:
        reasons.append("The model has no cut-off, so no segment has a group.")
    elif not above and grouped < len(results):
        reasons.append(f"Whether any segment is '{model.cutoff.labels.above}' is not known: {len(results) - grouped} "
                       f"of {len(results)} segments have no group.")
    if biggest is None:
        reasons.append("Which segment is the largest is not known: the volume of at least one could not be measured.")
    elif _named(biggest) is None:
        reasons.append(f"The largest segment, '{biggest.name}', has no score.")
    return tuple(reasons)
