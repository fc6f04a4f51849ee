"""Shares of a computation's progress: counted in equal steps, or stages by weight; they rise from 0 to exactly 1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from RadiomicsPrognosisLib.errors import Cancelled
from RadiomicsPrognosisLib.progress import Stages, paced, portion, step

WEIGHTS = st.floats(1e-3, 1e3)


class Listener:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.shares: list[float] = []
        self.texts: list[str] = []

    def __call__(self, share: float, text: str) -> None:
        self.shares.append(share)
        self.texts.append(text)


def test_equal_steps_are_counted() -> None:
    listener = Listener()
    for done in range(5):
        step(listener, done, 4, f"step {done}")
    assert listener.shares == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert listener.texts[-1] == "step 4"


def test_portions_are_led_by_their_text_and_nest() -> None:
    listener = Listener()
    fold = portion(portion(listener, 1, 2, "signature"), 0, 5, "fold 1")
    assert fold is not None
    fold(0.5, "lambda 3")
    assert (listener.shares, listener.texts) == ([0.55], ["signature: fold 1: lambda 3"])


def test_stages_follow_each_other_by_weight() -> None:
    stages, listener = Stages(read=1, fit=6, draw=3), Listener()
    for name in ("read", "fit", "draw"):
        within = stages.within(listener, name, name)
        assert within is not None
        within(0.0, "begins")
        within(1.0, "ends")
    assert listener.shares == [0.0, 0.1, 0.1, 0.7, 0.7, 1.0]
    assert listener.texts[2] == "fit: begins"


@given(st.lists(WEIGHTS, min_size=1, max_size=8), st.integers(1, 50))
def test_shares_never_fall_and_end_at_exactly_one(weights: list[float], count: int) -> None:
    named = {f"stage{number}": weight for number, weight in enumerate(weights)}
    stages, listener = Stages(**named), Listener()
    for name in named:
        for number in range(count):
            step(portion(stages.within(listener, name), number, count), 0, 1, "")
            step(portion(stages.within(listener, name), number, count), 1, 1, "")
    assert listener.shares[0] == 0.0 and listener.shares[-1] == 1.0
    assert all(later >= earlier - 1e-15 for earlier, later in zip(listener.shares, listener.shares[1:], strict=False))


def test_without_a_listener_nothing_is_called() -> None:
    step(None, 1, 2, "")
    assert portion(None, 0, 2) is None and Stages(all=1).within(None, "all") is None


def test_a_listener_stops_the_work_from_within_a_portion() -> None:
    def stop(share: float, text: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        step(portion(stop, 0, 2), 1, 2, "")


@pytest.mark.parametrize("weights", [{}, {"a": 0}, {"a": 1, "b": -1}])
def test_weights_that_divide_nothing_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="no weights of stages"):
        Stages(**weights)


def test_a_stage_that_was_not_named_is_refused() -> None:
    with pytest.raises(KeyError, match="draw"):
        Stages(fit=1).within(Listener(), "draw")


def test_a_pace_passes_on_the_first_the_last_and_no_more_than_one_in_its_time() -> None:
    now, listener = [100.0], Listener()
    callback = paced(listener, 2.0, clock=lambda: now[0])
    for number in range(11):
        callback(number / 10, f"step {number}")
        now[0] += 0.5
    assert listener.shares == [0.0, 0.4, 0.8, 1.0]
    assert listener.texts[-1] == "step 10"
