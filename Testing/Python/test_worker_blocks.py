"""The worker is sent a block of the image once, and holds it as long as the newest job needs it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import make_protocol, textured_volume
from worker_cases import NAMES, job, nothing_unread, wait, worker  # noqa: F401 - fixtures

from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.voi import make_voi
from RadiomicsPrognosisLib.voi.grid import Grid
from RadiomicsPrognosisLib.voi.voi import redrawn
from RadiomicsPrognosisLib.worker import client
from RadiomicsPrognosisLib.worker.blocks import Blocks
from RadiomicsPrognosisLib.worker.jobs import blocks_of, make_job
from RadiomicsPrognosisLib.worker.link import WorkerLink


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds of the messages that workers are sent."""
    kinds: list[str] = []
    send = WorkerLink.send
    monkeypatch.setattr(WorkerLink, "send", lambda self, header, arrays: (kinds.append(header["kind"]),
                                                                          send(self, header, arrays)))
    return kinds


def test_an_image_is_sent_once_and_then_each_contour_alone(worker: client.Worker, sent: list[str]) -> None:  # noqa: F811
    first, other = job(), job(seed=1)
    contour = first.voi.contour.copy()
    contour[:, :3] = False
    edited = replace(first, voi=redrawn(first.voi, contour, first.voi.start, first.protocol))
    for item, kinds in ((first, ["block", "extract"]), (edited, ["extract"]), (other, ["block", "extract"]),
                        (first, ["block", "extract"])):  # the first block was let go of with the second
        del sent[:]
        worker.submit({"image": item})
        assert wait(worker, client.Done).features["image"] == extract(item.voi, item.protocol, item.names)
        assert [kind for kind in sent if kind != "hello"] == kinds


def test_another_process_is_sent_the_image_again(worker: client.Worker, sent: list[str]) -> None:  # noqa: F811
    one = job()
    for _ in range(2):
        worker.submit({"image": one})
        assert wait(worker, client.Done).features["image"] == extract(one.voi, one.protocol, one.names)
        worker.stop()
    assert sent == 2 * ["hello", "block", "extract"]


def test_jobs_that_are_replaced_take_no_block_along(worker: client.Worker) -> None:  # noqa: F811
    """Whichever of them is written to the pipe, the last one finds its block."""
    jobs = [job(seed=seed % 3) for seed in range(8)]
    for item in jobs:
        last = worker.submit({"image": item})
    done = wait(worker, client.Done)
    assert done.id == last
    assert done.features["image"] == extract(jobs[-1].voi, jobs[-1].protocol, jobs[-1].names)


def test_blocks_are_held_as_long_as_the_newest_job_needs_them() -> None:
    one, other = job(), job(seed=1)
    blocks = Blocks()
    blocks.replace(blocks_of({"image": one}))
    image = blocks.image(one.block, Grid.of(one.voi.image))
    kept = blocks.neighbourhood(image)
    blocks.replace(blocks_of({"a": one, "b": other}))
    assert blocks.image(one.block, Grid.of(one.voi.image)) is image and blocks.neighbourhood(image) is kept is not None
    blocks.replace(blocks_of({"image": other}))
    assert blocks.neighbourhood(image) is None
    with pytest.raises(KeyError):
        blocks.image(one.block, Grid.of(one.voi.image))


def test_contours_that_differ_by_a_stroke_have_the_same_block() -> None:
    image, mask = textured_volume((150, 140, 30))
    protocol = make_protocol()
    whole = make_voi(image, mask, protocol, "Tumour")
    contour = whole.contour.copy()
    contour[:, :2] = False
    edited = redrawn(whole, contour, whole.start, protocol)
    first, second = make_job(whole, protocol, NAMES), make_job(edited, protocol, NAMES)
    assert whole.start != edited.start
    assert first.block == second.block and first.key() != second.key()
    assert first.voi.image.GetNumberOfPixels() < image.GetNumberOfPixels()
