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
        Feature("DependenceEntropy", ibsi="FCBV", ibsi_meaning="Dependence count entropy"),
        Feature("DependenceNonUniformity", ibsi="Z87G", ibsi_meaning="Dependence count non-uniformity"),
        Feature("DependenceNonUniformityNormalized", high=1.0, ibsi="OKJI",
                ibsi_meaning="Dependence count non-uniformity normalized"),
        Feature("DependenceVariance", ibsi="DNX2", ibsi_meaning="Dependence count variance"),
        Feature("GrayLevelNonUniformity", ibsi="FP8K", ibsi_meaning="Grey level non-uniformity of NGLDM"),
        Feature("GrayLevelVariance", ibsi="1PFV", ibsi_meaning="Grey level variance of NGLDM"),
        Feature("HighGrayLevelEmphasis", ibsi="OAE7", ibsi_meaning="High grey level count emphasis"),
        Feature("LargeDependenceEmphasis", ibsi="IMOQ", ibsi_meaning="High dependence emphasis"),
        Feature("LargeDependenceHighGrayLevelEmphasis", ibsi="9QMG",
                ibsi_meaning="High dependence high grey level emphasis"),
        Feature("LargeDependenceLowGrayLevelEmphasis", ibsi="NBZI",
                ibsi_meaning="High dependence low grey level emphasis"),
        Feature("LowGrayLevelEmphasis", high=1.0, ibsi="TL9H", ibsi_meaning="Low grey level count emphasis"),
        Feature("SmallDependenceEmphasis", high=1.0, ibsi="SODN", ibsi_meaning="Low dependence emphasis"),
        Feature("SmallDependenceHighGrayLevelEmphasis", ibsi="JA6D",
                ibsi_meaning="Low dependence high grey level emphasis"),
        Feature("SmallDependenceLowGrayLevelEmphasis", high=1.0, ibsi="EQ3F",
                ibsi_meaning="Low dependence low grey level emphasis"),
    ),
)
