"""The settings of a protocol that are more than a number: resampling and filters, each read from its own table."""

from __future__ import annotations

from dataclasses import dataclass

from ..catalogue import WAVELETS
from ..checked import Table

_INTERPOLATORS = ("bspline", "linear", "nearest")


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


def parse_resampling(table: Table | None) -> Resampling | None:
    """Return the settings of the table ``resampling``, None without one. Raises SchemaError."""
    if table is None:
        return None
    resampling = Resampling(
        spacing=table.triple("spacing_mm", low=0),
        interpolator=table.text("interpolator", "bspline", choices=_INTERPOLATORS),
        pad=table.integer("pad_voxels", 5, low=0, high=50),
    )
    table.finish()
    return resampling


def parse_wavelet(table: Table | None) -> Wavelet | None:
    """Return the settings of the table ``image_types.wavelet``, None without one. Raises SchemaError."""
    if table is None:
        return None
    wavelet = Wavelet(table.text("name", "coif1", choices=WAVELETS), table.integer("levels", 1, low=1, high=3))
    table.finish()
    return wavelet
