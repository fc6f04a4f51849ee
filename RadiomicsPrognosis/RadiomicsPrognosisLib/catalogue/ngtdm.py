"""The class ``ngtdm``: how far a voxel differs from the mean of its neighbours (Amadasun and King, IEEE SMC 1989)."""

from __future__ import annotations

from .entry import Feature, FeatureClass

CLASS = FeatureClass(
    name="ngtdm",
    title="Neighbouring grey tone difference matrix",
    prefix="NGTDM",
    sentence="How far a voxel differs from the mean of its neighbours (Amadasun and King, IEEE Trans Syst Man "
             "Cybern 1989).",
    textural=True,
    features=(
        Feature("Busyness", ibsi="NQ30", ibsi_meaning="Busyness of NGTDM", definition=(
            "Change of the grey level from a voxel to its neighbours' mean, over the differences between the levels: "
            "large with rapid changes.")),
        Feature("Coarseness", ibsi="QCDE", ibsi_meaning="Coarseness of NGTDM", definition=(
            "1 over the mean difference between a voxel's grey level and its neighbours' mean: large in a smooth "
            "texture.")),
        Feature("Complexity", ibsi="HDEZ", ibsi_meaning="Complexity of NGTDM", definition=(
            "Differences between all pairs of levels, weighted by how much voxels of both differ from their "
            "neighbours.")),
        Feature("Contrast", ibsi="65HE", ibsi_meaning="Contrast of NGTDM", definition=(
            "Spread of the grey levels times the mean difference between a voxel's level and its neighbours' mean.")),
        Feature("Strength", ibsi="1X9X", ibsi_meaning="Strength of NGTDM", definition=(
            "Squared differences between all pairs of levels, weighted by their shares, over the sum of differences "
            "from neighbours.")),
    ),
)
