"""The one way from a VOI to feature values: plan, run the engine, keep what is finite, say what is not."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ..protocol import Protocol
from ..voi.voi import Voi
from .engine import Engine, Progress, default_engine
from .plan import make_plan


@dataclass(frozen=True)
class FeatureSet:
    """Values of one VOI by name (all finite), names whose value is ``undefined``, and what made them."""

    values: dict[str, float]
    undefined: tuple[str, ...]
    protocol_id: str
    protocol_hash: str
    engine_name: str
    engine_version: str


def extract(voi: Voi, protocol: Protocol, names: Iterable[str] | None = None, engine: Engine | None = None,
            progress: Progress | None = None) -> FeatureSet:
    """Compute the features ``names`` (all of the protocol's when None) of ``voi``.

    ``progress(share, text)`` is called between feature classes and may raise Cancelled. Raises EngineUnavailable, or
    the VOI's and the plan's errors (EmptyVoi, FlatVoi, InvalidImage, SchemaError).
    """
    engine = engine or default_engine()
    found = engine.extract(voi, protocol, make_plan(protocol, names), progress)
    return FeatureSet(
        values={name: value for name, value in found.items() if math.isfinite(value)},
        undefined=tuple(name for name, value in found.items() if not math.isfinite(value)),
        protocol_id=protocol.id,
        protocol_hash=protocol.hash,
        engine_name=engine.name,
        engine_version=engine.version,
    )
