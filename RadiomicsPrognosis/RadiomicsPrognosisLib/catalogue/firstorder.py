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
                words="10th percentile", definition=(
            "Intensity below which a tenth of the voxels lie, interpolated between the nearest two.")),
        Feature("90Percentile", unit="HU", low=-math.inf, ibsi="8DWT", ibsi_meaning="90th intensity percentile",
                words="90th percentile", definition=(
            "Intensity below which nine tenths of the voxels lie, interpolated between the nearest two.")),
        Feature("Energy", unit="HU2", ibsi="N8CA", ibsi_meaning="Intensity-based energy", definition=(
            "Sum of the squared intensities, which grows with the number of voxels.")),
        Feature("Entropy", ibsi="TLU2", ibsi_meaning="Intensity Histogram Entropy", definition=(
            "Entropy in bits of the grey levels: 0 for a single level, larger the more evenly many levels occur.")),
        Feature("InterquartileRange", unit="HU", ibsi="SALO", ibsi_meaning="Intensity interquartile range", definition=(
            "Difference between the 75th and the 25th percentile of the intensities.")),
        Feature("Kurtosis", low=1.0, definition=(
            "Fourth central moment of the intensities over their squared variance, 3 for a normal distribution: the "
            "weight of the tails.")),
        Feature("Maximum", unit="HU", low=-math.inf, ibsi="84IY", ibsi_meaning="Maximum intensity", definition=(
            "Highest intensity.")),
        Feature("MeanAbsoluteDeviation", unit="HU", ibsi="4FUA",
                ibsi_meaning="Intensity-based mean absolute deviation", definition=(
            "Mean absolute difference of the intensities from their mean.")),
        Feature("Mean", unit="HU", low=-math.inf, ibsi="Q4LE", ibsi_meaning="Mean intensity", definition=(
            "Mean of the intensities.")),
        Feature("Median", unit="HU", low=-math.inf, ibsi="Y12H", ibsi_meaning="Median intensity", definition=(
            "Intensity that as many voxels lie below as above.")),
        Feature("Minimum", unit="HU", low=-math.inf, ibsi="1GSF", ibsi_meaning="Minimum intensity", definition=(
            "Lowest intensity.")),
        Feature("Range", unit="HU", ibsi="2OJQ", ibsi_meaning="Intensity range", definition=(
            "Difference between the highest and the lowest intensity.")),
        Feature("RobustMeanAbsoluteDeviation", unit="HU", ibsi="1128",
                ibsi_meaning="Intensity-based robust mean absolute deviation", definition=(
            "Mean absolute deviation of the intensities from the 10th to the 90th percentile, from their own mean.")),
        Feature("RootMeanSquared", unit="HU", ibsi="5ZWQ", ibsi_meaning="Root mean square intensity", definition=(
            "Square root of the mean of the squared intensities.")),
        Feature("Skewness", low=-math.inf, ibsi="KE2A", ibsi_meaning="Intensity skewness", definition=(
            "Third central moment of the intensities over the cube of their standard deviation: positive with a "
            "longer tail towards high intensities.")),
        Feature("TotalEnergy", unit="HU2 mm3", definition=(
            "Energy times the volume of a voxel.")),
        Feature("Uniformity", high=1.0, ibsi="BJ5W", ibsi_meaning="Intensity Histogram Uniformity", definition=(
            "Sum of the squared shares of the grey levels: 1 for a single level, small where many occur evenly.")),
        Feature("Variance", unit="HU2", ibsi="ECT3", ibsi_meaning="Intensity variance", definition=(
            "Mean squared difference of the intensities from their mean.")),
    ),
)
