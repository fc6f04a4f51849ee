"""Who reads what in which order, from the seed; and how long a reader waited between two readings of a case.

Random choices rank the cases by a key of their own: the 64-bit words that numpy's ``SeedSequence`` makes of the seed
and the SHA-256 of what is drawn and for whom. Both are defined bit by bit (unlike the streams of numpy's generators),
so a seed gives the same sample and orders on every platform and under every version, in whatever order the cases come;
and a case's key does not depend on which other cases there are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from .design import ALL, ReadingStudy
from .reading import Reading

_SECONDS_A_DAY = 86400.0


def sample(names: Iterable[str], count: int, seed: int) -> tuple[str, ...]:
    """Return ``count`` of the distinct ``names`` (all when there are no more), sorted, drawn at random by ``seed``."""
    ranked = sorted(set(names), key=lambda name: _key(seed, "sample", name))
    return tuple(sorted(ranked[:count]))


def order(names: Iterable[str], reader: str, session: str, seed: int) -> tuple[str, ...]:
    """Return the distinct ``names`` in the order in which ``reader`` contours them in ``session``."""
    return tuple(sorted(set(names), key=lambda name: _key(seed, "order", reader, session, name)))


def reread_cases(design: ReadingStudy) -> tuple[str, ...]:
    """Return the names, sorted, of the cases that are read again."""
    names = [case.name for case in design.cases]
    return sample(names, len(names) if design.reread is None else design.reread, design.seed)


def cases_of(design: ReadingStudy, reader: str, session: str) -> tuple[str, ...]:
    """Return the names of the cases of a reader in a session, in reading order; empty when there are none."""
    for item in design.scope:
        if (item.reader, item.session) == (reader, session):
            names = [case.name for case in design.cases] if item.cases == ALL else reread_cases(design)
            return order(names, reader, session, design.seed)
    return ()


def _key(seed: int, *texts: str) -> tuple[tuple[int, ...], str]:
    digest = hashlib.sha256("\0".join(texts).encode()).digest()
    words = np.frombuffer(digest, ">u4").astype(int).tolist()
    state = np.random.SeedSequence([seed, *words]).generate_state(2, np.uint64)
    return tuple(int(word) for word in state), texts[-1]


@dataclass(frozen=True)
class Washout:
    """``days`` between the end of a reading of ``case`` and the same reader's next one, in ``session``."""

    case: str
    reader: str
    session: str
    days: float


def washouts(design: ReadingStudy, readings: Sequence[Reading], now: datetime | None = None) -> tuple[Washout, ...]:
    """Return the time between each reading begun (or, given ``now``, to be begun) and the reader's last one before it.

    Sessions come in the design's order. Contours drawn before the study have no date, and give none.
    """
    by_reader = {(item.case, item.reader, item.session): item for item in readings}
    intervals = []
    for item in readings:
        begun = _time(item.started) or now
        earlier = [by_reader.get((item.case, item.reader, session))
                   for session in design.sessions[:design.sessions.index(item.session)]]
        ends = [_time(before.saved) for before in earlier if before is not None]
        last = max(filter(None, ends), default=None)
        if begun is not None and last is not None and not item.existing:
            days = (begun - last).total_seconds() / _SECONDS_A_DAY
            intervals.append(Washout(item.case, item.reader, item.session, days))
    return tuple(intervals)


def short_washouts(design: ReadingStudy, readings: Sequence[Reading],
                   now: datetime | None = None) -> tuple[Washout, ...]:
    """Return those of :func:`washouts` that are shorter than the design asks for."""
    return tuple(item for item in washouts(design, readings, now) if item.days < design.washout_days)


def _time(text: str) -> datetime | None:
    if not text:
        return None
    time = datetime.fromisoformat(text)
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)
