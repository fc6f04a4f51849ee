"""The class ``gldm``: how many neighbours a voxel has of its own grey level (Sun and Wee, CVGIP 1983)."""

from __future__ import annotations

from .entry import Feature, FeatureClass

CLASS = FeatureClass(
    name="gldm",
    title="Grey level dependence matrix",
    prefix="GLDM",
    sentence="How many neighbours a voxel has of its own grey level (Sun and Wee, Comput Vis Graph Image "
             "Process 1983).",
    textural=True,
    features=(
        Feature("DependenceEntropy", ibsi="FCBV", ibsi_meaning="Dependence count entropy", definition=(
            "Entropy in bits of level and dependence size, the number of neighbours of a voxel's own level and the "
            "voxel.")),
        Feature("DependenceNonUniformity", ibsi="Z87G", ibsi_meaning="Dependence count non-uniformity", definition=(
            "Sum of the squared numbers of voxels by dependence size, over the number of voxels: small where sizes "
            "are many and even.")),
        Feature("DependenceNonUniformityNormalized", high=1.0, ibsi="OKJI",
                ibsi_meaning="Dependence count non-uniformity normalized", definition=(
            "Sum of the squared shares of the dependence sizes.")),
        Feature("DependenceVariance", ibsi="DNX2", ibsi_meaning="Dependence count variance", definition=(
            "Variance of the dependence sizes.")),
        Feature("GrayLevelNonUniformity", ibsi="FP8K", ibsi_meaning="Grey level non-uniformity of NGLDM", definition=(
            "Sum of the squared numbers of voxels by grey level, over the number of voxels.")),
        Feature("GrayLevelVariance", ibsi="1PFV", ibsi_meaning="Grey level variance of NGLDM", definition=(
            "Variance of the grey levels.")),
        Feature("HighGrayLevelEmphasis", ibsi="OAE7", ibsi_meaning="High grey level count emphasis", definition=(
            "Mean squared grey level.")),
        Feature("LargeDependenceEmphasis", ibsi="IMOQ", ibsi_meaning="High dependence emphasis", definition=(
            "Mean squared dependence size: large in a homogeneous texture.")),
        Feature("LargeDependenceHighGrayLevelEmphasis", ibsi="9QMG",
                ibsi_meaning="High dependence high grey level emphasis", definition=(
            "Mean of the squared dependence size times the squared grey level.")),
        Feature("LargeDependenceLowGrayLevelEmphasis", ibsi="NBZI",
                ibsi_meaning="High dependence low grey level emphasis", definition=(
            "Mean of the squared dependence size over the squared grey level.")),
        Feature("LowGrayLevelEmphasis", high=1.0, ibsi="TL9H", ibsi_meaning="Low grey level count emphasis",
                definition=(
            "Mean of 1 over the squared grey level.")),
        Feature("SmallDependenceEmphasis", high=1.0, ibsi="SODN", ibsi_meaning="Low dependence emphasis", definition=(
            "Mean of 1 over the squared dependence size: large where neighbours differ.")),
        Feature("SmallDependenceHighGrayLevelEmphasis", ibsi="JA6D",
                ibsi_meaning="Low dependence high grey level emphasis", definition=(
            "Mean of the squared grey level over the squared dependence size.")),
        Feature("SmallDependenceLowGrayLevelEmphasis", high=1.0, ibsi="EQ3F",
                ibsi_meaning="Low dependence low grey level emphasis", definition=(
            "Mean of 1 over the squared dependence size and the squared grey level.")),
    ),
)
