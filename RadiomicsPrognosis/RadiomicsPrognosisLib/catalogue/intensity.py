"""The class ``intensity``: the IBSI's statistics of intensities that pyradiomics' first order lacks."""

from __future__ import annotations

import math

from .entry import Feature, FeatureClass

CLASS = FeatureClass(
    name="intensity",
    title="Intensity statistics (IBSI)",
    prefix="IBSI intensity:",
    sentence="Statistics of intensities beyond pyradiomics' first order (IBSI reference manual, section 3.3).",
    pyradiomics=False,
    source="the IBSI",
    features=(
        Feature("ExcessKurtosis", low=-2.0, ibsi="IPH6", ibsi_meaning="Intensity kurtosis",
                definition="Fourth standardised moment less 3, the normal distribution's."),
        Feature("MedianAbsoluteDeviation", unit="HU", ibsi="N72L",
                ibsi_meaning="Intensity-based median absolute deviation",
                definition="Mean distance of the intensities from their median."),
        Feature("CoefficientOfVariation", low=-math.inf, ibsi="7TET",
                ibsi_meaning="Intensity-based coefficient of variation",
                words="coeff. of variation",
                definition="Standard deviation over mean."),
        Feature("QuartileCoefficientOfDispersion", low=-math.inf, ibsi="9S40",
                ibsi_meaning="Intensity-based quartile coefficient of dispersion",
                words="quartile dispersion", definition="Difference of the quartiles over their sum."),
    ),
)
