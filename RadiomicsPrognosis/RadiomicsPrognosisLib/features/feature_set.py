"""What extraction gives: the values of one VOI's features and what made them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FeatureSet:
    """Values of one VOI by name (all finite), names whose value is ``undefined``, and what made them.

    ``voxels`` counts the (resampled) voxels that intensity features see; ``removed_share`` (0 - 1) is the share of them
    that a HU range on the resampled grid removed, 0 where the range applies to the native mask.
    """

    values: dict[str, float]
    undefined: tuple[str, ...]
    protocol_id: str
    protocol_hash: str
    engine_name: str
    engine_version: str
    voxels: int = 0
    removed_share: float = 0.0
