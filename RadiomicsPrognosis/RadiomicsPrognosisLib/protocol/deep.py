"""The table ``[deep]`` of a protocol: which network reads a patch around the VOI, and how the patch is made.

Reference of the defaults: Yang et al., Quant Imaging Med Surg 2023;13:8190 (study S4): the slice of largest area, a
spline to 1 mm, 224 x 224 pixels, the last feature maps of a ResNet-50, global max pooling.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..catalogue import deep_name
from ..checked import Table

#: What of the image a patch shows: the contour's largest slice, it and its neighbours as channels, or a volume.
SLICES = ("largest", "2.5d", "cube")

#: Stands for the feature maps that the network's last global pooling reads.
LAST_POOLING = "last pooling"

_CROPS = ("fixed", "box")
_POOLINGS = ("max", "mean", "none")
_INTERPOLATORS = ("bspline", "linear", "nearest")

#: A patch of more values than this is refused when a protocol is read: 256 MB of single precision.
_MOST_VALUES = 1 << 26


@dataclass(frozen=True, kw_only=True)
class Deep:
    """How features are taken from a network.

    ``backbone`` is an ONNX file: an absolute path, a file in ``folder`` (the protocol's own) or the name of one in the
    user's folder Backbones; ``sha256`` of its bytes, not its name, identifies it. It gives ``features`` values: those
    of the tensor (or of the node of that name) ``node``, the feature maps before the last global pooling unless told
    otherwise, pooled over space by ``max`` or ``mean``, or taken as they are (``none``).

    ``slices`` is ``largest`` (the slice of largest area), ``2.5d`` (that slice and its neighbours, one a channel, from
    the feet up) or ``cube`` (a volume around the VOI). ``spacing_mm`` (x, y, z; 0 keeps the image's voxels along that
    axis) and ``interpolator`` make the patch's pixels. A ``fixed`` crop has ``size`` pixels along every side, centred
    on the VOI's box. The crop ``box`` is the box itself with ``margin_mm`` around it: of ``size`` pixels a side the
    square (cube) of its longest side is spread over them (neighbouring slices stay ``spacing_mm`` apart), with ``size``
    0 it keeps its own shape in ``spacing_mm``.
    Where ``masked``, and beyond the image, pixels are ``fill_hu``. ``window_hu`` becomes 0 to 1, clipped, and then
    ``(value - mean) / sd``, of which there are as many as ``channels``; a single slice or cube fills them all.
    """

    backbone: str = field(compare=False)
    folder: str = field(default="", compare=False)
    sha256: str
    features: int
    window_hu: tuple[float, float]
    slices: str = "largest"
    spacing_mm: tuple[float, float, float] = (1.0, 1.0, 1.0)
    interpolator: str = "bspline"
    crop: str = "fixed"
    margin_mm: float = 0.0
    size: int = 224
    masked: bool = False
    fill_hu: float
    channels: int = 3
    mean: tuple[float, ...]
    sd: tuple[float, ...]
    node: str = LAST_POOLING
    pooling: str = "max"

    @property
    def in_plane(self) -> bool:
        """Whether a contour on a single slice is enough."""
        return self.slices != "cube"

    @property
    def spread(self) -> bool:
        """Whether the VOI's box is spread over a given number of pixels, whatever its size in mm."""
        return self.crop == "box" and self.size > 0

    def feature_names(self) -> tuple[str, ...]:
        """Return ``dl_0000`` and so on, one a feature."""
        return tuple(deep_name(number) for number in range(self.features))

    def words(self) -> str:
        """Return the settings as a sentence's beginning, for a Methods section."""
        shown = {"largest": "the contour's slice of largest area",
                 "2.5d": f"the contour's slice of largest area and its neighbours ({self.channels} slices as channels)",
                 "cube": "a volume around the contour"}[self.slices]
        sides = " × ".join([str(self.size)] * (2 if self.in_plane else 3)) + " pixels" if self.size else "its own shape"
        spacing = " × ".join("unchanged" if side == 0 else f"{side:g}" for side in self.spacing_mm)
        scale = f"the contour's box with {self.margin_mm:g} mm around it spread over {sides}" if self.spread else \
            f"{sides} of {spacing} mm"
        outside = f", {self.fill_hu:g} HU outside the contour" if self.masked else ""
        pooled = {"max": "the maxima over space of ", "mean": "the means over space of ", "none": ""}[self.pooling]
        tapped = "the feature maps ahead of its last global pooling" if self.node == LAST_POOLING else \
            f"its node {self.node}"
        low, high = self.window_hu
        return (f"a network (SHA-256 {self.sha256[:12]}…) read {shown}, {scale} ({self.interpolator}{outside}), window "
                f"{low:g} to {high:g} HU; features are {pooled}{tapped}, {self.features} values").replace("-", "−")

    def settings(self) -> dict[str, object]:
        """Return what changes a value, for the hash: the file's content, not where it lies."""
        return {key: value for key, value in asdict(self).items() if key not in ("backbone", "folder")}


def parse_deep(table: Table) -> Deep:
    """Return the settings of the table ``deep``. Raises SchemaError."""
    low, high = _window(table)
    slices = table.text("slices", "largest", choices=SLICES)
    channels = table.integer("channels", 3, low=1, high=64)
    deep = Deep(
        backbone=table.text("backbone"),
        sha256=_sha256(table),
        features=table.integer("features", low=1, high=10_000),
        window_hu=(low, high),
        slices=slices,
        spacing_mm=table.triple("spacing_mm", (1.0, 1.0, 1.0), low=0),
        interpolator=table.text("interpolator", "bspline", choices=_INTERPOLATORS),
        crop=table.text("crop", "fixed", choices=_CROPS),
        margin_mm=table.number("margin_mm", 0.0, low=0, high=500),
        size=table.integer("size", 224, low=0, high=4096),
        masked=table.flag("masked", False),
        fill_hu=table.number("fill_hu", low),
        channels=channels,
        mean=_of_channels(table, "mean", channels, 0.0),
        sd=_of_channels(table, "sd", channels, 1.0, above=0),
        node=table.text("node", LAST_POOLING),
        pooling=table.text("pooling", "max", choices=_POOLINGS),
    )
    table.finish()
    _check(deep, table)
    return deep


def deep_of(values: Mapping[str, Any]) -> Deep:
    """Return the settings whose fields :func:`dataclasses.asdict` gave, lists standing for tuples."""
    plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    return Deep(**plain)


def _window(table: Table) -> tuple[float, float]:
    low, high = table.bounds("window_hu")
    if low is None or high is None or low == high:
        table.fail("window_hu", "must have a min and a max above it (HU)")
    return low, high


def _sha256(table: Table) -> str:
    digest = table.text("sha256").lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        table.fail("sha256", "must be the 64 hexadecimal digits that sha256sum prints for the backbone's file")
    return digest


def _of_channels(table: Table, key: str, channels: int, default: float, above: float = -math.inf) -> tuple[float, ...]:
    """Return a number for each channel; one number alone stands for all."""
    values = table.numbers(key, (default,), above=above)
    if len(values) == 1:
        return values * channels
    if len(values) != channels:
        table.fail(key, f"holds {len(values)} numbers; allowed: one for all channels, or {channels}")
    return values


def _check(deep: Deep, table: Table) -> None:
    """Refuse settings that contradict each other."""
    if deep.crop == "fixed" and deep.size == 0:
        table.fail("size", "must be at least 1 where crop is 'fixed'")
    if deep.crop == "fixed" and deep.margin_mm:
        table.fail("margin_mm", "is for crop = 'box'; a fixed crop has size and spacing_mm")
    if deep.spread and deep.slices != "2.5d" and table.has("spacing_mm"):
        table.fail("spacing_mm", "cannot stand beside crop = 'box' with a size, which spreads the box over its pixels; "
                                 "leave it out, or let size be 0")
    if deep.slices == "2.5d" and deep.channels % 2 == 0:
        table.fail("channels", f"is {deep.channels}; '2.5d' needs an odd number: the slice and as many on both sides")
    values = deep.channels * deep.size ** (2 if deep.in_plane else 3)
    if values > _MOST_VALUES:
        table.fail("size", f"makes a patch of {values} values; allowed: up to {_MOST_VALUES}")
