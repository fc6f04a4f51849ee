"""Every segment of the chosen segmentation scored, one after the other, without waiting; and how old each result is."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import vtk

from ..errors import (
    BackboneMissing,
    BackboneUnfit,
    EngineUnavailable,
    InputError,
    PackageMissing,
    RuntimeAbsent,
    SegmentNotFound,
)
from ..features.extraction import FeatureSet
from ..models.model import Model
from ..prediction.all_segments import PatientSummary, SegmentResult, summarise, with_error, with_prediction
from ..processes.failures import WorkerFailure
from ..worker import client
from ..worker.jobs import Job
from .cache import FeatureCache
from .case import Case, Choices, ReadyCase
from .command_process import Stage
from .errand import Errand
from .problem import Problem
from .session import Freshness, WorkerLike

#: After so many segments in a row whose features a worker did not survive, no further one is tried.
_MOST_FAILURES = 2

#: What the worker refuses whatever the segment.
_FOR_EVERY_SEGMENT = {item.code for item in (EngineUnavailable, PackageMissing, RuntimeAbsent, BackboneMissing,
                                             BackboneUnfit)}


@dataclass(frozen=True, kw_only=True)
class SegmentEntry:
    """A segment with its ``result`` as far as there is one, and how that relates to the contour as it is drawn.

    ``freshness`` is NONE while it waits for its turn. ``state`` changes with contour, image and their places.
    """

    result: SegmentResult
    freshness: Freshness = Freshness.NONE
    state: tuple[Any, ...] = ()


class AllSegments:
    """Scores the segments of one segmentation; whoever owns it calls :meth:`poll` while :attr:`active`.

    ``entries`` are the segments in their order; ``summary`` is what they say of the patient once all are done;
    ``problem`` is why nothing more is scored. Each contour is read when its turn has come. The worker's process lives
    only while something is scored.

    Parameters
    ----------
    worker: where features are extracted; it is this one's own.
    read: returns the case that choices describe.
    cache: features at hand; those extracted are added, so that a segment that is chosen later is shown at once.
    """

    def __init__(self, worker: WorkerLike, read: Callable[[Choices], Case], cache: FeatureCache):
        self._worker, self._read, self._cache = worker, read, cache
        self._choices = Choices()
        self._pending: tuple[int, int, ReadyCase] | None = None  # worker's job, entry, and case of what is extracted
        self._done = self._failures = self._verified = 0
        self._share = 0.0
        self.stage = Stage.IDLE
        self.entries: list[SegmentEntry] = []
        self.summary: PatientSummary | None = None
        self.problem: Problem | None = None

    @property
    def active(self) -> bool:
        """Whether segments are being scored."""
        return self.stage is Stage.RUNNING

    @property
    def progress(self) -> float:
        """The share (0 - 1) that is done."""
        return (self._done + self._share) / len(self.entries) if self.entries else 0.0

    @property
    def under_way(self) -> str:
        """The name of the segment that is being scored, empty when none is."""
        return self.entries[self._done].result.name if self.active and self._done < len(self.entries) else ""

    @property
    def model(self) -> Model | None:
        """The model that the results are of."""
        return self._choices.model

    @property
    def results(self) -> list[SegmentResult]:
        """The results of the segments that are done."""
        return [item.result for item in self.entries if item.freshness is not Freshness.NONE]

    @property
    def is_current(self) -> bool:
        """Whether all segments are scored as they are chosen and drawn."""
        return self.stage is Stage.DONE and all(item.freshness is Freshness.CURRENT for item in self.entries)

    def start(self, choices: Choices) -> None:
        """Begin to score every segment of the segmentation in ``choices``, whichever of them is chosen."""
        self._stop(Stage.IDLE)
        self.entries, self.problem, self.summary = [], None, None
        self._choices, self._done, self._failures = choices, 0, 0
        if choices.segmentation is not None:
            content = choices.segmentation.GetSegmentation()
            self.entries = [SegmentEntry(result=SegmentResult(
                label=key, name=content.GetSegment(key).GetName(), colour=_colour(content.GetSegment(key))))
                for key in content.GetSegmentIDs()]
        if self.entries:
            self.stage = Stage.RUNNING

    def cancel(self) -> None:
        """Score no further segment; what is done stays."""
        if self.active:
            self._stop(Stage.CANCELLED)

    def close(self) -> None:
        """Forget everything and end the worker."""
        self._stop(Stage.IDLE)
        self.entries, self.problem, self.summary, self._choices = [], None, None, Choices()

    def poll(self) -> bool:
        """Do the next step; return whether anything changed."""
        if not self.active:
            return False
        try:
            return self._step()
        except WorkerFailure as error:
            self._fail(Problem.of_worker(error))
        except Exception:  # shown as a fault: an exception in a timer's callback would only reach the console
            self._fail(Problem("fault", details=traceback.format_exc()))
        return True

    def _step(self) -> bool:
        if self._pending is None:
            self._begin(self._done)
            return True
        heard = self._worker.poll()
        for event in heard:
            self._hear(event)
        return bool(heard)

    def _begin(self, number: int) -> None:
        """Read the contour whose turn has come, and have its features extracted unless they are at hand."""
        entry = self.entries[number]
        segmentation = self._choices.segmentation
        if segmentation.GetSegmentation().GetSegment(entry.result.label) is None:
            self._keep(with_error(entry.result, "The segment was removed before it was scored."), ())
            return
        state = _state(self._choices, entry.result.label)
        self.entries[number] = replace(entry, state=state)
        try:
            case = self._read(self._choices_of(entry.result))
            problem = case.problem
            if problem is not None and problem.is_choice and problem.code != "segment":
                self._fail(problem)  # the same for every segment
                return
            if isinstance(case, ReadyCase):
                missing = {name: job for name, job in case.jobs.items() if self._cache.get(case.job_keys[name]) is None}
                self._extract(number, case, missing)
                return
        except InputError as error:
            problem = Problem.of(error)
        self._keep_error(problem.message if problem is not None else "")

    def _extract(self, number: int, case: ReadyCase, missing: dict[str, Job]) -> None:
        if missing:
            Errand(case.prepare)  # what concluding then need not make
            self._pending = self._worker.submit(missing), number, case
        else:
            self._conclude(number, case)

    def _choices_of(self, result: SegmentResult) -> Choices:
        """Return the choices with this segment; a contour of its own in a second phase is that of the same name.

        Raises SegmentNotFound where there is none.
        """
        choices = replace(self._choices, segment_id=result.label)
        if choices.shared_contour or choices.model is None or len(choices.model.inputs) < 2:
            return choices
        content = choices.second_segmentation.GetSegmentation() if choices.second_segmentation is not None else None
        keys = [] if content is None else [key for key in content.GetSegmentIDs()
                                           if content.GetSegment(key).GetName() == result.name]
        if len(keys) != 1:
            raise SegmentNotFound(f"The segmentation of '{choices.model.inputs[1].title}' has {len(keys)} segments "
                                  f"called '{result.name}'; give the contours of one lesion the same name in both.")
        return replace(choices, second_segment_id=keys[0])

    def _hear(self, event: client.Event) -> None:
        pending = self._pending
        if isinstance(event, client.Refused) and event.code in _FOR_EVERY_SEGMENT:
            self._fail(Problem(event.code, event.message))  # the same for every segment
            return
        if isinstance(event, client.Failed) and event.id is None:
            self._fail(Problem.of_worker(event.error))
            return
        if pending is None or getattr(event, "id", None) != pending[0]:
            return
        _job, number, case = pending
        if isinstance(event, client.JobProgress):
            self._share = event.progress.share
        elif isinstance(event, client.Done):
            self._failures = 0
            for name, features in event.features.items():
                self._cache.put(case.job_keys[name], features)
            self._conclude(number, case)
        elif isinstance(event, client.Refused):
            self._keep_error(event.message)
        elif isinstance(event, client.Failed):
            self._failures += 1
            if self._failures >= _MOST_FAILURES:
                self._fail(Problem.of_worker(event.error))
            else:
                self._keep_error(str(event.error))

    def _conclude(self, number: int, case: ReadyCase) -> None:
        entry = self.entries[number]
        at_hand = {name: self._cache.get(key) for name, key in case.job_keys.items()}
        features: dict[str, FeatureSet] = {name: item for name, item in at_hand.items() if item is not None}
        try:
            result = with_prediction(entry.result, case.conclude(features))
        except InputError as error:
            self._keep_error(str(error))
        else:
            self._keep(result, entry.state)

    def _keep_error(self, error: str) -> None:
        """Take over why the segment whose turn it was cannot be scored; its volume is known all the same."""
        entry = self.entries[self._done]
        volume = _volume_mm3(self._choices.segmentation, entry.result.label)
        self._keep(with_error(replace(entry.result, volume_mm3=volume), error), entry.state)

    def _keep(self, result: SegmentResult, state: tuple[Any, ...]) -> None:
        """Take over what came of the segment whose turn it was."""
        self.entries[self._done] = SegmentEntry(result=result, freshness=Freshness.CURRENT, state=state)
        self._done, self._share, self._pending = self._done + 1, 0.0, None
        if self._done == len(self.entries):
            self._stop(Stage.DONE)
            if self._choices.model is not None:
                self.summary = summarise(self.results, self._choices.model)

    def _fail(self, problem: Problem) -> None:
        self._stop(Stage.FAILED)
        self.problem = problem

    def _stop(self, stage: Stage) -> None:
        self._worker.stop()
        self._pending, self._share, self.stage = None, 0.0, stage

    # How old the results are -----------------------------------------------------------------------------------------

    def follow(self, choices: Choices) -> bool:
        """Compare what is chosen with what the results are of; return whether any of them became older or newer.

        Whether the contours are still the same is looked at by :meth:`verify`.
        """
        if choices.segmentation is not self._choices.segmentation and self.entries:
            self.close()
            return True
        before = [item.freshness for item in self.entries]
        same = _without_segment(choices) == _without_segment(self._choices)
        for number, item in enumerate(self.entries):
            if item.freshness is Freshness.CURRENT and not same:
                self.entries[number] = replace(item, freshness=Freshness.CHOICES_CHANGED)
            elif item.freshness is Freshness.CHOICES_CHANGED and same:
                self.entries[number] = replace(item, freshness=Freshness.CURRENT)
        return before != [item.freshness for item in self.entries]

    def verify(self) -> bool:
        """Look whether the contour of one more segment is the one that was scored; return whether any is left to see.

        Reading a contour takes a while: only one whose voxels or place may have changed is read.
        """
        while self._verified < len(self.entries):
            number, self._verified = self._verified, self._verified + 1
            if self._look_at(number):
                return True
        self._verified = 0
        return False

    def _look_at(self, number: int) -> bool:
        """See how old one result is; return whether its contour had to be read."""
        entry = self.entries[number]
        if entry.freshness not in (Freshness.CURRENT, Freshness.CONTOUR_CHANGED):
            return False
        content = self._choices.segmentation.GetSegmentation()
        segment, result = content.GetSegment(entry.result.label), entry.result
        if segment is None:
            self.entries[number] = replace(entry, freshness=Freshness.CONTOUR_CHANGED)
            return False
        result = replace(result, name=segment.GetName(), colour=_colour(segment))
        state = _state(self._choices, result.label)
        if state == entry.state:
            self.entries[number] = replace(entry, result=result)
            return False
        self.entries[number] = SegmentEntry(result=result, freshness=self._age(result), state=state)
        return True

    def _age(self, result: SegmentResult) -> Freshness:
        """Return how a result relates to its contour; one that could not be scored stays if it could not be again."""
        try:
            case = self._read(self._choices_of(result))
            blocked = case.problem.message if case.problem is not None else ""
        except InputError as error:
            blocked = str(error)
        else:
            if isinstance(case, ReadyCase):
                same = result.prediction is not None and case.has_answer_of(result.prediction)
                return Freshness.CURRENT if same else Freshness.CONTOUR_CHANGED
        return Freshness.CURRENT if blocked and blocked == result.error else Freshness.CONTOUR_CHANGED

    def look_again(self) -> None:
        """Have :meth:`verify` begin with the first segment."""
        self._verified = 0

    @property
    def new_segments(self) -> int:
        """How many segments the segmentation has that were not there when scoring began."""
        segmentation = self._choices.segmentation
        if segmentation is None or not self.entries:
            return 0
        known = {item.result.label for item in self.entries}
        return sum(key not in known for key in segmentation.GetSegmentation().GetSegmentIDs())


def _without_segment(choices: Choices) -> Choices:
    return replace(choices, segment_id="", second_segment_id="")


def _colour(segment: vtk.vtkObject) -> tuple[float, float, float]:
    red, green, blue = segment.GetColor()
    return red, green, blue


def _volume_mm3(segmentation: vtk.vtkObject, key: str) -> float | None:
    """Return the volume (mm3) of a segment's labelmap, None where it has none or no place on a grid."""
    from .. import mrml  # imports slicer: only where nodes are really read

    if mrml.segment_labelmap(segmentation, key) is None:
        return None
    try:
        drawn = mrml.segment_voxels(segmentation, key)
    except InputError:
        return None
    return float(drawn[0].sum() * drawn[1].voxel_volume_mm3) if drawn is not None else 0.0


def _state(choices: Choices, key: str) -> tuple[Any, ...]:
    """Return what becomes another when voxels or places of the segment ``key``, or of the volumes, may have changed."""
    states: list[Any] = []
    for volume in (choices.volume, choices.second_volume):
        data = volume.GetImageData() if volume is not None else None
        states.append((data.GetMTime() if data is not None else 0, _place(volume)))
    second = None if choices.shared_contour else choices.second_segmentation
    states += [_drawn(choices.segmentation, key), _place(choices.segmentation)]
    if second is not None:  # where the contour of the same lesion has another ID
        states += [*(_drawn(second, own) for own in second.GetSegmentation().GetSegmentIDs()), _place(second)]
    return tuple(states)


def _drawn(segmentation: vtk.vtkObject, key: str) -> tuple[int, int]:
    """Return the state of a segment's voxels; a labelmap that several segments share changes with any of them."""
    content = segmentation.GetSegmentation()
    segment = content.GetSegment(key)
    data = segment.GetRepresentation(content.GetSourceRepresentationName()) if segment is not None else None
    return (data.GetMTime(), segment.GetLabelValue()) if data is not None else (0, 0)


def _place(node: vtk.vtkObject | None) -> tuple[Any, ...]:
    transform = node.GetParentTransformNode() if node is not None else None
    own = ()
    if node is not None and node.IsA("vtkMRMLVolumeNode"):
        matrix = vtk.vtkMatrix4x4()
        node.GetIJKToRASMatrix(matrix)
        own = tuple(matrix.GetElement(row, column) for row in range(3) for column in range(4))
    return own, transform.GetTransformToWorldMTime() if transform is not None else 0
