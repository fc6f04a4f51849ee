"""The class ``glrlm``: lengths of runs of one grey level (Galloway, Comput Graph Image Process 1975)."""

from __future__ import annotations

from .entry import Feature, FeatureClass

CLASS = FeatureClass(
    name="glrlm",
    title="Grey level run length matrix",
    prefix="GLRLM",
    sentence="Lengths of runs of one grey level (Galloway, Comput Graph Image Process 1975).",
    textural=True,
    directions=r"(?P<degrees>0|45|90|135)",
    features=(
        Feature("GrayLevelNonUniformity", ibsi="R5YN", ibsi_meaning="Gray Level Nonuniformity in Runs", definition=(
            "Sum of the squared numbers of runs by grey level, over the number of runs: small where levels occur "
            "evenly.")),
        Feature("GrayLevelNonUniformityNormalized", high=1.0, ibsi="OVBL",
                ibsi_meaning="Normalized Gray Level Nonuniformity in Runs", definition=(
            "Sum of the squared shares of the runs by grey level.")),
        Feature("GrayLevelVariance", ibsi="8CE5", ibsi_meaning="Gray Level Variance in Runs", definition=(
            "Variance of the grey levels of the runs.")),
        Feature("HighGrayLevelRunEmphasis", ibsi="G3QZ", ibsi_meaning="High Gray Level Run Emphasis", definition=(
            "Mean squared grey level of the runs.")),
        Feature("LongRunEmphasis", low=1.0, ibsi="W4KF", ibsi_meaning="Long Runs Emphasis", definition=(
            "Mean squared length of the runs: large in a coarse texture.")),
        Feature("LongRunHighGrayLevelEmphasis", ibsi="3KUM", ibsi_meaning="Long Run High Gray Level Emphasis",
                definition=(
            "Mean of the squared length times the squared grey level of the runs.")),
        Feature("LongRunLowGrayLevelEmphasis", ibsi="IVPO", ibsi_meaning="Long Run Low Gray Level Emphasis",
                definition=(
            "Mean of the squared length over the squared grey level of the runs.")),
        Feature("LowGrayLevelRunEmphasis", high=1.0, ibsi="V3SW", ibsi_meaning="Low Gray Level Run Emphasis",
                definition=(
            "Mean of 1 over the squared grey level of the runs.")),
        Feature("RunEntropy", ibsi="HJ9O", ibsi_meaning="Run Entropy", definition=(
            "Entropy in bits of grey level and length of the runs.")),
        Feature("RunLengthNonUniformity", ibsi="W92Y", ibsi_meaning="Run Length Nonuniformity", definition=(
            "Sum of the squared numbers of runs by length, over the number of runs: small where lengths occur "
            "evenly.")),
        Feature("RunLengthNonUniformityNormalized", high=1.0, ibsi="IC23",
                ibsi_meaning="Normalized Run Length Nonuniformity", definition=(
            "Sum of the squared shares of the runs by length.")),
        Feature("RunPercentage", high=1.0, ibsi="9ZK5", ibsi_meaning="Run Percentage", definition=(
            "Number of runs over the number of voxels: 1 where every run is one voxel long.")),
        Feature("RunVariance", ibsi="SXLW", ibsi_meaning="Run Length Variance", definition=(
            "Variance of the lengths of the runs.")),
        Feature("ShortRunEmphasis", high=1.0, ibsi="22OV", ibsi_meaning="Short Runs Emphasis", definition=(
            "Mean of 1 over the squared length of the runs: 1 where every run is one voxel long.")),
        Feature("ShortRunHighGrayLevelEmphasis", ibsi="GD3A", ibsi_meaning="Short Run High Gray Level Emphasis",
                definition=(
            "Mean of the squared grey level over the squared length of the runs.")),
        Feature("ShortRunLowGrayLevelEmphasis", high=1.0, ibsi="HTZT",
                ibsi_meaning="Short Run Low Gray Level Emphasis", definition=(
            "Mean of 1 over the squared length and the squared grey level of the runs.")),
    ),
)
