"""The settings of a protocol that are more than a number: resampling and filters, each read from its own table."""

from __future__ import annotations

from dataclasses import dataclass

from ..catalogue import WAVELETS
from ..checked import Table

_INTERPOLATORS = ("bspline", "linear", "nearest")

#: Where the points of the resampled grid lie: pyradiomics aligns the corners of both grids, the IBSI their centres.
_GRIDS = ("corner", "centre")


@dataclass(frozen=True, kw_only=True)
class Resampling:
    """Resampled spacing (x, y, z in mm; 0 keeps that axis), where the grid lies, and the interpolators.

    With ``grid`` ``corner``, an axis along which a contour is one voxel thick is kept too, as pyradiomics keeps it.
    ``interpolator`` of the image is bspline (cubic), linear or nearest. ``pad`` voxels of the resampled grid are kept
    around the VOI for the filters (pyradiomics' ``padDistance``). ``grid`` is ``corner`` or ``centre``: which point of
    the image the resampled grid is aligned to, and with ``centre`` all else is as the IBSI has it (reference manual,
    section 2.4: the image interpolated in floating point). ``mask`` is nearest, or linear, which keeps points of at
    least half the mask. ``round_hu`` rounds interpolated intensities to whole numbers.
    """

    spacing: tuple[float, float, float]
    interpolator: str = "bspline"
    pad: int = 5
    grid: str = "corner"
    mask: str = "nearest"
    round_hu: bool = False

    def spacing_for(self, own: tuple[float, float, float]) -> tuple[float, float, float]:
        """Return the spacing (x, y, z in mm) of the resampled grid of an image of spacing ``own``."""
        x, y, z = (wanted or native for wanted, native in zip(self.spacing, own, strict=True))
        return x, y, z

    def further_settings(self) -> dict[str, object]:
        """Return the settings other than spacing, interpolator and pad that are not the default, for the hash."""
        settings = {"grid": (self.grid, "corner"), "mask": (self.mask, "nearest"), "round_hu": (self.round_hu, False)}
        return {key: value for key, (value, default) in settings.items() if value != default}


@dataclass(frozen=True)
class Aggregation:
    """How the matrices of a texture become one value (IBSI reference manual, chapter 3, 'aggregation').

    ``directions`` are ``averaged`` (a value from each direction's matrix, then their mean) or ``merged`` (one matrix).
    ``slices`` are ``merged`` or, with ``force_2d``, ``averaged`` (a value from each slice, then their mean). The
    default is what pyradiomics does, with or without its ``force2D``.
    """

    directions: str = "averaged"
    slices: str = "merged"


PYRADIOMICS_AGGREGATION = Aggregation()


@dataclass(frozen=True)
class VolumeHistogram:
    """Discretisation ahead of the intensity-volume histogram: bins of ``bin_width`` (HU), of a ``bin_count``, or, with
    neither, the intensities as they are in steps of 1 HU (IBSI reference manual, section 3.5)."""

    bin_width: float | None = None
    bin_count: int | None = None


STEPS_OF_1_HU = VolumeHistogram()


@dataclass(frozen=True)
class Wavelet:
    """Stationary wavelet transform: name of the wavelet (one of the catalogue's, as pywt has it) and levels (1 - 3)."""

    name: str = "coif1"
    levels: int = 1


def parse_discretisation(table: Table) -> tuple[float | None, int | None, float | None]:
    """Return bin width, bin count and minimum of the table ``discretisation``, None for unset. Raises SchemaError."""
    width, count = table.number("bin_width", None, above=0), table.integer("bin_count", None, low=2, high=4096)
    minimum = table.number("minimum", None)
    table.finish()
    if (width is None) == (count is None):
        table.fail("", "must hold exactly one of bin_width and bin_count")
    if minimum is not None and width is None:
        table.fail("minimum", "is where bins of a fixed bin_width start; bins of a bin_count divide the values' range")
    return width, count, minimum


def parse_resampling(table: Table | None) -> Resampling | None:
    """Return the settings of the table ``resampling``, None without one. Raises SchemaError."""
    if table is None:
        return None
    resampling = Resampling(
        spacing=table.triple("spacing_mm", low=0),
        interpolator=table.text("interpolator", "bspline", choices=_INTERPOLATORS),
        pad=table.integer("pad_voxels", 5, low=0, high=50),
        grid=table.text("grid", "corner", choices=_GRIDS),
        mask=table.text("mask_interpolator", "nearest", choices=("nearest", "linear")),
        round_hu=table.flag("round_hu", False),
    )
    if resampling.grid == "corner" and (resampling.mask != "nearest" or resampling.round_hu):
        table.fail("grid", "must be 'centre' for a mask_interpolator other than 'nearest' and for round_hu")
    table.finish()
    return resampling


def parse_aggregation(table: Table | None, force_2d: bool) -> Aggregation:
    """Return the settings of the table ``aggregation``, pyradiomics' without one. Raises SchemaError."""
    if table is None:
        return PYRADIOMICS_AGGREGATION
    aggregation = Aggregation(table.text("directions", "averaged", choices=("averaged", "merged")),
                              table.text("slices", "merged", choices=("averaged", "merged")))
    if aggregation.slices == "averaged" and not force_2d:
        table.fail("slices", "can be 'averaged' with force_2d = true only: other textures are not made of slices")
    table.finish()
    return aggregation


def parse_volume_histogram(table: Table | None) -> VolumeHistogram:
    """Return the settings of the table ``volume_histogram``, steps of 1 HU without one. Raises SchemaError."""
    if table is None:
        return STEPS_OF_1_HU
    histogram = VolumeHistogram(table.number("bin_width", None, above=0),
                                table.integer("bin_count", None, low=2, high=100_000))
    if (histogram.bin_width is None) == (histogram.bin_count is None):
        table.fail("", "must hold exactly one of bin_width and bin_count")
    table.finish()
    return histogram


def parse_wavelet(table: Table | None) -> Wavelet | None:
    """Return the settings of the table ``image_types.wavelet``, None without one. Raises SchemaError."""
    if table is None:
        return None
    wavelet = Wavelet(table.text("name", "coif1", choices=WAVELETS), table.integer("levels", 1, low=1, high=3))
    table.finish()
    return wavelet
