"""The worker process: reads jobs from standard input, keeps only the newest, writes features to standard output."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from ..errors import Cancelled, InputError
from ..processes.messages import Arrays, BadMessage, read_message, write_message
from ..processes.streams import private_output
from ..progress import ProgressMessage, paced, portion

if TYPE_CHECKING:
    from ..features.engine import Engine
    from .blocks import Blocks

#: Progress is reported no more often than this (s).
_PROGRESS_S = 0.05


def main() -> None:
    """Serve until the caller closes the pipe. Raises BadMessage when its greeting is none."""
    out = private_output()
    message = read_message(sys.stdin.buffer)
    if message is None:
        return
    greeting, _ = message
    inbox = _Inbox(sys.stdin.buffer)
    # The caller's search path: an extension's packages (SlicerRadiomics) are found there and nowhere else.
    sys.path.extend(path for path in greeting["paths"] if path not in sys.path)
    write_message(out, {"kind": "ready", "pid": os.getpid(), **_get_ready()})
    from .blocks import Blocks  # a library that only the path above leads to is imported along with it

    blocks = Blocks()
    while True:
        header, arrays = inbox.take(blocks)
        if header["kind"] == "drop":
            write_message(out, {"kind": "dropped", "id": header["id"]})
            continue
        write_message(out, {"kind": "taken", "id": header["id"]})
        write_message(out, {"id": header["id"], **_serve(header, arrays, blocks, inbox, out)})


class _Inbox:
    """The newest message, read by a thread so that a running job can see that it is out of date.

    Blocks of images come in messages of their own; those are kept that the newest job needs.

    The end of the pipe ends the process at once, in the middle of a job too: nobody is left to take its result.
    """

    def __init__(self, stream: IO[bytes]):
        self._stream = stream
        self._newest: tuple[dict[str, Any], Arrays] | None = None
        self._blocks: Arrays = {}
        self._changed = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        code = 0
        try:
            while (message := read_message(self._stream)) is not None:
                self._accept(*message)
        except BadMessage as error:
            print(f"worker: {error}", file=sys.stderr, flush=True)
            code = 1
        finally:
            os._exit(code)

    def _accept(self, header: dict[str, Any], arrays: Arrays) -> None:
        with self._changed:
            if header["kind"] == "block":
                self._blocks[header["block"]] = arrays["voxels"]
                return
            if header["kind"] == "extract":
                needed = {item["block"] for item in header["jobs"].values()}
                self._blocks = {block: voxels for block, voxels in self._blocks.items() if block in needed}
            self._newest = header, arrays
            self._changed.notify()

    def take(self, blocks: Blocks) -> tuple[dict[str, Any], Arrays]:
        """Wait for a message and return its header and arrays; ``blocks`` then hold what a job needs."""
        with self._changed:
            while self._newest is None:
                self._changed.wait()
            message, self._newest = self._newest, None
            if message[0]["kind"] == "extract":
                blocks.replace(dict(self._blocks))
        return message

    def waiting(self) -> bool:
        """Tell whether a newer message has arrived."""
        return self._newest is not None


def _get_ready() -> dict[str, Any]:
    """Run the preferred engine once, so that the first job finds everything loaded; say what it is."""
    from ..features.engine import get_engine

    engine = get_engine()
    _rehearse(engine)
    return {"engine": {"name": engine.name, "version": engine.version}}


def _rehearse(engine: Engine) -> None:
    """Extract the first feature of every class that ``engine`` has from noise, resampled, and of one from a sub-band.
    """
    import SimpleITK as sitk

    from ..catalogue import CLASSES
    from ..features.extraction import extract
    from ..features.plan import make_plan
    from ..protocol import Protocol, Resampling, Wavelet
    from ..voi import make_voi

    protocol = Protocol(id="rehearsal", title="", modality="CT", feature_classes=tuple(CLASSES),
                        resampling=Resampling(spacing=(1.5, 1.5, 1.5)), bin_width=25.0, wavelet=Wavelet())
    firsts = {name: f"{name}_{entry.features[0].name}" for name, entry in CLASSES.items()
              if not engine.cannot_make(protocol, make_plan(protocol, [f"original_{name}_{entry.features[0].name}"]))}
    filtered = [f"wavelet-HHH_{first}" for name, first in firsts.items() if CLASSES[name].filtered]
    wanted = [*(f"original_{first}" for first in firsts.values()), *filtered[-1:]]
    values = np.random.default_rng(0).integers(0, 100, (16, 16, 16)).astype(np.int16)
    mask = np.zeros(values.shape, np.uint8)
    mask[3:-3, 3:-3, 3:-3] = 1
    voi = make_voi(sitk.GetImageFromArray(values), sitk.GetImageFromArray(mask), protocol)
    extract(voi, protocol, wanted, engine)


def _serve(header: dict[str, Any], arrays: Arrays, blocks: Blocks, inbox: _Inbox, out: IO[bytes]) -> dict[str, Any]:
    """Compute one message's jobs and return the reply: done, refused (the input's fault), cancelled or fault (ours)."""
    from ..features.engine import get_engine
    from ..features.extraction import extract
    from .jobs import decode_jobs, encode_features

    def send(share: float, text: str) -> None:
        write_message(out, {"kind": "progress", "id": header["id"], **asdict(ProgressMessage(share, text))})

    paced_send = paced(send, _PROGRESS_S)

    def report(share: float, text: str) -> None:
        if inbox.waiting():
            raise Cancelled
        paced_send(share, text)

    try:
        jobs = decode_jobs(header["jobs"], arrays, blocks)
        features = {name: extract(job.voi, job.protocol, job.names, get_engine(job.engine),
                                  portion(report, number, len(jobs)),
                                  neighbourhood=blocks.neighbourhood(job.voi.image))
                    for number, (name, job) in enumerate(jobs.items())}
        return {"kind": "done", "features": encode_features(features)}
    except Cancelled:
        return {"kind": "cancelled"}
    except InputError as error:
        return {"kind": "refused", "code": error.code, "message": str(error)}
    except Exception:
        return {"kind": "fault", "details": traceback.format_exc()}
