"""From a VOI to the features of a protocol with a network: the patch, the network's process, the values wanted."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from ...errors import SchemaError
from ...progress import Progress
from ...protocol import Protocol
from ...voi.voi import Voi
from ..feature_set import FeatureSet
from . import ENGINE
from .patch import network_input
from .runner import run_network


def deep_features(voi: Voi, protocol: Protocol, names: Iterable[str] | None, progress: Progress | None) -> FeatureSet:
    """Return, and raise, what :func:`.extract_deep` does."""
    deep = protocol.deep
    if deep is None:
        raise SchemaError(f"Protocol '{protocol.id}' has no network; deep features need the table [deep].")
    wanted = deep.feature_names() if names is None else tuple(dict.fromkeys(names))
    protocol.check_features(wanted, "feature list")
    values, version = run_network(deep, network_input(voi, protocol, deep), progress)
    computed = dict(zip(deep.feature_names(), values.tolist(), strict=True))
    return FeatureSet(
        values={name: computed[name] for name in wanted if math.isfinite(computed[name])},
        undefined=tuple(name for name in wanted if not math.isfinite(computed[name])),
        protocol_id=protocol.id,
        protocol_hash=protocol.hash,
        engine_name=ENGINE,
        engine_version=version,
        voxels=int(np.count_nonzero(voi.kept)),
    )
