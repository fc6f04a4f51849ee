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
        Feature("Busyness", ibsi="NQ30", ibsi_meaning="Busyness of NGTDM"),
        Feature("Coarseness", ibsi="QCDE", ibsi_meaning="Coarseness of NGTDM"),
        Feature("Complexity", ibsi="HDEZ", ibsi_meaning="Complexity of NGTDM"),
        Feature("Contrast", ibsi="65HE", ibsi_meaning="Contrast of NGTDM"),
        Feature("Strength", ibsi="1X9X", ibsi_meaning="Strength of NGTDM"),
    ),
)
