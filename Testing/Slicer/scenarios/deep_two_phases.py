"""A model of deep features of two phases: a CT and a contour for each, Live on both, and the network's file gone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import slicer

from . import cases
from .hands import S2, Hands

_PROTOCOL = """
id = "scenario-network"
title = "Small network"
modality = "CT"

[deep]
backbone = "scenario.onnx"
sha256 = "{sha256}"
features = 4
window_hu = {{ min = -150, max = 250 }}
size = 64
masked = true
"""

#: The longest that the main thread may be held while the network works (s), as in a stroke with any engine.
_BAR_S = 1.0


def run(hands: Hands) -> None:
    hands.need("onnx", "onnxruntime")
    from RadiomicsPrognosisLib.resources import shipped_folder, user_folder

    model = user_folder() / "Models" / "scenario_deep.json"
    network = _write_network(hands.folder)
    _write_model(shipped_folder() / "Models" / f"{S2}.json", model, hands.folder / "scenario.toml")
    try:
        _play(hands, network)
    finally:
        model.unlink()
        hands.leave()
        hands.open_module()  # which reads the models again


def _play(hands: Hands, network: Path) -> None:
    hands.open_module()
    hands.add_case()
    hands.choose_case()
    hands.choose("scenario_deep")
    hands.settle()
    hands.expect("Venous phase" in hands.ui.problemLabel.text, "the second phase is not asked for")
    hands.expect("scenario.onnx" in hands.ui.needsLabel.text, "the network is not named")
    hands.expect(hands.ui.modelAdvancedSection.isHidden(), "an engine is offered")
    image, _mask = cases.images("phantom")
    later = cases.add_volume(image + 20, "Later")
    own, key = cases.add_contour(later, np.asarray(hands.voxels()), "Reading of the later phase", "Tumour, venous")
    hands.ui.secondVolumeSelector.setCurrentNode(later)
    hands.ui.phaseSelector.setCurrentIndex(1)
    hands.look()
    hands.expect("Elastix" in hands.ui.phasesLabel.toolTip, "who registers the phases is not said")
    hands.ui.sharedContourCheckBox.checked = False
    hands.ui.secondSegmentationSelector.setCurrentNode(own)
    with hands.time("first score by a network"), hands.watch() as watch:
        first = hands.result()
    hands.expect(first.engine.name == "onnxruntime" and {"arterial", "venous"} == set(first.vois),
                 "the result is not the network's of both phases")
    _edit(hands, own, key, later)
    with hands.time("edit to score by a network"), watch:
        second = hands.result()
    hands.expect(second.score != first.score, "the edit of the later phase changed nothing")
    hands.expect(watch.longest < _BAR_S, f"the network held the panel for {watch.longest:.2f} s")
    aside = network.rename(network.with_suffix(".away"))
    _edit(hands, own, key, later)
    hands.settle()
    hands.expect("scenario.onnx" in hands.ui.problemLabel.text, "that the network's file is gone is not said")
    aside.rename(network)
    hands.ui.scoreButton.click()
    hands.expect(hands.result().score != second.score, "the file is back, and no other score is there")


def _edit(hands: Hands, segmentation: slicer.vtkMRMLSegmentationNode, key: str,
          volume: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Take a slice of the contour away."""
    voxels = cases.voxels(segmentation, key, volume).copy()
    voxels[np.flatnonzero(voxels.any(axis=(1, 2)))[0]] = 0
    voxels[:, np.flatnonzero(voxels.any(axis=(0, 2)))[0]] = 0
    slicer.util.updateSegmentBinaryLabelmapFromArray(voxels, segmentation, key, volume)
    hands.look()


def _write_network(folder: Path) -> Path:
    """Write a network of one convolution, and its protocol, into ``folder``; return the network's path."""
    from onnx import TensorProto, helper, numpy_helper

    kernels = np.linspace(-1, 1, 4 * 3 * 9, dtype=np.float32).reshape(4, 3, 3, 3)
    graph = helper.make_graph(
        [helper.make_node("Conv", ["image", "kernels"], ["convolved"], pads=[1, 1, 1, 1]),
         helper.make_node("Relu", ["convolved"], ["maps"]),
         helper.make_node("GlobalAveragePool", ["maps"], ["pooled"])], "small",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 64, 64])],
        [helper.make_tensor_value_info("pooled", TensorProto.FLOAT, [1, 4, 1, 1])],
        [numpy_helper.from_array(kernels, "kernels")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    content, path = model.SerializeToString(), folder / "scenario.onnx"
    path.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    (folder / "scenario.toml").write_text(_PROTOCOL.format(sha256=sha256), encoding="utf-8")
    return path


def _write_model(like: Path, path: Path, protocol: Path) -> None:
    """Write a model of two phases under ``protocol``, in all else like another."""
    values = json.loads(like.read_text(encoding="utf-8"))
    first = {key: value for key, value in values["inputs"][0].items() if key in ("name", "title", "acquisition")}
    terms = [{"feature": f"dl_000{number}", "coefficient": 0.1 * (number + 1), "input": name}
             for name in ("arterial", "venous") for number in range(4)]
    changed = {**values, "id": "scenario_deep", "protocol": str(protocol),
               "inputs": [{**first, "name": name, "title": f"{name.capitalize()} phase"}
                          for name in ("arterial", "venous")],
               "signature": {"name": "Deep score", "intercept": 0, "standardised": False, "terms": terms}}
    for key in ("reference", "performance", "lesion", "$schema"):
        changed.pop(key, None)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(changed), encoding="utf-8")
