"""Two readings of one lesion in the scene: their contours compared by a thread, then their scores by a worker."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from ..errors import InputError
from ..features.extraction import FeatureSet
from ..reading.comparison import ReadingPair, ScoredContour, compare_readings
from ..reading.overlap import Overlap, placed_overlap
from ..voi import Voi
from ..voi.grid import Grid, PlacedMask, place
from ..worker.jobs import Job
from .cache import FeatureCache
from .case import BlockedCase, Case, Choices, ReadyCase, Scorable
from .errand import Errand
from .problem import Problem, without_score
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
class ReadyPair(Scorable[ReadingPair]):
    """Two cases that can be scored in the same way, called ``names``; ``vois`` by reading and input name.

    ``contours`` measures how their contours agree; whoever calls :meth:`conclude` earlier waits for it.
    """

    names: tuple[str, str]
    a: ReadyCase
    b: ReadyCase
    vois: dict[str, Voi]
    contours: Errand[Contours]

    @classmethod
    def of(cls, names: tuple[str, str], a: ReadyCase, b: ReadyCase, contours: Errand[Contours]) -> ReadyPair:
        """Return the pair of two cases."""
        return cls(names, a, b, _by_reading(a.vois, b.vois), contours)

    @cached_property
    def jobs(self) -> dict[str, Job]:
        """The extraction each VOI needs, by reading and input name. Raises InvalidImage."""
        return _by_reading(self.a.jobs, self.b.jobs)

    def is_subject_of(self, comparison: ReadingPair) -> bool:
        """Tell whether ``comparison`` is of these readings, be the contours what they may."""
        return (comparison.names == self.names and self.a.is_subject_of(comparison.a)
                and self.b.is_subject_of(comparison.b))

    def has_contour_of(self, comparison: ReadingPair) -> bool:
        """Tell whether ``comparison`` was made from exactly these contours."""
        return self.a.has_contour_of(comparison.a) and self.b.has_contour_of(comparison.b)

    def matches(self, comparison: ReadingPair) -> bool:
        """Tell whether comparing these readings would give ``comparison`` again."""
        return self.is_subject_of(comparison) and self.a.matches(comparison.a) and self.b.matches(comparison.b)

    def prepare(self) -> None:
        """Make what both readings' results need: they are of one model and scaling."""
        self.a.prepare()

    def conclude(self, features: Mapping[str, FeatureSet]) -> ReadingPair:
        """Return the comparison from the features of each VOI. Raises ModelMismatch or GeometryMismatch."""
        readings = []
        for name, letter, case in zip(self.names, _LETTERS, (self.a, self.b), strict=True):
            own = {key: features[f"{letter} {key}"] for key in case.vois}
            readings.append(ScoredContour(name, case.vois, case.conclude(own)))
        return compare_readings(readings[0], readings[1], overlap=self.contours.result().overlap)


def _by_reading(a: Mapping[str, _T], b: Mapping[str, _T]) -> dict[str, _T]:
    """Return what belongs to the inputs of two readings in one mapping."""
    return {f"{letter} {name}": item for letter, items in zip(_LETTERS, (a, b), strict=True)
            for name, item in items.items()}


class Comparing:
    """The comparison of two readings: whoever owns it calls :meth:`poll` while :attr:`needs_polling`.

    ``contours`` is how the contours agree as they were last measured, None where ``problem`` says why not; the session
    has scores and features, or why there are none. While ``hidden`` nothing is read or kept. Contours are measured by a
    thread, one pair at a time: what is drawn meanwhile is read when it has ended, the newest state alone.

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
        self.session: Session[ReadingPair] = Session(worker, self._read, lambda comparison: None, clock, cache)
        self.contours: Contours | None = None
        self.problem: Problem | None = None
        self._errand: Errand[Contours] | None = None
        self.measuring = False

    @property
    def active(self) -> bool:
        """Whether something is awaited."""
        return self.measuring or self.session.active

    @property
    def needs_polling(self) -> bool:
        """Whether :meth:`poll` has something to do."""
        return self.measuring or self.session.needs_polling

    def poll(self) -> bool:
        """Take up what has been measured, or else do what is due; return whether anything changed."""
        errand = self._errand
        if not self.measuring or errand is None:
            return self.session.poll()
        if not errand.ended:
            return False
        self.measuring = False
        try:
            self.contours = errand.result()
        except InputError as error:
            self.contours, self.problem = None, Problem.of(error)
        except Exception:  # shown as a fault: an exception in a timer's callback would only reach the console
            self.contours, self.problem = None, Problem("fault", details=traceback.format_exc())
        return True

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
            self._drop_contours()
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
        self._drop_contours()

    def _drop_contours(self, problem: Problem | None = None) -> None:
        """Have no contours, for the reason ``problem``; what is being measured is of no interest any more."""
        self.contours, self.problem, self.measuring = None, problem, False

    def stop(self) -> None:
        """Let go of the scene, until :meth:`follow` says what to compare."""
        self._choices, self._sides, self._hidden = Choices(), (Side(), Side()), True
        self.forget()

    def shut_down(self) -> None:
        """Let go of everything, and end worker and thread."""
        self.stop()
        self.session.shut_down()
        if self._errand is not None:
            self._errand.wait()

    def _read(self) -> ReadyPair | BlockedCase:
        problem = _missing(self._choices, self._sides)
        if problem is not None:
            self._drop_contours(problem)
            return BlockedCase(problem)
        names = reading_names(*self._sides)
        cases = [self._read_case(replace(self._choices, segmentation=side.segmentation, segment_id=side.segment_id))
                 for side in self._sides]
        placed = []
        for name, side, case in zip(names, self._sides, cases, strict=True):
            try:
                placed.append(_contour_of(case) or place_contour(side, self._choices.volume))
            except InputError as error:
                problem = _of_reading(name, Problem.of(error))
                self._drop_contours(problem)
                return BlockedCase(problem)
        errand = self._measure(names, *placed)
        problem = without_score(self._choices.model, "to compare")
        if problem is not None:
            return BlockedCase(problem)
        for name, case in zip(names, cases, strict=True):
            if isinstance(case, BlockedCase):
                return BlockedCase(_of_reading(name, case.problem) if case.problem is not None else None)
        first, second = (case for case in cases if isinstance(case, ReadyCase))
        return ReadyPair.of(names, first, second, errand)

    def _measure(self, names: tuple[str, str], a: tuple[PlacedMask, Grid],
                 b: tuple[PlacedMask, Grid]) -> Errand[Contours]:
        """Begin to measure two contours on one grid; those measured last stay until then."""
        (first, grid), (second, _grid), sides = a, b, self._sides
        self.problem, self.measuring = None, True
        self._errand = errand = Errand(lambda: Contours(sides=sides, names=names, a=first, b=second, grid=grid,
                                                        overlap=placed_overlap(first, second, grid)))
        return errand


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
