"""How a long computation says how far it is, and is stopped.

Shares are counted, never written down: equal steps by :func:`step` and :func:`portion`, unequal by :class:`Stages`.
A process of its own sends them as :class:`ProgressMessage`, in the pace that :func:`paced` gives.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate

#: Called with the share done (0 - 1) and a text; raise :class:`~RadiomicsPrognosisLib.errors.Cancelled` in it to stop.
Progress = Callable[[float, str], None]

#: Called now and then in a long step; raises Cancelled to stop it.
Pulse = Callable[[], None]


def no_pulse() -> None:
    """Do nothing: nobody waits."""


@dataclass(frozen=True)
class ProgressMessage:
    """How far a computation in another process is: the ``share`` done (0 - 1), and the step under way as ``text``."""

    share: float
    text: str


def paced(progress: Progress, seconds: float, clock: Callable[[], float] = time.monotonic) -> Progress:
    """Return the callback that passes on to ``progress`` at most once in so many seconds.

    The first call and the end (a share of 1) are always passed on; ``clock`` gives the time (s).
    """
    last = -math.inf

    def pass_on(share: float, text: str) -> None:
        nonlocal last
        if share >= 1 or clock() - last >= seconds:
            last = clock()
            progress(share, text)

    return pass_on


def duration(seconds: float) -> str:
    """Return a time as a person says it: '40 s', '3 min', '2 h 10 min'; never more exact than an estimate can be."""
    if seconds < 99.5:
        return f"{max(seconds, 0):.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


class Pace:
    """How fast a computation goes and how long the rest takes, from the time since this object was made.

    ``clock`` gives the time (s).
    """

    #: Earlier than this (s), or with less than this share done, no end is foretold.
    _FIRST_S, _FIRST_SHARE = 5.0, 0.02

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._start = clock()

    def left(self, share: float) -> str:
        """Return how long the rest takes where ``share`` (0 - 1) is done: 'about 3 min left'; empty while unknown."""
        elapsed = self._clock() - self._start
        if share >= 1 or share < self._FIRST_SHARE or elapsed < self._FIRST_S:
            return ""
        return f"about {duration(elapsed * (1 - share) / share)} left"

    def of_cases(self, done: int, total: int) -> str:
        """Return how long each of the ``done`` cases took, and the other of ``total`` will: '4.2 s a case, 1 min left'.
        """
        each = (self._clock() - self._start) / done
        told = f"{each:.2g} s a case" if each < 9.5 else f"{duration(each)} a case"
        return told if done == total else f"{told}, about {duration(each * (total - done))} left"


def step(progress: Progress | None, done: int, total: int, text: str) -> None:
    """Say, where ``progress`` listens, that ``done`` of ``total`` equal steps are done. May raise Cancelled."""
    if progress is not None:
        progress(done / total, text)


def portion(progress: Progress | None, number: int, count: int, text: str = "") -> Progress | None:
    """Return the callback of portion ``number`` (from 0) of ``count`` equal ones, its texts led by ``text``.

    The callback takes the share (0 - 1) of the portion; it is None when nobody listens to the whole.
    """
    return _span(progress, number, 1.0, count, text)


class Stages:
    """Named stages of a computation that follow each other, each as long as its weight says.

    Parameters
    ----------
    weights: how long the stages take in proportion to each other, in their order; all above 0, in any unit.
    """

    def __init__(self, **weights: float):
        if not weights or min(weights.values()) <= 0:
            raise ValueError(f"{weights} are no weights of stages; give one or more, each above 0.")
        # Plain sums, which the start and length of a stage add up to exactly; the built-in one compensates rounding.
        ends = list(accumulate(weights.values()))
        self._spans = dict(zip(weights, zip([0.0, *ends], weights.values(), strict=False), strict=True))
        self._whole = ends[-1]

    def within(self, progress: Progress | None, stage: str, text: str = "") -> Progress | None:
        """Return the callback of ``stage``, which takes the share (0 - 1) of it, its texts led by ``text``.

        It is None when nobody listens to the whole. Raises KeyError for a stage that was not named.
        """
        start, length = self._spans[stage]
        return _span(progress, start, length, self._whole, text)


def _span(progress: Progress | None, start: float, length: float, whole: float, text: str) -> Progress | None:
    """Return the callback of the work from ``start``, ``length`` of it, where all the work is ``whole``."""
    if progress is None:
        return None
    lead = f"{text}: " if text else ""
    # One division of the whole sum: the last span's end is exactly 1.
    return lambda share, what: progress((start + share * length) / whole, f"{lead}{what}")
