"""What a feature engine must offer, which engines there are, and which of them give the same values.

An engine turns a prepared VOI into values; another implementation is added by listing it in :func:`engines`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol as Interface

from ..errors import EngineUnavailable, EngineUnfit
from ..progress import Progress
from ..protocol import Protocol
from .plan import Plan
from .preparation import Prepared

#: Engines whose values are equal, to 1e-9 relative, wherever both make a feature: what is fitted with one is accepted
#: with the other. ``test_engines.py`` holds them to it.
_SAME_VALUES = frozenset({"native", "pyradiomics"})

#: What stands between the names, and the versions, of engines whose rows are used together.
_AND = " + "


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

    @property
    def threads(self) -> int:
        """How many threads may work at a time, those of ITK's filters included."""
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


def engines(threads: int = 1) -> tuple[Engine, ...]:
    """Return the engines known, the preferred first, each to use up to ``threads`` threads."""
    from .native_engine import NativeEngine
    from .pyradiomics_engine import PyradiomicsEngine

    return NativeEngine(threads), PyradiomicsEngine(threads)


def engine_names() -> tuple[str, ...]:
    """Return the names of the engines known, the preferred first."""
    return tuple(engine.name for engine in engines())


def get_engine(name: str = "", threads: int = 1) -> Engine:
    """Return the engine ``name``; without a name the first that can run here, in the order of preference.

    It uses up to ``threads`` threads and never more. Raises EngineUnfit for another name, EngineUnavailable for what is
    not installed, each with what to do.
    """
    known = {engine.name: engine for engine in engines(threads)}
    if name and name not in known:
        raise EngineUnfit(f"There is no feature engine '{name}'; choose {' or '.join(known)}.")
    reason = ""
    for engine in [known[name]] if name else known.values():
        problem = engine.unavailable_because()
        if not problem:
            return engine
        reason = reason or problem
    raise EngineUnavailable(reason)


def same_values(first: str, second: str) -> bool:
    """Tell whether the engines of these names give the same values under the same protocol.

    A name may be a joint one, as :func:`joint_identity` gives it.
    """
    return first == second or {*first.split(_AND), *second.split(_AND)} <= _SAME_VALUES


def mixed_column(makers: Collection[tuple[str, str]]) -> str:
    """Return which column of the engines (name, version) that made rows keeps these from being used together.

    ``engine`` where their values differ, ``engine_version`` for several versions of one engine, else an empty text.
    """
    names = sorted({name for name, _ in makers})
    if not all(same_values(names[0], name) for name in names):
        return "engine"
    return "engine_version" if len(set(makers)) > len(names) else ""


def joint_identity(makers: Collection[tuple[str, str]]) -> tuple[str, str]:
    """Return name and version of what made rows that may be used together: those of each engine, joined."""
    identities = sorted(set(makers))
    return _AND.join(name for name, _ in identities), _AND.join(version for _, version in identities)
