"""Deep features: a patch around the VOI, read by a network that runs in a process of its own."""

from __future__ import annotations

from .extraction import extract_deep
from .runner import ENGINE, backbone_file, engine_version, stop_backbones

__all__ = ["ENGINE", "backbone_file", "engine_version", "extract_deep", "stop_backbones"]
