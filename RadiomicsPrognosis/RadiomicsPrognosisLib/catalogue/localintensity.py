"""The class ``localintensity``: mean intensities of 1 cm3 around voxels (Wahl et al., J Nucl Med 2009)."""

from __future__ import annotations

import math

from .entry import Feature, FeatureClass

#: Radius in mm of a sphere of 1 cm3.
RADIUS_MM = (3000.0 / (4.0 * math.pi)) ** (1.0 / 3.0)

CLASS = FeatureClass(
    name="localintensity",
    title="Local intensity (IBSI)",
    prefix="IBSI local intensity:",
    sentence="Mean intensities of 1 cm3 around voxels of the contour, image beyond it included "
             "(IBSI reference manual, section 3.2).",
    filtered=False,
    surroundings_mm=RADIUS_MM,
    pyradiomics=False,
    source="the IBSI",
    features=(
        Feature("LocalPeak", unit="HU", low=-math.inf, ibsi="VJGA", ibsi_meaning="Local Intensity Peak",
                definition="Mean intensity within 6.2 mm of the voxel of highest intensity."),
        Feature("GlobalPeak", unit="HU", low=-math.inf, ibsi="0F91", ibsi_meaning="Global Intensity Peak",
                definition="The highest mean intensity within 6.2 mm of a voxel of the contour."),
    ),
)
