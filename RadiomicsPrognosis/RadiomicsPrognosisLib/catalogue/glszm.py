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
        Feature("GrayLevelNonUniformity", ibsi="JNSA", ibsi_meaning="Gray Level Nonuniformity of Size Zone Counts",
                definition=(
            "Sum of the squared numbers of zones by grey level, over the number of zones: small where levels occur "
            "evenly.")),
        Feature("GrayLevelNonUniformityNormalized", high=1.0, ibsi="Y1RO",
                ibsi_meaning="Normalized Gray Level Nonuniformity of Size Zone Counts", definition=(
            "Sum of the squared shares of the zones by grey level.")),
        Feature("GrayLevelVariance", ibsi="BYLV", ibsi_meaning="Gray Level Variance in Size Zones", definition=(
            "Variance of the grey levels of the zones.")),
        Feature("HighGrayLevelZoneEmphasis", ibsi="5GN9", ibsi_meaning="High Gray Level Zone Emphasis", definition=(
            "Mean squared grey level of the zones.")),
        Feature("LargeAreaEmphasis", low=1.0, ibsi="48P8", ibsi_meaning="Large Zone Emphasis", definition=(
            "Mean squared size of the zones in voxels: large in a coarse texture.")),
        Feature("LargeAreaHighGrayLevelEmphasis", ibsi="J17V", ibsi_meaning="Large Zone High Gray Level Emphasis",
                definition=(
            "Mean of the squared size times the squared grey level of the zones.")),
        Feature("LargeAreaLowGrayLevelEmphasis", ibsi="YH51", ibsi_meaning="Large Zone Low Gray Level Emphasis",
                definition=(
            "Mean of the squared size over the squared grey level of the zones.")),
        Feature("LowGrayLevelZoneEmphasis", high=1.0, ibsi="XMSY", ibsi_meaning="Low Gray Level Zone Emphasis",
                definition=(
            "Mean of 1 over the squared grey level of the zones.")),
        Feature("SizeZoneNonUniformity", ibsi="4JP3", ibsi_meaning="Zone Size Nonuniformity", definition=(
            "Sum of the squared numbers of zones by size, over the number of zones: small where sizes occur evenly.")),
        Feature("SizeZoneNonUniformityNormalized", high=1.0, ibsi="VB3A",
                ibsi_meaning="Normalized Zone Size Nonuniformity", definition=(
            "Sum of the squared shares of the zones by size.")),
        Feature("SmallAreaEmphasis", high=1.0, ibsi="5QRC", ibsi_meaning="Small Zone Emphasis", definition=(
            "Mean of 1 over the squared size of the zones in voxels: 1 where every zone is one voxel.")),
        Feature("SmallAreaHighGrayLevelEmphasis", ibsi="HW1V", ibsi_meaning="Small Zone High Gray Level Emphasis",
                definition=(
            "Mean of the squared grey level over the squared size of the zones.")),
        Feature("SmallAreaLowGrayLevelEmphasis", high=1.0, ibsi="5RAI",
                ibsi_meaning="Small Zone Low Gray Level Emphasis", definition=(
            "Mean of 1 over the squared size and the squared grey level of the zones.")),
        Feature("ZoneEntropy", ibsi="GU8N", ibsi_meaning="Zone Size Entropy", definition=(
            "Entropy in bits of grey level and size of the zones.")),
        Feature("ZonePercentage", high=1.0, ibsi="P30P", ibsi_meaning="Size Zone Percentage", definition=(
            "Number of zones over the number of voxels: 1 where every zone is one voxel.")),
        Feature("ZoneVariance", ibsi="3NSA", ibsi_meaning="Zone Size Variance", definition=(
            "Variance of the sizes of the zones in voxels.")),
    ),
)
