"""What a radiologist does with the panel, one script each; see README.md."""

from __future__ import annotations

from pathlib import Path

#: The scripts beside this file that are no scenarios.
_HELPERS = ("__init__", "cases", "hands", "keys", "mouse", "watching")


def names() -> list[str]:
    """Return the names of all scenarios."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in _HELPERS)
