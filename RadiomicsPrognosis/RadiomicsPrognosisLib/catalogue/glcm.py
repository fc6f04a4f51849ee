"""The class ``glcm``: how often two grey levels are neighbours (Haralick et al., IEEE Trans Syst Man Cybern 1973)."""

from __future__ import annotations

import math

from .entry import Feature, FeatureClass

CLASS = FeatureClass(
    name="glcm",
    title="Grey level co-occurrence matrix",
    prefix="GLCM",
    sentence="How often two grey levels are neighbours (Haralick et al., IEEE Trans Syst Man Cybern 1973).",
    textural=True,
    directions=r"(?P<degrees>0|45|90|135)-(?P<offset>[1-9]\d?)",
    features=(
        Feature("Autocorrelation", ibsi="QWB0", ibsi_meaning="Autocorrelation of GLCM"),
        Feature("ClusterProminence", ibsi="AE86", ibsi_meaning="Cluster Prominence of GLCM"),
        Feature("ClusterShade", low=-math.inf, ibsi="7NFM", ibsi_meaning="Cluster Shade of GLCM"),
        Feature("ClusterTendency", ibsi="DG8W", ibsi_meaning="Cluster Tendency of GLCM"),
        Feature("Contrast", ibsi="ACUI", ibsi_meaning="Contrast of GLCM"),
        Feature("Correlation", low=-1.0, high=1.0, ibsi="NI2N", ibsi_meaning="Correlation of GLCM"),
        Feature("DifferenceAverage", ibsi="TF7R", ibsi_meaning="Difference Average of GLCM"),
        Feature("DifferenceEntropy", ibsi="NTRS", ibsi_meaning="Difference Entropy of GLCM"),
        Feature("DifferenceVariance", ibsi="D3YU", ibsi_meaning="Difference Variance of GLCM"),
        Feature("Id", high=1.0, ibsi="IB1Z", ibsi_meaning="Inverse Difference of GLCM", words="inverse difference"),
        Feature("Idm", high=1.0, ibsi="WF0Z", ibsi_meaning="Inverse Difference Moment of GLCM",
                words="inverse difference moment"),
        Feature("Idmn", high=1.0, ibsi="1QCO", ibsi_meaning="Normalized Inverse Difference Moment of GLCM",
                words="inverse difference moment norm."),
        Feature("Idn", high=1.0, ibsi="NDRX", ibsi_meaning="Normalized Inverse Difference of GLCM",
                words="inverse difference norm."),
        Feature("Imc1", low=-1.0, high=0.0, ibsi="R8DG",
                ibsi_meaning="First Measure of Information Correlation of GLCM", words="information correlation 1"),
        Feature("Imc2", high=1.0, ibsi="JN9H", ibsi_meaning="Second Measure of Information Correlation of GLCM",
                words="information correlation 2"),
        Feature("InverseVariance", high=1.0, ibsi="E8JP", ibsi_meaning="Inverse Variance of GLCM"),
        Feature("JointAverage", ibsi="60VM", ibsi_meaning="Joint Average of GLCM"),
        Feature("JointEnergy", high=1.0, ibsi="8ZQL", ibsi_meaning="Angular Second Moment of GLCM"),
        Feature("JointEntropy", ibsi="TU9B", ibsi_meaning="Joint Entropy of GLCM"),
        Feature("MCC", high=1.0, words="max. correlation coefficient"),
        Feature("MaximumProbability", high=1.0, ibsi="GYBY", ibsi_meaning="Joint Maximum of GLCM"),
        Feature("SumAverage", ibsi="ZGXS", ibsi_meaning="Sum Average of GLCM"),
        Feature("SumEntropy", ibsi="P6QZ", ibsi_meaning="Sum Entropy of GLCM"),
        Feature("SumSquares", ibsi="UR99", ibsi_meaning="Joint Variance of GLCM"),
    ),
)
