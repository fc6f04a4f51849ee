"""Protocols with a network, networks of a few nodes, and small volumes to read with them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from RadiomicsPrognosisLib.protocol import Protocol, parse_protocol

NO_DIGEST = "0" * 64


def protocol_of(deep: Mapping[str, Any] = {}, **others: Any) -> Protocol:
    """Return a protocol with the table ``deep`` beside what it needs, and keys ``others`` at the top."""
    table = {"backbone": "net.onnx", "sha256": NO_DIGEST, "features": 4, "window_hu": [-1000, 1000], **deep}
    return parse_protocol({"id": "deep", "title": "Deep", "modality": "CT", "minimum_voxels": 2, **others,
                           "deep": table}, "deep.toml")


def protocol_for(path: Path, deep: Mapping[str, Any] = {}, **others: Any) -> Protocol:
    """Return a protocol whose network is the file ``path``, by its own hash."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return protocol_of({"backbone": str(path), "sha256": digest, **deep}, **others)


def volume(values: np.ndarray, spacing: Sequence[float] = (1.0, 1.0, 1.0), origin: Sequence[float] = (0.0, 0.0, 0.0),
           direction: Sequence[float] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)) -> sitk.Image:
    """Return (k, j, i) ``values`` as an image."""
    image = sitk.GetImageFromArray(values)
    image.SetSpacing(tuple(spacing))
    image.SetOrigin(tuple(origin))
    image.SetDirection(tuple(direction))
    return image


def network(nodes: Sequence[Any], constants: Mapping[str, np.ndarray] = {},
            shape: Sequence[int | str] = (1, 3, 8, 8), output: str = "y", opset: int = 17, **more: Any) -> Any:
    """Return the ONNX model of ``nodes`` from the image ``x`` of ``shape`` to the tensor ``output``."""
    from onnx import TensorProto, helper, numpy_helper

    graph = helper.make_graph(nodes, "net", [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(shape))],
                              [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
                              [numpy_helper.from_array(value, name) for name, value in constants.items()])
    domains = more.pop("domains", ())
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(name, 1) for name in domains)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8, **more)


def saved(model: Any, folder: Path, name: str = "net.onnx") -> Path:
    """Write ``model`` to ``folder`` and return the path."""
    path = folder / name
    path.write_bytes(model.SerializeToString())
    return path
