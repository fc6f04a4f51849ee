"""What a feature engine must offer, and which one is used.

An engine turns a prepared VOI into values; another implementation is added by listing it in :func:`engines`.
"""

from __future__ import annotations

from typing import Protocol as Interface

from ..errors import EngineUnavailable
from ..progress import Progress
from ..protocol import Protocol
from .plan import Plan
from .preparation import Prepared


class Engine(Interface):
    """A feature engine: ``name`` and ``version`` go into every result."""

    name: str

    @property
    def version(self) -> str:
        """The version of the software that computes the values."""
        ...

    def unavailable_because(self) -> str:
        """Return why the engine cannot run here and what to install, or an empty text if it can."""
        ...

    def extract(self, prepared: Prepared, protocol: Protocol, plan: Plan,
                progress: Progress | None = None) -> dict[str, float]:
        """Return the values of the plan's features by name; a value that is not defined is NaN."""
        ...


def engines() -> list[Engine]:
    """Return the engines known, the preferred first."""
    from .pyradiomics_engine import PyradiomicsEngine

    return [PyradiomicsEngine()]


def default_engine() -> Engine:
    """Return the first engine that can run here. Raises EngineUnavailable with what to install."""
    reasons = []
    for engine in engines():
        reason = engine.unavailable_because()
        if not reason:
            return engine
        reasons.append(reason)
    raise EngineUnavailable(" ".join(reasons))
