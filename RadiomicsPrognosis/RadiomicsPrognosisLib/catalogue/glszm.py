"""The class ``glszm``: sizes of connected zones of one grey level (Thibault et al., IEEE Trans Biomed Eng 2014)."""

from __future__ import annotations

from .entry import Feature, FeatureClass

CLASS = FeatureClass(
    name="glszm",
    title="Grey level size zone matrix",
    prefix="GLSZM",
    sentence="Sizes of connected zones of one grey level (Thibault et al., IEEE Trans Biomed Eng 2014).",
    textural=True,
    features=(
        Feature("GrayLevelNonUniformity", ibsi="JNSA", ibsi_meaning="Gray Level Nonuniformity of Size Zone Counts"),
        Feature("GrayLevelNonUniformityNormalized", high=1.0, ibsi="Y1RO",
                ibsi_meaning="Normalized Gray Level Nonuniformity of Size Zone Counts"),
        Feature("GrayLevelVariance", ibsi="BYLV", ibsi_meaning="Gray Level Variance in Size Zones"),
        Feature("HighGrayLevelZoneEmphasis", ibsi="5GN9", ibsi_meaning="High Gray Level Zone Emphasis"),
        Feature("LargeAreaEmphasis", low=1.0, ibsi="48P8", ibsi_meaning="Large Zone Emphasis"),
        Feature("LargeAreaHighGrayLevelEmphasis", ibsi="J17V", ibsi_meaning="Large Zone High Gray Level Emphasis"),
        Feature("LargeAreaLowGrayLevelEmphasis", ibsi="YH51", ibsi_meaning="Large Zone Low Gray Level Emphasis"),
        Feature("LowGrayLevelZoneEmphasis", high=1.0, ibsi="XMSY", ibsi_meaning="Low Gray Level Zone Emphasis"),
        Feature("SizeZoneNonUniformity", ibsi="4JP3", ibsi_meaning="Zone Size Nonuniformity"),
        Feature("SizeZoneNonUniformityNormalized", high=1.0, ibsi="VB3A",
                ibsi_meaning="Normalized Zone Size Nonuniformity"),
        Feature("SmallAreaEmphasis", high=1.0, ibsi="5QRC", ibsi_meaning="Small Zone Emphasis"),
        Feature("SmallAreaHighGrayLevelEmphasis", ibsi="HW1V", ibsi_meaning="Small Zone High Gray Level Emphasis"),
        Feature("SmallAreaLowGrayLevelEmphasis", high=1.0, ibsi="5RAI",
                ibsi_meaning="Small Zone Low Gray Level Emphasis"),
        Feature("ZoneEntropy", ibsi="GU8N", ibsi_meaning="Zone Size Entropy"),
        Feature("ZonePercentage", high=1.0, ibsi="P30P", ibsi_meaning="Size Zone Percentage"),
        Feature("ZoneVariance", ibsi="3NSA", ibsi_meaning="Zone Size Variance"),
    ),
)
