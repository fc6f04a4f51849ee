"""How far each engine is from pyradiomics' own extractor on every real CT at hand: the largest difference by class.

All 851 features of S1's protocol are compared on lung1, lung2, the IBSI's CT phantom and the sarcoma CTs, the 107 of
the original image on the IBSI's digital phantom. Differences are relative, to values nearer to 0 than 0.001 relative to
that. One above 1e-9, or a value undefined on one side alone, makes the exit code 1.

Usage: engine_agreement.py [FOLDER [cases]], where FOLDER holds ``lung``, ``ibsi1_ct_phantom``,
``ibsi1_digital_phantom`` and ``sts_ct`` (image and mask of a case in a folder of its own); without it, lung1 and lung2
of the sample are compared.
"""

from __future__ import annotations

import logging
import math
import sys
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from radiomics import featureextractor, logger

from RadiomicsPrognosisLib.catalogue import parse_name
from RadiomicsPrognosisLib.features.engine import engines
from RadiomicsPrognosisLib.features.extraction import FeatureSet, extract
from RadiomicsPrognosisLib.protocol import Protocol, load_protocol
from RadiomicsPrognosisLib.resources import cache_folder
from RadiomicsPrognosisLib.sample import ensure_sample
from RadiomicsPrognosisLib.voi import make_voi

#: Largest difference allowed.
TOLERANCE = 1e-9

#: Values nearer to 0 are differences of numbers near 1, as a skewness or a correlation may be.
_SMALL = 1e-3


def cases(folder: Path | None) -> dict[str, tuple[Path, Path]]:
    """Return image and mask of each case by its name."""
    lung = folder / "lung" if folder else cache_folder() / "sample"
    pairs = {name: (lung / f"{name}_image.nrrd", lung / f"{name}_label.nrrd") for name in ("lung1", "lung2")}
    if folder is None:
        return pairs
    others = [folder / "ibsi1_digital_phantom", folder / "ibsi1_ct_phantom", *sorted((folder / "sts_ct").glob("*"))]
    return {**pairs, **{item.name: (item / "image.nii.gz", item / "mask.nii.gz") for item in others}}


def peer(image: sitk.Image, mask: sitk.Image, protocol: Protocol) -> dict[str, float]:
    """Return the values of pyradiomics' own extractor for the voxels that the protocol keeps."""
    low = protocol.hu_range[0]
    kept = (sitk.GetArrayFromImage(mask) == 1) & (sitk.GetArrayFromImage(image) >= (-math.inf if low is None else low))
    limited = sitk.GetImageFromArray(kept.astype(np.uint8))
    limited.CopyInformation(image)
    settings = {"resampledPixelSpacing": list(protocol.resampling.spacing)} if protocol.resampling else {}
    extractor = featureextractor.RadiomicsFeatureExtractor(binWidth=protocol.bin_width, additionalInfo=False,
                                                           **settings)
    if protocol.wavelet:
        extractor.enableImageTypeByName("Wavelet")
    return {name: float(np.real(value)) for name, value in extractor.execute(image, limited).items()}


def differences(ours: FeatureSet, theirs: dict[str, float]) -> dict[str, float]:
    """Return the largest difference by class; infinite where a value is undefined on one side alone."""
    largest: dict[str, float] = {}
    for name, value in theirs.items():
        own = ours.values.get(name, math.nan)
        both = math.isnan(own) and not math.isfinite(value)
        difference = 0.0 if both else abs(own - value) / max(_SMALL, abs(value))
        kind = parse_name(name).feature_class
        largest[kind] = max(largest.get(kind, 0.0), math.inf if math.isnan(difference) else difference)
    return largest


def compare(name: str, image: sitk.Image, mask: sitk.Image) -> float:
    """Print a row per engine and return the largest difference of the case."""
    mask.CopyInformation(image)
    protocol = load_protocol("ct-original-raw" if "digital" in name else "ct-hu50-1mm-wavelet")
    voi, theirs, worst = make_voi(image, mask, protocol), peer(image, mask, protocol), 0.0
    for engine in engines():
        by_class = differences(extract(voi, protocol, engine=engine), theirs)
        worst = max(worst, *by_class.values())
        columns = "".join(f"{value:>10.1e}" for value in by_class.values())
        print(f"{name:<22}{engine.name:<12}{len(theirs):>5}{columns}", flush=True)
    return worst


def main(folder: Path | None, only: list[str]) -> int:
    """Print a row per case and engine; return 0 when all agree."""
    logger.setLevel(logging.CRITICAL)
    problem = "" if folder else ensure_sample(cache_folder() / "sample")
    if problem:
        print(f"The sample CT could not be fetched: {problem}.")
        return 2
    chosen = {name: pair for name, pair in cases(folder).items() if pair[0].is_file() and (not only or name in only)}
    if not chosen:
        print(f"{folder} holds none of the cases.")
        return 2
    print(f"{'case':<22}{'engine':<12}{'n':>5}     shape first or.      GLCM      GLDM     GLRLM     GLSZM     NGTDM")
    worst = max([compare(name, *map(sitk.ReadImage, map(str, pair))) for name, pair in chosen.items()])
    print(f"Largest difference: {worst:.1e} ({'within' if worst <= TOLERANCE else 'ABOVE'} {TOLERANCE:g})")
    return 0 if worst <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None, sys.argv[2:]))
