"""A checked network in memory, and the features it gives of a patch. Runs in the network's process.

One thread, operators one after the other, a single patch at a time: the order of every sum is fixed, so that the same
patch gives the same bits whatever ran before and however many cores there are.
"""

from __future__ import annotations

import numpy as np
import onnxruntime

from ...errors import BackboneFailed, BackboneUnfit
from ...texts import clean
from .backbone import Wanted, checked_network
from .limits import out_of_memory

#: The engine that computes: its values are those of the other providers to rounding only.
_PROVIDER = "CPUExecutionProvider"

#: How onnxruntime's messages tell that memory ended.
_MEMORY_WORDS = ("alloc", "memory")

VERSION: str = onnxruntime.__version__


class Network:
    """What ``wanted`` asks for, ready to run. Raises BackboneUnfit, or BackboneFailed when memory ends."""

    def __init__(self, wanted: Wanted):
        self._wanted = wanted
        self._cut = checked_network(wanted)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.use_deterministic_compute = True
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(self._cut.data, options, providers=[_PROVIDER])
        except MemoryError:
            raise out_of_memory(wanted.name) from None
        except Exception as error:
            raise self._failure(error, f"cannot be run by onnxruntime {VERSION}") from None

    def features(self, patch: np.ndarray, pooling: str, count: int) -> np.ndarray:
        """Return the features (count,) of a ``patch`` as float64: the tapped tensor pooled over space.

        Raises BackboneUnfit for another number of values, BackboneFailed when it cannot be run on the patch.
        """
        try:
            tensor = self._session.run([self._cut.output], {self._cut.input: patch.astype(self._cut.dtype)})[0]
        except MemoryError:
            raise out_of_memory(self._wanted.name) from None
        except Exception as error:
            raise self._failure(error, "cannot be run on the patch") from None
        if not isinstance(tensor, np.ndarray) or tensor.dtype.kind not in "fiu":
            self._wanted.unfit("gives something else than numbers at the tapped node; name another in deep.node")
        return pooled(tensor, pooling, count, self._wanted)

    def _failure(self, error: Exception, problem: str) -> BackboneUnfit | BackboneFailed:
        words = clean(error, 300)
        if any(word in words.lower() for word in _MEMORY_WORDS):
            return out_of_memory(self._wanted.name)
        return BackboneUnfit(f"Backbone '{self._wanted.name}' {problem}: {clean(words, 160)}")


def pooled(tensor: np.ndarray, pooling: str, count: int, wanted: Wanted) -> np.ndarray:
    """Return the maximum or mean over the sides of (1, channels, sides ...), or what is there, as float64 (count,).

    Raises BackboneUnfit where the tensor has no sides to pool, or gives another number of values.
    """
    shape = " x ".join(map(str, tensor.shape)) or "a single number"
    if pooling != "none" and tensor.ndim < 3:
        wanted.unfit(f"gives {shape} at the tapped node, which leaves nothing to pool; set deep.pooling to 'none', or "
                     "name another node in deep.node")
    if tensor.ndim and tensor.shape[0] != 1:
        wanted.unfit(f"gives {shape} at the tapped node for one patch; name another node in deep.node")
    values = tensor.astype(np.float64)
    if pooling != "none" and values.size:
        sides = tuple(range(2, values.ndim))
        values = values.max(axis=sides) if pooling == "max" else values.mean(axis=sides)
    if values.size != count:
        wanted.unfit(f"gives {values.size} values ({shape} at the tapped node, pooling '{pooling}'), the protocol "
                     f"expects {count}; change deep.features, deep.node or deep.pooling")
    return values.ravel()
