"""Both engines against pyradiomics' own extractor, which computes all 851 features of S1: time and peak memory.

All run in this process on the same CT with one thread, in turn (native, engine pyradiomics, peer, native, ...), after
one run each that does not count. Peak memory is a child process' own while it runs, as Linux reports it, and by how
much that is more than the process had when the CT was read. A whole-body CT with a small lesion follows, beside a
chest CT with the same lesion.
Usage: extraction.py [repeats]
"""

from __future__ import annotations

import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import SimpleITK as sitk

from RadiomicsPrognosisLib.features.engine import get_engine
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.features.threads import itk_threads
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.resources import cache_folder
from RadiomicsPrognosisLib.sample import ensure_sample
from RadiomicsPrognosisLib.voi import make_voi

MODEL = load_model("s1_escc_lpfs_radscore")
PROTOCOL = MODEL.image_protocol()

#: Slices of 0.98 x 0.98 x 1 mm in the synthetic volumes.
BODIES = {"chest": 300, "whole body": 1500}

Run = Callable[[sitk.Image, sitk.Image], object]


class Memory(NamedTuple):
    """Peak resident memory (MiB) of a process while it runs, and how much more that is than it held before."""

    peak: float
    grown: float


def read(case: str) -> tuple[sitk.Image, sitk.Image]:
    """Return image and mask of a sample case, or of a synthetic volume."""
    if case in BODIES:
        return synthetic(BODIES[case])
    folder = cache_folder() / "sample"
    return sitk.ReadImage(str(folder / f"{case}_image.nrrd")), sitk.ReadImage(str(folder / f"{case}_label.nrrd"))


def synthetic(slices: int) -> tuple[sitk.Image, sitk.Image]:
    """Return 512 x 512 x ``slices`` voxels of air with a ball of noisy tissue, 15 mm in radius, and the ball's mask."""
    image, mask = sitk.Image(512, 512, slices, sitk.sitkInt16), sitk.Image(512, 512, slices, sitk.sitkUInt8)
    ball = sum(axis**2 for axis in np.ogrid[-20:20, -20:20, -20:20]) < 15**2
    tissue = np.where(ball, np.random.default_rng(0).normal(40, 30, ball.shape), -1000).astype(np.int16)
    start = [200, 200, slices // 2]
    image = sitk.Paste(image, sitk.GetImageFromArray(tissue), [40] * 3, destinationIndex=start)
    mask = sitk.Paste(mask, sitk.GetImageFromArray(ball.astype(np.uint8)), [40] * 3, destinationIndex=start)
    for item in (image, mask):
        item.SetSpacing((0.98, 0.98, 1.0))
    return image, mask


def ours(engine: str, names: tuple[str, ...] | None) -> Run:
    """Return the run of an engine of ours: contour to values, the HU range included."""
    return lambda image, mask: extract(make_voi(image, mask, PROTOCOL), PROTOCOL, names, get_engine(engine))


def peer(image: sitk.Image, mask: sitk.Image) -> object:
    """Apply the HU range with numpy and run pyradiomics' extractor on the whole volume."""
    import logging

    from radiomics import featureextractor, logger

    logger.setLevel(logging.CRITICAL)
    kept = (sitk.GetArrayViewFromImage(mask) == 1) & (sitk.GetArrayViewFromImage(image) >= -50)
    limited = sitk.GetImageFromArray(kept.astype(np.uint8))
    limited.CopyInformation(image)
    extractor = featureextractor.RadiomicsFeatureExtractor(binWidth=25, resampledPixelSpacing=[1, 1, 1],
                                                           interpolator="sitkBSpline")
    extractor.enableImageTypeByName("Wavelet")
    with itk_threads(1):
        return extractor.execute(image, limited)


WANTED = {"17 features of S1": MODEL.features(), "all 851 features": None}
RUNS: dict[str, Run] = {f"{what}, {engine}": ours(engine, names)
                        for what, names in WANTED.items() for engine in ("native", "pyradiomics")} | {"peer": peer}


def timed(run: Run, image: sitk.Image, mask: sitk.Image) -> float:
    """Return the seconds of one run."""
    start = time.perf_counter()
    run(image, mask)
    return time.perf_counter() - start


def peak_memory(case: str, name: str) -> Memory:
    """Return the memory of a fresh process that reads a case and runs once."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak, (case, name))


def _peak(case: str, name: str) -> Memory:
    images = read(case)
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew: reading takes more than what follows
    before = _status("VmRSS")
    RUNS[name](*images)
    peak = _status("VmHWM")
    return Memory(peak, peak - before)


def _status(key: str) -> float:
    """Return what Linux says of this process' memory (MiB)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(key))


def compare(case: str, repeats: int) -> None:
    """Print a row per run on a sample case: medians, the ratio to the peer round by round, peak memory."""
    memory = {name: peak_memory(case, name) for name in RUNS}
    image, mask = read(case)
    rounds = [{name: timed(run, image, mask) for name, run in RUNS.items()} for _ in range(repeats + 1)][1:]
    for name in RUNS:
        seconds = statistics.median(times[name] for times in rounds)
        ratios = [times["peer"] / times[name] for times in rounds]
        spread = f"{statistics.median(ratios):.1f} ({min(ratios):.1f} - {max(ratios):.1f})"
        print(f"{case:<7}{name:<32}{seconds:>8.3f}{spread:>22}{memory[name].peak:>10.0f}{memory[name].grown:>8.0f}")


def compare_bodies(repeats: int) -> None:
    """Print the native engine's seconds and memory on a chest and on a whole body with the same small lesion."""
    name = "all 851 features, native"
    memory = {body: peak_memory(body, name) for body in BODIES}
    for body, slices in BODIES.items():
        image, mask = read(body)
        voi = make_voi(image, mask, PROTOCOL)
        start = time.perf_counter()
        for _ in range(repeats):
            extract(voi, PROTOCOL, None, get_engine("native"))
        seconds = (time.perf_counter() - start) / repeats
        contour = timed(lambda image, mask: make_voi(image, mask, PROTOCOL), image, mask)
        print(f"{body:<12}512 x 512 x {slices:<6}{contour:>14.3f}{seconds:>12.3f}{memory[body].grown:>8.0f}")


def main(repeats: int) -> int:
    """Print the tables."""
    problem = ensure_sample(cache_folder() / "sample")
    if problem:
        print(f"The sample CT could not be fetched: {problem}.")
        return 2
    print(f"{'case':<7}{'run':<32}{'s':>8}{'peer / it':>22}{'peak MiB':>10}{'grown':>8}")
    for case in ("lung1", "lung2"):
        compare(case, repeats)
    print(f"\n{'all 851, native':<30}{'contour s':>14}{'features s':>12}{'grown':>8}")
    compare_bodies(repeats)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
