"""From a VOI to the features of a protocol with a network: the patch, the network's process, the values wanted."""

from __future__ import annotations

from collections.abc import Iterable

from ...progress import Progress
from ...protocol import Protocol
from ...voi.voi import Voi
from ..feature_set import FeatureSet


def extract_deep(voi: Voi, protocol: Protocol, names: Iterable[str] | None = None,
                 progress: Progress | None = None) -> FeatureSet:
    """Return the features ``names`` (all of the protocol's when None) of ``voi`` from the protocol's network.

    The same file, image and contour give the same bits, whatever ran before. ``progress(share, text)`` is called while
    the network's process works and may raise Cancelled, which ends that process. Raises BackboneMissing where the file
    is not found, BackboneUnfit where it is another or cannot be run, BackboneFailed where its process dies or takes too
    long, PackageMissing without onnxruntime or onnx, and SchemaError for a name the protocol does not make.
    """
    raise NotImplementedError
