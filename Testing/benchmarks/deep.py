"""A ResNet-50 with random weights as a protocol's network: time to load and to run, memory, and Live edits meanwhile.

The network has the real one's layers and size (25.6 million weights, 102 MB), so that it costs what that does; the
patch is that of the template of S4's protocol. Edits come to a cold worker every so many seconds: how many are
answered meanwhile, and how long after the last one its own answer comes. The bars: every process gives the same bits,
and the last edit is answered within the time of the first extraction and of the start of a worker.
Usage: deep.py [repeats]
"""

from __future__ import annotations

import hashlib
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

try:
    import onnx
    import onnxruntime  # noqa: F401 - the network's process needs it
    from onnx import TensorProto, helper, numpy_helper
except ImportError as error:
    print(f"{error}: pip install onnxruntime onnx")
    sys.exit(2)

from RadiomicsPrognosisLib.features.deep import stop_backbones
from RadiomicsPrognosisLib.features.deep.runner import _keeper
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.phantom import ct_phantom
from RadiomicsPrognosisLib.protocol import Protocol, load_protocol
from RadiomicsPrognosisLib.resources import HOME_VARIABLE, shipped_folder
from RadiomicsPrognosisLib.voi import make_voi
from RadiomicsPrognosisLib.voi.voi import Voi, redrawn
from RadiomicsPrognosisLib.worker.client import Done, Failed, Refused, Worker
from RadiomicsPrognosisLib.worker.jobs import make_job

#: Blocks of each of the four stages, and the channels of their inner convolutions (He et al., CVPR 2016, table 1).
STAGES = ((3, 64), (4, 128), (6, 256), (3, 512))

#: Seconds from one edit to the next, and for how long edits come.
PACES, EDITED_S = (0.3, 0.6, 1.2), 6.0

#: What a worker's own start takes at most (s).
START_S = 3.0

TEMPLATE = "ct-deep-resnet50-largest-slice"


class Graph:
    """Nodes and weights as they are added; each method returns the name of its output."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self._random = np.random.default_rng(50)

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node."""
        output = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def weight(self, *shape: int) -> str:
        """Add random weights (He et al., ICCV 2015)."""
        values = self._random.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape).astype(np.float32)
        self.weights.append(numpy_helper.from_array(values, f"weights_{len(self.weights)}"))
        return str(self.weights[-1].name)

    def convolved(self, value: str, channels: tuple[int, int], side: int, stride: int = 1) -> str:
        """Add a convolution, its normalisation folded in, from so many channels to so many."""
        pads, weights = 4 * [side // 2], self.weight(channels[1], channels[0], side, side)
        return self.node("Conv", value, weights, kernel_shape=[side, side], strides=[stride, stride], pads=pads)

    def block(self, value: str, channels: int, inner: int, stride: int) -> str:
        """Add a bottleneck block."""
        first = self.node("Relu", self.convolved(value, (channels, inner), 1))
        second = self.node("Relu", self.convolved(first, (inner, inner), 3, stride))
        third = self.convolved(second, (inner, 4 * inner), 1)
        short = value if channels == 4 * inner else self.convolved(value, (channels, 4 * inner), 1, stride)
        return self.node("Relu", self.node("Add", third, short))


def resnet50() -> bytes:
    """Return a ResNet-50 as an ONNX file."""
    graph = Graph()
    value = graph.node("Relu", graph.convolved("image", (3, 64), 7, 2))
    value = graph.node("MaxPool", value, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    channels = 64
    for number, (blocks, inner) in enumerate(STAGES):
        for block in range(blocks):
            value = graph.block(value, channels, inner, 2 if number and not block else 1)
            channels = 4 * inner
    flat = graph.node("Flatten", graph.node("GlobalAveragePool", value))
    classes = graph.node("Gemm", flat, graph.weight(1000, channels), transB=1)
    made = helper.make_graph(graph.nodes, "resnet50",
                             [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 224, 224])],
                             [helper.make_tensor_value_info(classes, TensorProto.FLOAT, [1, 1000])], graph.weights)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def written_protocol(home: Path) -> Protocol:
    """Write the network, and the template completed with it, and return the protocol."""
    content = resnet50()
    text = (shipped_folder() / "Skeletons" / f"{TEMPLATE}.toml").read_text(encoding="utf-8")
    for folder, name, data in (("Backbones", "resnet50.onnx", content), (
            "Protocols", f"{TEMPLATE}.toml", text.replace("0" * 64, hashlib.sha256(content).hexdigest()).encode())):
        (home / folder).mkdir(parents=True)
        (home / folder / name).write_bytes(data)
    return load_protocol(TEMPLATE)


def peak_mib() -> float:
    """Return the peak resident memory (MiB) of the network's process, NaN where the system does not tell."""
    status = Path(f"/proc/{_keeper.process.pid if _keeper.process else 0}/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.is_file() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), float("nan"))


def timed(voi: Voi, protocol: Protocol) -> tuple[float, dict[str, float]]:
    """Return how long an extraction takes (s), and its values."""
    start = time.perf_counter()
    values = extract(voi, protocol).values
    return time.perf_counter() - start, values


def smaller(voi: Voi, protocol: Protocol, layers: int) -> Voi:
    """Return ``voi`` without so many of the contour's outermost columns of voxels."""
    contour = voi.contour.copy()
    contour[:, :, contour.shape[2] - layers:] = False
    return redrawn(voi, contour, voi.start, protocol)


def edited(voi: Voi, protocol: Protocol, pace: float) -> tuple[int, float]:
    """Give a cold worker an edit every ``pace`` seconds; return (answers meanwhile, seconds from the last to its own).
    """
    worker, answers, last, start = Worker(), 0, 0, time.perf_counter()
    try:
        for number in range(int(EDITED_S / pace)):
            job = make_job(smaller(voi, protocol, number % 8), protocol, protocol.feature_names())
            last, given = worker.submit({"image": job}), time.perf_counter()
            while time.perf_counter() < start + pace * (number + 1):
                answers += sum(isinstance(event, Done) for event in worker.poll())
                time.sleep(0.005)
        answered = answers
        while True:
            for event in worker.poll():
                if isinstance(event, Refused | Failed):
                    raise RuntimeError(f"The worker did not extract: {event}")
                if isinstance(event, Done) and event.id == last:
                    return answered, time.perf_counter() - given
            if worker.job is None:
                return answered, 0.0  # before the edits' time was over
            time.sleep(0.005)
    finally:
        worker.stop()


def main(repeats: int) -> int:
    """Print times, memory and how edits are answered; fail where bits differ or the last edit waits too long."""
    protocol = written_protocol(Path(os.environ[HOME_VARIABLE]))
    voi = make_voi(*ct_phantom(), protocol)
    firsts, nexts, values = [], [], []
    for _ in range(3):
        seconds, computed = timed(voi, protocol)
        firsts.append(seconds)
        values.append(computed)
        nexts += [timed(voi, protocol)[0] for _ in range(repeats)]
        memory = peak_mib()
        stop_backbones()
    same = all(item == values[0] for item in values)
    print(f"  first patch, the process started and the network loaded{statistics.median(firsts):>8.2f} s")
    print(f"  every further patch                                    {statistics.median(nexts):>8.2f} s")
    print(f"  peak memory of the network's process                   {memory:>8.0f} MiB")
    print(f"  three processes give the same bits                     {'yes' if same else 'NO':>8}")
    longest = 0.0
    for pace in PACES:
        answers, wait = edited(voi, protocol, pace)
        longest = max(longest, wait)
        print(f"  an edit every {pace:.1f} s for {EDITED_S:.0f} s: {answers:>3} answered meanwhile, the last "
              f"{wait:.2f} s after it")
    return 0 if same and longest < max(firsts) + START_S else 1


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="radiomics-prognosis-") as folder:
        os.environ[HOME_VARIABLE] = folder
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
