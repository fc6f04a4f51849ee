"""Deep features: a patch around the VOI, read by a network that runs in a process of its own.

The modules are imported when they are called for: the network's process is started from this package too, and needs
neither images nor contours.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...progress import Progress
    from ...protocol import Deep, Protocol
    from ...voi.voi import Voi
    from ..feature_set import FeatureSet

#: The name of the engine that every row of deep features has.
ENGINE = "onnxruntime"


def extract_deep(voi: Voi, protocol: Protocol, names: Iterable[str] | None = None,
                 progress: Progress | None = None) -> FeatureSet:
    """Return the features ``names`` (all of the protocol's when None) of ``voi`` from the protocol's network.

    The same file, image and contour give the same bits, whatever ran before. ``progress(share, text)`` is called while
    the network's process works and may raise Cancelled, which ends that process. Raises BackboneMissing where the file
    is not at hand, BackboneUnfit where it is another or cannot be run, BackboneFailed where its process dies or takes
    too long, PackageMissing without onnxruntime or onnx, InvalidImage for a patch that is too large or not finite, and
    SchemaError for a name that the protocol does not make, or a protocol without a network.
    """
    from .extraction import deep_features

    return deep_features(voi, protocol, names, progress)


def engine_version() -> str:
    """Return the version of onnxruntime, without importing it. Raises PackageMissing."""
    from .runner import engine_version as version

    return version()


def backbone_file(deep: Deep) -> Path:
    """Return the path of the protocol's ONNX file. Raises BackboneMissing, which says where it was looked for."""
    from .runner import backbone_file as file_of

    return file_of(deep)


def check_network(deep: Deep) -> str:
    """Let the protocol's network read an empty patch, and return the version of onnxruntime.

    Raises BackboneMissing, BackboneUnfit, BackboneFailed or PackageMissing, as :func:`extract_deep` does.
    """
    from .runner import check_network as check

    return check(deep)


def stop_backbones() -> None:
    """End the network's process of this process, if it has one; a later extraction starts another."""
    from .runner import stop_backbones as stop

    stop()
