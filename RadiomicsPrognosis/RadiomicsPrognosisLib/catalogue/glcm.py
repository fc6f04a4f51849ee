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
        Feature("Autocorrelation", ibsi="QWB0", ibsi_meaning="Autocorrelation of GLCM", definition=(
            "Mean product of the grey levels of two neighbours: large where high levels lie side by side.")),
        Feature("ClusterProminence", ibsi="AE86", ibsi_meaning="Cluster Prominence of GLCM", definition=(
            "Mean fourth power of the sum of two neighbours' levels less twice the mean level: large with pairs far "
            "from the mean.")),
        Feature("ClusterShade", low=-math.inf, ibsi="7NFM", ibsi_meaning="Cluster Shade of GLCM", definition=(
            "Mean third power of the sum of two neighbours' levels less twice the mean level: asymmetry of the pairs "
            "about the mean.")),
        Feature("ClusterTendency", ibsi="DG8W", ibsi_meaning="Cluster Tendency of GLCM", definition=(
            "Mean square of the sum of two neighbours' levels less twice the mean level: large where neighbours are "
            "alike.")),
        Feature("Contrast", ibsi="ACUI", ibsi_meaning="Contrast of GLCM", definition=(
            "Mean squared difference between the levels of two neighbours.")),
        Feature("Correlation", low=-1.0, high=1.0, ibsi="NI2N", ibsi_meaning="Correlation of GLCM", definition=(
            "Linear correlation of the levels of two neighbours: 1 where one tells the other, 0 where it tells "
            "nothing of it.")),
        Feature("DifferenceAverage", ibsi="TF7R", ibsi_meaning="Difference Average of GLCM", definition=(
            "Mean absolute difference between the levels of two neighbours, also called dissimilarity.")),
        Feature("DifferenceEntropy", ibsi="NTRS", ibsi_meaning="Difference Entropy of GLCM", definition=(
            "Entropy in bits of the absolute differences between the levels of two neighbours.")),
        Feature("DifferenceVariance", ibsi="D3YU", ibsi_meaning="Difference Variance of GLCM", definition=(
            "Variance of the absolute differences between the levels of two neighbours.")),
        Feature("Id", high=1.0, ibsi="IB1Z", ibsi_meaning="Inverse Difference of GLCM", words="inverse difference",
                definition=(
            "Mean of 1 / (1 + d), d being the absolute difference between the levels of two neighbours: 1 for equal "
            "levels.")),
        Feature("Idm", high=1.0, ibsi="WF0Z", ibsi_meaning="Inverse Difference Moment of GLCM",
                words="inverse difference moment", definition=(
            "Mean of 1 / (1 + d2), d being the absolute difference between the levels of two neighbours: 1 for equal "
            "levels.")),
        Feature("Idmn", high=1.0, ibsi="1QCO", ibsi_meaning="Normalized Inverse Difference Moment of GLCM",
                words="inverse difference moment norm.", definition=(
            "As the inverse difference moment, with the difference divided by the number of grey levels.")),
        Feature("Idn", high=1.0, ibsi="NDRX", ibsi_meaning="Normalized Inverse Difference of GLCM",
                words="inverse difference norm.", definition=(
            "As the inverse difference, with the difference divided by the number of grey levels.")),
        Feature("Imc1", low=-1.0, high=0.0, ibsi="R8DG",
                ibsi_meaning="First Measure of Information Correlation of GLCM", words="information correlation 1",
                definition=(
            "Mutual information of the levels of two neighbours, negative, over the entropy of a level: 0 where they "
            "are independent.")),
        Feature("Imc2", high=1.0, ibsi="JN9H", ibsi_meaning="Second Measure of Information Correlation of GLCM",
                words="information correlation 2", definition=(
            "(1 - exp(-2 I))^0.5 with I the mutual information in bits of the levels of two neighbours: 0 where they "
            "are independent.")),
        Feature("InverseVariance", high=1.0, ibsi="E8JP", ibsi_meaning="Inverse Variance of GLCM", definition=(
            "Sum over pairs of unequal neighbours of their share over the squared difference of their levels.")),
        Feature("JointAverage", ibsi="60VM", ibsi_meaning="Joint Average of GLCM", definition=(
            "Mean grey level of a voxel with a neighbour.")),
        Feature("JointEnergy", high=1.0, ibsi="8ZQL", ibsi_meaning="Angular Second Moment of GLCM", definition=(
            "Sum of the squared shares of all pairs of levels: 1 where a single pair occurs.")),
        Feature("JointEntropy", ibsi="TU9B", ibsi_meaning="Joint Entropy of GLCM", definition=(
            "Entropy in bits of the pairs of levels: larger the more evenly many pairs occur.")),
        Feature("MCC", high=1.0, words="max. correlation coefficient", definition=(
            "Largest correlation that any numbering of the grey levels could give to two neighbours.")),
        Feature("MaximumProbability", high=1.0, ibsi="GYBY", ibsi_meaning="Joint Maximum of GLCM", definition=(
            "Share of the commonest pair of levels.")),
        Feature("SumAverage", ibsi="ZGXS", ibsi_meaning="Sum Average of GLCM", definition=(
            "Mean sum of the levels of two neighbours.")),
        Feature("SumEntropy", ibsi="P6QZ", ibsi_meaning="Sum Entropy of GLCM", definition=(
            "Entropy in bits of the sums of the levels of two neighbours.")),
        Feature("SumSquares", ibsi="UR99", ibsi_meaning="Joint Variance of GLCM", definition=(
            "Variance of the grey level of a voxel with a neighbour.")),
    ),
)
