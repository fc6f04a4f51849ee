"""What a protocol is, which features it makes, and the hash that identifies its settings."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import cached_property

from ..catalogue import SUBBANDS, SUBBANDS_2D, FeatureName, find_class, log_image_type, parse_name
from ..errors import SchemaError
from ..files import content_hash
from .deep import Deep
from .filters import Filter
from .settings import PYRADIOMICS_AGGREGATION, STEPS_OF_1_HU, Aggregation, Resampling, VolumeHistogram, Wavelet

#: Fewest VOI voxels a texture is computed from: a 3 x 3 x 3 block, the least in which a voxel has all 26 neighbours.
MINIMUM_VOXELS = 27


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """How features are made.

    ``feature_classes`` are the catalogue's, computed in this order. ``hu_range`` is the closed interval of HU kept in
    the VOI (None: open end); ``hu_range_on`` tells whether it limits the contoured mask (``native``, shape included) or
    the resampled one (``resampled``, shape features keep the whole contour, as pyradiomics' resegmentation does).
    ``slice`` is ``all`` or ``largest``, which keeps the VOI's slice of largest area alone; ``force_2d`` computes
    features slice by slice, as pyradiomics' ``force2D`` does. Exactly one of ``bin_width`` (HU) and ``bin_count`` is
    set; ``bin_minimum`` (HU) is where bins of a fixed width start, a multiple of the width when None. ``outlier_sd``
    removes from what intensity features see, on the resampled grid, voxels further than so many standard deviations
    from the mean (Vallieres et al., Phys Med Biol 2015). Features come
    from the ``original`` image where True, the sub-bands of ``wavelet`` where there is one, and a Laplacian of Gaussian
    for each of ``log_sigmas_mm`` and the IBSI's ``filters``.
    A protocol with a network, ``deep``, has no classes, images and grey levels; its features are the network's values.
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
    bin_minimum: float | None = None
    outlier_sd: float | None = None
    volume_histogram: VolumeHistogram = STEPS_OF_1_HU
    slice: str = "all"
    force_2d: bool = False
    aggregation: Aggregation = PYRADIOMICS_AGGREGATION
    original: bool = True
    wavelet: Wavelet | None = None
    log_sigmas_mm: tuple[float, ...] = ()
    filters: tuple[Filter, ...] = ()
    deep: Deep | None = None
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
            **self._further_settings(),
        }

    def _further_settings(self) -> dict[str, object]:
        """Return the settings that few protocols make, where they are not the default.

        Left out of the hash otherwise: a setting that a protocol does not make must not change its hash.
        """
        settings: dict[str, tuple[object, object]] = {
            "slice": (self.slice, "all"),
            "force_2d": (self.force_2d, False),
            "bin_minimum": (self.bin_minimum, None),
            "outlier_sd": (self.outlier_sd, None),
            "volume_histogram": (asdict(self.volume_histogram), asdict(STEPS_OF_1_HU)),
            "aggregation": (asdict(self.aggregation), asdict(PYRADIOMICS_AGGREGATION)),
            "resampling_further": (self.resampling.further_settings() if self.resampling else {}, {}),
            "filters": ([asdict(item) for item in self.filters], []),
            "deep": (self.deep.settings() if self.deep else None, None),
        }
        return {key: value for key, (value, default) in settings.items() if value != default}

    @property
    def in_plane(self) -> bool:
        """Whether a single slice is enough: it is all that counts, or features are computed slice by slice."""
        return self.force_2d or self.slice == "largest" or (self.deep is not None and self.deep.in_plane)

    @property
    def surroundings_mm(self) -> float:
        """How far around the contour, in mm, the protocol's classes look at the image."""
        return max((find_class(name)[0].surroundings_mm for name in self.feature_classes), default=0.0)

    @property
    def image_types(self) -> tuple[str, ...]:
        """Names of all image types as pyradiomics orders and spells them, e.g. wavelet-LLH, log-sigma-1-0-mm-3D."""
        names = ["original"] if self.original else []
        subbands = SUBBANDS_2D if self.force_2d else SUBBANDS
        if self.wavelet:
            for level in range(1, self.wavelet.levels + 1):
                prefix = "wavelet" if level == 1 else f"wavelet{level}"
                bands = subbands if level == self.wavelet.levels else subbands[:-1]  # only the last approximation stays
                names += [f"{prefix}-{band}" for band in bands]
        names += [log_image_type(sigma) for sigma in self.log_sigmas_mm]
        names += [item.image_type for item in self.filters]
        return tuple(names)

    def feature_names(self) -> tuple[str, ...]:
        """Return the names (``imagetype_class_Feature``, or ``dl_0000``) of every feature the protocol makes.

        Classes that filtered images do not have stand first.
        """
        if self.deep is not None:
            return self.deep.feature_names()
        entries = {name: find_class(name)[0] for name in self.feature_classes}
        unfiltered = [name for name, entry in entries.items() if not entry.filtered]
        pairs = [("original", name) for name in unfiltered]
        pairs += [(image_type, name) for image_type in self.image_types for name in entries if name not in unfiltered]
        return tuple(f"{image_type}_{name}_{feature}"
                     for image_type, name in pairs for feature in entries[name].by_name)

    def makes(self, name: FeatureName) -> bool:
        """Tell whether the protocol makes the feature ``name``."""
        if self.deep is not None:
            return name.is_deep and int(name.feature) < self.deep.features
        if name.feature_class not in self.feature_classes:
            return False
        return not name.entry.filtered or name.image_type in self.image_types

    def check_features(self, names: tuple[str, ...] | list[str], source: str) -> None:
        """Raise SchemaError, naming ``source``, for the first of ``names`` that is unknown or not the protocol's."""
        for name in names:
            if not self.makes(parse_name(name, source)):
                raise SchemaError(f"{source}: protocol '{self.id}' does not make the feature '{name}'; "
                                  f"{self._offer()}.")

    def _offer(self) -> str:
        """Return in words which features the protocol makes."""
        if self.deep is not None:
            first, *_, last = 2 * self.deep.feature_names()
            return f"its features are {first} to {last}"
        return f"its image types are {', '.join(self.image_types)}, its classes {', '.join(self.feature_classes)}"
