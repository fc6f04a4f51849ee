"""Two readings of one lesion in the scene: their contours compared at once, their scores as soon as both are there."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from ..errors import InputError
from ..features.extraction import FeatureSet
from ..reading.comparison import ReadingComparison, ScoredContour, compare_readings
from ..reading.overlap import Overlap, placed_overlap
from ..voi import Voi
from ..voi.grid import Grid, PlacedMask, place
from ..worker.jobs import Job
from .cache import FeatureCache
from .case import BlockedCase, Case, Choices, ReadyCase, Scorable
from .problem import Problem
from .session import Session, WorkerLike

#: What the two readings are called.
_LETTERS = ("A", "B")

_T = TypeVar("_T")


@dataclass(frozen=True)
class Side:
    """A reading chosen: a segmentation node (or None) and the ID of its segment (or empty)."""

    segmentation: Any = None
    segment_id: str = ""

    @property
    def segment(self) -> Any:
        """The segment (vtkSegment), None where there is none."""
        if self.segmentation is None or not self.segment_id:
            return None
        return self.segmentation.GetSegmentation().GetSegment(self.segment_id)


@dataclass(frozen=True, kw_only=True)
class Contours:
    """The contours of ``sides`` as drawn, on the grid of the CT, and how they agree."""

    sides: tuple[Side, Side]
    names: tuple[str, str]
    a: PlacedMask
    b: PlacedMask
    grid: Grid
    overlap: Overlap

    @property
    def resampled(self) -> tuple[str, ...]:
        """The names of the contours that came in another grid and are compared as resampled."""
        return tuple(name for name, mask in zip(self.names, (self.a, self.b), strict=True) if mask.resampled)


@dataclass(frozen=True)
class ReadyPair(Scorable[ReadingComparison]):
    """Two cases that can be scored in the same way, called ``names``; ``vois`` by reading and input name."""

    names: tuple[str, str]
    a: ReadyCase
    b: ReadyCase
    vois: dict[str, Voi]

    @classmethod
    def of(cls, names: tuple[str, str], a: ReadyCase, b: ReadyCase) -> ReadyPair:
        """Return the pair of two cases."""
        return cls(names, a, b, _by_reading(a.vois, b.vois))

    @cached_property
    def jobs(self) -> dict[str, Job]:
        """The extraction each VOI needs, by reading and input name. Raises InvalidImage."""
        return _by_reading(self.a.jobs, self.b.jobs)

    def is_subject_of(self, comparison: ReadingComparison) -> bool:
        """Tell whether ``comparison`` is of these readings, be the contours what they may."""
        return (comparison.names == self.names and self.a.is_subject_of(comparison.a)
                and self.b.is_subject_of(comparison.b))

    def has_contour_of(self, comparison: ReadingComparison) -> bool:
        """Tell whether ``comparison`` was made from exactly these contours."""
        return self.a.has_contour_of(comparison.a) and self.b.has_contour_of(comparison.b)

    def matches(self, comparison: ReadingComparison) -> bool:
        """Tell whether comparing these readings would give ``comparison`` again."""
        return self.is_subject_of(comparison) and self.a.matches(comparison.a) and self.b.matches(comparison.b)

    def conclude(self, features: Mapping[str, FeatureSet]) -> ReadingComparison:
        """Return the comparison from the features of each VOI. Raises ModelMismatch or GeometryMismatch."""
        readings = []
        for name, letter, case in zip(self.names, _LETTERS, (self.a, self.b), strict=True):
            own = {key: features[f"{letter} {key}"] for key in case.vois}
            readings.append(ScoredContour(name, case.vois, case.conclude(own)))
        return compare_readings(*readings)


def _by_reading(a: Mapping[str, _T], b: Mapping[str, _T]) -> dict[str, _T]:
    """Return what belongs to the inputs of two readings in one mapping."""
    return {f"{letter} {name}": item for letter, items in zip(_LETTERS, (a, b), strict=True)
            for name, item in items.items()}


class Comparing:
    """The comparison of two readings, as its session brings it about; see :class:`~.session.Session` for polling.

    ``contours`` is how the contours agree as they were last read, None where ``problem`` says why not; the session
    has scores and features, or why there are none. While ``hidden`` nothing is read or kept.

    Parameters
    ----------
    worker: where the features of both readings are extracted; it is this comparison's own.
    read: returns the case of one reading from choices.
    cache: features at hand.
    """

    def __init__(self, worker: WorkerLike, read: Callable[[Choices], Case], cache: FeatureCache | None = None,
                 clock: Callable[[], float] = time.monotonic):
        self._read_case = read
        self._choices = Choices()
        self._sides = Side(), Side()
        self._hidden = True
        self.session: Session[ReadingComparison] = Session(worker, self._read, lambda comparison: None, clock, cache)
        self.contours: Contours | None = None
        self.problem: Problem | None = None

    def follow(self, choices: Choices, a: Side, b: Side, hidden: bool, score: bool) -> None:
        """Compare ``a`` and ``b`` on the CT and by the model of ``choices``, with scores if ``score``.

        ``hidden`` lets go of everything and compares nothing.
        """
        facts = (replace(choices, segmentation=None, segment_id=""), (a, b), hidden)
        if facts == (self._choices, self._sides, self._hidden):
            return
        same = (a, b) == self._sides and choices.volume is self._choices.volume
        self._choices, self._sides, self._hidden = facts
        if not same:
            self.contours = self.problem = None
        if hidden:
            self.forget()
        else:
            self.session.refresh(score=score)

    def touch(self, score: bool) -> None:
        """A contour, the CT or their place in the world changed."""
        if not self._hidden:
            self.session.touch(score=score)

    def forget(self) -> None:
        """Let go of contours and result."""
        self.session.close()
        self.contours = self.problem = None

    def stop(self) -> None:
        """Let go of the scene, until :meth:`follow` says what to compare."""
        self._choices, self._sides, self._hidden = Choices(), (Side(), Side()), True
        self.forget()

    def _read(self) -> ReadyPair | BlockedCase:
        self.contours, self.problem = None, _missing(self._choices, self._sides)
        if self.problem is not None:
            return BlockedCase(self.problem)
        names = reading_names(*self._sides)
        cases = [self._read_case(replace(self._choices, segmentation=side.segmentation, segment_id=side.segment_id))
                 for side in self._sides]
        placed = []
        for name, side, case in zip(names, self._sides, cases, strict=True):
            try:
                placed.append(_contour_of(case) or place_contour(side, self._choices.volume))
            except InputError as error:
                self.problem = _of_reading(name, Problem.of(error))
                return BlockedCase(self.problem)
        (a, grid), (b, _grid) = placed
        self.contours = Contours(sides=self._sides, names=names, a=a, b=b, grid=grid,
                                 overlap=placed_overlap(a, b, grid))
        for name, case in zip(names, cases, strict=True):
            if isinstance(case, BlockedCase):
                return BlockedCase(_of_reading(name, case.problem) if case.problem is not None else None)
        first, second = (case for case in cases if isinstance(case, ReadyCase))
        return ReadyPair.of(names, first, second)


def _of_reading(name: str, problem: Problem) -> Problem:
    """Return a problem that says which reading it is about, unless it is a choice that both share."""
    return problem if problem.is_choice else replace(problem, message=f"{name}: {problem.message}")


def _missing(choices: Choices, sides: tuple[Side, Side]) -> Problem | None:
    """Return what is still to be chosen."""
    if choices.volume is None:
        return Problem("volume")
    for letter, side in zip(_LETTERS, sides, strict=True):
        if side.segment is None:
            return Problem("reading", values={"letter": letter})
    if sides[0] == sides[1]:
        return Problem("same-reading")
    return None


def reading_names(a: Side, b: Side) -> tuple[str, str]:
    """Return what two readings are called: their segments' names, or their segmentations', or both where need be."""
    segments = (a.segment.GetName(), b.segment.GetName())
    nodes = (a.segmentation.GetName(), b.segmentation.GetName())
    if segments[0] != segments[1]:
        return segments
    if nodes[0] != nodes[1]:
        return nodes
    return f"{nodes[0]} ({a.segment_id})", f"{nodes[1]} ({b.segment_id})"


def _contour_of(case: Case) -> tuple[PlacedMask, Grid] | None:
    """Return the contour of a case on the grid of its first input, and that grid; None if no VOI could be made."""
    voi = next(iter(case.vois.values()), None)
    if voi is None:
        return None
    resampled = any(item.code == "resampled" for item in voi.warnings)
    return PlacedMask(voi.contour, voi.start, resampled, voi.statistics.moved_voxels), voi.grid


def place_contour(side: Side, volume: Any) -> tuple[PlacedMask, Grid]:
    """Return the contour of a reading on the grid of a volume node, and that grid, whatever a protocol asks of it.

    Raises EmptyVoi, GeometryMismatch or InvalidImage.
    """
    from .. import mrml  # imports slicer: only where nodes are really read

    _voxels, grid = mrml.volume_voxels(volume)
    mask, name = mrml.segment_mask(side.segmentation, side.segment_id, volume)
    return place(mask, grid, f"Segment '{name}'"), grid
