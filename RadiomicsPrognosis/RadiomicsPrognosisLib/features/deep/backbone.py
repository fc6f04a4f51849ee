"""A network's file checked before it runs, and cut to what the tapped tensor needs. Runs in the network's process.

Reference: ONNX 1.x intermediate representation, github.com/onnx/onnx/blob/main/docs/IR.md (operator sets, functions,
external data).
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NoReturn

import onnx
import onnx.inliner

from ...errors import BackboneUnfit
from ...protocol.deep import LAST_POOLING
from ...suggestions import did_you_mean
from ...texts import clean

#: The largest file that is read (bytes): protobuf itself ends at 2 GB, a ResNet-50 has 0.1 GB.
MOST_BYTES = 1 << 30

#: onnxruntime promises to run operator sets from this on (onnxruntime.ai, 'Compatibility').
_OLDEST_OPSET = 7

#: The operators of the standard; every other domain is somebody's own.
_STANDARD = ("", "ai.onnx", "ai.onnx.ml")

#: Operators that draw random numbers, so that no two runs need give the same.
_RANDOM = frozenset({"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform",
                     "RandomUniformLike"})

_GLOBAL_POOLINGS = frozenset({"GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"})
_REDUCTIONS = frozenset({"ReduceMean", "ReduceMax"})

#: The types of numbers that an input may have, as ONNX numbers them, and numpy's names.
_FLOATS = {1: "float32", 10: "float16", 11: "float64"}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a protocol asks of a network: the file, its ``sha256``, the ``node`` tapped, the patch's ``shape``."""

    path: str
    sha256: str
    node: str
    shape: tuple[int, ...]

    @property
    def name(self) -> str:
        """The file's name, for errors."""
        return clean(Path(self.path).name, 80)

    def stamp(self) -> tuple[int, int, int]:
        """Return what differs once another file has taken the place, (0, 0, 0) of one that cannot be asked."""
        try:
            stat = Path(self.path).stat()
        except OSError:
            return 0, 0, 0
        return stat.st_ino, stat.st_size, stat.st_mtime_ns

    def unfit(self, problem: str, advice: str = "") -> NoReturn:
        """Raise BackboneUnfit, led by the file's name and ended by ``advice``."""
        raise BackboneUnfit(f"Backbone '{self.name}' {problem}.{advice}")


@dataclass(frozen=True, kw_only=True)
class CutNetwork:
    """A network that ends at the tapped tensor: its bytes, the names of input and output, the input's numpy type."""

    data: bytes
    input: str
    output: str
    dtype: str


def checked_network(wanted: Wanted) -> CutNetwork:
    """Read, check and cut the file. Raises BackboneUnfit, which names the file and says what to do."""
    model = _parsed(_read(wanted), wanted)
    if model.functions:
        try:
            model = onnx.inliner.inline_local_functions(model)
        except Exception as error:
            wanted.unfit(f"has functions of its own that cannot be resolved ({clean(error, 120)}); export it anew")
    _check_operators(model, wanted)
    entry, dtype = _check_input(model.graph, wanted)
    tap = _tapped(model, wanted)
    if entry not in _cut(model.graph, tap):
        wanted.unfit(f"gives '{clean(tap, 60)}' without looking at the image; name another node in deep.node")
    return CutNetwork(data=model.SerializeToString(), input=entry, output=tap, dtype=dtype)


def _read(wanted: Wanted) -> bytes:
    path = Path(wanted.path)
    try:
        size = path.stat().st_size
        if not path.is_file() or size > MOST_BYTES:
            wanted.unfit(f"has {size / 2**20:.0f} MB; allowed: a file of up to {MOST_BYTES >> 20} MB")
        data = path.read_bytes()
    except OSError as error:
        wanted.unfit(f"cannot be read ({error.strerror})")
    digest = hashlib.sha256(data).hexdigest()
    if digest != wanted.sha256:
        wanted.unfit(f"is not the protocol's: its SHA-256 begins with {digest[:12]}, the protocol's with "
                     f"{wanted.sha256[:12]}; take the file that the protocol was made with")
    return data


def _parsed(data: bytes, wanted: Wanted) -> onnx.ModelProto:
    try:
        model = onnx.load_model_from_string(data)
    except Exception:  # protobuf's own DecodeError, whose module differs between its versions
        wanted.unfit("is no ONNX file; export the network as ONNX")
    if not model.ir_version or not model.graph.node:
        wanted.unfit("is no ONNX file with a network in it; export the network as ONNX")
    return model


# Operators and tensors ------------------------------------------------------------------------------------------------


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """Yield ``graph`` and those in attributes of its nodes (branches, bodies of loops), however deep."""
    waiting = [graph]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += [inner for node in one.node for attribute in node.attribute
                    for inner in chain([attribute.g] if attribute.HasField("g") else [], attribute.graphs)]


def _check_operators(model: onnx.ModelProto, wanted: Wanted) -> None:
    newest = onnx.defs.onnx_opset_version()
    opset = max((item.version for item in model.opset_import if item.domain in ("", "ai.onnx")), default=0)
    if not _OLDEST_OPSET <= opset <= newest:
        wanted.unfit(f"has the operator set {opset}; allowed: {_OLDEST_OPSET} to {newest}. Export it with another")
    for graph in _graphs(model.graph):
        for node in graph.node:
            kind = clean(node.op_type, 40)
            if node.domain not in _STANDARD:
                wanted.unfit(f"has the operator '{kind}' of '{clean(node.domain, 40)}', which is not of the ONNX "
                             "standard; export it without operators of its own")
            if node.op_type in _RANDOM:
                wanted.unfit(f"has the operator '{kind}', which draws random numbers; export it for inference")
            if _may_train(node):
                wanted.unfit(f"has a {kind} that may be in training; export it for inference (model.eval())")
        if any(tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data for tensor in _tensors(graph)):
            wanted.unfit("keeps weights in other files; save it as one file (onnx.save_model without "
                         "save_as_external_data)")


def _may_train(node: onnx.NodeProto) -> bool:
    """Tell whether a node computes as in training: with a switch for it, or with the statistics of the patch itself.

    Up to operator set 13 a BatchNormalization trains where it gives more than its result; from 14 on by an attribute.
    """
    if node.op_type == "Dropout":
        return len(node.input) > 2 and bool(node.input[2])
    return node.op_type == "BatchNormalization" and (
        any(node.output[1:]) or any(item.name == "training_mode" and item.i for item in node.attribute))


def _tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    """Yield the constants of ``graph``, without those of graphs inside it."""
    yield from graph.initializer
    sparse = list(graph.sparse_initializer)
    for attribute in (item for node in graph.node for item in node.attribute):
        yield from chain([attribute.t] if attribute.HasField("t") else [], attribute.tensors)
        sparse += chain([attribute.sparse_tensor] if attribute.HasField("sparse_tensor") else [],
                        attribute.sparse_tensors)
    for item in sparse:
        yield from (item.values, item.indices)


def _check_input(graph: onnx.GraphProto, wanted: Wanted) -> tuple[str, str]:
    """Return name and numpy type of the input, which must take the patch."""
    constants = {tensor.name for tensor in graph.initializer}
    entries = [item for item in graph.input if item.name not in constants]
    if len(entries) != 1:
        wanted.unfit(f"has {len(entries)} inputs; allowed: one, the image")
    tensor = entries[0].type.tensor_type
    if tensor.elem_type not in _FLOATS:
        wanted.unfit("takes no floating-point numbers; export it without quantised or integer input")
    sides = [max(dimension.dim_value, 0) if dimension.HasField("dim_value") else 0 for dimension in tensor.shape.dim]
    fits = len(sides) == len(wanted.shape) and all(
        side in (0, length) for side, length in zip(sides, wanted.shape, strict=True))
    if tensor.HasField("shape") and not fits:
        taken = " x ".join(str(side or "n") for side in sides) or "a single number"
        patch = " x ".join(map(str, wanted.shape))
        wanted.unfit(f"takes {taken}, the protocol's patch is {patch} (batch, channels, sides); change deep.size, "
                     "deep.channels or deep.slices")
    return entries[0].name, _FLOATS[tensor.elem_type]


# The tapped tensor ----------------------------------------------------------------------------------------------------


def _tapped(model: onnx.ModelProto, wanted: Wanted) -> str:
    """Return the name of the tensor that the protocol's node names."""
    if wanted.node == LAST_POOLING:
        return _before_last_pooling(model, wanted)
    graph = model.graph
    tensors = {name for node in graph.node for name in node.output if name}
    if wanted.node in tensors:
        return wanted.node
    by_node = {node.name: node.output[0] for node in graph.node if node.name and node.output}
    if wanted.node not in by_node:
        wanted.unfit(f"has no node '{clean(wanted.node, 60)}'; its last are {_last_nodes(graph)}",
                     f" {clean(did_you_mean(wanted.node, sorted(tensors | set(by_node))), 200)}".rstrip())
    return str(by_node[wanted.node])


def _last_nodes(graph: onnx.GraphProto) -> str:
    return ", ".join(clean(node.name or next(iter(node.output), ""), 40) for node in list(graph.node)[-3:])


def _before_last_pooling(model: onnx.ModelProto, wanted: Wanted) -> str:
    """Return what the last global pooling reads: the operators for it, or a mean or maximum over all of space.

    An average or maximum pooling is global where its window is the feature map; that is asked of shape inference.
    """
    graph = model.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    constants |= {node.output[0]: attribute.t for node in graph.node if node.op_type == "Constant"
                  for attribute in node.attribute if attribute.name == "value"}
    space, sides = len(wanted.shape) - 2, functools.cache(lambda: _sides(model, wanted))
    for node in reversed(graph.node):
        if node.op_type in _GLOBAL_POOLINGS or (
                node.op_type in _REDUCTIONS and _axes(node, constants) in _all_of_space(space)):
            return str(node.input[0])
        window = next((list(item.ints) for item in node.attribute if item.name == "kernel_shape"), [])
        if node.op_type in ("AveragePool", "MaxPool") and window and window == sides().get(node.input[0]):
            return str(node.input[0])
    wanted.unfit("has no global pooling whose input could be tapped; name a node or tensor in deep.node, the last are "
                 f"{_last_nodes(graph)}")


def _all_of_space(count: int) -> tuple[list[int], ...]:
    """Return the axes of space of (batch, channels, sides ...), counted from the front and from the end."""
    return list(range(2, 2 + count)), list(range(-count, 0))


def _axes(node: onnx.NodeProto, constants: dict[str, onnx.TensorProto]) -> list[int]:
    """Return over which axes a node reduces, sorted; empty where that is not stated as a constant."""
    stated = [list(item.ints) for item in node.attribute if item.name == "axes"]
    if not stated and len(node.input) > 1 and node.input[1] in constants:
        stated = [onnx.numpy_helper.to_array(constants[node.input[1]]).ravel().tolist()]
    return sorted(stated[0]) if stated else []


def _sides(model: onnx.ModelProto, wanted: Wanted) -> dict[str, list[int]]:
    """Return the sides in space of the tensors that shape inference has them of, given the patch."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    constants = {tensor.name for tensor in copy.graph.initializer}
    for entry in copy.graph.input:
        if entry.name not in constants:
            entry.CopyFrom(onnx.helper.make_tensor_value_info(entry.name, entry.type.tensor_type.elem_type,
                                                              wanted.shape))
    try:
        inferred = onnx.shape_inference.infer_shapes(copy).graph.value_info
    except Exception:  # of a graph that contradicts itself nothing is known; onnxruntime says so when it loads it
        return {}
    return {item.name: [side.dim_value for side in item.type.tensor_type.shape.dim][2:] for item in inferred}


def _cut(graph: onnx.GraphProto, tap: str) -> set[str]:
    """Let the graph end at the tensor ``tap``, without the nodes and constants it does not need; return what it needs.
    """
    needed = {tap}
    for number in reversed(range(len(graph.node))):
        node = graph.node[number]
        if needed & set(node.output):
            needed |= {*node.input, *_read_inside(node)}
        else:
            del graph.node[number]
    for number in reversed(range(len(graph.initializer))):
        if graph.initializer[number].name not in needed:
            del graph.initializer[number]
    del graph.output[:]
    graph.output.append(onnx.ValueInfoProto(name=tap))
    del graph.value_info[:]
    return needed


def _read_inside(node: onnx.NodeProto) -> set[str]:
    """Return what the graphs inside a node may read of the graph around them."""
    inner = [attribute.g for attribute in node.attribute if attribute.HasField("g")]
    return {name for body in inner for one in _graphs(body)
            for name in chain((name for item in one.node for name in item.input), (out.name for out in one.output))}
