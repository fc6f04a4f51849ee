"""The class ``ivh``: which share of the volume has at least which intensity (El Naqa et al., Pattern Recognit 2009)."""

from __future__ import annotations

import math

from .entry import Feature, FeatureClass

# The IBSI's identifiers BC2M and GBPN name a volume or an intensity at any fraction: they tell no two of these apart.
CLASS = FeatureClass(
    name="ivh",
    title="Intensity-volume histogram (IBSI)",
    prefix="IBSI intensity-volume:",
    sentence="Which share of the volume has at least which intensity (IBSI reference manual, section 3.5).",
    filtered=False,  # its range is the HU range, which says nothing of a filtered image
    pyradiomics=False,
    source="the IBSI",
    features=(
        Feature("V10", high=1.0, words="volume at 10 % intensity",
                definition="Share of the volume at or above a tenth of the range of intensities."),
        Feature("V90", high=1.0, words="volume at 90 % intensity",
                definition="Share of the volume at or above nine tenths of the range of intensities."),
        Feature("I10", low=-math.inf, words="intensity at 10 % volume",
                definition="Lowest intensity that at most a tenth of the volume reaches."),
        Feature("I90", low=-math.inf, words="intensity at 90 % volume",
                definition="Lowest intensity that at most nine tenths of the volume reach."),
        Feature("V10MinusV90", high=1.0, ibsi="DDTU",
                ibsi_meaning="Volume fraction difference between intensity fractions", words="V10 minus V90",
                definition="Difference between the volume shares at 10 and 90 % intensity."),
        Feature("I10MinusI90", ibsi="CNV2", ibsi_meaning="Intensity fraction difference between volume fractions",
                words="I10 minus I90", definition="Difference between the intensities at 10 and 90 % volume."),
    ),
)
