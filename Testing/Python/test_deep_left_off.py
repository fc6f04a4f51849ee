"""A request to a network given up: the process that reads it ends, or is spared for the request that follows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="onnxruntime, which runs networks, is not installed")
pytest.importorskip("onnx", reason="onnx, which reads networks, is not installed")

from deep_use_cases import SIZE, deep_protocol

from RadiomicsPrognosisLib.errors import Cancelled
from RadiomicsPrognosisLib.features.deep import runner
from RadiomicsPrognosisLib.features.deep.runner import BackboneProcess, run_network
from RadiomicsPrognosisLib.protocol import Deep, load_protocol

PATCH = np.linspace(0, 1, 3 * SIZE * SIZE, dtype=np.float32).reshape(1, 3, SIZE, SIZE)


@pytest.fixture
def keeper(monkeypatch: pytest.MonkeyPatch) -> Iterator[runner._Keeper]:
    """The keeper of this process' network, another than the tests' own."""
    own = runner._Keeper()
    monkeypatch.setattr(runner, "_keeper", own)
    yield own
    own.stop()


def network(user_home: Path, rounds: int) -> Deep:
    """Return the settings of a network that takes a while."""
    deep = load_protocol(deep_protocol(user_home, f"network{rounds}", rounds)).deep
    assert deep is not None
    return deep


def give_up(deep: Deep, stage: str) -> None:
    """Give a request up while its network is loaded or runs."""

    def progress(_share: float, text: str) -> None:
        if text.startswith(stage):
            raise Cancelled

    with pytest.raises(Cancelled):
        run_network(deep, PATCH, progress)


def pid(keeper: runner._Keeper) -> int:
    """Return the process id of the network's process."""
    process: BackboneProcess | None = keeper.process
    assert process is not None and not process.ended
    return process.pid


@pytest.mark.parametrize("stage", ["loading", "running"])
def test_the_process_ends_unless_it_is_spared(stage: str, keeper: runner._Keeper, user_home: Path) -> None:
    deep = network(user_home, 100)
    expected, _ = run_network(deep, PATCH)
    first = pid(keeper)
    give_up(deep, stage)
    assert keeper.process is not None and keeper.process.ended
    assert np.array_equal(run_network(deep, PATCH)[0], expected) and pid(keeper) != first


@pytest.mark.parametrize("stage", ["loading", "running"])
def test_a_spared_process_takes_the_next_request_and_never_the_answer_to_the_last(
        stage: str, keeper: runner._Keeper, user_home: Path) -> None:
    deep = network(user_home, 100)
    keeper.spares = True
    expected, _ = run_network(deep, PATCH)
    first = pid(keeper)
    give_up(deep, stage)
    other, _ = run_network(deep, 2 * PATCH)
    assert pid(keeper) == first and not np.array_equal(other, expected)
    for _ in range(3):
        give_up(deep, stage)
    assert np.array_equal(run_network(deep, PATCH)[0], expected) and pid(keeper) == first


def test_a_run_that_lasts_is_not_waited_for(keeper: runner._Keeper, user_home: Path,
                                            monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "_LEFT_OFF_S", 0.2)
    keeper.spares = True
    slow, fast = network(user_home, 100_000), network(user_home, 0)
    give_up(slow, "running")
    first, began = pid(keeper), time.monotonic()
    values, _ = run_network(fast, PATCH)
    assert values.shape == (4,) and pid(keeper) != first and time.monotonic() - began < 30
