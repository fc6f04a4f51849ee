"""The images that features are computed on: the original and filtered ones, and what their names mean."""

from __future__ import annotations

import re

#: The eight sub-bands of a one-level 3-D wavelet, letters for x, y and z as pyradiomics writes them.
SUBBANDS = ("LLH", "LHL", "LHH", "HLL", "HLH", "HHL", "HHH", "LLL")

#: The four sub-bands of a wavelet in the axial plane (pyradiomics' ``force2D``), letters for x and y.
SUBBANDS_2D = ("LH", "HL", "HH", "LL")

#: PyWavelets' orthogonal and biorthogonal wavelets with at most 20 taps, whose coefficients the features' filters have.
WAVELETS = ("haar", *(f"db{n}" for n in range(1, 11)), *(f"sym{n}" for n in range(2, 11)),
            *(f"coif{n}" for n in range(1, 4)),
            *(f"{kind}{n}" for kind in ("bior", "rbio")
              for n in ("1.1", "1.3", "1.5", "2.2", "2.4", "2.6", "2.8", "3.1", "3.3", "3.5", "3.7", "3.9", "4.4",
                        "5.5", "6.8")))

#: The IBSI's convolutional filters, as a protocol names their kinds, and what a reader calls them.
_KINDS = {"mean": "mean", "log": "LoG", "laws": "Laws", "gabor": "Gabor", "wavelet": "", "simoncelli": "Simoncelli"}

#: Names of image types, and the words that follow a feature's in a readable name: a pattern and what it reads.
_PATTERNS = {
    "original": re.compile(r"original"),
    "wavelet": re.compile(r"wavelet(?P<level>[2-9])?-(?P<band>[LH]{2,3})"),
    "log": re.compile(r"log-sigma-(?P<sigma>\d+-\d+)-mm-3D"),
    "ibsi": re.compile(rf"ibsi-(?P<kind>{'|'.join(_KINDS)})-(?P<settings>[A-Za-z0-9-]+)"),
}

#: What error messages say may stand there.
ALLOWED = ("original, wavelet-XYZ (in 2-D wavelet-XY) with X, Y, Z of L and H, log-sigma-S-mm-3D, ibsi-KIND-SETTINGS "
           "as the protocol's filters are named")


def is_image_type(name: str) -> bool:
    """Tell whether ``name`` is an image type's."""
    return any(pattern.fullmatch(name) for pattern in _PATTERNS.values())


def image_type_words(name: str) -> str:
    """Return an image type as a reader knows it: 'LLH level 2', 'LoG 1.0 mm', empty for the original image."""
    if match := _PATTERNS["log"].fullmatch(name):
        return f"LoG {match['sigma'].replace('-', '.')} mm"
    if match := _PATTERNS["wavelet"].fullmatch(name):
        return match["band"] + (f" level {match['level']}" if match["level"] else "")
    if match := _PATTERNS["ibsi"].fullmatch(name):
        settings = re.sub(r"(\d+)-(\d+)(?!\d*D)", r"\1.\2", match["settings"])  # 1-5-mm but 5-3D
        return " ".join(filter(None, ("IBSI", _KINDS[match["kind"]], *settings.split("-"))))
    return ""


def log_image_type(sigma_mm: float) -> str:
    """Return pyradiomics' image-type name of a Laplacian of Gaussian with ``sigma_mm`` (mm)."""
    return f"log-sigma-{str(float(sigma_mm)).replace('.', '-')}-mm-3D"
