"""The class ``ibexglcm``: co-occurrence along one direction in the axial plane, with IBEX's features.

Definitions: the category GrayLevelCooccurenceMatrix25 of IBEX (Zhang et al., Med Phys 2015;42:1341), whose texts cite
Haralick et al. (1973), Soh and Tsatsoulis (1999) and Aerts et al. (2014). Pairs of all slices are counted together.
"""

from __future__ import annotations

import math

from .entry import Feature, FeatureClass
from .ibexshape import IBEX

CLASS = FeatureClass(
    name="ibexglcm",
    title="IBEX-like grey level co-occurrence matrix along a direction",
    prefix="IBEX-like GLCM",
    sentence="How often two grey levels lie a number of voxels from each other along one direction of the axial plane; "
             "without a direction, the mean over all four at offset 1.",
    directions=r"(?P<degrees>0|45|90|135)-(?P<offset>[1-9]\d?)",
    filtered=False,
    pyradiomics=False,
    source=IBEX,
    features=(
        Feature("AutoCorrelation", words="autocorrelation", definition="Sum of p(i, j) i j."),
        Feature("ClusterProminence", definition="Sum of p(i, j) (i + j - mean of i - mean of j)^4."),
        Feature("ClusterShade", low=-math.inf, definition="Sum of p(i, j) (i + j - mean of i - mean of j)^3."),
        Feature("ClusterTendency", definition="Sum of p(i, j) (i + j - mean of i - mean of j)^2."),
        Feature("Contrast", definition="Sum of p(i, j) (i - j)^2."),
        Feature("Correlation", low=-1.0, high=1.0, definition="Correlation of i and j under p(i, j)."),
        Feature("DifferenceEntropy", definition="Entropy of |i - j|, in bits."),
        Feature("Dissimilarity", definition="Sum of p(i, j) |i - j|."),
        Feature("Energy", high=1.0, definition="Sum of p(i, j)^2."),
        Feature("Entropy", definition="Entropy of p(i, j), in bits."),
        Feature("Homogeneity", high=1.0, definition="Sum of p(i, j) / (1 + |i - j|)."),
        Feature("Homogeneity2", high=1.0, words="homogeneity 2", definition="Sum of p(i, j) / (1 + (i - j)^2)."),
        Feature("InformationMeasureCorr1", low=-1.0, high=0.0, words="information correlation 1",
                definition="(HXY - HXY1) / max(HX, HY), entropies in bits."),
        Feature("InformationMeasureCorr2", high=1.0, words="information correlation 2",
                definition="Square root of 1 - exp(-2 (HXY2 - HXY)), entropies in bits."),
        Feature("InverseDiffMomentNorm", high=1.0, words="inverse diff. moment norm.",
                definition="Sum of p(i, j) / (1 + (i - j)^2 / N^2) with N grey levels."),
        Feature("InverseDiffNorm", high=1.0, words="inverse diff. norm.",
                definition="Sum of p(i, j) / (1 + |i - j| / N) with N grey levels."),
        Feature("InverseVariance", high=1.0, definition="Sum of p(i, j) / (i - j)^2 over unequal i and j."),
        Feature("MaxProbability", high=1.0, words="max. probability", definition="The largest p(i, j)."),
        Feature("SumAverage", definition="Mean of i + j."),
        Feature("SumEntropy", definition="Entropy of i + j, in bits."),
        Feature("SumVariance", definition="Mean of (i + j - SumEntropy)^2: Haralick's formula f7 as it was printed."),
        Feature("Variance", definition="Sum of p(i, j) (i + j - mean of i - mean of j)^2: IBEX computes cluster "
                                       "tendency under this name, too."),
    ),
)
