"""A session with a clock, a worker and a contour in the test's hands."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.models.scaling import load_scaling
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.prediction import Prediction, score_vois
from RadiomicsPrognosisLib.presenter.case import BlockedCase, Case, ReadyCase
from RadiomicsPrognosisLib.presenter.session import Freshness, Session
from RadiomicsPrognosisLib.processes.failures import WorkerNotStarted
from RadiomicsPrognosisLib.voi import make_voi
from RadiomicsPrognosisLib.worker import client

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


class SessionBench:
    """A session with a clock, a worker and a contour in the test's hands."""

    def __init__(self, image: sitk.Image, mask: sitk.Image):
        self.now, self.reads = 0.0, 0
        self.image, self.mask = image, sitk.GetArrayFromImage(mask)
        self.covariates, self.scaling, self.problem, self.name = {}, SCALING, None, "Tumour"
        self.engine = ""
        self.worker, self.published = HandWorker(), []
        self.session = Session(self.worker, lambda: self.read(), self.published.append, clock=lambda: self.now)

    def read(self) -> Case:
        self.reads += 1
        mask = sitk.GetImageFromArray(self.mask)
        mask.CopyInformation(self.image)
        voi = make_voi(self.image, mask, PROTOCOL, self.name)
        if self.problem is not None:
            return BlockedCase(self.problem, {"image": voi})
        return ReadyCase(MODEL, self.scaling, MODEL.parse_covariates(self.covariates), {"image": voi}, self.engine)

    def edit(self) -> None:
        """Take one layer of the contour away, as an eraser would, and tell the session."""
        rows = np.flatnonzero(self.mask.any(axis=(0, 1)))
        self.mask[:, :, rows[-1]] = 0
        self.session.touch(score=True)

    def wait(self, seconds: float) -> bool:
        """Let time pass and poll for the two steps that follow each other: read and score, or take in and predict.

        What the result needs besides features is waited for.
        """
        self.now += seconds
        first, second = self.session.poll(), self.session.poll()
        while self.session.preparing:
            self.session.poll()
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
def bench(phantom) -> SessionBench:
    """A bench with the phantom."""
    return SessionBench(*phantom)
