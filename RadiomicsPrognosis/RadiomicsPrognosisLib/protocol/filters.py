"""The IBSI's convolutional filters as settings of a protocol: one record a kind, named by what it does.

Reference: Zwanenburg et al., IBSI reference manual on convolutional filters (arXiv:2006.05470); Whybra et al.,
Radiology 2024;310:e231319.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: What stands beyond the image's border: nothing, its outermost voxel, the image again, or the image mirrored.
BOUNDARIES = ("mirror", "zero", "nearest", "periodic")

#: How the responses to a filter's rotations become one.
POOLINGS = ("average", "max", "min")

#: Laws' kernels of three and five taps (Laws 1980): level, edge, spot, wave, ripple.
LAWS_KERNELS = ("L3", "E3", "S3", "L5", "E5", "S5", "W5", "R5")


@dataclass(frozen=True, kw_only=True)
class MeanFilter:
    """The mean over ``support`` voxels (odd) along each axis, or along x and y alone where ``in_plane``."""

    support: int
    in_plane: bool = False
    boundary: str = "mirror"
    kind: str = field(default="mean", init=False)

    @property
    def image_type(self) -> str:
        """The image type's name, e.g. ``ibsi-mean-5-3D``."""
        return _name(self.kind, self.support, _dimension(self.in_plane), _boundary(self.boundary))


@dataclass(frozen=True, kw_only=True)
class GaussianLaplacian:
    """The Laplacian of a Gaussian of ``sigma_mm``, its kernel cut off at ``cutoff_sigmas`` along each axis.

    ``riesz`` are the orders (x, y, z) of a Riesz transform of the response, None without one.
    """

    sigma_mm: float
    cutoff_sigmas: float = 4.0
    riesz: tuple[int, int, int] | None = None
    in_plane: bool = False
    boundary: str = "mirror"
    kind: str = field(default="log", init=False)

    @property
    def image_type(self) -> str:
        """The image type's name, e.g. ``ibsi-log-1-5-mm-3D``."""
        cutoff = f"cutoff-{_decimal(self.cutoff_sigmas)}" if self.cutoff_sigmas != 4.0 else ""
        return _name(self.kind, _decimal(self.sigma_mm), "mm", cutoff, _riesz(self.riesz), _dimension(self.in_plane),
                     _boundary(self.boundary))


@dataclass(frozen=True, kw_only=True)
class LawsFilter:
    """Laws' ``kernels`` along x, y and, of three, z.

    ``pooling`` makes one image of the responses to the filter's right-angled rotations; empty: not rotated.
    ``energy_distance`` (voxels) averages the response's absolute values in a cube (a square) of that reach; 0: not.
    """

    kernels: tuple[str, ...]
    pooling: str = ""
    energy_distance: int = 0
    boundary: str = "mirror"
    kind: str = field(default="laws", init=False)

    @property
    def in_plane(self) -> bool:
        """Tell whether the filter works in x and y alone."""
        return len(self.kernels) == 2

    @property
    def image_type(self) -> str:
        """The image type's name, e.g. ``ibsi-laws-L5E5E5-max-energy-7``."""
        energy = f"energy-{self.energy_distance}" if self.energy_distance else ""
        return _name(self.kind, "".join(self.kernels), self.pooling, energy, _boundary(self.boundary))


@dataclass(frozen=True, kw_only=True)
class GaborFilter:
    """The modulus of a two-dimensional Gabor filter: a wave of ``wavelength_mm`` under a Gaussian of ``sigma_mm``.

    ``aspect_ratio`` is the Gaussian's width along the wave over that across it. The wave travels at ``angle_degrees``
    from x towards y; a ``step_degrees`` above 0 averages over a whole turn in such steps. The filter works in the x-y
    plane, or averages its responses in the three ``orthogonal`` planes.
    """

    sigma_mm: float
    wavelength_mm: float
    aspect_ratio: float = 1.0
    angle_degrees: float = 0.0
    step_degrees: float = 0.0
    orthogonal: bool = False
    boundary: str = "mirror"
    kind: str = field(default="gabor", init=False)

    @property
    def image_type(self) -> str:
        """The image type's name, e.g. ``ibsi-gabor-5-0-mm-wave-2-0-mm-ratio-1-5-step-22-5-3D``."""
        turn = ("step", self.step_degrees) if self.step_degrees else ("angle", self.angle_degrees)
        return _name(self.kind, _decimal(self.sigma_mm), "mm-wave", _decimal(self.wavelength_mm), "mm-ratio",
                     _decimal(self.aspect_ratio), turn[0], _decimal(turn[1]), _dimension(not self.orthogonal),
                     _boundary(self.boundary))


@dataclass(frozen=True, kw_only=True)
class SeparableWavelet:
    """A sub-band of an undecimated ``wavelet`` at ``level``: ``band`` has a letter (L or H) for x, y and, of three, z.

    ``pooling`` makes one image of the responses to the filter's right-angled rotations; empty: not rotated.
    """

    wavelet: str
    band: str
    level: int = 1
    pooling: str = ""
    boundary: str = "mirror"
    kind: str = field(default="wavelet", init=False)

    @property
    def in_plane(self) -> bool:
        """Tell whether the filter works in x and y alone."""
        return len(self.band) == 2

    @property
    def image_type(self) -> str:
        """The image type's name, e.g. ``ibsi-wavelet-db3-LLH-level-1-average``."""
        return _name(self.kind, self.wavelet.replace(".", "-"), self.band, "level", self.level, self.pooling,
                     _boundary(self.boundary))


@dataclass(frozen=True, kw_only=True)
class SimoncelliWavelet:
    """The band-pass of Simoncelli's non-separable wavelet at ``level``; its Fourier transform is periodic.

    ``riesz`` are the orders (x, y, z) of a Riesz transform of the response, None without one.
    """

    level: int = 1
    riesz: tuple[int, int, int] | None = None
    in_plane: bool = False
    kind: str = field(default="simoncelli", init=False)

    @property
    def image_type(self) -> str:
        """The image type's name, e.g. ``ibsi-simoncelli-level-2-3D``."""
        return _name(self.kind, "level", self.level, _riesz(self.riesz), _dimension(self.in_plane))


#: Any of the filters.
Filter = MeanFilter | GaussianLaplacian | LawsFilter | GaborFilter | SeparableWavelet | SimoncelliWavelet

_RECORDS: dict[str, type[Filter]] = {"mean": MeanFilter, "log": GaussianLaplacian, "laws": LawsFilter,
                                     "gabor": GaborFilter, "wavelet": SeparableWavelet, "simoncelli": SimoncelliWavelet}

#: The kinds of filters, as a protocol names them.
KINDS = tuple(_RECORDS)


def filter_of(values: Mapping[str, Any]) -> Filter:
    """Return the filter whose fields :func:`dataclasses.asdict` gave, lists standing for tuples."""
    plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    return _RECORDS[plain.pop("kind")](**plain)


def _name(kind: str, *words: object) -> str:
    return "-".join(["ibsi", kind, *(str(word) for word in words if word != "")])


def _decimal(value: float) -> str:
    return str(float(value)).replace(".", "-")


def _dimension(in_plane: bool) -> str:
    return "2D" if in_plane else "3D"


def _boundary(boundary: str) -> str:
    return "" if boundary == "mirror" else boundary


def _riesz(orders: tuple[int, int, int] | None) -> str:
    return "" if orders is None else "riesz-" + "".join(map(str, orders))
