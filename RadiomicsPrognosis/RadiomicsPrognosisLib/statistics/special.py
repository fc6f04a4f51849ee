"""scipy.special, loaded when it is first used.

The panel imports the records of reading studies, and with them what computes these; it must open without waiting for
scipy.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    return getattr(import_module("scipy.special"), name)
