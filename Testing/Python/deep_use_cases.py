"""A network of a few weights in the user's folder, its protocol, and models of one phase and of two that use it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from RadiomicsPrognosisLib.files import write_json
from RadiomicsPrognosisLib.resources import shipped_folder

#: Pixels along a side of the patch, and the channels of the feature maps that the network's last pooling reads.
SIZE, FEATURES = 32, 4

#: The coefficients of the models' terms, by feature; with two phases the second's are doubled.
COEFFICIENTS = {"dl_0000": 0.5, "dl_0002": -0.25, "dl_0003": 0.125}

_PROTOCOL = """
id = "{id}"
title = "Four maps of a small network"
modality = "CT"

[deep]
backbone = "{file}"
sha256 = "{sha256}"
features = {features}
window_hu = {{ min = -150, max = 250 }}
crop = "fixed"
size = {size}
{more}
"""


def small_network(rounds: int = 0) -> bytes:
    """Return an ONNX file: a 3 x 3 convolution of 4 channels, ReLU, global average, and a last layer of two classes.

    ``rounds`` > 0 puts as many products of 512 x 512 matrices before it, which change no value and take the time.
    """
    kernels = np.random.default_rng(14).integers(-4, 5, (FEATURES, 3, 3, 3)).astype(np.float32) / 8
    last = np.ones((FEATURES, 2), np.float32)
    nodes = [
        helper.make_node("Conv", ["ready" if rounds else "image", "kernels"], ["convolved"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["convolved"], ["maps"]),
        helper.make_node("GlobalAveragePool", ["maps"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("MatMul", ["flat", "last"], ["classes"]),
    ]
    constants = {"kernels": kernels, "last": last}
    if rounds:
        nodes = [*_busy(), *nodes]
        constants.update(rounds=np.array(rounds, np.int64), go_on=np.array(True), none=np.array(0.0, np.float32),
                         square=np.array([512, 512]),
                         first=np.array([0, 0, 0, 0], np.int64), second=np.array([1, 1, 1, 1], np.int64))
    graph = helper.make_graph(
        nodes, "small", [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIZE, SIZE])],
        [helper.make_tensor_value_info("classes", TensorProto.FLOAT, [1, 2])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _busy() -> list[Any]:
    """Return nodes that turn ``image`` into ``ready``, the same, after a loop of products that need its first pixel."""
    body = helper.make_graph(
        [helper.make_node("MatMul", ["state_in", "state_in"], ["product"]),
         helper.make_node("Mul", ["product", "none"], ["state_out"]),
         helper.make_node("Identity", ["condition_in"], ["condition_out"])], "body",
        [helper.make_tensor_value_info("number", TensorProto.INT64, []),
         helper.make_tensor_value_info("condition_in", TensorProto.BOOL, []),
         helper.make_tensor_value_info("state_in", TensorProto.FLOAT, [512, 512])],
        [helper.make_tensor_value_info("condition_out", TensorProto.BOOL, []),
         helper.make_tensor_value_info("state_out", TensorProto.FLOAT, [512, 512])])
    return [
        helper.make_node("Slice", ["image", "first", "second"], ["pixel"]),
        helper.make_node("Squeeze", ["pixel"], ["number_in"]),
        helper.make_node("Expand", ["number_in", "square"], ["state"]),
        helper.make_node("Loop", ["rounds", "go_on", "state"], ["state_end"], body=body),
        helper.make_node("ReduceMax", ["state_end"], ["nothing"], keepdims=0),
        helper.make_node("Mul", ["nothing", "none"], ["zero"]),
        helper.make_node("Add", ["image", "zero"], ["ready"]),
    ]


def deep_protocol(user_home: Path, identifier: str = "small-network", rounds: int = 0, more: str = "") -> str:
    """Write a network and its protocol, whose table ``deep`` ends with ``more``, as the user's own; return its id."""
    content = small_network(rounds)
    file = user_home / "Backbones" / f"{identifier}.onnx"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    path = user_home / "Protocols" / f"{identifier}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_PROTOCOL.format(id=identifier, file=file.name, sha256=hashlib.sha256(content).hexdigest(),
                                     features=FEATURES, size=SIZE, more=more), encoding="utf-8")
    return identifier


def deep_model(user_home: Path, inputs: tuple[str, ...] = ("image",), identifier: str = "deep", rounds: int = 0,
               more: str = "") -> str:
    """Write a model of the network's features in each of ``inputs``, its protocol and network; return its id."""
    values = json.loads((shipped_folder() / "Models" / "s2_escc_ln_response.json").read_text(encoding="utf-8"))
    terms = [{"feature": name, "coefficient": value * (1 + number), **({"input": title} if len(inputs) > 1 else {})}
             for number, title in enumerate(inputs) for name, value in COEFFICIENTS.items()]
    first = {key: value for key, value in values["inputs"][0].items() if key != "pixel_spacing_mm"}
    protocol = deep_protocol(user_home, f"{identifier}-network", rounds, more)
    changed = {**values, "id": identifier, "protocol": protocol,
               "inputs": [{**first, "name": name, "title": f"{name.capitalize()} phase"} for name in inputs],
               "signature": {"name": "Deep score", "intercept": 0.5, "standardised": False, "terms": terms}}
    for key in ("reference", "performance", "lesion"):
        changed.pop(key, None)
    write_json(user_home / "Models" / f"{identifier}.json", changed)
    return identifier
