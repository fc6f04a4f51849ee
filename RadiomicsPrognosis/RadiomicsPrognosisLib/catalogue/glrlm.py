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
        Feature("GrayLevelNonUniformity", ibsi="R5YN", ibsi_meaning="Gray Level Nonuniformity in Runs"),
        Feature("GrayLevelNonUniformityNormalized", high=1.0, ibsi="OVBL",
                ibsi_meaning="Normalized Gray Level Nonuniformity in Runs"),
        Feature("GrayLevelVariance", ibsi="8CE5", ibsi_meaning="Gray Level Variance in Runs"),
        Feature("HighGrayLevelRunEmphasis", ibsi="G3QZ", ibsi_meaning="High Gray Level Run Emphasis"),
        Feature("LongRunEmphasis", low=1.0, ibsi="W4KF", ibsi_meaning="Long Runs Emphasis"),
        Feature("LongRunHighGrayLevelEmphasis", ibsi="3KUM", ibsi_meaning="Long Run High Gray Level Emphasis"),
        Feature("LongRunLowGrayLevelEmphasis", ibsi="IVPO", ibsi_meaning="Long Run Low Gray Level Emphasis"),
        Feature("LowGrayLevelRunEmphasis", high=1.0, ibsi="V3SW", ibsi_meaning="Low Gray Level Run Emphasis"),
        Feature("RunEntropy", ibsi="HJ9O", ibsi_meaning="Run Entropy"),
        Feature("RunLengthNonUniformity", ibsi="W92Y", ibsi_meaning="Run Length Nonuniformity"),
        Feature("RunLengthNonUniformityNormalized", high=1.0, ibsi="IC23",
                ibsi_meaning="Normalized Run Length Nonuniformity"),
        Feature("RunPercentage", high=1.0, ibsi="9ZK5", ibsi_meaning="Run Percentage"),
        Feature("RunVariance", ibsi="SXLW", ibsi_meaning="Run Length Variance"),
        Feature("ShortRunEmphasis", high=1.0, ibsi="22OV", ibsi_meaning="Short Runs Emphasis"),
        Feature("ShortRunHighGrayLevelEmphasis", ibsi="GD3A", ibsi_meaning="Short Run High Gray Level Emphasis"),
        Feature("ShortRunLowGrayLevelEmphasis", high=1.0, ibsi="HTZT",
                ibsi_meaning="Short Run Low Gray Level Emphasis"),
    ),
)
