"""The class ``firstorder``: the distribution of intensities inside the VOI, whatever their places."""

from __future__ import annotations

import math

from .entry import Feature, FeatureClass

CLASS = FeatureClass(
    name="firstorder",
    title="First order",
    prefix="Intensity:",
    sentence="The distribution of intensities inside the VOI, whatever their places.",
    features=(
        Feature("10Percentile", unit="HU", low=-math.inf, ibsi="QG58", ibsi_meaning="10th intensity percentile",
                words="10th percentile"),
        Feature("90Percentile", unit="HU", low=-math.inf, ibsi="8DWT", ibsi_meaning="90th intensity percentile",
                words="90th percentile"),
        Feature("Energy", unit="HU2", ibsi="N8CA", ibsi_meaning="Intensity-based energy"),
        Feature("Entropy", ibsi="TLU2", ibsi_meaning="Intensity Histogram Entropy"),
        Feature("InterquartileRange", unit="HU", ibsi="SALO", ibsi_meaning="Intensity interquartile range"),
        Feature("Kurtosis", low=1.0),
        Feature("Maximum", unit="HU", low=-math.inf, ibsi="84IY", ibsi_meaning="Maximum intensity"),
        Feature("MeanAbsoluteDeviation", unit="HU", ibsi="4FUA",
                ibsi_meaning="Intensity-based mean absolute deviation"),
        Feature("Mean", unit="HU", low=-math.inf, ibsi="Q4LE", ibsi_meaning="Mean intensity"),
        Feature("Median", unit="HU", low=-math.inf, ibsi="Y12H", ibsi_meaning="Median intensity"),
        Feature("Minimum", unit="HU", low=-math.inf, ibsi="1GSF", ibsi_meaning="Minimum intensity"),
        Feature("Range", unit="HU", ibsi="2OJQ", ibsi_meaning="Intensity range"),
        Feature("RobustMeanAbsoluteDeviation", unit="HU", ibsi="1128",
                ibsi_meaning="Intensity-based robust mean absolute deviation"),
        Feature("RootMeanSquared", unit="HU", ibsi="5ZWQ", ibsi_meaning="Root mean square intensity"),
        Feature("Skewness", low=-math.inf, ibsi="KE2A", ibsi_meaning="Intensity skewness"),
        Feature("TotalEnergy", unit="HU2 mm3"),
        Feature("Uniformity", high=1.0, ibsi="BJ5W", ibsi_meaning="Intensity Histogram Uniformity"),
        Feature("Variance", unit="HU2", ibsi="ECT3", ibsi_meaning="Intensity variance"),
    ),
)
