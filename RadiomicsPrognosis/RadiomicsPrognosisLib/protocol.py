"""A protocol says how features are made from an image and a VOI: TOML, checked when read, identified by its hash."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from .catalogue import FEATURES, SUBBANDS, WAVELETS, FeatureName, parse_name
from .checked import Table
from .errors import SchemaError
from .files import content_hash, read_toml
from .resources import find

_INTERPOLATORS = ("bspline", "linear", "nearest")

#: Fewest VOI voxels a texture is computed from: a 3 x 3 x 3 block, the least in which a voxel has all 26 neighbours.
MINIMUM_VOXELS = 27


@dataclass(frozen=True)
class Resampling:
    """Resampled spacing (x, y, z in mm; 0 keeps that axis) and the image interpolator; the mask is nearest-neighbour.

    ``interpolator`` is bspline (cubic), linear or nearest. ``pad`` voxels of the resampled grid are kept around the VOI
    for the filters (pyradiomics' ``padDistance``).
    """

    spacing: tuple[float, float, float]
    interpolator: str = "bspline"
    pad: int = 5


@dataclass(frozen=True)
class Wavelet:
    """Stationary wavelet transform: name of the wavelet (one of the catalogue's, as pywt has it) and levels (1 - 3)."""

    name: str = "coif1"
    levels: int = 1


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """How features are made.

    ``feature_classes`` are the catalogue's, computed in this order. ``hu_range`` is the closed interval of HU kept in
    the VOI (None: open end); ``hu_range_on`` tells whether it limits the contoured mask (``native``, shape included) or
    the resampled one (``resampled``, shape features keep the whole contour, as pyradiomics' resegmentation does).
    Exactly one of ``bin_width`` (HU) and ``bin_count`` is set. Features come from the ``original`` image where True,
    the sub-bands of ``wavelet`` where there is one, and a Laplacian of Gaussian for each of ``log_sigmas_mm``.
    A VOI of fewer than ``minimum_voxels`` is refused. ``source`` says where the settings are published.
    """

    id: str
    title: str
    modality: str
    feature_classes: tuple[str, ...]
    hu_range: tuple[float | None, float | None] = (None, None)
    hu_range_on: str = "native"
    resampling: Resampling | None = None
    bin_width: float | None = None
    bin_count: int | None = None
    original: bool = True
    wavelet: Wavelet | None = None
    log_sigmas_mm: tuple[float, ...] = ()
    minimum_voxels: int = MINIMUM_VOXELS
    source: str = field(default="", compare=False)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of every setting that changes a value; identifier, title and source do not."""
        return content_hash(self._settings())

    def _settings(self) -> dict[str, object]:
        resampling, wavelet = self.resampling, self.wavelet
        return {
            "modality": self.modality,
            "hu_range": list(self.hu_range),
            "hu_range_on": self.hu_range_on,
            "resampling": None if resampling is None else [list(resampling.spacing), resampling.interpolator,
                                                           resampling.pad],
            "bin_width": self.bin_width,
            "bin_count": self.bin_count,
            "original": self.original,
            "wavelet": None if wavelet is None else [wavelet.name, wavelet.levels],
            "log_sigmas_mm": list(self.log_sigmas_mm),
            "feature_classes": sorted(self.feature_classes),
        }

    @property
    def image_types(self) -> tuple[str, ...]:
        """Names of all image types as pyradiomics orders and spells them, e.g. wavelet-LLH, log-sigma-1-0-mm-3D."""
        names = ["original"] if self.original else []
        if self.wavelet:
            for level in range(1, self.wavelet.levels + 1):
                prefix = "wavelet" if level == 1 else f"wavelet{level}"
                bands = SUBBANDS if level == self.wavelet.levels else SUBBANDS[:-1]  # only the last level's LLL is kept
                names += [f"{prefix}-{band}" for band in bands]
        names += [log_image_type(sigma) for sigma in self.log_sigmas_mm]
        return tuple(names)

    def feature_names(self) -> tuple[str, ...]:
        """Return the names (``imagetype_class_Feature``) of every feature the protocol makes, shape first."""
        names = []
        if "shape" in self.feature_classes:
            names += [f"original_shape_{feature}" for feature in FEATURES["shape"]]
        for image_type in self.image_types:
            for feature_class in self.feature_classes:
                if feature_class != "shape":
                    names += [f"{image_type}_{feature_class}_{feature}" for feature in FEATURES[feature_class]]
        return tuple(names)

    def makes(self, name: FeatureName) -> bool:
        """Tell whether the protocol makes the feature ``name``."""
        if name.feature_class not in self.feature_classes:
            return False
        return name.feature_class == "shape" or name.image_type in self.image_types

    def check_features(self, names: tuple[str, ...] | list[str], source: str) -> None:
        """Raise SchemaError, naming ``source``, for the first of ``names`` that is unknown or not the protocol's."""
        for name in names:
            if not self.makes(parse_name(name, source)):
                raise SchemaError(f"{source}: protocol '{self.id}' does not make the feature '{name}'; its image types "
                                  f"are {', '.join(self.image_types)}, its classes {', '.join(self.feature_classes)}.")


def log_image_type(sigma_mm: float) -> str:
    """Return pyradiomics' image-type name of a Laplacian of Gaussian with ``sigma_mm`` (mm)."""
    return f"log-sigma-{str(float(sigma_mm)).replace('.', '-')}-mm-3D"


def load_protocol(name: str | Path) -> Protocol:
    """Read and check a protocol by identifier or path of a TOML file. Raises FileError or SchemaError."""
    path = find("Protocols", ".toml", str(name), "Protocol")
    return parse_protocol(read_toml(path, "Protocol"), str(path.name))


def parse_protocol(values: dict[str, Any], source: str) -> Protocol:
    """Return the protocol in a file's table; ``source`` is the file to name in errors. Raises SchemaError."""
    table = Table(values, source)
    discretisation = table.table("discretisation")
    bin_width = discretisation.number("bin_width", None, above=0)
    bin_count = discretisation.integer("bin_count", None, low=2, high=4096)
    discretisation.finish()
    if (bin_width is None) == (bin_count is None):
        discretisation.fail("", "must hold exactly one of bin_width and bin_count")
    images = table.table("image_types")
    protocol = Protocol(
        id=table.text("id"),
        title=table.text("title"),
        modality=table.text("modality", choices=("CT",)),
        hu_range=table.bounds("hu_range", (None, None)),
        hu_range_on=table.text("hu_range_on", "native", choices=("native", "resampled")),
        resampling=_parse_resampling(table.table("resampling", None)),
        bin_width=bin_width,
        bin_count=bin_count,
        original=images.flag("original", False),
        wavelet=_parse_wavelet(images.table("wavelet", None)),
        log_sigmas_mm=images.numbers("log_sigmas_mm", (), above=0),
        feature_classes=table.texts("feature_classes", choices=FEATURES),
        minimum_voxels=table.integer("minimum_voxels", MINIMUM_VOXELS, low=2),
        source=table.text("source", ""),
    )
    images.finish()
    table.finish()
    if not protocol.feature_names():
        table.fail("image_types", "and feature_classes make no feature at all")
    return protocol


def _parse_resampling(table: Table | None) -> Resampling | None:
    if table is None:
        return None
    resampling = Resampling(
        spacing=table.triple("spacing_mm", low=0),
        interpolator=table.text("interpolator", "bspline", choices=_INTERPOLATORS),
        pad=table.integer("pad_voxels", 5, low=0, high=50),
    )
    table.finish()
    return resampling


def _parse_wavelet(table: Table | None) -> Wavelet | None:
    if table is None:
        return None
    wavelet = Wavelet(table.text("name", "coif1", choices=WAVELETS), table.integer("levels", 1, low=1, high=3))
    table.finish()
    return wavelet
