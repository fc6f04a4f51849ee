"""How a long computation says how far it is, and is stopped."""

from __future__ import annotations

from collections.abc import Callable

#: Called with the share done (0 - 1) and a text; raise :class:`~RadiomicsPrognosisLib.errors.Cancelled` in it to stop.
Progress = Callable[[float, str], None]


def part(progress: Progress | None, start: float, length: float, text: str = "") -> Progress | None:
    """Return the callback of a part of the work: from ``start``, ``length`` of the whole (0 - 1), led by ``text``."""
    if progress is None:
        return None
    lead = f"{text}: " if text else ""
    return lambda share, step: progress(start + share * length, f"{lead}{step}")
