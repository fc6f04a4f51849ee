"""The tables ``[[filters]]`` of a protocol's file, read and checked key by key."""

from __future__ import annotations

from collections.abc import Callable

from ..catalogue import WAVELETS
from ..checked import Table
from .filters import (
    BOUNDARIES,
    KINDS,
    LAWS_KERNELS,
    POOLINGS,
    Filter,
    GaborFilter,
    GaussianLaplacian,
    LawsFilter,
    MeanFilter,
    SeparableWavelet,
    SimoncelliWavelet,
)


def parse_filters(tables: tuple[Table, ...]) -> tuple[Filter, ...]:
    """Return the filters of the tables, in their order. Raises SchemaError, also for the same filter twice."""
    filters: list[Filter] = []
    for table in tables:
        parsed = _READERS[table.text("kind", choices=KINDS)](table)
        table.finish()
        if parsed.image_type in (other.image_type for other in filters):
            table.fail("", f"is the filter '{parsed.image_type}' a second time")
        filters.append(parsed)
    return tuple(filters)


def _mean(table: Table) -> MeanFilter:
    support = table.integer("support", low=1, high=99)
    if support % 2 == 0:
        table.fail("support", f"is {support}; allowed: odd numbers, which have a voxel in the middle")
    return MeanFilter(support=support, in_plane=_in_plane(table), boundary=_boundary(table))


def _log(table: Table) -> GaussianLaplacian:
    in_plane = _in_plane(table)
    return GaussianLaplacian(sigma_mm=table.number("sigma_mm", above=0),
                             cutoff_sigmas=table.number("cutoff_sigmas", 4.0, low=1, high=10),
                             riesz=_riesz(table, in_plane), in_plane=in_plane, boundary=_boundary(table))


def _laws(table: Table) -> LawsFilter:
    text = table.text("kernels")
    kernels = tuple(text[at:at + 2] for at in range(0, len(text), 2))
    if len(kernels) not in (2, 3) or not set(kernels) <= set(LAWS_KERNELS):
        table.fail("kernels", f"is '{text}'; allowed: two or three of {', '.join(LAWS_KERNELS)}, e.g. L5E5E5")
    return LawsFilter(kernels=kernels, pooling=_pooling(table),
                      energy_distance=table.integer("energy_distance", 0, low=0, high=50), boundary=_boundary(table))


def _gabor(table: Table) -> GaborFilter:
    step = table.number("step_degrees", 0.0, low=0, high=180)
    if step and (360 / step) % 1 > 1e-9:
        table.fail("step_degrees", f"is {step:g}; allowed: 0 and what divides a turn of 360")
    return GaborFilter(sigma_mm=table.number("sigma_mm", above=0), wavelength_mm=table.number("wavelength_mm", above=0),
                       aspect_ratio=table.number("aspect_ratio", 1.0, above=0),
                       angle_degrees=table.number("angle_degrees", 0.0, low=0, high=360), step_degrees=step,
                       orthogonal=table.flag("orthogonal", False), boundary=_boundary(table))


def _wavelet(table: Table) -> SeparableWavelet:
    band = table.text("band")
    if len(band) not in (2, 3) or not set(band) <= set("LH"):
        table.fail("band", f"is '{band}'; allowed: two or three of the letters L and H, e.g. LLH")
    return SeparableWavelet(wavelet=table.text("wavelet", choices=WAVELETS), band=band,
                            level=table.integer("level", 1, low=1, high=3), pooling=_pooling(table),
                            boundary=_boundary(table))


def _simoncelli(table: Table) -> SimoncelliWavelet:
    in_plane = _in_plane(table)
    return SimoncelliWavelet(level=table.integer("level", 1, low=1, high=3), riesz=_riesz(table, in_plane),
                             in_plane=in_plane)


_READERS: dict[str, Callable[[Table], Filter]] = {"mean": _mean, "log": _log, "laws": _laws, "gabor": _gabor,
                                                  "wavelet": _wavelet, "simoncelli": _simoncelli}


def _boundary(table: Table) -> str:
    return table.text("boundary", "mirror", choices=BOUNDARIES)


def _in_plane(table: Table) -> bool:
    return table.flag("in_plane", False)


def _pooling(table: Table) -> str:
    return table.text("pooling", "", choices=POOLINGS)


def _riesz(table: Table, in_plane: bool) -> tuple[int, int, int] | None:
    """Return the orders of a Riesz transform, whole numbers from 0 to 4 of which one at least is above 0."""
    orders = table.triple("riesz", None, low=0)
    if orders is None:
        return None
    x, y, z = (int(order) for order in orders)
    if orders != (x, y, z) or not 0 < x + y + z <= 4:
        table.fail("riesz", "holds something else than whole numbers whose sum is from 1 to 4")
    if in_plane and z:
        table.fail("riesz", f"has the order {z} along z, but the filter works in the plane")
    return x, y, z
