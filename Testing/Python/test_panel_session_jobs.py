# ruff: noqa: F811 - the fixtures are imported
"""The session's jobs and steps: what goes on, what is given up, and that nothing holds the caller long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from session_bench import SessionBench, bench  # noqa: F401 - fixtures

from RadiomicsPrognosisLib.presenter import session as session_module
from RadiomicsPrognosisLib.presenter.problem import Problem
from RadiomicsPrognosisLib.presenter.rehearsal import rehearse
from RadiomicsPrognosisLib.presenter.session import DELAY_S, Freshness


@pytest.mark.parametrize("finished", [False, True])
@pytest.mark.parametrize("score", [False, True])
def test_reading_the_same_case_again_keeps_the_job_under_way(bench: SessionBench, finished: bool, score: bool) -> None:
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


def test_choices_that_need_no_other_features_leave_the_job_under_way(bench: SessionBench) -> None:
    bench.edit()
    bench.wait(DELAY_S)
    bench.covariates = {"n_stage": "N1", "complete_response": "no"}
    bench.session.touch(score=True)
    bench.wait(DELAY_S)
    bench.worker.work()
    bench.wait(0)
    assert len(bench.worker.submitted) == 1 and bench.worker.drops == 0
    assert bench.published == [bench.expected()] and bench.session.shown.survival is not None


def _block(bench: SessionBench) -> None:
    bench.problem = Problem("segment")


def _undo(bench: SessionBench) -> None:
    bench.mask = bench.drawn


def _switch_off_live(bench: SessionBench) -> None:
    bench.mask[:, :, :40] = 0


@pytest.mark.parametrize(("change", "score"), [(_block, True), (_undo, True), (_switch_off_live, False)])
def test_a_job_that_nobody_awaits_is_given_up(bench: SessionBench, change: Callable[[SessionBench], None],
                                              score: bool) -> None:
    bench.drawn = bench.mask.copy()
    bench.score()
    bench.edit()
    bench.wait(DELAY_S)
    assert bench.session.extracting and bench.worker.drops == 0
    change(bench)
    bench.session.touch(score=score)
    bench.wait(DELAY_S)
    assert not bench.session.extracting and (bench.worker.drops, bench.worker.job) == (1, None)


def test_a_case_that_cannot_be_read_gives_up_the_job(bench: SessionBench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.edit()
    bench.wait(DELAY_S)
    monkeypatch.setattr(bench, "read", lambda: 1 // 0)
    bench.session.refresh()
    bench.wait(0)
    assert bench.worker.drops == 1 and bench.session.problem.code == "fault"


def test_a_job_given_up_is_followed_until_the_worker_has_let_go(bench: SessionBench) -> None:
    bench.edit()
    bench.wait(DELAY_S)
    bench.session.close()
    assert bench.worker.drops == 1 and not bench.session.needs_polling
    bench.worker.letting_go = True
    assert bench.session.needs_polling and not bench.session.active


def test_reading_and_scoring_are_steps_of_their_own(bench: SessionBench) -> None:
    bench.session.refresh(score=True)
    assert bench.session.poll() and bench.reads == 1 and bench.worker.submitted == [] and bench.session.active
    assert bench.session.poll() and bench.session.extracting
    bench.worker.work()
    assert bench.session.poll() and not bench.session.extracting and bench.published == []
    assert bench.session.active and bench.session.freshness is Freshness.NONE
    assert bench.session.poll() and bench.session.freshness is Freshness.CURRENT and not bench.session.active


def test_what_was_extracted_is_not_lost_to_a_look_that_comes_between(bench: SessionBench) -> None:
    bench.session.refresh(score=True)
    bench.wait(0)
    bench.worker.work()
    bench.session.poll()
    bench.session.refresh()
    bench.wait(0)
    assert bench.published == [bench.expected()]


def test_while_the_worker_starts_the_first_read_is_rehearsed_step_by_step(phantom, monkeypatch) -> None:
    steps = []
    monkeypatch.setattr(session_module, "rehearse", lambda: (steps.append(step) for step in range(3)))
    bench = SessionBench(*phantom)
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
    assert len(list(rehearse())) == 5


def test_what_a_result_needs_besides_features_never_holds_the_caller_up(bench: SessionBench, monkeypatch) -> None:
    done, threads = threading.Event(), []

    def prepare(_case: object) -> None:
        threads.append(threading.current_thread())
        assert done.wait(60)

    monkeypatch.setattr(type(bench.read()), "prepare", prepare)
    bench.session.refresh(score=True)
    bench.wait(0)
    bench.worker.work()
    for _ in range(3):
        began = time.perf_counter()
        bench.session.poll()
        assert time.perf_counter() - began < 1.0 and bench.published == [] and bench.session.active
    done.set()
    while bench.session.active:
        bench.session.poll()
    assert bench.published == [bench.expected()]
    assert threads and threading.main_thread() not in threads
