"""What a network gives: values worked out by hand, every node and pooling, other evaluators, the same bits always."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from deep_cases import network, protocol_for, saved, volume

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

import onnx
from onnx import helper
from onnx.reference import ReferenceEvaluator

from RadiomicsPrognosisLib.errors import BackboneUnfit
from RadiomicsPrognosisLib.features.deep import check_network, engine_version, extract_deep, stop_backbones
from RadiomicsPrognosisLib.features.deep.patch import network_input
from RadiomicsPrognosisLib.features.deep.runner import run_network
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.voi import make_voi
from RadiomicsPrognosisLib.voi.voi import Voi
from RadiomicsPrognosisLib.worker.blocks import Blocks
from RadiomicsPrognosisLib.worker.jobs import blocks_of, decode_jobs, encode_jobs, make_job


@pytest.fixture(autouse=True, scope="module")
def no_process_left() -> Iterator[None]:
    yield
    stop_backbones()


def node(kind: str, inputs: str, output: str, **attributes: Any) -> Any:
    return helper.make_node(kind, inputs.split(), [output], **attributes)


def random_voi(protocol: Any) -> Voi:
    rng = np.random.default_rng(5)
    mask = np.zeros((7, 30, 30), np.uint8)
    mask[2:5, 10:20, 11:19] = 1
    return make_voi(volume(rng.integers(-900, 900, mask.shape).astype(np.int16)), volume(mask), protocol)


#: Two kernels over three channels of one pixel: the sum of all, and the first less the last; a ReLU between.
KERNELS = np.array([[1, 1, 1], [1, 0, -1]], np.float32).reshape(2, 3, 1, 1)


def two_maps(*ends: Any, shape: Any = (1, 3, 4, 4), output: str = "y") -> Any:
    return network([node("Conv", "x k", "c"), node("Relu", "c", "r"), *ends], {"k": KERNELS}, shape, output)


@pytest.fixture
def by_hand() -> np.ndarray:
    """A patch (1, 3, 4, 4): channel c has the value c - 1 everywhere, but for 5 in a corner of the first."""
    patch = np.repeat([-1.0, 0.0, 1.0], 16).reshape(1, 3, 4, 4).astype(np.float32)
    patch[0, 0, 3, 3] = 5
    return patch


@pytest.mark.parametrize(("deep", "expected"), [
    ({}, [6, 4]),  # the largest of the ReLU's values: 5 + 0 + 1 and 5 - 1, at the corner
    ({"pooling": "mean"}, [6 / 16, 4 / 16]),  # which are all there is: elsewhere -1 + 0 + 1 and -1 - 1 give nothing
    ({"node": "c", "pooling": "mean"}, [6 / 16, (4 - 2 * 15) / 16]),  # before the ReLU
    ({"node": "second", "pooling": "mean"}, [6 / 16, 4 / 16]),  # by the node's name
    ({"node": "f", "pooling": "none"}, [6 / 16, 4 / 16]),  # the network's own mean
    ({"node": "x", "pooling": "none"}, None),  # no node: the input
], ids=str)
def test_tapped_values_are_those_worked_out_by_hand(tmp_path: Path, by_hand: np.ndarray, deep: dict[str, Any],
                                                    expected: list[float] | None) -> None:
    model = two_maps(node("GlobalAveragePool", "r", "p"), node("Flatten", "p", "f"), node("Softmax", "f", "y"))
    model.graph.node[1].name = "second"
    protocol = protocol_for(saved(model, tmp_path), {"features": 2, "size": 4, **deep})
    if expected is None:
        with pytest.raises(BackboneUnfit, match="has no node 'x'; its last are p, f, y"):
            run_network(protocol.deep, by_hand)
        return
    values, version = run_network(protocol.deep, by_hand)
    np.testing.assert_allclose(values, expected, rtol=1e-6)
    assert version == engine_version()


@pytest.mark.parametrize("end", [
    [node("GlobalMaxPool", "r", "y")],
    [node("ReduceMean", "r", "y", axes=[2, 3])],
    [node("ReduceMax", "r", "y", axes=[-1, -2])],
    [node("AveragePool", "r", "y", kernel_shape=[4, 4])],
    [node("Conv", "r one", "s"), node("MaxPool", "s", "t", kernel_shape=[2, 2]),
     node("GlobalAveragePool", "t", "squeezed"), node("Mul", "squeezed one_", "y")],
], ids=lambda end: end[-1].op_type)
def test_the_last_pooling_is_known_by_what_it_does(tmp_path: Path, by_hand: np.ndarray, end: list[Any]) -> None:
    """A global operator, a reduction of all sides, a window as large as the map; a smaller window is none."""
    constants = {"k": KERNELS, "one": np.eye(2, dtype=np.float32).reshape(2, 2, 1, 1), "one_": np.float32([[[[1]]]])}
    model = network([node("Conv", "x k", "c"), node("Relu", "c", "r"), *end], constants, (1, 3, 4, 4))
    protocol = protocol_for(saved(model, tmp_path), {"features": 2, "size": 4})
    np.testing.assert_allclose(run_network(protocol.deep, by_hand)[0], [6, 4], rtol=1e-6)


def test_axes_of_a_reduction_may_be_a_constant_of_the_graph(tmp_path: Path, by_hand: np.ndarray) -> None:
    axes = helper.make_node("Constant", [], ["axes"], value=onnx.numpy_helper.from_array(np.array([2, 3])))
    model = network([node("Conv", "x k", "c"), axes, node("ReduceMean", "c axes", "y")], {"k": KERNELS}, (1, 3, 4, 4),
                    opset=18)
    protocol = protocol_for(saved(model, tmp_path), {"features": 2, "size": 4, "pooling": "mean"})
    np.testing.assert_allclose(run_network(protocol.deep, by_hand)[0], [6 / 16, -26 / 16], rtol=1e-6)


def test_a_network_of_volumes_reads_a_cube(tmp_path: Path) -> None:
    """The sum over 2 x 2 x 2 voxels of a cube of ones is eight, of their count the largest."""
    model = network([node("Conv", "x k", "c"), node("GlobalAveragePool", "c", "y")],
                    {"k": np.ones((1, 1, 2, 2, 2), np.float32)}, ("n", 1, "d", "h", "w"))
    protocol = protocol_for(saved(model, tmp_path), {"features": 1, "slices": "cube", "size": 5, "channels": 1})
    assert run_network(protocol.deep, np.ones((1, 1, 5, 5, 5), np.float32))[0].tolist() == [8.0]
    voi = random_voi(protocol)
    pixels = network_input(voi, protocol, protocol.deep)[0, 0].astype(float)
    sums = sum(pixels[a:4 + a, b:4 + b, c:4 + c] for a in (0, 1) for b in (0, 1) for c in (0, 1))
    assert extract(voi, protocol).values["dl_0000"] == pytest.approx(sums.max(), rel=1e-6)


def test_features_are_those_of_onnxs_own_evaluator(tmp_path: Path) -> None:
    """A small residual network: convolutions, a shortcut, a pooling with stride; tapped inside and at its end."""
    rng = np.random.default_rng(11)
    constants = {"a": rng.normal(size=(6, 3, 3, 3)).astype(np.float32) / 5, "bias": rng.normal(size=6).astype("f4"),
                 "b": rng.normal(size=(6, 6, 3, 3)).astype(np.float32) / 7}
    model = network([node("Conv", "x a bias", "c", pads=[1, 1, 1, 1]), node("Relu", "c", "r"),
                     node("MaxPool", "r", "m", kernel_shape=[2, 2], strides=[2, 2]),
                     node("Conv", "m b", "d", pads=[1, 1, 1, 1]), node("Add", "d m", "sum"), node("Relu", "sum", "e"),
                     node("GlobalAveragePool", "e", "p"), node("Flatten", "p", "y")], constants, ("n", 3, 24, 24))
    path = saved(model, tmp_path)
    for deep in ({"pooling": "max"}, {"pooling": "mean", "node": "r"}):
        protocol = protocol_for(path, {"features": 6, "size": 24, **deep})
        voi = random_voi(protocol)
        tapped = onnx.ModelProto.FromString(path.read_bytes())
        tapped.graph.output.append(onnx.ValueInfoProto(name=deep.get("node", "e")))
        maps = ReferenceEvaluator(tapped).run(None, {"x": network_input(voi, protocol, protocol.deep)})[1]
        expected = maps.astype(float).max(axis=(2, 3)) if deep["pooling"] == "max" else \
            maps.astype(float).mean(axis=(2, 3))
        np.testing.assert_allclose(list(extract(voi, protocol).values.values()), expected[0], rtol=2e-5, atol=1e-6)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(2)
    constants = {"a": rng.normal(size=(16, 3, 3, 3)).astype("f4"), "b": rng.normal(size=(32, 16, 3, 3)).astype("f4")}
    model = network([node("Conv", "x a", "c"), node("Relu", "c", "r"), node("Conv", "r b", "d"),
                     node("GlobalAveragePool", "d", "y")], constants, ("n", 3, 32, 32))
    return saved(model, tmp_path_factory.mktemp("net"))


def test_the_same_bits_whatever_ran_before_and_however_many_ask(small: Path) -> None:
    """A process afresh, one that has read other patches, eight threads at once, and the panel's worker's way."""
    protocol = protocol_for(small, {"features": 32, "size": 32})
    voi, deep = random_voi(protocol), protocol.deep
    stop_backbones()
    first = extract(voi, protocol).values
    for number in range(3):
        run_network(deep, np.random.default_rng(number).normal(size=(1, 3, 32, 32)).astype(np.float32))
    assert extract(voi, protocol).values == first
    with ThreadPoolExecutor(8) as pool:
        assert all(item.values == first for item in pool.map(lambda _: extract(voi, protocol), range(16)))
    job = make_job(voi, protocol, protocol.feature_names())
    header, arrays = encode_jobs({"image": job})
    blocks = Blocks()
    blocks.replace(blocks_of({"image": job}))
    received = decode_jobs(header, arrays, blocks)["image"]
    assert received.protocol == protocol and received.protocol.deep.backbone == deep.backbone
    assert extract(received.voi, received.protocol).values == first


def test_some_features_are_those_of_all(small: Path) -> None:
    protocol = protocol_for(small, {"features": 32, "size": 32})
    voi = random_voi(protocol)
    every, some = extract_deep(voi, protocol), extract(voi, protocol, ["dl_0007", "dl_0003"])
    assert list(every.values) == list(protocol.feature_names()) and every.engine_name == "onnxruntime"
    assert some.values == {name: every.values[name] for name in ("dl_0007", "dl_0003")}
    assert (some.protocol_hash, some.engine_version) == (protocol.hash, engine_version())


def test_what_is_not_finite_is_undefined(tmp_path: Path, by_hand: np.ndarray) -> None:
    """0 / 0 and 1 / 0 of a map each."""
    model = network([node("Mul", "x zero", "z"), node("Div", "over z", "q"), node("GlobalMaxPool", "q", "y")],
                    {"zero": np.zeros(1, np.float32), "over": np.float32([0, 1, 1]).reshape(1, 3, 1, 1)}, (1, 3, 8, 8))
    protocol = protocol_for(saved(model, tmp_path), {"features": 3, "size": 8})
    features = extract(random_voi(protocol), protocol)
    assert "dl_0000" in features.undefined and set(features.undefined) | set(features.values) == \
        set(protocol.feature_names())


def test_half_precision_is_fed_as_it_asks(tmp_path: Path, by_hand: np.ndarray) -> None:
    model = two_maps(node("GlobalAveragePool", "r", "y"))
    model.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    model.graph.output[0].type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    model.graph.initializer[0].CopyFrom(onnx.numpy_helper.from_array(KERNELS.astype(np.float16), "k"))
    protocol = protocol_for(saved(model, tmp_path), {"features": 2, "size": 4})
    np.testing.assert_allclose(run_network(protocol.deep, by_hand)[0], [6, 4], rtol=1e-3)


def test_functions_of_the_file_are_resolved(tmp_path: Path, by_hand: np.ndarray) -> None:
    """Exporters wrap layers in functions of the file, which are made of the standard's operators."""
    opsets = [helper.make_opsetid("", 17)]
    layer = helper.make_function("mine", "Layer", ["v"], ["w"], [helper.make_node("Relu", ["v"], ["w"])], opsets)
    model = network([node("Conv", "x k", "c"), helper.make_node("Layer", ["c"], ["r"], domain="mine"),
                     node("GlobalAveragePool", "r", "y")], {"k": KERNELS}, (1, 3, 4, 4), domains=("mine",),
                    functions=[layer])
    protocol = protocol_for(saved(model, tmp_path), {"features": 2, "size": 4})
    np.testing.assert_allclose(run_network(protocol.deep, by_hand)[0], [6, 4], rtol=1e-6)


def test_a_network_whose_patch_follows_the_contour_is_checked_too(tmp_path: Path) -> None:
    model = two_maps(node("GlobalAveragePool", "r", "y"), shape=("n", 3, "h", "w"))
    for deep in ({"crop": "box", "size": 0}, {"size": 16}):
        assert check_network(protocol_for(saved(model, tmp_path), {"features": 2, **deep}).deep) == engine_version()
    protocol = protocol_for(saved(model, tmp_path), {"features": 2, "crop": "box", "size": 0})
    assert set(extract(random_voi(protocol), protocol).values) == {"dl_0000", "dl_0001"}


def test_a_pretrained_network_of_a_registrys_package_is_read(lung: Any) -> None:
    """PP-OCR's classifier of text direction, a MobileNetV3 trained on images of text, tapped ahead of its last pooling.

    Its features of a tumour mean nothing; that they are those of the untouched file by onnxruntime itself does.
    """
    import onnxruntime
    import SimpleITK as sitk

    package = find_spec("rapidocr")
    if package is None or package.origin is None:
        pytest.skip("rapidocr, whose wheel brings a pretrained network, is not installed")
    path = next((Path(package.origin).parent / "models").glob("*cls*.onnx"))
    model = onnx.load(path)
    pooling = [item for item in model.graph.node if item.op_type == "GlobalAveragePool"][-1]
    model.graph.output.append(onnx.ValueInfoProto(name=pooling.input[0]))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    image, mask = (sitk.ReadImage(str(item)) for item in lung("lung1"))

    def maps(patch: np.ndarray) -> np.ndarray:
        read = session.run([pooling.input[0]], {session.get_inputs()[0].name: patch})[0]
        return np.asarray(read, float)

    protocol = protocol_for(path, {"features": maps(np.zeros((1, 3, 48, 48), np.float32)).shape[1], "size": 48,
                                   "window_hu": [-1000, 400], "mean": [0.5], "sd": [0.5]})
    voi = make_voi(image, mask, protocol)
    features = list(extract(voi, protocol).values.values())
    np.testing.assert_allclose(features, maps(network_input(voi, protocol, protocol.deep)).max(axis=(2, 3))[0],
                               rtol=1e-4, atol=1e-4)
    assert len(features) == 200 and np.ptp(features) > 0.1
