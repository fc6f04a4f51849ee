"""The network's process, seen from the one that needs it."""

from __future__ import annotations

from pathlib import Path

from ...protocol import Deep

#: The name of the engine that every deep feature's row has.
ENGINE = "onnxruntime"


def engine_version() -> str:
    """Return the version of onnxruntime, without importing it. Raises PackageMissing."""
    raise NotImplementedError


def backbone_file(deep: Deep) -> Path:
    """Return the path of the protocol's ONNX file. Raises BackboneMissing, which says where it was looked for."""
    raise NotImplementedError


def stop_backbones() -> None:
    """End the network's process of this process, if it has one; a later extraction starts another."""
    raise NotImplementedError
