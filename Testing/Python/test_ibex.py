"""The IBEX-like classes: S3's 352 features, their definitions on pyradiomics' matrices, on solids, and by scipy."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import make_protocol, textured_volume
from pyradiomics_peer import cMatrices
from scipy import stats

from RadiomicsPrognosisLib.catalogue import CLASSES, Direction
from RadiomicsPrognosisLib.features.classes import compute_of
from RadiomicsPrognosisLib.features.engine import get_engine
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.features.geometry.minkowski import mean_breadth, perimeter, surface_area
from RadiomicsPrognosisLib.features.region import Region
from RadiomicsPrognosisLib.protocol import load_protocol
from RadiomicsPrognosisLib.texts import feature_label
from RadiomicsPrognosisLib.voi import make_voi

#: Table 2 of the paper.
PUBLISHED = ("ibexglcm-45-7_DifferenceEntropy", "ibexglcm-135-7_Dissimilarity", "ibexglcm-0-1_InformationMeasureCorr1",
             "ibexglcm-90-7_InformationMeasureCorr2", "ibexglcm-45-7_InverseVariance",
             "ibexglrlm-90_HighGrayLevelRunEmphasis", "ibexshape_Compactness1", "ibexshape_Mass",
             "ibexshape_Orientation", "ibexshape_Roundness", "ibexhistogram_Kurtosis")

#: Definitions of IBEX's texts on a matrix of shares p over the levels i and j (1 ...), entropies without empty cells.
GLCM: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], float]] = {
    "AutoCorrelation": lambda p, i, j: (p * i * j).sum(),
    "ClusterProminence": lambda p, i, j: (p * (i + j - 2 * (p * i).sum())**4).sum(),
    "ClusterShade": lambda p, i, j: (p * (i + j - 2 * (p * i).sum())**3).sum(),
    "ClusterTendency": lambda p, i, j: (p * (i + j - 2 * (p * i).sum())**2).sum(),
    "Contrast": lambda p, i, j: (p * (i - j)**2).sum(),
    "Correlation": lambda p, i, j: ((p * i * j).sum() - (p * i).sum()**2) / ((p * i**2).sum() - (p * i).sum()**2),
    "DifferenceEntropy": lambda p, i, j: bits(np.bincount(abs(i - j).ravel(), p.ravel())),
    "Dissimilarity": lambda p, i, j: (p * abs(i - j)).sum(),
    "Energy": lambda p, i, j: (p**2).sum(),
    "Entropy": lambda p, i, j: bits(p),
    "Homogeneity": lambda p, i, j: (p / (1 + abs(i - j))).sum(),
    "Homogeneity2": lambda p, i, j: (p / (1 + (i - j)**2)).sum(),
    "InformationMeasureCorr1": lambda p, i, j: (bits(p) - 2 * bits(p.sum(0))) / bits(p.sum(0)),
    "InformationMeasureCorr2": lambda p, i, j: math.sqrt(1 - math.exp(-2 * (2 * bits(p.sum(0)) - bits(p)))),
    "InverseDiffMomentNorm": lambda p, i, j: (p / (1 + ((i - j) / len(p))**2)).sum(),
    "InverseDiffNorm": lambda p, i, j: (p / (1 + abs(i - j) / len(p))).sum(),
    "InverseVariance": lambda p, i, j: (p[i != j] / (i - j)[i != j]**2).sum(),
    "MaxProbability": lambda p, i, j: p.max(),
    "SumAverage": lambda p, i, j: (p * (i + j)).sum(),
    "SumEntropy": lambda p, i, j: bits(np.bincount((i + j).ravel(), p.ravel())),
    "SumVariance": lambda p, i, j: (p * (i + j - bits(np.bincount((i + j).ravel(), p.ravel())))**2).sum(),
    "Variance": lambda p, i, j: (p * (i + j - 2 * (p * i).sum())**2).sum(),
}

#: The same of runs of the levels g and the lengths r, n their numbers.
GLRLM: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], float]] = {
    "GrayLevelNonuniformity": lambda n, g, r: (n.sum(1)**2).sum() / n.sum(),
    "HighGrayLevelRunEmphasis": lambda n, g, r: (n * g**2).sum() / n.sum(),
    "LongRunEmphasis": lambda n, g, r: (n * r**2).sum() / n.sum(),
    "LongRunHighGrayLevelEmphasis": lambda n, g, r: (n * r**2 * g**2).sum() / n.sum(),
    "LongRunLowGrayLevelEmphasis": lambda n, g, r: (n * r**2 / g**2).sum() / n.sum(),
    "LowGrayLevelRunEmphasis": lambda n, g, r: (n / g**2).sum() / n.sum(),
    "RunLengthNonuniformity": lambda n, g, r: (n.sum(0)**2).sum() / n.sum(),
    "RunPercentage": lambda n, g, r: n.sum() / (n * r).sum(),
    "ShortRunEmphasis": lambda n, g, r: (n / r**2).sum() / n.sum(),
    "ShortRunHighGrayLevelEmphasis": lambda n, g, r: (n * g**2 / r**2).sum() / n.sum(),
    "ShortRunLowGrayLevelEmphasis": lambda n, g, r: (n / r**2 / g**2).sum() / n.sum(),
}


def bits(shares: np.ndarray) -> float:
    """Return the entropy of shares, in bits, empty cells left out."""
    occupied = shares[shares > 0]
    return float(-(occupied * np.log2(occupied)).sum())


def region(mask: np.ndarray, values: np.ndarray | None = None, spacing: tuple[float, float, float] = (1.0, 1.0, 1.0),
           **changes: object) -> Region:
    """Return a region of ``mask`` (k, j, i), of attenuation 0 unless ``values`` are given."""
    values = np.zeros(mask.shape) if values is None else values
    return Region(values=values, mask=mask, spacing=spacing,
                  protocol=make_protocol(feature_classes=["ibexshape"], **changes))


def computed(name: str, inside: Region, direction: Direction | None = None) -> dict[str, float]:
    entry = CLASSES[name]
    return compute_of(entry)(inside, tuple(entry.by_name), direction)


@pytest.fixture(scope="module")
def levels() -> np.ndarray:
    """A cube of eight grey levels, each of which occurs."""
    return np.random.default_rng(7).integers(1, 9, (4, 15, 13)).astype(np.int32)


# S3


def test_protocol_of_s3_makes_its_352_features(lung: Callable[[str], tuple[Path, Path]]) -> None:
    protocol = load_protocol("ct-ibex-like-2d")
    image, mask = (sitk.ReadImage(str(path)) for path in lung("lung1"))
    mask.CopyInformation(image)
    features = extract(make_voi(image, mask, protocol), protocol, engine=get_engine("native"))
    assert len(features.values) == 352
    assert {f"original_{name}" for name in PUBLISHED} <= set(features.values)
    labels = [feature_label(name) for name in features.values]
    assert len(set(labels)) == 352
    assert all(label.startswith("IBEX-like ") for label in labels)
    assert max(map(len, labels)) <= 52


def test_grey_level_count_is_a_setting() -> None:
    image, mask = textured_volume()
    values = []
    for count in (16, 64):
        protocol = make_protocol(feature_classes=["ibexglcm-0-1"], discretisation={"bin_count": count})
        values.append(extract(make_voi(image, mask, protocol), protocol,
                              engine=get_engine("native")).values["original_ibexglcm-0-1_Entropy"])
    assert values[0] < values[1]


# Textures


@pytest.mark.parametrize(("degrees", "angle"), [(0, (0, 0, 4)), (45, (0, 4, -4)), (90, (0, 4, 0)), (135, (0, 4, 4))])
def test_glcm_by_ibex_definitions_on_pyradiomics_matrix(levels: np.ndarray, degrees: int,
                                                        angle: tuple[int, int, int]) -> None:
    inside = np.ones(levels.shape, bool)
    matrices, angles = cMatrices.calculate_glcm(levels, inside, np.array([4]), 8, True, 0)
    row = next(n for n, item in enumerate(angles) if tuple(item) in (angle, tuple(-step for step in angle)))
    shares = matrices[0, :, :, row] + matrices[0, :, :, row].T
    shares /= shares.sum()
    ours = computed("ibexglcm", region(inside, levels, discretisation={"bin_width": 1}), Direction(degrees, 4))
    i, j = np.indices(shares.shape) + 1
    assert set(ours) == set(GLCM)
    for name, definition in GLCM.items():
        assert ours[name] == pytest.approx(definition(shares, i, j), rel=1e-9), name


@pytest.mark.parametrize(("degrees", "angle"), [(0, (0, 0, 1)), (90, (0, 1, 0))])
def test_glrlm_by_ibex_definitions_on_pyradiomics_matrix(levels: np.ndarray, degrees: int,
                                                         angle: tuple[int, int, int]) -> None:
    levels = (levels + 1) // 2
    inside = np.ones(levels.shape, bool)
    matrices, angles = cMatrices.calculate_glrlm(levels, inside, 4, 15, True, 0)
    runs = matrices[0, :, :, [tuple(abs(item)) for item in angles].index(angle)]
    ours = computed("ibexglrlm", region(inside, levels, discretisation={"bin_width": 1}), Direction(degrees))
    grey, length = np.indices(runs.shape) + 1
    assert set(ours) == set(GLRLM)
    for name, definition in GLRLM.items():
        assert ours[name] == pytest.approx(definition(runs, grey, length), rel=1e-12), name


@pytest.mark.parametrize(("name", "directions"), [
    ("ibexglcm", [Direction(degrees) for degrees in (0, 45, 90, 135)]), ("ibexglrlm", [Direction(0), Direction(90)])])
def test_without_a_direction_values_are_the_mean(levels: np.ndarray, name: str, directions: list[Direction]) -> None:
    inside = region(np.ones(levels.shape, bool), levels, discretisation={"bin_width": 1})
    each = [computed(name, inside, direction) for direction in directions]
    for feature, value in computed(name, inside).items():
        assert value == pytest.approx(np.mean([item[feature] for item in each]), rel=1e-12)


# Histogram


def test_histogram_by_scipy() -> None:
    values = np.random.default_rng(3).gamma(3, 20, (6, 7, 8)).round() - 30
    ours = computed("ibexhistogram", region(np.ones(values.shape, bool), values, discretisation={"bin_count": 32}))
    flat = values.ravel()
    assert ours["Kurtosis"] == pytest.approx(stats.kurtosis(flat, fisher=False), rel=1e-12)
    assert ours["Skewness"] == pytest.approx(stats.skew(flat), rel=1e-12)
    assert ours["MedianAbsoluteDeviation"] == stats.median_abs_deviation(flat)
    assert ours["MeanAbsoluteDeviation"] == pytest.approx(abs(flat - flat.mean()).mean(), rel=1e-12)
    assert ours["Range"] == np.ptp(flat)
    shares = {**{f"Percentile{percent}": percent / 100 for percent in range(5, 100, 5)},
              **{f"Quantile{share}": share for share in (0.025, 0.25, 0.5, 0.75, 0.975)}}
    # MATLAB's prctile is Hyndman and Fan's type 5: alpha = beta = 1/2.
    expected = stats.mstats.mquantiles(flat, list(shares.values()), alphap=0.5, betap=0.5)
    assert [ours[name] for name in shares] == pytest.approx(list(expected), rel=1e-12)
    assert ours["InterQuartileRange"] == pytest.approx(ours["Percentile75"] - ours["Percentile25"], rel=1e-12)
    assert len(ours) == 49


@pytest.mark.parametrize("discretisation", [{"bin_width": 1}, {"bin_width": 1, "minimum": -5}, {"bin_count": 100}])
def test_percentiles_of_the_histogram_run_evenly_through_even_counts(discretisation: dict[str, float]) -> None:
    """A hundred intensities, one voxel each: p % are reached at the centre of the p-th bin."""
    values = np.arange(100.0).reshape(4, 5, 5)
    ours = computed("ibexhistogram", region(np.ones(values.shape, bool), values, discretisation=discretisation))
    width = 0.99 if "bin_count" in discretisation else 1.0
    for percent in (5, 50, 95):
        assert ours[f"PercentileArea{percent}"] == pytest.approx((percent - 0.5) * width, rel=1e-12)


def test_a_single_intensity_has_no_kurtosis() -> None:
    ours = computed("ibexhistogram", region(np.ones((3, 3, 3), bool), np.full((3, 3, 3), 7.0)))
    assert {name for name, value in ours.items() if math.isnan(value)} == {"Kurtosis", "Skewness"}


# Shape


def ball(radius: float, spacing: tuple[float, float, float], centre: float) -> np.ndarray:
    """Return a ball's voxels; voxels lie at multiples of ``spacing`` up to twice the centre."""
    k, j, i = (np.arange(1, int(2 * centre / side) + 1) * side for side in spacing[::-1])
    distance = (k[:, None, None] - centre - 0.34)**2 + (j[:, None] - centre - 0.23)**2 + (i - centre - 0.12)**2
    return distance < radius**2


def test_crofton_measures_are_those_of_their_authors_examples() -> None:
    """The texts of imSurface, imPerimeter and imMeanBreadth (Legland) state these values of a ball and a disk."""
    solid = ball(40, (1.0, 1.0, 1.0), 50)
    assert surface_area(solid, (1.0, 1.0, 1.0)) == pytest.approx(2.0103e4, abs=0.5)
    assert mean_breadth(solid, (1.0, 1.0, 1.0)) == 80
    j, i = np.indices((100, 100)) + 1
    assert perimeter(np.hypot(i - 50.12, j - 50.23) < 40, (1.0, 1.0)) == pytest.approx(251.1751, abs=5e-5)


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 2.5), (0.7, 0.9, 1.0)])
def test_crofton_measures_where_voxels_are_no_cubes(spacing: tuple[float, float, float]) -> None:
    solid = ball(20, spacing, 25)
    assert surface_area(solid, spacing) == pytest.approx(4 * math.pi * 400, rel=0.01)
    assert mean_breadth(solid, spacing) == pytest.approx(40, rel=0.02)
    assert perimeter(solid[len(solid) // 2], spacing[:2]) == pytest.approx(40 * math.pi, rel=0.01)


def test_shape_of_a_block() -> None:
    """10 x 6 x 4 voxels of 2 x 2 x 5 mm: counts, hulls and moments in closed form."""
    mask = np.zeros((6, 8, 12), bool)
    mask[1:5, 1:7, 1:11] = True
    ours = computed("ibexshape", region(mask, spacing=(2.0, 2.0, 5.0)))
    voxel = 0.2 * 0.2 * 0.5
    assert ours["NumberOfVoxel"] == 4 * (60 - 28 / 2)
    assert ours["Volume"] == pytest.approx(4 * 46 * voxel)
    assert ours["ConvexHullVolume"] == pytest.approx(ours["Volume"])
    assert ours["ConvexHullVolume3D"] == pytest.approx(9 * 5 * 3 * voxel)
    assert ours["Convex"] == ours["NumberOfObjects"] == 1
    assert ours["Mass"] == pytest.approx(240 * voxel)  # water
    assert ours["Max3DDiameter"] == pytest.approx(math.hypot(9 * 0.2, 5 * 0.2, 3 * 0.5))
    assert ours["MeanBreadth"] == pytest.approx((10 * 0.2 + 6 * 0.2 + 4 * 0.5) / 3)
    assert ours["Orientation"] == 0
    assert ours["Roundness"] == pytest.approx(1 - math.sqrt(1 - 36 / 100))
    volume, surface = ours["Volume"], ours["SurfaceArea"]
    assert ours["Compactness1"] == pytest.approx(volume / math.sqrt(math.pi) / surface**(2 / 3))
    assert ours["Compactness2"] == pytest.approx(36 * math.pi * volume**2 / surface**3)
    assert ours["Sphericity"] == pytest.approx(ours["Compactness2"]**(1 / 3))
    assert ours["SphericalDisproportion"] == pytest.approx(1 / ours["Sphericity"])
    assert ours["SurfaceAreaDensity"] == pytest.approx(surface / volume)


@pytest.mark.parametrize(("cells", "degrees"), [
    ([(5, 2), (5, 3), (5, 4), (5, 5)], 0.0), ([(2, 5), (3, 5), (4, 5), (5, 5)], 90.0),
    ([(5, 2), (4, 3), (3, 4), (2, 5)], 45.0), ([(2, 2), (3, 3), (4, 4), (5, 5)], -45.0), ([(3, 3)], 0.0)])
def test_orientation_is_anticlockwise_from_the_rows(cells: list[tuple[int, int]], degrees: float) -> None:
    mask = np.zeros((2, 8, 8), bool)
    for j, i in cells:
        mask[:, j, i] = True
    assert computed("ibexshape", region(mask))["Orientation"] == pytest.approx(degrees, abs=1e-12)


def test_pieces_hulls_and_mass_of_a_hollow_contour() -> None:
    """A square ring in two slices, and a voxel that touches neither: corners would join, the gap does not."""
    mask = np.zeros((2, 9, 9), bool)
    mask[:, :7, :7] = True
    mask[:, 1:6, 1:6] = False
    mask[1, 8, 8] = True
    values = np.where(mask, 1470.0, -500.0)
    values[0, 0, 0] = -1100.0
    ours = computed("ibexshape", region(mask, values, spacing=(10.0, 10.0, 10.0)))
    assert ours["NumberOfObjects"] == 2
    assert ours["Mass"] == pytest.approx(1.75 * 48)
    assert ours["Convex"] < 0.5
    assert ours["NumberOfVoxel"] == 49 / 2


def test_one_slice_has_a_perimeter_for_surface() -> None:
    mask = np.ones((1, 4, 6), bool)
    ours = computed("ibexshape", region(mask, spacing=(1.0, 1.0, 5.0)))
    assert ours["SurfaceArea"] == pytest.approx(perimeter(mask[0], (0.1, 0.1)))
    assert ours["ConvexHullVolume3D"] == 0
    assert ours["Max3DDiameter"] == pytest.approx(math.hypot(0.5, 0.3))
