"""The class ``ibexhistogram``: the distribution of intensities inside the VOI, as IBEX describes it.

Definitions: the category IntensityHistogram of IBEX (Zhang et al., Med Phys 2015;42:1341): MATLAB's ``kurtosis``,
``skewness``, ``mad``, ``iqr``, ``prctile`` and ``quantile`` of the intensities, and percentiles of the histogram's
area. IBEX's CT numbers are HU + 1000; here they are HU.
"""

from __future__ import annotations

import math

from .entry import Feature, FeatureClass
from .ibexshape import IBEX

#: Percentages of ``Percentile...`` and ``PercentileArea...``.
PERCENTAGES = tuple(range(5, 100, 5))

#: Probabilities of ``Quantile...``: IBEX's own, which are those of MATLAB's example.
QUANTILES = (0.025, 0.25, 0.5, 0.75, 0.975)

CLASS = FeatureClass(
    name="ibexhistogram",
    title="IBEX-like intensity histogram",
    prefix="IBEX-like histogram:",
    sentence="The distribution of intensities inside the VOI, whatever their places.",
    filtered=False,
    pyradiomics=False,
    source=IBEX,
    features=(
        Feature("InterQuartileRange", unit="HU", words="interquartile range",
                definition="The 75th less the 25th percentile."),
        Feature("Kurtosis", low=1.0, definition="Fourth central moment over the squared variance (3 for a normal "
                                                "distribution)."),
        Feature("MeanAbsoluteDeviation", unit="HU", definition="Mean distance from the mean."),
        Feature("MedianAbsoluteDeviation", unit="HU", definition="Median distance from the median."),
        Feature("Range", unit="HU", definition="Highest less lowest intensity."),
        Feature("Skewness", low=-math.inf, definition="Third central moment over the cubed standard deviation."),
        *(Feature(f"Percentile{percent}", unit="HU", low=-math.inf, words=f"percentile {percent}",
                  definition=f"Intensity below which {percent} % of the voxels lie, the i-th of n standing at "
                             "100 (i - 0.5) / n %.") for percent in PERCENTAGES),
        *(Feature(f"PercentileArea{percent}", unit="HU", low=-math.inf, words=f"area percentile {percent}",
                  definition=f"Where the accumulated histogram of the grey levels reaches {percent} %, between their "
                             "centres by a straight line.") for percent in PERCENTAGES),
        *(Feature(f"Quantile{share}", unit="HU", low=-math.inf, words=f"quantile {share}",
                  definition=f"The percentile {100 * share:g}.") for share in QUANTILES),
    ),
)
