"""How a long computation says how far it is, and is stopped."""

from __future__ import annotations

from collections.abc import Callable

#: Called with the share done (0 - 1) and a text; raise :class:`~RadiomicsPrognosisLib.errors.Cancelled` in it to stop.
Progress = Callable[[float, str], None]
