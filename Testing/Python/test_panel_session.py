"""The live state machine: debounce, newest wins, features kept by content, failures shown and recovered from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from RadiomicsPrognosisLib.errors import InputError
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.models.scaling import load_scaling
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.prediction import Prediction, score_vois
from RadiomicsPrognosisLib.presenter import session as session_module
from RadiomicsPrognosisLib.presenter.case import BlockedCase, Case, ReadyCase
from RadiomicsPrognosisLib.presenter.problem import Problem
from RadiomicsPrognosisLib.presenter.rehearsal import rehearse
from RadiomicsPrognosisLib.presenter.session import DELAY_S, SETTLE_S, Freshness, Session
from RadiomicsPrognosisLib.voi import make_voi
from RadiomicsPrognosisLib.worker import client
from RadiomicsPrognosisLib.worker.failures import WorkerCrashed, WorkerNotStarted

MODEL = load_model("s1_escc_lpfs_radscore")
PROTOCOL = MODEL.image_protocol()
SCALING = load_scaling("demonstration-sts-ct", MODEL)


class HandWorker:
    """A worker that computes when the test says so, in this process."""

    def __init__(self) -> None:
        self.job, self.starting, self.submitted, self.events, self.refuse_start = None, False, [], [], False
        self.stops, self.drops, self.letting_go = 0, 0, False

    def warm_up(self) -> None:
        if self.refuse_start:
            raise WorkerNotStarted("cannot start", "last words")

    def submit(self, jobs) -> int:
        self.warm_up()
        self.submitted.append(jobs)
        self.job = len(self.submitted)
        return self.job

    def work(self, number: int | None = None) -> None:
        """Finish job ``number`` (the newest when None)."""
        number = number or self.job
        features = {name: extract(job.voi, job.protocol, job.names)
                    for name, job in self.submitted[number - 1].items()}
        self.events.append(client.Done(number, features))

    def cancel(self) -> None:
        self.job = None

    def drop(self) -> None:
        self.job, self.drops = None, self.drops + 1

    def stop(self) -> None:
        self.stops += 1

    def poll(self) -> list[client.Event]:
        events, self.events = self.events, []
        return events


class Bench:
    """A session with a clock, a worker and a contour in the test's hands."""

    def __init__(self, image: sitk.Image, mask: sitk.Image):
        self.now, self.reads = 0.0, 0
        self.image, self.mask = image, sitk.GetArrayFromImage(mask)
        self.covariates, self.scaling, self.problem, self.name = {}, SCALING, None, "Tumour"
        self.worker, self.published = HandWorker(), []
        self.session = Session(self.worker, lambda: self.read(), self.published.append, clock=lambda: self.now)

    def read(self) -> Case:
        self.reads += 1
        mask = sitk.GetImageFromArray(self.mask)
        mask.CopyInformation(self.image)
        voi = make_voi(self.image, mask, PROTOCOL, self.name)
        if self.problem is not None:
            return BlockedCase(self.problem, {"image": voi})
        return ReadyCase(MODEL, self.scaling, MODEL.parse_covariates(self.covariates), {"image": voi})

    def edit(self) -> None:
        """Take one layer of the contour away, as an eraser would, and tell the session."""
        rows = np.flatnonzero(self.mask.any(axis=(0, 1)))
        self.mask[:, :, rows[-1]] = 0
        self.session.touch(score=True)

    def wait(self, seconds: float) -> bool:
        """Let time pass and poll for the two steps that follow each other: read and score, or take in and predict."""
        self.now += seconds
        first, second = self.session.poll(), self.session.poll()
        return first or second

    def score(self) -> Prediction:
        """Bring the session to a current result and return it."""
        self.session.refresh(score=True)
        self.wait(0)
        self.worker.work()
        self.wait(0)
        assert self.session.freshness is Freshness.CURRENT
        return self.session.shown

    def expected(self) -> Prediction:
        case = self.read()
        return score_vois(case.vois, MODEL, self.scaling, self.covariates)


@pytest.fixture
def bench(phantom) -> Bench:
    """A bench with the phantom."""
    return Bench(*phantom)


def test_an_edit_gives_the_prediction_of_the_one_path(bench: Bench) -> None:
    bench.edit()
    assert bench.wait(DELAY_S) and bench.session.extracting
    bench.worker.work()
    bench.wait(0)
    assert bench.session.shown == bench.expected() and bench.published == [bench.session.shown]
    assert not bench.session.active


def test_a_single_edit_is_scored_at_once_when_its_events_have_come(bench: Bench) -> None:
    for _ in range(4):
        bench.edit()
        assert not bench.wait(SETTLE_S / 4 - 1e-6)
    bench.wait(SETTLE_S / 4)
    assert len(bench.worker.submitted) == 1 and bench.reads == 1


def test_a_series_of_edits_is_scored_300_ms_after_its_last(bench: Bench) -> None:
    bench.edit()
    bench.wait(SETTLE_S)
    for _ in range(5):
        bench.edit()
        assert not bench.wait(DELAY_S / 2)
    assert bench.reads == 1
    bench.wait(DELAY_S / 2)
    assert len(bench.worker.submitted) == 2 and bench.reads == 2 and DELAY_S == 0.3
    bench.worker.work()
    bench.wait(0)
    assert bench.published == [bench.expected()]


def test_without_live_an_edit_only_reads_the_contour(bench: Bench) -> None:
    bench.score()
    bench.mask[:, :, np.flatnonzero(bench.mask.any(axis=(0, 1)))[0]] = 0
    bench.session.touch(score=False)
    bench.wait(DELAY_S)
    assert bench.session.freshness is Freshness.CONTOUR_CHANGED and len(bench.worker.submitted) == 1
    assert bench.session.case.vois["image"].statistics.contoured_voxels == bench.mask.sum()


def test_the_result_is_said_to_be_updating_from_edit_to_result(bench: Bench) -> None:
    before = bench.score()
    bench.edit()
    assert bench.session.freshness is Freshness.UPDATING
    bench.wait(DELAY_S)
    assert bench.session.freshness is Freshness.UPDATING and bench.session.shown == before
    bench.worker.work()
    bench.wait(0)
    assert bench.session.freshness is Freshness.CURRENT and bench.session.shown != before


def test_only_the_newest_contour_is_shown(bench: Bench) -> None:
    bench.edit()
    bench.wait(DELAY_S)
    bench.edit()
    bench.worker.work(1)
    bench.wait(DELAY_S)
    assert bench.published == []
    bench.worker.work(2)
    bench.wait(0)
    assert bench.published == [bench.expected()]


@pytest.mark.parametrize("finished", [False, True])
@pytest.mark.parametrize("score", [False, True])
def test_reading_the_same_case_again_keeps_the_job_under_way(bench: Bench, finished: bool, score: bool) -> None:
    bench.edit()
    bench.wait(DELAY_S)
    if finished:
        bench.worker.work()
    bench.session.refresh(score=score)
    bench.wait(0)
    if not finished:
        assert bench.session.extracting and bench.session.freshness is Freshness.NONE
        bench.worker.work()
        bench.wait(0)
    assert len(bench.worker.submitted) == 1 and bench.worker.drops == 0
    assert bench.published == [bench.expected()] and bench.session.freshness is Freshness.CURRENT


def test_choices_that_need_no_other_features_leave_the_job_under_way(bench: Bench) -> None:
    bench.edit()
    bench.wait(DELAY_S)
    bench.covariates = {"n_stage": "N1", "complete_response": "no"}
    bench.session.touch(score=True)
    bench.wait(DELAY_S)
    bench.worker.work()
    bench.wait(0)
    assert len(bench.worker.submitted) == 1 and bench.worker.drops == 0
    assert bench.published == [bench.expected()] and bench.session.shown.survival is not None


def _block(bench: Bench) -> None:
    bench.problem = Problem("segment")


def _undo(bench: Bench) -> None:
    bench.mask = bench.drawn


def _switch_off_live(bench: Bench) -> None:
    bench.mask[:, :, :40] = 0


@pytest.mark.parametrize(("change", "score"), [(_block, True), (_undo, True), (_switch_off_live, False)])
def test_a_job_that_nobody_awaits_is_given_up(bench: Bench, change: Callable[[Bench], None], score: bool) -> None:
    bench.drawn = bench.mask.copy()
    bench.score()
    bench.edit()
    bench.wait(DELAY_S)
    assert bench.session.extracting and bench.worker.drops == 0
    change(bench)
    bench.session.touch(score=score)
    bench.wait(DELAY_S)
    assert not bench.session.extracting and (bench.worker.drops, bench.worker.job) == (1, None)


def test_a_case_that_cannot_be_read_gives_up_the_job(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.edit()
    bench.wait(DELAY_S)
    monkeypatch.setattr(bench, "read", lambda: 1 // 0)
    bench.session.refresh()
    bench.wait(0)
    assert bench.worker.drops == 1 and bench.session.problem.code == "fault"


def test_a_job_given_up_is_followed_until_the_worker_has_let_go(bench: Bench) -> None:
    bench.edit()
    bench.wait(DELAY_S)
    bench.session.close()
    assert bench.worker.drops == 1 and not bench.session.needs_polling
    bench.worker.letting_go = True
    assert bench.session.needs_polling and not bench.session.active


def test_reading_and_scoring_are_steps_of_their_own(bench: Bench) -> None:
    bench.session.refresh(score=True)
    assert bench.session.poll() and bench.reads == 1 and bench.worker.submitted == [] and bench.session.active
    assert bench.session.poll() and bench.session.extracting
    bench.worker.work()
    assert bench.session.poll() and not bench.session.extracting and bench.published == []
    assert bench.session.active and bench.session.freshness is Freshness.NONE
    assert bench.session.poll() and bench.session.freshness is Freshness.CURRENT and not bench.session.active


def test_what_was_extracted_is_not_lost_to_a_look_that_comes_between(bench: Bench) -> None:
    bench.session.refresh(score=True)
    bench.wait(0)
    bench.worker.work()
    bench.session.poll()
    bench.session.refresh()
    bench.wait(0)
    assert bench.published == [bench.expected()]


def test_undo_and_covariates_cost_no_extraction(bench: Bench) -> None:
    first = bench.score()
    drawn = bench.mask.copy()
    bench.edit()
    bench.wait(DELAY_S)
    bench.worker.work()
    bench.wait(0)
    bench.mask = drawn
    bench.session.touch(score=True)
    bench.wait(DELAY_S)
    assert bench.session.shown == first and bench.session.freshness is Freshness.CURRENT
    bench.covariates = {"n_stage": "N1", "complete_response": "no"}
    bench.session.touch(score=True)
    bench.wait(DELAY_S)
    assert bench.session.shown == bench.expected() and bench.session.shown.survival is not None
    bench.scaling = replace(SCALING, sds={key: 1.1 * sd for key, sd in SCALING.sds.items()}, hash="another")
    bench.session.touch(score=True)
    bench.wait(DELAY_S)
    assert bench.session.shown == bench.expected()
    assert len(bench.worker.submitted) == 2


def test_the_worker_gets_the_part_of_the_image_that_is_needed(bench: Bench) -> None:
    bench.score()
    sent = bench.worker.submitted[0]["image"].voi
    assert np.prod(sent.image.GetSize()) < np.prod(bench.image.GetSize())
    assert sent.grid == bench.read().vois["image"].grid


def test_a_restored_result_that_fits_is_shown_without_any_work(bench: Bench) -> None:
    stored = bench.expected()
    bench.session.restore(stored)
    bench.session.refresh()
    bench.wait(0)
    assert bench.session.shown == stored and bench.session.freshness is Freshness.CURRENT
    assert bench.worker.submitted == [] and bench.published == []


@pytest.mark.parametrize(("change", "state"), [
    (lambda bench: bench.mask.__setitem__((slice(None), slice(None), slice(0, 40)), 0), Freshness.CONTOUR_CHANGED),
    (lambda bench: bench.covariates.update(n_stage="N2"), Freshness.CHOICES_CHANGED),
    (lambda bench: setattr(bench, "scaling", None), Freshness.CHOICES_CHANGED),
    (lambda bench: setattr(bench, "name", "Another segment"), Freshness.NONE),
    (lambda bench: setattr(bench, "problem", Problem("segment")), Freshness.NONE),
])
def test_a_restored_result_that_does_not_fit_says_so(bench: Bench, change: Callable[[Bench], None],
                                                     state: Freshness) -> None:
    bench.session.restore(bench.expected())
    change(bench)
    bench.session.refresh()
    bench.wait(0)
    assert bench.session.freshness is state and bench.worker.submitted == []


def test_a_contour_that_cannot_be_scored_hides_the_result_until_it_can(bench: Bench) -> None:
    shown = bench.score()
    bench.problem = Problem("empty-voi", "too small")
    bench.session.touch(score=True)
    bench.wait(DELAY_S)
    assert bench.session.shown is None and bench.session.problem.message == "too small"
    bench.problem = None
    bench.session.touch(score=True)
    bench.wait(DELAY_S)
    assert bench.session.shown == shown and bench.session.problem is None


def test_an_error_while_reading_is_shown(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Case:
        raise error

    monkeypatch.setattr(bench, "read", fail)
    error: Exception = InputError("the contour lies outside")
    bench.session.refresh(score=True)
    bench.wait(0)
    assert bench.session.problem == Problem("input", "the contour lies outside")
    error = RuntimeError("a bug")
    bench.session.refresh(score=True)
    bench.wait(0)
    assert bench.session.problem.code == "fault" and "a bug" in bench.session.problem.details


def test_a_crash_of_the_worker_is_shown_and_the_next_edit_tries_again(bench: Bench) -> None:
    before = bench.score()
    bench.edit()
    bench.wait(DELAY_S)
    bench.worker.events.append(client.Failed(2, WorkerCrashed("it ended", "Segmentation fault")))
    bench.wait(0)
    assert bench.session.problem == Problem("worker-crash", "it ended", "Segmentation fault")
    assert bench.session.freshness is Freshness.CONTOUR_CHANGED and bench.session.shown == before
    bench.edit()
    bench.wait(DELAY_S)
    bench.worker.work()
    bench.wait(0)
    assert bench.session.problem is None and bench.session.shown == bench.expected()


def test_a_worker_that_cannot_start_is_shown(bench: Bench) -> None:
    bench.worker.refuse_start = True
    bench.session.refresh(score=True)
    bench.wait(0)
    assert bench.session.problem == Problem("worker-start", "cannot start", "last words")
    assert not bench.session.active


def test_while_the_worker_starts_the_first_read_is_rehearsed_step_by_step(phantom, monkeypatch) -> None:
    steps = []
    monkeypatch.setattr(session_module, "rehearse", lambda: (steps.append(step) for step in range(3)))
    bench = Bench(*phantom)
    bench.session.poll()
    bench.worker.starting = True
    bench.session.warm_up()
    assert steps == []
    bench.session.poll()
    assert steps == [0]
    bench.session.refresh(score=True)
    bench.wait(0)
    assert steps == [0] and bench.session.extracting, "what is due comes first"
    for _ in range(5):
        bench.session.poll()
    assert steps == [0, 1, 2]


def test_the_rehearsal_is_of_the_real_steps() -> None:
    assert len(list(rehearse())) == 4


def test_a_missing_engine_is_shown_at_once_and_looked_for_again_at_the_next_score(bench: Bench) -> None:
    bench.session.warm_up()
    bench.worker.events.append(client.Ready("install SlicerRadiomics"))
    bench.session.poll()
    assert bench.session.problem == Problem("engine", "install SlicerRadiomics")
    bench.session.refresh(score=True)
    bench.wait(0)
    assert bench.worker.stops == 1 and bench.session.problem is None
    bench.worker.events.append(client.Ready(""))
    bench.worker.work()
    bench.wait(0)
    assert bench.session.shown == bench.expected()


def test_a_refusal_of_the_worker_is_shown(bench: Bench) -> None:
    bench.session.refresh(score=True)
    bench.wait(0)
    bench.worker.events.append(client.Refused(1, "flat-voi", "one slice"))
    bench.wait(0)
    assert bench.session.problem == Problem("flat-voi", "one slice") and not bench.session.active


def test_cancel_keeps_what_was_shown(bench: Bench) -> None:
    before = bench.score()
    bench.edit()
    bench.wait(DELAY_S)
    bench.session.cancel()
    assert bench.session.shown == before and bench.session.freshness is Freshness.CONTOUR_CHANGED
    assert bench.worker.job is None and not bench.session.active
    bench.worker.work(2)
    bench.wait(0)
    assert bench.session.shown == before


def test_closing_leaves_nothing_behind(bench: Bench) -> None:
    bench.score()
    bench.edit()
    bench.session.close()
    assert bench.session.shown is None and bench.session.problem is None and not bench.session.active
    assert not bench.wait(10)
