"""Every file that is no fit network ends in one line that names it; protocols of networks read key by key."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from deep_cases import NO_DIGEST, network, protocol_for, protocol_of, saved

from RadiomicsPrognosisLib.catalogue import parse_name
from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.errors import BackboneFailed, BackboneMissing, BackboneUnfit, InputError, SchemaError
from RadiomicsPrognosisLib.features.deep import backbone_file, check_network, stop_backbones
from RadiomicsPrognosisLib.features.deep.limits import MEMORY_VARIABLE, SECONDS_VARIABLE
from RadiomicsPrognosisLib.files import write_json
from RadiomicsPrognosisLib.protocol import load_protocol
from RadiomicsPrognosisLib.resources import shipped_folder
from RadiomicsPrognosisLib.texts import feature_label

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from onnx import TensorProto, external_data_helper, helper, numpy_helper


@pytest.fixture(autouse=True, scope="module")
def no_process_left() -> Iterator[None]:
    yield
    stop_backbones()


def plain(**changes: Any) -> Any:
    """Return a network that is fit: an identity and its global mean, 3 values of a patch of 8 x 8."""
    nodes = [helper.make_node("Identity", ["x"], ["c"], name="first"),
             helper.make_node("GlobalAveragePool", ["c"], ["y"])]
    return network(changes.pop("nodes", nodes), changes.pop("constants", {}), **changes)


def of_domain() -> Any:
    return plain(nodes=[helper.make_node("Mish", ["x"], ["y"], domain="com.example")], domains=("com.example",))


def in_a_branch(inner: Any, constants: Any = ()) -> Any:
    """Return a network with ``inner`` in a branch, where a check of the graph's own nodes does not look."""
    out = [helper.make_tensor_value_info("b", TensorProto.FLOAT, None)]
    branch = helper.make_graph([inner], "then", [], out, list(constants))
    other = helper.make_graph([helper.make_node("Identity", ["x"], ["b"])], "else", [], out)
    return plain(nodes=[helper.make_node("If", ["true"], ["y"], then_branch=branch, else_branch=other)],
                 constants={"true": np.array(True)})


def external(model: Any) -> Any:
    tensor = numpy_helper.from_array(np.ones(4, np.float32), "w")
    external_data_helper.set_external_data(tensor, "../../etc/passwd", 0, 16)
    tensor.ClearField("raw_data")
    model.graph.initializer.append(tensor)
    return model


def external_inside() -> Any:
    tensor = external(plain()).graph.initializer[0]
    return in_a_branch(helper.make_node("Identity", ["w"], ["b"]), [tensor])


def quantised() -> Any:
    model = plain()
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.UINT8
    return model


def two_inputs() -> Any:
    model = plain()
    model.graph.input.append(helper.make_tensor_value_info("more", TensorProto.FLOAT, [1]))
    return model


def absurd_constant() -> Any:
    """A constant of 2^50 numbers of which the file has four."""
    tensor = numpy_helper.from_array(np.ones(4, np.float32), "w")
    del tensor.dims[:]
    tensor.dims.extend([1 << 25, 1 << 25])
    model = plain(nodes=[helper.make_node("Mul", ["x", "w"], ["y"])])
    model.graph.initializer.append(tensor)
    return model


def training() -> Any:
    return plain(nodes=[helper.make_node("Dropout", ["x", "ratio", "true"], ["y"])],
                 constants={"ratio": np.array(0.5, np.float32), "true": np.array(True)})


def normalising_by_the_patch(opset: int, outputs: list[str], **switch: int) -> Any:
    """A batch normalisation in training, by what it gives or by its switch, whose statistics are the patch's own."""
    return plain(nodes=[helper.make_node("BatchNormalization", ["x", "s", "b", "m", "v"], outputs, **switch)],
                 constants={name: np.full(3, value, np.float32) for name, value in zip("sbmv", (1, 0, 0.5, 2),
                                                                                       strict=True)}, opset=opset)


def random() -> Any:
    return in_a_branch(helper.make_node("RandomNormal", [], ["b"], shape=[1, 3, 8, 8]))


def constant() -> Any:
    return plain(nodes=[helper.make_node("Identity", ["w"], ["y"])],
                 constants={"w": np.ones((1, 3, 8, 8), np.float32)})


def unknown_operator() -> Any:
    return plain(nodes=[helper.make_node("Convolute", ["x"], ["y"])])


def contradicting() -> Any:
    return plain(nodes=[helper.make_node("MatMul", ["x", "w"], ["y"])], constants={"w": np.ones((5, 5), np.float32)})


BAD: list[tuple[Callable[[], Any], dict[str, Any], str]] = [
    (of_domain, {"node": "y"}, "has the operator 'Mish' of 'com.example', which is not of the ONNX standard"),
    (lambda: in_a_branch(helper.make_node("Mish", ["x"], ["b"], domain="evil")), {"node": "y"},
     "has the operator 'Mish' of 'evil'"),
    (lambda: external(plain()), {}, "keeps weights in other files; save it as one file"),
    (external_inside, {"node": "y"}, "keeps weights in other files; save it as one file"),
    (random, {"node": "y"}, "has the operator 'RandomNormal', which draws random numbers"),
    (training, {"node": "y"}, "has a Dropout that may be in training"),
    (lambda: normalising_by_the_patch(17, ["y", "m2", "v2"], training_mode=1), {"node": "y"},
     "has a BatchNormalization that may be in training"),
    (lambda: normalising_by_the_patch(9, ["y", "m2", "v2", "m3", "v3"]), {"node": "y"},
     "has a BatchNormalization that may be in training"),
    (quantised, {}, "takes no floating-point numbers"),
    (two_inputs, {}, "has 2 inputs; allowed: one, the image"),
    (lambda: plain(opset=6), {}, "has the operator set 6; allowed: 7 to"),
    (lambda: plain(opset=1000), {}, "has the operator set 1000; allowed: 7 to"),
    (lambda: plain(shape=(1, 1, 8, 8)), {}, "takes 1 x 1 x 8 x 8, the protocol's patch is 1 x 3 x 8 x 8"),
    (lambda: plain(shape=("n", 3, 224, 224)), {}, "takes n x 3 x 224 x 224, the protocol's patch is 1 x 3 x 8 x 8"),
    (plain, {"slices": "cube"}, "takes 1 x 3 x 8 x 8, the protocol's patch is 1 x 3 x 8 x 8 x 8"),
    (plain, {"node": "frst"},
     "has no node 'frst'; its last are first, y. Did you mean 'first'?"),
    (lambda: plain(nodes=[helper.make_node("Relu", ["x"], ["y"])]), {}, "has no global pooling whose input could"),
    (plain, {"features": 5}, "gives 3 values (1 x 3 x 8 x 8 at the tapped node, pooling 'max'), the protocol expects"),
    (plain, {"pooling": "none"}, "gives 192 values"),
    (lambda: plain(nodes=[helper.make_node("ReduceMean", ["x"], ["y"], axes=[2, 3], keepdims=0)]), {"node": "y"},
     "gives 1 x 3 at the tapped node, which leaves nothing to pool; set deep.pooling to 'none'"),
    (constant, {"node": "y"}, "gives 'y' without looking at the image"),
    (unknown_operator, {"node": "y"}, "cannot be run by onnxruntime"),
    (contradicting, {"node": "y"}, "cannot be run"),
    (absurd_constant, {"node": "y"}, ""),
]


@pytest.mark.parametrize(("make", "deep", "words"), BAD,
                         ids=[item[2][:40] or item[0].__name__ for item in BAD])
def test_a_file_that_is_no_fit_network_ends_in_a_line(tmp_path: Path, make: Callable[[], Any], deep: dict[str, Any],
                                                      words: str) -> None:
    protocol = protocol_for(saved(make(), tmp_path, "bad.onnx"), {"features": 3, "size": 8, **deep})
    with pytest.raises((BackboneUnfit, BackboneFailed)) as error:
        check_network(protocol.deep)
    line = str(error.value)
    assert "Backbone 'bad.onnx'" in line and words in line and "\n" not in line and len(line) < 450, line


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"no network at all\n" * 50, b"\x08\x08", b"PK\x03\x04zip",
                                     bytes(range(256)) * 20])
def test_bytes_that_are_no_onnx_end_in_a_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.onnx"
    path.write_bytes(content)
    with pytest.raises(BackboneUnfit, match=r"^Backbone 'bad.onnx' is no ONNX file[^\n]*$"):
        check_network(protocol_for(path, {"size": 8}).deep)


def test_a_file_cut_short_or_changed_ends_in_a_line(tmp_path: Path) -> None:
    """Cut, it is no network; with one bit changed it is another file than the protocol's."""
    whole = saved(plain(), tmp_path).read_bytes()
    for number in (1, 20, len(whole) // 2, len(whole) - 1):
        path = tmp_path / f"cut{number}.onnx"
        path.write_bytes(whole[:number])
        with pytest.raises(BackboneUnfit, match="Backbone 'cut"):
            check_network(protocol_for(path, {"size": 8, "features": 3}).deep)
    path = saved(plain(), tmp_path, "net.onnx")
    protocol = protocol_for(path, {"size": 8, "features": 3})
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(BackboneUnfit, match="is not the protocol's: its SHA-256 begins with"):
        check_network(protocol.deep)


def test_a_file_larger_than_any_network_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "vast.onnx"
    with path.open("wb") as f:
        f.truncate((1 << 30) + 1)  # a hole: no disk is used
    with pytest.raises(BackboneUnfit, match=r"^Backbone 'vast.onnx' has 1024 MB; allowed: a file of up to 1024 MB\.$"):
        check_network(protocol_of({"backbone": str(path), "size": 8}).deep)


def test_where_a_file_is_looked_for(tmp_path: Path, user_home: Path) -> None:
    """Beside the protocol first, then in the user's folder; an absolute path is that file alone."""
    folder = tmp_path / "own"
    folder.mkdir()
    deep = 'id = "d"\ntitle = "D"\nmodality = "CT"\n[deep]\nbackbone = "net.onnx"\nfeatures = 3\nsize = 8\n'
    (folder / "d.toml").write_text(deep + f'sha256 = "{NO_DIGEST}"\nwindow_hu = [0, 1]\n', encoding="utf-8")
    protocol = load_protocol(folder / "d.toml")
    with pytest.raises(BackboneMissing) as error:
        backbone_file(protocol.deep)
    assert all(str(place) in str(error.value) for place in (folder / "net.onnx", user_home / "Backbones" / "net.onnx"))
    theirs = user_home / "Backbones" / "net.onnx"
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(b"theirs")
    assert backbone_file(protocol.deep) == theirs
    (folder / "net.onnx").write_bytes(b"beside")
    assert backbone_file(protocol.deep) == folder / "net.onnx"
    with pytest.raises(BackboneMissing, match=r"^Backbone 'n+…' is not at"):
        backbone_file(protocol_of({"backbone": "n" * 5000 + ".onnx"}).deep)
    with pytest.raises(BackboneMissing, match=r"nowhere\.onnx"):
        backbone_file(protocol_of({"backbone": str(tmp_path / "nowhere.onnx")}).deep)


@pytest.mark.parametrize("variable", [SECONDS_VARIABLE, MEMORY_VARIABLE])
def test_limits_that_are_no_numbers_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    for text in ("many", "0", "-3", "nan", "inf"):
        monkeypatch.setenv(variable, text)
        with pytest.raises(BackboneFailed, match=f"{variable} is '{text}'; give a number above 0"):
            check_network(protocol_for(saved(plain(), tmp_path), {"size": 8, "features": 3}).deep)


# Protocols ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("deep", "words"), [
    ({"sha256": "12"}, "'deep.sha256' must be the 64 hexadecimal digits"),
    ({"features": 0}, "'deep.features' must be a whole number from 1 to 10000"),
    ({"window_hu": [5, 5]}, "'deep.window_hu' must have a min and a max above it"),
    ({"window_hu": {"min": 5}}, "'deep.window_hu' must have a min and a max above it"),
    ({"size": 0}, "'deep.size' must be at least 1 where crop is 'fixed'"),
    ({"margin_mm": 3}, "'deep.margin_mm' is for crop = 'box'"),
    ({"crop": "box", "spacing_mm": [1, 1, 1]}, "'deep.spacing_mm' cannot stand beside crop = 'box' with a size"),
    ({"slices": "2.5d", "channels": 4}, "'deep.channels' is 4; '2.5d' needs an odd number"),
    ({"slices": "cube", "size": 1024}, "'deep.size' makes a patch of"),
    ({"mean": [1, 2]}, "'deep.mean' holds 2 numbers; allowed: one for all channels, or 3"),
    ({"sd": [0]}, "'deep.sd' is 0; allowed: > 0"),
    ({"pooling": "sum"}, "'deep.pooling' is 'sum'; allowed: max, mean, none"),
    ({"poling": "max"}, "'deep.poling' is not a known key"),
], ids=str)
def test_settings_that_cannot_be_are_refused(deep: dict[str, Any], words: str) -> None:
    with pytest.raises(SchemaError) as error:
        protocol_of(deep)
    assert words in str(error.value)


@pytest.mark.parametrize("key", ["feature_classes", "discretisation", "image_types", "resampling", "filters",
                                 "hu_range_on", "slice", "force_2d", "aggregation"])
def test_a_network_stands_alone(key: str) -> None:
    with pytest.raises(SchemaError, match=f"'{key}' is not a known key"):
        protocol_of({}, **{key: "anything"})


def test_every_setting_and_the_files_content_is_in_the_hash_and_its_name_is_not() -> None:
    base = protocol_of()
    changes: list[dict[str, Any]] = [
        {"sha256": "1" * 64}, {"features": 5}, {"window_hu": [-999, 1000]}, {"slices": "2.5d"},
        {"slices": "cube", "size": 64},
        {"spacing_mm": [1, 1, 2]}, {"interpolator": "linear"}, {"crop": "box"}, {"crop": "box", "margin_mm": 2},
        {"size": 64}, {"masked": True}, {"fill_hu": 0}, {"channels": 1}, {"mean": [0.5]}, {"sd": [2]}, {"node": "last"},
        {"pooling": "mean"}]
    hashes = [base.hash, *(protocol_of(change).hash for change in changes), protocol_of({}, hu_range=[-50, None]).hash]
    assert len(set(hashes)) == len(hashes)
    assert protocol_of({"backbone": "/elsewhere/other.onnx"}).hash == base.hash
    assert protocol_of({"mean": [0, 0, 0], "sd": [1, 1, 1], "fill_hu": -1000}) == base


def test_names_of_deep_features() -> None:
    protocol = protocol_of({"features": 12})
    assert protocol.feature_names()[:2] == ("dl_0000", "dl_0001") and protocol.feature_names()[-1] == "dl_0011"
    protocol.check_features(["dl_0011"], "here")
    for name in ("dl_0012", "original_firstorder_Mean"):
        with pytest.raises(SchemaError, match="its features are dl_0000 to dl_0011"):
            protocol.check_features([name], "here")
    for name in ("dl_12", "dl_00012", "dl_", "original_dl_0001"):
        with pytest.raises(SchemaError):
            parse_name(name)
    parsed = parse_name("dl_0011")
    assert str(parsed) == "dl_0011" and parsed.unit == "" and parsed.bounds == (-math.inf, math.inf)
    assert feature_label("dl_0011") == "Deep feature 0011"


def test_the_template_of_s4_is_a_protocol() -> None:
    protocol = load_protocol(shipped_folder() / "Skeletons" / "ct-deep-resnet50-largest-slice.toml")
    deep = protocol.deep
    assert deep is not None and protocol.in_plane and protocol.slice == "largest"
    assert (deep.size, deep.spacing_mm, deep.interpolator, deep.pooling, deep.features) == (
        224, (1.0, 1.0, 1.0), "bspline", "max", 2048)
    assert "the contour's slice of largest area, 224 × 224 pixels of 1 × 1 × 1 mm" in deep.words()
    with pytest.raises(BackboneMissing, match=r"resnet50\.onnx"):
        check_network(deep)


def test_models_check_runs_the_network_where_it_is_and_says_so_where_not(user_home: Path,
                                                                         capsys: pytest.CaptureFixture[str]) -> None:
    values = json.loads((shipped_folder() / "Models" / "s2_escc_ln_response.json").read_text(encoding="utf-8"))
    signature = {"name": "Deep score", "standardised": False, "terms": [{"feature": "dl_0002", "coefficient": 0.5}]}
    values.update(id="deep", protocol="deep", signature=signature)
    values.pop("reference", None)
    write_json(user_home / "Models" / "deep.json", values)
    (user_home / "Backbones").mkdir()
    path = saved(plain(), user_home / "Backbones")
    digest = protocol_for(path).deep.sha256
    (user_home / "Protocols").mkdir()
    (user_home / "Protocols" / "deep.toml").write_text(
        f'id = "deep"\ntitle = "D"\nmodality = "CT"\n[deep]\nbackbone = "net.onnx"\nsha256 = "{digest}"\nfeatures = 3\n'
        "size = 8\nwindow_hu = [-100, 200]\n", encoding="utf-8")
    assert run(["models", "check", "deep"]) == 0
    assert "the network 'net.onnx' gives 3 values by onnxruntime" in capsys.readouterr().out
    path.unlink()
    assert run(["models", "check", "deep"]) == 0
    out = capsys.readouterr().out
    assert "the network 'net.onnx' was not checked. Backbone 'net.onnx' is not at" in out and "is valid" in out
    path.write_bytes(b"another")
    assert run(["models", "check", "deep"]) == 2
    assert "is not the protocol's" in capsys.readouterr().err


def test_a_package_that_is_absent_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module in the way that cannot be imported: what a Python without onnxruntime says."""
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "onnxruntime.py").write_text("raise ModuleNotFoundError('no', name='onnxruntime')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hidden"))
    stop_backbones()
    protocol = protocol_for(saved(plain(), tmp_path), {"size": 8, "features": 3})
    with pytest.raises(InputError, match="Deep features need the package 'onnxruntime'; run 'pip install") as error:
        check_network(protocol.deep)
    assert error.value.code == "network-package"
    stop_backbones()


def test_a_methods_section_says_what_the_network_read(user_home: Path) -> None:
    from RadiomicsPrognosisLib.reading.report.methods import _settings

    words = _settings(protocol_of({"slices": "2.5d", "crop": "box", "margin_mm": 5, "masked": True, "node": "pool5",
                                   "pooling": "mean"}, hu_range=[-50, None]))
    assert words == ("Voxels from −50 HU were kept (native mask); a network (SHA-256 000000000000…) read the contour's "
                     "slice of largest area and its neighbours (3 slices as channels), the contour's box with 5 mm "
                     "around it spread over 224 × 224 pixels (bspline, −1000 HU outside the contour), window −1000 to "
                     "1000 HU; features are the means over space of its node pool5, 4 values")
