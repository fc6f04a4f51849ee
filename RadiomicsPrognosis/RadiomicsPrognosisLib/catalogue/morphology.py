"""The class ``morphology``: a contour's form beyond pyradiomics' shape, and where its intensities lie (IBSI)."""

from __future__ import annotations

import math

from .entry import Feature, FeatureClass

# Axis lengths have the IBSI's identifiers in pyradiomics' shape, whose n in place of n - 1 is within the IBSI's
# tolerance in all but volumes of a few voxels; here they have none, so that a report tells both apart.
CLASS = FeatureClass(
    name="morphology",
    title="Morphology (IBSI)",
    prefix="IBSI morphology:",
    sentence="How compact the contour is, how it fills boxes, ellipsoids and its hull, and where its intensities lie "
             "(IBSI reference manual, section 3.1).",
    filtered=False,
    pyradiomics=False,
    source="the IBSI",
    features=(
        Feature("Compactness1", ibsi="SKGS", ibsi_meaning="Compactness 1", words="compactness 1",
                definition="V / (sqrt(pi) A^1.5) of the mesh's volume V and area A."),
        Feature("Compactness2", high=1.0, ibsi="BQWJ", ibsi_meaning="Compactness 2", words="compactness 2",
                definition="36 pi V^2 / A^3 of the mesh's volume V and area A; 1 for a sphere."),
        Feature("SphericalDisproportion", ibsi="KRCK", ibsi_meaning="Spherical Disproportion",
                definition="The mesh's area over that of a sphere of its volume."),
        Feature("Asphericity", low=-1.0, ibsi="25C7", ibsi_meaning="Asphericity",
                definition="Spherical disproportion less 1."),
        Feature("CentreOfMassShift", unit="mm", ibsi="KLMA", ibsi_meaning="Centre of Mass Shift",
                definition="Distance between the contour's centre and the centre weighted by intensity."),
        Feature("MajorAxisLength", unit="mm",
                definition="Longest axis of the contour's ellipsoid: 4 standard deviations (n - 1) along it."),
        Feature("MinorAxisLength", unit="mm",
                definition="Middle axis of the contour's ellipsoid: 4 standard deviations (n - 1) along it."),
        Feature("LeastAxisLength", unit="mm",
                definition="Shortest axis of the contour's ellipsoid: 4 standard deviations (n - 1) along it."),
        Feature("VolumeDensityBoundingBox", ibsi="PBX1",
                ibsi_meaning="Volume Density in Frame of Reference Axis Aligned Bounding Box",
                definition="The mesh's volume over that of the box around it along the image's axes."),
        Feature("AreaDensityBoundingBox", ibsi="R59B",
                ibsi_meaning="Area Density in Frame of Reference Axis Aligned Bounding Box",
                definition="The mesh's area over that of the box around it along the image's axes."),
        Feature("VolumeDensityEllipsoid", ibsi="6BDE",
                ibsi_meaning="Volume Density in Approximate Enclosing Ellipsoid",
                definition="The mesh's volume over that of the ellipsoid of its principal axes."),
        Feature("AreaDensityEllipsoid", ibsi="RDD2", ibsi_meaning="Area Density in Approximate Enclosing Ellipsoid",
                definition="The mesh's area over that of the ellipsoid of its principal axes."),
        Feature("VolumeDensityConvexHull", ibsi="R3ER", ibsi_meaning="Volume Density in Convex Hull",
                definition="The mesh's volume over its convex hull's."),
        Feature("AreaDensityConvexHull", ibsi="7T7F", ibsi_meaning="Area Density in Convex Hull",
                definition="The mesh's area over its convex hull's."),
        Feature("IntegratedIntensity", unit="HU mm3", low=-math.inf, ibsi="99N0", ibsi_meaning="Integrated Intensity",
                definition="Mean intensity times the mesh's volume."),
        Feature("MoransI", low=-math.inf, ibsi="N365", ibsi_meaning="Moran's I Index", words="Moran's I",
                definition="Spatial autocorrelation of intensities, weighted by inverse distance."),
        Feature("GearysC", ibsi="NPT7", ibsi_meaning="Geary's C Measure", words="Geary's C",
                definition="Squared differences of intensities, weighted by inverse distance, over their variance."),
    ),
)
