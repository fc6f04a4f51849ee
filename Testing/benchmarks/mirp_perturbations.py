"""Our perturbations against those of MIRP, the software of Zwanenburg et al. 2019, on public sarcoma CTs.

Both resample to 2 mm by cubic B-splines. For each kind alone: how volume, position, mean, variance and skewness of the
lesion's intensities change; then the means over the cases, Student's t of the difference (paired by case), and the
standard deviations within a case. Noise and contours change from the unperturbed lesion of the same software. What is
turned and shifted is compared with MIRP's unperturbed lesion on both sides: the two unperturbed grids lie elsewhere, as
one placement of each, so that a change from them says little. MIRP is not in the requirements (pip install mirp).
Usage: mirp_perturbations.py FOLDER_OF_CASES [cases] [perturbations] [JSON_FILE]
"""

from __future__ import annotations

import itertools
import json
import logging
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from RadiomicsPrognosisLib.features.grids.placement import ON_OWN_POINTS, Placement
from RadiomicsPrognosisLib.features.preparation import prepare
from RadiomicsPrognosisLib.protocol import parse_protocol
from RadiomicsPrognosisLib.stability.noise import noise_level
from RadiomicsPrognosisLib.stability.perturbing import Draw, ReadyLesion, perturbed, ready
from RadiomicsPrognosisLib.stability.record import CONTOUR, KINDS, ROTATION, TRANSLATION
from RadiomicsPrognosisLib.stability.settings import load_settings
from RadiomicsPrognosisLib.voi import Grid, Voi, make_voi, read_image, read_mask
from RadiomicsPrognosisLib.voi.images import array_view, inside

SPACING_MM = 2.0
PROTOCOL = parse_protocol({
    "id": "mirp", "title": "2 mm", "modality": "CT", "feature_classes": ["firstorder"],
    "resampling": {"spacing_mm": [SPACING_MM] * 3}, "discretisation": {"bin_width": 25},
    "image_types": {"original": True}}, "mirp")
SETTINGS = load_settings()
MEASURES = ("volume %", "moved mm", "mean HU", "variance %", "skewness", "Dice")

#: Volume (mm3), centroid (mm), mean, variance, skewness.
Facts = tuple[float, np.ndarray, float, float, float]


def facts(values: np.ndarray, mask: np.ndarray, centroid: np.ndarray, voxel_mm3: float) -> Facts:
    """Return what is compared of one lesion."""
    inside_values = values[mask].astype(float)
    centred = inside_values - inside_values.mean()
    variance = float((centred**2).mean())
    return (float(mask.sum() * voxel_mm3), centroid, float(inside_values.mean()), variance,
            float((centred**3).mean() / variance**1.5))


def changes(after: Facts, before: Facts) -> list[float]:
    """Return the changes, in the order and units of :data:`MEASURES` without the last."""
    return [100 * (after[0] / before[0] - 1), float(np.linalg.norm(after[1] - before[1])), after[2] - before[2],
            100 * (after[3] / before[3] - 1), after[4] - before[4]]


def our_facts(voi: Voi, placement: Placement) -> Facts:
    """Return the facts of a VOI of ours."""
    prepared = prepare(voi, PROTOCOL, placement)
    mask, grid = inside(prepared.mask), Grid.of(prepared.image)
    centroid = grid.position(np.argwhere(mask)[:, ::-1].mean(axis=0)[np.newaxis])[0]
    return facts(array_view(prepared.image), mask, centroid, SPACING_MM**3)


def ours(lesion: ReadyLesion, kind: str, count: int) -> tuple[list[list[float]], list[dict[str, float]]]:
    """Return the changes in each perturbation by one kind, and what was drawn."""
    before = our_facts(lesion.voi, ON_OWN_POINTS)
    rows, drawn = [], []
    for number in range(count):
        parameters: dict[str, dict[str, float]] = {}
        voi, placement = perturbed(lesion, Draw(0, 1, number, count), (kind,), parameters)
        after = our_facts(voi, placement)
        rows.append([*changes(after, before), parameters[kind].get("dice", np.nan)])
        drawn.append(parameters[kind])
    return rows, drawn


def mirp_images(folder: Path, **settings: Any) -> Iterable[tuple[Any, list[Any]]]:
    """Yield (image, masks) of a case from MIRP."""
    from mirp import extract_images

    for images, masks in extract_images(
            image=str(folder / "image.nii.gz"), mask=str(folder / "mask.nii.gz"), image_modality="ct",
            image_export_format="native", write_images=False, export_images=True, new_spacing=SPACING_MM,
            spline_order=3, anti_aliasing=False, **settings):
        yield images[0], [item.roi for item in masks]


def mirp_facts(image: Any, roi: Any) -> Facts:
    """Return the facts of a lesion of MIRP's."""
    mask = roi.get_voxel_grid().astype(bool)
    centroid = np.ravel(image.to_world_coordinates(x=np.argwhere(mask).mean(axis=0), trim_result=True))
    return facts(image.get_voxel_grid(), mask, centroid, SPACING_MM**3)


def mirp(folder: Path, kind: str, drawn: list[dict[str, float]]) -> list[list[float]]:
    """Return the changes in each of MIRP's perturbations by one kind, as many as were drawn."""
    settings: dict[str, dict[str, Any]] = {
        "noise": {"perturbation_noise_repetitions": len(drawn)},
        "rotation": {"perturbation_rotation_angles": [item.get("degrees", 0.0) for item in drawn]},
        "translation": {"perturbation_translation_fraction": [0.25, 0.75]},
        "volume": {"perturbation_roi_adapt_type": "fraction",
                   "perturbation_roi_adapt_size": [item.get("change", 0.0) for item in drawn]},
        "contour": {"perturbation_randomise_roi_repetitions": len(drawn)}}
    (image, rois), *_ = mirp_images(folder)
    before, original = mirp_facts(image, rois[0]), rois[0].get_voxel_grid().astype(bool)
    rows = []
    for after, masks in mirp_images(folder, **settings[kind]):
        for roi in masks:
            mask = roi.get_voxel_grid().astype(bool)
            overlap = 2 * (mask & original).sum() / (mask.sum() + original.sum()) if kind == "contour" else np.nan
            rows.append([*changes(mirp_facts(after, roi), before), float(overlap)])
    return rows


def compare(folders: list[Path], count: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Return, by kind, each case's changes by either software, and the noise levels."""
    result: dict[str, Any] = {kind: {"ours": [], "mirp": []} for kind in KINDS}
    result |= {"noise_sd": [], "unperturbed": []}
    for folder in folders:
        image, (mask, name) = read_image(str(folder / "image.nii.gz")), read_mask(str(folder / "mask.nii.gz"))
        whole = sitk.GetArrayFromImage(image)
        lesion = ready(make_voi(image, mask, PROTOCOL, name), PROTOCOL, SETTINGS, (), 0)
        for kind in KINDS:
            rows, drawn = ours(lesion, kind, count)
            result[kind]["ours"].append(rows)
            result[kind]["mirp"].append(mirp(folder, kind, drawn))
        (image, rois), *_ = mirp_images(folder)
        result["unperturbed"].append([numbers(our_facts(lesion.voi, ON_OWN_POINTS)),
                                      numbers(mirp_facts(image, rois[0]))])
        (noisy, _), *_ = mirp_images(folder, perturbation_noise_repetitions=1)
        result["noise_sd"].append([float(noisy.noise_level), noise_level(whole), lesion.noise_sd])
        tell(f"{folder.name} done")
    return result


def numbers(lesion: Facts) -> list[float]:
    """Return the facts by the number of their measure, 0 for the place."""
    return [lesion[0], 0.0, *lesion[2:]]


def rebased(rows: np.ndarray, measure: int, own: list[float], reference: list[float]) -> np.ndarray:
    """Return changes from ``own`` as changes from ``reference``, both unperturbed lesions."""
    if MEASURES[measure].endswith("%"):
        return 100 * (own[measure] * (1 + rows / 100) / reference[measure] - 1)
    return rows + own[measure] - reference[measure]


def by_case(result: dict[str, Any], kind: str, measure: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the changes of one measure in each case, ours and MIRP's."""
    own, other = ([np.array(case)[:, measure] for case in result[kind][side]] for side in ("ours", "mirp"))
    if kind in (ROTATION, TRANSLATION) and measure != MEASURES.index("moved mm"):
        own = [rebased(rows, measure, *unperturbed)
               for rows, unperturbed in zip(own, result["unperturbed"], strict=True)]
    return own, other


def print_table(result: dict[str, Any]) -> None:
    """Print, by kind and measure, mean changes, t of their difference, and standard deviations within a case."""
    print(f"{'kind':<13}{'change of':<12}{'ours':>9}{'MIRP':>9}{'t':>7}{'SD ours':>10}{'SD MIRP':>10}")
    for kind, number in itertools.product(KINDS, range(len(MEASURES))):
        if MEASURES[number] == "Dice" and kind != CONTOUR:
            continue
        own, other = by_case(result, kind, number)
        differences = np.array([a.mean() - b.mean() for a, b in zip(own, other, strict=True)])
        error = differences.std(ddof=1) / np.sqrt(differences.size) if differences.size > 1 else 0.0
        t = f"{differences.mean() / error:7.1f}" if error > 0 else f"{'-':>7}"
        means = [np.mean([case.mean() for case in side]) for side in (own, other)]
        sds = [np.sqrt(np.mean([case.var(ddof=1) for case in side])) for side in (own, other)]
        print(f"{kind:<13}{MEASURES[number]:<12}{means[0]:>9.3f}{means[1]:>9.3f}{t}{sds[0]:>10.3f}{sds[1]:>10.3f}")
    levels = np.array(result["noise_sd"])
    whole, own, around = levels.mean(axis=0)
    print(f"noise SD (HU): MIRP, whole image {whole:.2f}; ours, whole image {own:.2f} (MIRP / ours "
          f"{np.mean(levels[:, 0] / levels[:, 1]):.5f}); ours, around the lesion {around:.2f}")


def main(folder: str = "", cases: str = "20", count: str = "16", file: str = "") -> int:
    """Compare and print; leave without complaint where MIRP or the images are not at hand."""
    try:
        import mirp  # noqa: F401
    except ImportError:
        print("MIRP is not installed here (pip install mirp); nothing is compared.")
        return 0
    folders = sorted(path for path in Path(folder).iterdir() if path.is_dir())[:int(cases)] if folder else []
    if not folders:
        print("Give the folder of cases, each a folder with image.nii.gz and mask.nii.gz.")
        return 0
    logging.disable(logging.CRITICAL)
    result = compare(folders, int(count), lambda text: print(text, file=sys.stderr, flush=True))
    if file:
        Path(file).write_text(json.dumps(result))
    print_table(result)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
