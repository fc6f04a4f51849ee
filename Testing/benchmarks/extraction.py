"""Planned extraction against pyradiomics' own extractor, which computes all 851 features of S1: time and peak memory.

Both run in this process on the same CT, in turn (ours, peer, ours, ...), after one run each that does not count; peak
memory is each side's own child process, as the operating system reports it. Usage: extraction.py [repeats]
"""

from __future__ import annotations

import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import SimpleITK as sitk

from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.resources import cache_folder
from RadiomicsPrognosisLib.sample import ensure_sample
from RadiomicsPrognosisLib.voi import make_voi

MODEL = load_model("s1_escc_lpfs_radscore")
PROTOCOL = MODEL.image_protocol()


def read(case: str) -> tuple[sitk.Image, sitk.Image]:
    """Return image and mask of a sample case."""
    folder = cache_folder() / "sample"
    return tuple(sitk.ReadImage(str(folder / f"{case}_{kind}.nrrd")) for kind in ("image", "label"))


def ours(names: tuple[str, ...] | None) -> Callable[[sitk.Image, sitk.Image], object]:
    """Return the run of ours: contour to values, the HU range included."""
    return lambda image, mask: extract(make_voi(image, mask, PROTOCOL), PROTOCOL, names)


def peer(image: sitk.Image, mask: sitk.Image) -> object:
    """Apply the HU range with numpy and run pyradiomics' extractor on the whole volume."""
    import logging

    from radiomics import featureextractor, logger

    logger.setLevel(logging.CRITICAL)
    kept = (sitk.GetArrayFromImage(mask) == 1) & (sitk.GetArrayFromImage(image) >= -50)
    limited = sitk.GetImageFromArray(kept.astype(np.uint8))
    limited.CopyInformation(image)
    extractor = featureextractor.RadiomicsFeatureExtractor(binWidth=25, resampledPixelSpacing=[1, 1, 1],
                                                           interpolator="sitkBSpline")
    extractor.enableImageTypeByName("Wavelet")
    return extractor.execute(image, limited)


RUNS = {"17 features of S1": ours(MODEL.features()), "all 851 features": ours(None)}


def timed(run: Callable[[sitk.Image, sitk.Image], object], image: sitk.Image, mask: sitk.Image) -> float:
    """Return the seconds of one run."""
    start = time.perf_counter()
    run(image, mask)
    return time.perf_counter() - start


def peak_memory(case: str, name: str) -> float:
    """Return the peak resident memory (MiB) of a fresh process that reads a case and runs once.

    A child starts with its parent's peak, so this is asked before the parent holds an image.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak, (case, name))


def _peak(case: str, name: str) -> float:
    (RUNS.get(name) or peer)(*read(case))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(repeats: int) -> int:
    """Print a row per case and run: medians, the ratio pair by pair, peak memory."""
    problem = ensure_sample(cache_folder() / "sample")
    if problem:
        print(f"The sample CT could not be fetched: {problem}.")
        return 2
    print(f"{'case':<7}{'run':<20}{'ours s':>8}{'peer s':>8}{'ratio (min - max)':>24}{'ours MiB':>10}{'peer MiB':>10}")
    cases = ("lung1", "lung2")
    memory = {(case, name): peak_memory(case, name) for case in cases for name in (*RUNS, "peer")}
    for case in cases:
        image, mask = read(case)
        for name, run in RUNS.items():
            pairs = [(timed(run, image, mask), timed(peer, image, mask)) for _ in range(repeats + 1)][1:]
            ratios = [b / a for a, b in pairs]
            spread = f"{statistics.median(ratios):.1f} ({min(ratios):.1f} - {max(ratios):.1f})"
            print(f"{case:<7}{name:<20}{statistics.median(a for a, _ in pairs):>8.3f}"
                  f"{statistics.median(b for _, b in pairs):>8.3f}{spread:>24}{memory[case, name]:>10.0f}"
                  f"{memory[case, 'peer']:>10.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
