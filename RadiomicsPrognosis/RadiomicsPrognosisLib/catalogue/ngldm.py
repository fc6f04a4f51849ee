"""The class ``ngldm``: the IBSI's features of neighbouring grey level dependence that pyradiomics' gldm lacks."""

from __future__ import annotations

from .entry import Feature, FeatureClass

CLASS = FeatureClass(
    name="ngldm",
    title="Neighbouring grey level dependence matrix (IBSI)",
    prefix="IBSI NGLDM",
    sentence="How many neighbours share a voxel's grey level: what gldm lacks of the IBSI's features (Sun and Wee, "
             "Comput Vis Graph Image Process 1983; IBSI reference manual, section 3.11).",
    pyradiomics=False,
    source="the IBSI",
    textural=True,
    features=(
        Feature("GrayLevelNonUniformityNormalized", high=1.0, ibsi="5SPA",
                ibsi_meaning="Normalized grey level non-uniformity of NGLDM",
                definition="Sum over grey levels of squared shares of voxels."),
        Feature("DependencePercentage", high=1.0, ibsi="6XV8", ibsi_meaning="Dependence count percentage",
                definition="Share of voxels that have a neighbourhood: 1, as incomplete ones count."),
        Feature("DependenceEnergy", high=1.0, ibsi="CAS9", ibsi_meaning="Dependence count energy",
                definition="Sum of squared shares of voxels by grey level and dependence."),
    ),
)
