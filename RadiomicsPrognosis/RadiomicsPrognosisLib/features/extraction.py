"""The one way from a VOI to feature values: plan, run the engine, keep what is finite, say what is not."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ..errors import EngineUnfit
from ..progress import Progress
from ..protocol import Protocol
from ..voi.voi import Voi
from .deep import extract_deep
from .engine import Engine, get_engine
from .feature_set import FeatureSet
from .grids.placement import Placement
from .neighbourhood import Neighbourhood
from .plan import make_plan
from .preparation import prepare
from .threads import itk_threads

__all__ = ["FeatureSet", "extract"]


def extract(voi: Voi, protocol: Protocol, names: Iterable[str] | None = None, engine: Engine | None = None,
            progress: Progress | None = None, placement: Placement | None = None,
            neighbourhood: Neighbourhood | None = None) -> FeatureSet:
    """Compute the features ``names`` (all of the protocol's when None) of ``voi``.

    ``placement`` puts the grid that they are computed on elsewhere than the protocol does. ``neighbourhood`` keeps what
    the next extraction of the same image need not compute again; values are the same without it.
    ``progress(share, text)`` is called between feature classes and may raise Cancelled. A protocol with a network has
    no choice of engine, and its errors (:func:`.deep.extract_deep`). Raises EngineUnavailable, EngineUnfit for a
    feature that the engine lacks, or the VOI's and the plan's errors (EmptyVoi, FlatVoi, InvalidImage, SchemaError).
    """
    if protocol.deep is not None:
        if placement is not None and not placement.is_identity:
            raise EngineUnfit(f"Protocol '{protocol.id}' takes its features from a network, whose patch is not moved "
                              "under the contour; leave out the perturbations that translate or rotate the image.")
        return extract_deep(voi, protocol, names, progress)
    engine = engine or get_engine()
    plan = make_plan(protocol, names)
    lacking = engine.cannot_make(protocol, plan)
    if lacking:
        raise EngineUnfit(lacking)
    with itk_threads(engine.threads):
        prepared = prepare(voi, protocol, placement, neighbourhood)
        computed = engine.extract(prepared, protocol, plan, progress)
    return FeatureSet(
        values={name: value for name, value in computed.items() if math.isfinite(value)},
        undefined=tuple(name for name, value in computed.items() if not math.isfinite(value)),
        protocol_id=protocol.id,
        protocol_hash=protocol.hash,
        engine_name=engine.name,
        engine_version=engine.version,
        voxels=prepared.voxels,
        removed_share=prepared.removed_share,
    )
