# ruff: noqa: F811 - the fixtures are imported
"""The live state machine: debounce, newest wins, features kept by content, failures shown and recovered from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from session_bench import SCALING, SessionBench, bench  # noqa: F401 - fixtures

from RadiomicsPrognosisLib.errors import InputError
from RadiomicsPrognosisLib.presenter.case import Case
from RadiomicsPrognosisLib.presenter.problem import Problem
from RadiomicsPrognosisLib.presenter.session import DELAY_S, SETTLE_S, Freshness
from RadiomicsPrognosisLib.processes.failures import WorkerCrashed
from RadiomicsPrognosisLib.worker import client


def test_an_edit_gives_the_prediction_of_the_one_path(bench: SessionBench) -> None:
    bench.edit()
    assert bench.wait(DELAY_S) and bench.session.extracting
    bench.worker.work()
    bench.wait(0)
    assert bench.session.shown == bench.expected() and bench.published == [bench.session.shown]
    assert not bench.session.active


def test_a_single_edit_is_scored_at_once_when_its_events_have_come(bench: SessionBench) -> None:
    for _ in range(4):
        bench.edit()
        assert not bench.wait(SETTLE_S / 4 - 1e-6)
    bench.wait(SETTLE_S / 4)
    assert len(bench.worker.submitted) == 1 and bench.reads == 1


def test_a_series_of_edits_is_scored_300_ms_after_its_last(bench: SessionBench) -> None:
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


def test_without_live_an_edit_only_reads_the_contour(bench: SessionBench) -> None:
    bench.score()
    bench.mask[:, :, np.flatnonzero(bench.mask.any(axis=(0, 1)))[0]] = 0
    bench.session.touch(score=False)
    bench.wait(DELAY_S)
    assert bench.session.freshness is Freshness.CONTOUR_CHANGED and len(bench.worker.submitted) == 1
    assert bench.session.case.vois["image"].statistics.contoured_voxels == bench.mask.sum()


def test_the_result_is_said_to_be_updating_from_edit_to_result(bench: SessionBench) -> None:
    before = bench.score()
    bench.edit()
    assert bench.session.freshness is Freshness.UPDATING
    bench.wait(DELAY_S)
    assert bench.session.freshness is Freshness.UPDATING and bench.session.shown == before
    bench.worker.work()
    bench.wait(0)
    assert bench.session.freshness is Freshness.CURRENT and bench.session.shown != before


def test_only_the_newest_contour_is_shown(bench: SessionBench) -> None:
    bench.edit()
    bench.wait(DELAY_S)
    bench.edit()
    bench.worker.work(1)
    bench.wait(DELAY_S)
    assert bench.published == []
    bench.worker.work(2)
    bench.wait(0)
    assert bench.published == [bench.expected()]


def test_undo_and_covariates_cost_no_extraction(bench: SessionBench) -> None:
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


def test_the_worker_gets_the_part_of_the_image_that_is_needed(bench: SessionBench) -> None:
    bench.score()
    sent = bench.worker.submitted[0]["image"].voi
    assert np.prod(sent.image.GetSize()) < np.prod(bench.image.GetSize())
    assert sent.grid == bench.read().vois["image"].grid


def test_a_restored_result_that_fits_is_shown_without_any_work(bench: SessionBench) -> None:
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
def test_a_restored_result_that_does_not_fit_says_so(bench: SessionBench, change: Callable[[SessionBench], None],
                                                     state: Freshness) -> None:
    bench.session.restore(bench.expected())
    change(bench)
    bench.session.refresh()
    bench.wait(0)
    assert bench.session.freshness is state and bench.worker.submitted == []


def test_a_contour_that_cannot_be_scored_hides_the_result_until_it_can(bench: SessionBench) -> None:
    shown = bench.score()
    bench.problem = Problem("empty-voi", "too small")
    bench.session.touch(score=True)
    bench.wait(DELAY_S)
    assert bench.session.shown is None and bench.session.problem.message == "too small"
    bench.problem = None
    bench.session.touch(score=True)
    bench.wait(DELAY_S)
    assert bench.session.shown == shown and bench.session.problem is None


def test_an_error_while_reading_is_shown(bench: SessionBench, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_a_crash_of_the_worker_is_shown_and_the_next_edit_tries_again(bench: SessionBench) -> None:
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


def test_a_worker_that_cannot_start_is_shown(bench: SessionBench) -> None:
    bench.worker.refuse_start = True
    bench.session.refresh(score=True)
    bench.wait(0)
    assert bench.session.problem == Problem("worker-start", "cannot start", "last words")
    assert not bench.session.active


def test_a_missing_engine_is_shown_and_looked_for_again_at_the_next_score(bench: SessionBench) -> None:
    bench.session.refresh(score=True)
    bench.wait(0)
    bench.worker.events.append(client.Refused(1, "engine", "install SlicerRadiomics"))
    bench.wait(0)
    assert bench.session.problem == Problem("engine", "install SlicerRadiomics") and bench.worker.stops == 0
    bench.session.refresh(score=True)
    bench.wait(0)
    assert bench.worker.stops == 1 and bench.session.problem is None
    bench.worker.events.append(client.Ready())
    bench.worker.work()
    bench.wait(0)
    assert bench.session.shown == bench.expected()


def test_another_engine_than_the_missing_one_keeps_the_worker(bench: SessionBench) -> None:
    bench.engine = "pyradiomics"
    bench.session.refresh(score=True)
    bench.wait(0)
    bench.worker.events.append(client.Refused(1, "engine", "install SlicerRadiomics"))
    bench.wait(0)
    bench.engine = ""
    assert bench.score() == bench.expected() and bench.worker.stops == 0 and bench.session.problem is None


def test_a_refusal_of_the_worker_is_shown(bench: SessionBench) -> None:
    bench.session.refresh(score=True)
    bench.wait(0)
    bench.worker.events.append(client.Refused(1, "flat-voi", "one slice"))
    bench.wait(0)
    assert bench.session.problem == Problem("flat-voi", "one slice") and not bench.session.active


def test_cancel_keeps_what_was_shown(bench: SessionBench) -> None:
    before = bench.score()
    bench.edit()
    bench.wait(DELAY_S)
    bench.session.cancel()
    assert bench.session.shown == before and bench.session.freshness is Freshness.CONTOUR_CHANGED
    assert bench.worker.job is None and not bench.session.active
    bench.worker.work(2)
    bench.wait(0)
    assert bench.session.shown == before


def test_closing_leaves_nothing_behind(bench: SessionBench) -> None:
    bench.score()
    bench.edit()
    bench.session.close()
    assert bench.session.shown is None and bench.session.problem is None and not bench.session.active
    assert not bench.wait(10)
