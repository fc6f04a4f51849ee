"""50 perturbations of lung2 with S1 against one run of pyradiomics' extractor, which computes all 851 features once.

Both in this process run, in turn (ours, peer, ours, ...), after one run each that does not count. The bar is on the 50
perturbations with every core, as the command runs them; for comparison with the further ones that tell which kind is
to blame, and in this process alone. Usage: stability.py [repeats]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace

from extraction import peer, read

from RadiomicsPrognosisLib.models.scaling import load_scaling
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.resources import cache_folder
from RadiomicsPrognosisLib.sample import ensure_sample
from RadiomicsPrognosisLib.stability.assess import assess_stability
from RadiomicsPrognosisLib.stability.perturbing import Draw, ReadyLesion, perturb, ready
from RadiomicsPrognosisLib.stability.processes import usable_cores
from RadiomicsPrognosisLib.stability.settings import load_settings
from RadiomicsPrognosisLib.voi import Voi, make_voi

MODEL = load_model("s1_escc_lpfs_radscore")
SCALING = load_scaling("demonstration-sts-ct", MODEL)
COVARIATES = {"n_stage": "N1", "complete_response": "no"}

#: The most that the perturbations may take, in runs of the peer.
BAR = 3.0


def seconds(run: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def ours(voi: Voi, alone: int, jobs: int | None = None) -> Callable[[], object]:
    """Return the run of ours: what the command does between reading the images and writing the result."""
    settings = replace(load_settings(), alone=alone)
    return lambda: assess_stability({MODEL.inputs[0].name: voi}, MODEL, SCALING, COVARIATES, settings=settings,
                                    jobs=jobs)


def per_kind(lesion: ReadyLesion) -> None:
    """Print the time of one perturbation, by kind."""
    kinds = lesion.settings.kinds
    for label, on in [("none", ()), *((kind, (kind,)) for kind in kinds), ("all", kinds)]:
        times = [seconds(lambda number=number, on=on: perturb(lesion, Draw(0, 0, number, 5), on))
                 for number in range(5)]
        print(f"  one perturbation, {label:<12}{statistics.median(times):>8.3f} s")


def main(repeats: int) -> int:
    """Print medians, the ratio pair by pair and times by kind; fail above the bar."""
    problem = ensure_sample(cache_folder() / "sample")
    if problem:
        print(f"The sample CT could not be fetched: {problem}.")
        return 2
    image, mask = read("lung2")
    voi = make_voi(image, mask, MODEL.image_protocol())
    cores, alone = usable_cores(), load_settings().alone
    runs = {f"50, {cores} processes": ours(voi, 0), f"50 + 5 x {alone}, {cores} processes": ours(voi, alone),
            "50, 1 process": ours(voi, 0, 1)}
    result = 0
    for name, run in runs.items():
        pairs = [(seconds(run), seconds(lambda: peer(image, mask))) for _ in range(repeats + 1)][1:]
        ratios = [own / other for own, other in pairs]
        ratio = statistics.median(ratios)
        print(f"{name:<24} ours {statistics.median(own for own, _ in pairs):7.2f} s, peer "
              f"{statistics.median(other for _, other in pairs):6.2f} s, ratio {ratio:.2f} ({min(ratios):.2f} - "
              f"{max(ratios):.2f}), bar {BAR:g}")
        result = result or int(name == next(iter(runs)) and ratio >= BAR)
    names = tuple(MODEL.features())
    started = time.perf_counter()
    lesion = ready(voi, MODEL.image_protocol(), load_settings(), names, 0)
    print(f"  once per lesion                 {time.perf_counter() - started:6.3f} s")
    per_kind(lesion)
    return result


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
