"""What a feature engine must offer, which engines there are, and which of them give the same values.

An engine turns a prepared VOI into values; another implementation is added by listing it in :func:`engines`.
"""

from __future__ import annotations

from typing import Protocol as Interface

from ..errors import EngineUnavailable
from ..progress import Progress
from ..protocol import Protocol
from .plan import Plan
from .preparation import Prepared

#: Engines whose values are equal, to 1e-9 relative, wherever both make a feature: what is fitted with one is accepted
#: with the other. ``test_engines.py`` holds them to it.
_SAME_VALUES = frozenset({"native", "pyradiomics"})


class Engine(Interface):
    """A feature engine: ``name`` and ``version`` go into every result."""

    @property
    def name(self) -> str:
        """The engine's name, which commands and settings choose it by."""
        ...

    @property
    def version(self) -> str:
        """The version of the software that computes the values."""
        ...

    def unavailable_because(self) -> str:
        """Return why the engine cannot run here and what to install, or an empty text if it can."""
        ...

    def cannot_make(self, protocol: Protocol, plan: Plan) -> str:
        """Return which of the plan's features the engine does not make and what to choose, or an empty text."""
        ...

    def extract(self, prepared: Prepared, protocol: Protocol, plan: Plan,
                progress: Progress | None = None) -> dict[str, float]:
        """Return the values of the plan's features by name; a value that is not defined is NaN."""
        ...


def engines() -> tuple[Engine, ...]:
    """Return the engines known, the preferred first."""
    from .native_engine import NativeEngine
    from .pyradiomics_engine import PyradiomicsEngine

    return PyradiomicsEngine(), NativeEngine()


def engine_names() -> tuple[str, ...]:
    """Return the names of the engines known, the preferred first."""
    return tuple(engine.name for engine in engines())


def get_engine(name: str = "") -> Engine:
    """Return the engine ``name``, the preferred one without a name. Raises EngineUnavailable with what to do."""
    known = {engine.name: engine for engine in engines()}
    engine = known.get(name or next(iter(known)))
    if engine is None:
        raise EngineUnavailable(f"There is no feature engine '{name}'; choose {' or '.join(known)}.")
    reason = engine.unavailable_because()
    if reason:
        raise EngineUnavailable(reason)
    return engine


def same_values(first: str, second: str) -> bool:
    """Tell whether the engines of these names give the same values under the same protocol."""
    return first == second or {first, second} <= _SAME_VALUES
