"""Two readings of one lesion side by side: contours, scores and groups, and the features that moved most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import GeometryMismatch, ModelMismatch
from ..features.engine import mixed_column
from ..prediction import Prediction
from ..prediction.columns import engine_values
from ..prediction.record import Contribution
from ..result import Result
from ..voi import Voi
from ..voi.grid import PlacedMask, crop, ijk
from ..voi.images import array_view
from ..warning import ResultWarning
from .overlap import Overlap, placed_overlap

#: Where the terms' changes cancel so far that less than this share of them is left as the score's change, a term's
#: share of that would be a large number that says nothing.
_CANCELLED = 0.05


@dataclass(frozen=True)
class ScoredContour:
    """A reading: what it is called, its VOIs by input name, and the prediction made from them."""

    name: str
    vois: Mapping[str, Voi]
    prediction: Prediction


@dataclass(frozen=True, kw_only=True)
class FeatureChange(Result):
    """How a term of the signature differs between two readings.

    ``a`` and ``b`` are the feature's values (``unit``). ``change_sd`` is b - a in SD of the scaling (None without one),
    ``change_share`` |b - a| as a share of the larger of |a| and |b| (0 - 1, up to 2 across zero).
    ``contribution_change`` is what the score changes by through this term (b - a), and ``score_share`` that over the
    score's change: the shares add up to 1, and one below 0 works against the change. None where the terms' changes
    cancel (the score's change is less than 5 % of the sum of their sizes), or where nothing changes.
    """

    feature: str
    input: str
    unit: str
    a: float
    b: float
    change_sd: float | None
    change_share: float
    contribution_change: float
    score_share: float | None

    @property
    def moved(self) -> float:
        """How far the feature moved: in SD of the scaling, without a scaling as a share of its larger value."""
        return abs(self.change_sd) if self.change_sd is not None else self.change_share


@dataclass(frozen=True, kw_only=True)
class ReadingPair(Result):
    """Readings ``a`` and ``b`` (called ``names``) of one lesion, predicted by one model in the same way.

    ``features`` are the signature's terms, those that moved most first; empty where a score is withheld, which the
    prediction gives the reason for. ``warnings`` are both predictions', those of one reading with its name.
    """

    names: tuple[str, str]
    overlap: Overlap
    a: Prediction
    b: Prediction
    features: tuple[FeatureChange, ...]
    warnings: tuple[ResultWarning, ...]

    @property
    def score_change(self) -> float | None:
        """The score of b minus that of a; None where one is withheld."""
        return None if self.a.score is None or self.b.score is None else self.b.score - self.a.score

    @property
    def group_changes(self) -> bool | None:
        """Whether the readings fall into different risk groups; None where one has no group."""
        return None if self.a.group is None or self.b.group is None else self.a.group != self.b.group

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain data for JSON (no NaN, no infinity)."""
        return {**super().to_dict(), "a": self.a.to_dict(), "b": self.b.to_dict(),
                "warnings": [item.to_dict() for item in self.warnings],
                "score_change": self.score_change, "group_changes": self.group_changes}


def compare_readings(a: ScoredContour, b: ScoredContour, overlap: Overlap | None = None) -> ReadingPair:
    """Compare two readings of one lesion on the same image under one model.

    The contours are compared as drawn, before any HU range, on the grid of the model's first input; one that came in
    another grid is compared as it was resampled there, which ``warnings`` say. ``overlap`` is how exactly these
    contours agree, where that has been measured already. Raises ModelMismatch when the predictions do not come from one
    model, protocol, scaling and set of clinical factors, by engines with the same values, or not from these contours;
    GeometryMismatch when the readings are of different images.
    """
    _check_alike(a, b)
    for reading in (a, b):
        reading.prediction.check_contours(reading.vois)
    for name, voi in a.vois.items():
        _check_same_image(voi, b.vois[name])
    first, second = (next(iter(reading.vois.values())) for reading in (a, b))
    _check_same_grid(first, second)
    return ReadingPair(
        names=(a.name, b.name),
        overlap=overlap if overlap is not None else voi_overlap(first, second),
        a=a.prediction, b=b.prediction,
        features=_feature_changes(a.prediction, b.prediction),
        warnings=_warnings(a, b),
    )


def voi_overlap(a: Voi, b: Voi) -> Overlap:
    """Return the agreement of two contours as drawn. Raises GeometryMismatch for VOIs on different grids."""
    _check_same_grid(a, b)
    return placed_overlap(PlacedMask(a.contour, a.start), PlacedMask(b.contour, b.start), a.grid)


def _check_same_grid(a: Voi, b: Voi) -> None:
    """Raise GeometryMismatch for VOIs on different grids."""
    offset = b.grid.offset_to(a.grid)
    if offset is None or offset.any() or a.grid.size != b.grid.size:
        raise GeometryMismatch(f"The readings '{a.name}' and '{b.name}' are of images with different grids; choose two "
                               "readings of one image.")


def _check_alike(a: ScoredContour, b: ScoredContour) -> None:
    """Raise ModelMismatch unless only the contours of the predictions differ."""
    first, second = a.prediction, b.prediction
    scalings = [item.scaling.hash if item.scaling else None for item in (first, second)]
    protocols = [item.protocol.hash if item.protocol else None for item in (first, second)]
    for what, one, other in (("model", first.model.hash, second.model.hash),
                             ("protocol", *protocols),
                             ("scaling", *scalings),
                             ("engine", "", mixed_column([engine_values(item) for item in (first, second)])),
                             ("clinical factors", first.covariates, second.covariates)):
        if one != other:
            raise ModelMismatch(f"The readings '{a.name}' and '{b.name}' differ in more than their contours: {what}; "
                                "score both in the same way.")


def _check_same_image(a: Voi, b: Voi) -> None:
    """Raise GeometryMismatch unless both VOIs have the same intensities in the box around both contours."""
    if a.image is b.image:
        return
    low = np.minimum(a.start, b.start)
    high = np.maximum(*(np.add(voi.start, voi.contour.shape[::-1]) for voi in (a, b)))
    for voi in (a, b):  # an image cropped for extraction may hold less
        low = np.maximum(low, voi.image_start)
        high = np.minimum(high, np.add(voi.image_start, voi.image.GetSize()))
    if (high > low).all() and not np.array_equal(_intensities(a, low, high), _intensities(b, low, high)):
        raise GeometryMismatch(f"The readings '{a.name}' and '{b.name}' are of different images: their intensities "
                               "differ; choose two readings of one image.")


def _intensities(voi: Voi, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    return crop(array_view(voi.image), ijk(low - voi.image_start), ijk(high - low))


def _feature_changes(a: Prediction, b: Prediction) -> tuple[FeatureChange, ...]:
    """Return the terms, those that moved most first; none where a score is withheld."""
    if a.score is None or b.score is None:
        return ()
    terms = list(zip(a.contributions, b.contributions, strict=True))
    changes = [second.contribution - first.contribution for first, second in terms]
    total, moved = b.score - a.score, sum(map(abs, changes))
    divisor = total if abs(total) > _CANCELLED * moved else None
    listed = [_feature_change(*pair, change, divisor) for pair, change in zip(terms, changes, strict=True)]
    return tuple(sorted(listed, key=lambda item: (-item.moved, item.feature, item.input)))


def _feature_change(a: Contribution, b: Contribution, change: float, total: float | None) -> FeatureChange:
    larger = max(abs(a.value), abs(b.value))
    return FeatureChange(
        feature=a.feature, input=a.input, unit=a.unit, a=a.value, b=b.value,
        change_sd=(b.value - a.value) / a.sd if a.sd is not None else None,
        change_share=abs(b.value / larger - a.value / larger) if larger else 0.0,
        contribution_change=change,
        score_share=change / total if total is not None else None)


def _warnings(a: ScoredContour, b: ScoredContour) -> tuple[ResultWarning, ...]:
    """Return what both are warned of, then what is said of one, with its name."""
    first, second = a.prediction.warnings, b.prediction.warnings
    common = [item for item in first if item in second]
    own = [ResultWarning(item.code, f"{reading.name}: {item.message}")
           for reading, warnings in ((a, first), (b, second)) for item in warnings if item not in common]
    return tuple(common + own)
