"""The configurations of IBSI-2: the filter of each reference response map and of each set of feature values.

Reference: Whybra et al., Radiology 2024;310:e231319 and its supplement; IBSI reference manual (arXiv:2006.05470).
"""

from __future__ import annotations

from RadiomicsPrognosisLib.protocol import (
    Filter,
    GaborFilter,
    GaussianLaplacian,
    LawsFilter,
    MeanFilter,
    Protocol,
    Resampling,
    SeparableWavelet,
    SimoncelliWavelet,
)


def maps() -> dict[str, tuple[str, Filter]]:
    """Return phase 1: by the map's number, e.g. ``4.a.1``, the digital phantom and the filter."""
    return {**_means_and_laplacians(), **_laws(), **_gabor(), **_wavelets(), **_fourier()}


def _means_and_laplacians() -> dict[str, tuple[str, Filter]]:
    boundaries = ("zero", "nearest", "periodic", "mirror")
    return {
        **{f"1.a.{at}": ("checkerboard", MeanFilter(support=15, boundary=boundary))
           for at, boundary in enumerate(boundaries, start=1)},
        "1.b.1": ("impulse", MeanFilter(support=15, boundary="zero", in_plane=True)),
        "2.a": ("impulse", GaussianLaplacian(sigma_mm=3, boundary="zero")),
        "2.b": ("checkerboard", GaussianLaplacian(sigma_mm=5)),
        "2.c": ("checkerboard", GaussianLaplacian(sigma_mm=5, in_plane=True)),
    }


def _laws() -> dict[str, tuple[str, Filter]]:
    cases: dict[str, tuple[str, Filter]] = {}
    for letter, phantom, kernels, boundary in (("a", "impulse", ("E5", "L5", "S5"), "zero"),
                                               ("b", "checkerboard", ("E3", "W5", "R5"), "mirror"),
                                               ("c", "checkerboard", ("L5", "S5"), "mirror")):
        for at, (pooling, distance) in enumerate((("", 0), ("max", 0), ("max", 7)), start=1):
            cases[f"3.{letter}.{at}"] = phantom, LawsFilter(kernels=kernels, pooling=pooling, energy_distance=distance,
                                                           boundary=boundary)
    return cases


def _gabor() -> dict[str, tuple[str, Filter]]:
    return {
        "4.a.1": ("impulse", GaborFilter(sigma_mm=10, wavelength_mm=4, aspect_ratio=0.5, angle_degrees=60,
                                         boundary="zero")),
        "4.a.2": ("impulse", GaborFilter(sigma_mm=10, wavelength_mm=4, aspect_ratio=0.5, step_degrees=45,
                                         orthogonal=True, boundary="zero")),
        "4.b.1": ("sphere", GaborFilter(sigma_mm=20, wavelength_mm=8, aspect_ratio=2.5, angle_degrees=225)),
        "4.b.2": ("sphere", GaborFilter(sigma_mm=20, wavelength_mm=8, aspect_ratio=2.5, step_degrees=22.5,
                                        orthogonal=True)),
    }


def _wavelets() -> dict[str, tuple[str, Filter]]:
    cases: dict[str, tuple[str, Filter]] = {}
    for number, phantom, name, band, boundary in (("5", "impulse", "db2", "LHL", "zero"),
                                                  ("6", "sphere", "coif1", "HHL", "periodic")):
        for at, pooling in enumerate(("", "average"), start=1):
            cases[f"{number}.a.{at}"] = phantom, SeparableWavelet(wavelet=name, band=band, pooling=pooling,
                                                                 boundary=boundary)
    for at, band in enumerate(("LLL", "HHH"), start=1):
        cases[f"7.a.{at}"] = "checkerboard", SeparableWavelet(wavelet="haar", band=band, level=2, pooling="average")
    return cases


def _fourier() -> dict[str, tuple[str, Filter]]:
    return {
        **{f"8.a.{level}": ("checkerboard", SimoncelliWavelet(level=level)) for level in (1, 2, 3)},
        "9.a": ("impulse", GaussianLaplacian(sigma_mm=3, riesz=(1, 0, 0), boundary="zero")),
        "9.b.1": ("sphere", GaussianLaplacian(sigma_mm=3, riesz=(0, 2, 0), boundary="zero")),
        "10.b.1": ("pattern_1", SimoncelliWavelet(level=1, riesz=(0, 2, 0))),
    }


def values_protocol(letter: str) -> tuple[Protocol, dict[str, str]]:
    """Return phase 2's protocol ``A`` (slice by slice, native voxels) or ``B`` (volume, 1 mm), and image types by
    configuration, e.g. ``2.A``."""
    flat = letter == "A"
    filters: tuple[Filter, ...] = (
        MeanFilter(support=5, in_plane=flat), GaussianLaplacian(sigma_mm=1.5, in_plane=flat),
        LawsFilter(kernels=("L5", "E5") if flat else ("L5", "E5", "E5"), pooling="max", energy_distance=7),
        GaborFilter(sigma_mm=5, wavelength_mm=2, aspect_ratio=1.5, step_degrees=22.5, orthogonal=not flat),
        SeparableWavelet(wavelet="db3", band="LH" if flat else "LLH", pooling="average"),
        SeparableWavelet(wavelet="db3", band="HH" if flat else "HHH", level=2, pooling="average"),
        SimoncelliWavelet(level=1, in_plane=flat), SimoncelliWavelet(level=2, in_plane=flat))
    resampling = None if flat else Resampling(spacing=(1.0, 1.0, 1.0), grid="centre", mask="linear", round_hu=True)
    protocol = Protocol(id=f"ibsi-2-{letter}", title=f"IBSI-2, configuration {letter}", modality="CT",
                        feature_classes=("firstorder", "intensity"), hu_range=(-1000.0, 400.0),
                        hu_range_on="resampled", resampling=resampling, bin_width=25.0, filters=filters)
    names = ("original", *(item.image_type for item in filters))
    return protocol, {f"{number}.{letter}": name for number, name in enumerate(names, start=1)}
