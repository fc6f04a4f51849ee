"""The way from an edit to its result as a state machine: gather edits, read the contour, extract, conclude.

It owns no timer or widget: whoever owns it calls :meth:`Session.poll` every few hundredths of a second while
:attr:`Session.needs_polling`, and shows its state when that returns True. What a result needs besides features is made
in a thread, so that no poll takes long.
"""

from __future__ import annotations

import enum
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar
from typing import Protocol as Interface

from ..errors import EngineUnavailable, InputError
from ..processes.failures import WorkerFailure
from ..worker import client
from ..worker.jobs import Job
from .cache import FeatureCache
from .case import BlockedCase, Scorable
from .errand import Errand
from .problem import Problem
from .rehearsal import rehearse

#: While edits follow each other, scoring waits until this long (s) after the last.
DELAY_S = 0.3

#: An edit after such a pause is scored at once, as soon as the other events of the same edit have come (s).
SETTLE_S = 0.02

#: How long (s) one poll may wait for what a result needs besides its features.
PREPARING_S = 0.05


class Freshness(enum.Enum):
    """How the result shown relates to what is chosen and drawn."""

    NONE = "none"
    CURRENT = "current"
    UPDATING = "updating"
    CONTOUR_CHANGED = "contour changed"
    CHOICES_CHANGED = "choices changed"


class WorkerLike(Interface):
    """What a session needs of :class:`~RadiomicsPrognosisLib.worker.client.Worker`."""

    @property
    def starting(self) -> bool: ...
    @property
    def letting_go(self) -> bool: ...
    def warm_up(self) -> None: ...
    def submit(self, jobs: dict[str, Job]) -> int: ...
    def drop(self) -> None: ...
    def cancel(self) -> None: ...
    def stop(self) -> None: ...
    def poll(self) -> list[client.Event]: ...


_R = TypeVar("_R")


@dataclass(frozen=True)
class _Pending(Generic[_R]):
    """A case whose job ``id`` is under way."""

    id: int
    case: Scorable[_R]


class Session(Generic[_R]):
    """Debounce, extraction and result of the newest state of a case: a prediction, or a comparison of two readings.

    Parameters
    ----------
    worker: where features are extracted.
    read: returns the case as the scene and the choices have it at this moment.
    publish: called with each new result.
    cache: the features at hand, which sessions may share.
    """

    def __init__(self, worker: WorkerLike, read: Callable[[], Scorable[_R] | BlockedCase],
                 publish: Callable[[_R], None], clock: Callable[[], float] = time.monotonic,
                 cache: FeatureCache | None = None):
        self._worker, self._read, self._publish, self._clock = worker, read, publish, clock
        self._cache = cache if cache is not None else FeatureCache()
        self._deadline: float | None = None
        self._touched = -DELAY_S
        self._wanted = False
        self._pending: _Pending[_R] | None = None
        self._next: Callable[[], None] | None = None
        self._preparation: Errand[None] | None = None
        self._waits = False
        self._keys: dict[int, dict[str, str]] = {}
        self._starting = False
        self._rehearsal = rehearse()
        self._absent_engines: set[str] = set()
        self._unreadable: Problem | None = None
        self.case: Scorable[_R] | BlockedCase = BlockedCase()
        self._result: _R | None = None
        self.failure: Problem | None = None
        self.progress: float | None = None

    @property
    def active(self) -> bool:
        """Whether something is awaited."""
        return (self._deadline is not None or self._pending is not None or self._next is not None
                or self._starting)

    @property
    def needs_polling(self) -> bool:
        """Whether :meth:`poll` has something to do: for what is awaited, or until what is not awaited is left off."""
        return self.active or self._worker.letting_go

    @property
    def extracting(self) -> bool:
        """Whether features are being extracted for the newest state."""
        return self._pending is not None

    @property
    def preparing(self) -> bool:
        """Whether a result waits for what it needs besides features."""
        return self._next is not None and self._waits

    @property
    def problem(self) -> Problem | None:
        """Why there is no result for what is chosen and drawn."""
        return self.case.problem or self.failure or (None if self.shown else self._unreadable)

    @property
    def shown(self) -> _R | None:
        """The result that may be shown: of this model and segment, with nothing wrong with the case."""
        known, case = self._result, self.case
        return known if known and isinstance(case, Scorable) and case.is_subject_of(known) else None

    @property
    def freshness(self) -> Freshness:
        """How :attr:`shown` relates to the case."""
        shown, case = self.shown, self.case
        if shown is None or isinstance(case, BlockedCase):
            return Freshness.NONE
        if self._pending is not None or self._next is not None or (self._deadline is not None and self._wanted):
            return Freshness.UPDATING
        if case.matches(shown):
            return Freshness.CURRENT
        return Freshness.CHOICES_CHANGED if case.has_contour_of(shown) else Freshness.CONTOUR_CHANGED

    def touch(self, score: bool) -> None:
        """Something changed: read the case, and score it if ``score``.

        A change after a pause is taken up at once, one in a series 300 ms after the last: a single stroke shows its
        effect without a wait, and a series costs no more than its first and its last.
        """
        now, before = self._clock(), self._touched
        self._wanted = self._wanted or score
        if self._deadline is not None and now < before + SETTLE_S:
            return
        self._touched = now
        self._deadline = now + (SETTLE_S if now >= before + DELAY_S else DELAY_S)

    def refresh(self, score: bool = False) -> None:
        """Read the case at the next poll, without waiting, and score it if ``score``."""
        self._deadline = self._clock()
        self._wanted = self._wanted or score

    def warm_up(self) -> None:
        """Start the worker, if it can be, so that the first score need not wait for it."""
        if self._guarded(self._worker.warm_up):
            self._starting = self._worker.starting

    def restore(self, result: _R | None, problem: Problem | None = None) -> None:
        """Take over a result of earlier (a reopened scene's), or the ``problem`` of one that cannot be read."""
        self._result, self._unreadable = result, problem

    def cancel(self) -> None:
        """Give up what is awaited; what was shown stays."""
        self._give_up()
        self._guarded(self._worker.cancel)

    def close(self) -> None:
        """Forget the case and its result; features stay in the cache."""
        if self._pending is not None:
            self._worker.drop()
        self._give_up()
        self.case, self._result, self.failure, self._unreadable = BlockedCase(), None, None, None

    def shut_down(self) -> None:
        """Forget everything and end the worker."""
        self.close()
        self._worker.stop()

    def poll(self) -> bool:
        """Do what is due, one step at a time so that none holds the caller long; return whether anything changed."""
        changed = True
        if self._next is not None:
            step, self._next = self._next, None
            self._take(step)
        elif self._deadline is not None and self._clock() >= self._deadline:
            self._deadline = None
            self._take(self._begin)
        else:
            changed = False
            if self._starting:
                next(self._rehearsal, None)
        for event in self._worker.poll():
            self._handle(event)
            changed = True
        return changed

    def _take(self, step: Callable[[], None]) -> None:
        try:
            step()
        except InputError as error:
            self.failure = Problem.of(error)
        except Exception:  # shown as a fault: an exception in a timer's callback would only reach the console
            self.failure = Problem("fault", details=traceback.format_exc())

    def _begin(self) -> None:
        """Read the case, to score it if that is wanted; a job under way goes on only if it is this case's."""
        wanted, self._wanted = self._wanted, False
        before, self._pending = self._pending, None
        self.failure = None
        try:
            self.case = case = self._read()
            if isinstance(case, Scorable) and not (self._result and case.matches(self._result)):
                if before is not None and before.case.job_keys == case.job_keys:
                    self._pending = _Pending(before.id, case)
                elif wanted:
                    self._next = partial(self._score, case)
        finally:
            if self._pending is None:
                self.progress = None
                if before is not None:
                    self._worker.drop()

    def _give_up(self) -> None:
        self._deadline, self._wanted, self._pending, self._next, self.progress = None, False, None, None, None

    def _score(self, case: Scorable[_R]) -> None:
        missing = {name: job for name, job in case.jobs.items() if self._cache.get(case.job_keys[name]) is None}
        self._preparation = Errand(case.prepare)
        if not missing:
            self._conclude(case)
            return
        if self._absent_engines & {job.engine for job in missing.values()}:
            self._worker.stop()  # perhaps it has been installed meanwhile: a new worker looks again
            self._absent_engines.clear()
        try:
            job = self._worker.submit(missing)
        except WorkerFailure as error:
            self.failure = Problem.of_worker(error)
            return
        self._pending, self.progress = _Pending(job, case), 0.0
        self._keys = {**self._keys, job: case.job_keys}

    def _guarded(self, action: Callable[[], None]) -> bool:
        try:
            action()
        except WorkerFailure as error:
            self.failure = Problem.of_worker(error)
            return False
        return True

    def _handle(self, event: client.Event) -> None:
        pending = self._pending
        awaited = pending if pending is not None and getattr(event, "id", None) == pending.id else None
        if isinstance(event, client.Ready):
            self._starting = False
        elif isinstance(event, client.JobProgress):
            self.progress = event.progress.share if awaited else self.progress
        elif isinstance(event, client.Done):
            self._keep(event)
            if awaited:
                self._pending, self.progress = None, None
                self._next = partial(self._conclude, awaited.case)
        elif isinstance(event, client.Refused):
            if awaited:
                if event.code == EngineUnavailable.code:
                    self._absent_engines |= {job.engine for job in awaited.case.jobs.values()}
                self._drop(Problem(event.code, event.message))
        else:
            self._starting = False
            self._drop(Problem.of_worker(event.error))

    def _keep(self, event: client.Done) -> None:
        for name, key in self._keys.pop(event.id, {}).items():
            if name in event.features:
                self._cache.put(key, event.features[name])
        self._keys = {job: keys for job, keys in self._keys.items() if job > event.id}

    def _drop(self, problem: Problem) -> None:
        self._pending, self.progress, self.failure = None, None, problem

    def _conclude(self, case: Scorable[_R]) -> None:
        if self._deadline is not None and self._wanted:  # edited meanwhile: only the newest contour's result is shown
            return
        self._waits = self._preparation is not None and not self._preparation.ended_within(PREPARING_S)
        if self._waits:
            self._next = partial(self._conclude, case)
            return
        self._finish(case)

    def _finish(self, case: Scorable[_R]) -> None:
        kept = {name: self._cache.get(key) for name, key in case.job_keys.items()}
        features = {name: item for name, item in kept.items() if item is not None}
        self._result = result = case.conclude(features)
        self._publish(result)
