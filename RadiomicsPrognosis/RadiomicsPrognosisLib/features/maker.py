"""What computes the features of a protocol: an engine, which can be chosen, or onnxruntime, which runs a network."""

from __future__ import annotations

from dataclasses import replace

from ..errors import EngineUnfit
from ..protocol import Protocol
from .deep import ENGINE, backbone_file, engine_version
from .engine import engine_names, get_engine


def maker_names(protocol: Protocol) -> tuple[str, ...]:
    """Return the names of what can compute the features of ``protocol``, the preferred first."""
    return engine_names() if protocol.deep is None else (ENGINE,)


def check_engine(protocol: Protocol, engine: str) -> None:
    """Raise EngineUnfit where an ``engine`` is asked for and the protocol's features come from a network."""
    if engine and protocol.deep is not None:
        raise EngineUnfit(f"The features of protocol '{protocol.id}' come from a network, which {ENGINE} runs; no "
                          f"engine computes them. Leave out the engine '{engine}'.")


def maker_of(protocol: Protocol, engine: str = "") -> tuple[str, str]:
    """Return name and version of what computes the features of ``protocol`` in this process.

    ``engine`` is the name of the engine asked for, empty for the preferred one. Raises EngineUnavailable, EngineUnfit,
    and PackageMissing where a network is to be run without onnxruntime.
    """
    check_engine(protocol, engine)
    if protocol.deep is not None:
        return ENGINE, engine_version()
    chosen = get_engine(engine)
    return chosen.name, chosen.version


def located(protocol: Protocol) -> Protocol:
    """Return ``protocol`` with the whole path of its network's file, for processes whose user's folder is another.

    Raises BackboneMissing where the file is absent.
    """
    deep = protocol.deep
    return protocol if deep is None else replace(protocol, deep=replace(deep, backbone=str(backbone_file(deep))))


def check_maker(protocol: Protocol, engine: str = "") -> None:
    """Raise what :func:`maker_of` raises, and BackboneMissing where a network's file is absent.

    To be called before many cases are begun, each of which would fail for it.
    """
    maker_of(protocol, engine)
    if protocol.deep is not None:
        backbone_file(protocol.deep)
