"""The class ``ibexshape``: size and form of the contour, as IBEX defines them, in IBEX's own units (cm, g).

Definitions: the category Shape of IBEX (Zhang et al., Med Phys 2015;42:1341), whose texts cite Aerts et al. (Nat Commun
2014) for the ratios and Legland, Kieu and Devaux (Image Anal Stereol 2007;26:83-92) for surface and mean breadth.
"""

from __future__ import annotations

from .entry import Feature, FeatureClass

#: The software that these classes follow, as it is cited.
IBEX = "IBEX (Zhang et al., Med Phys 2015)"

CLASS = FeatureClass(
    name="ibexshape",
    title="IBEX-like shape",
    prefix="IBEX-like shape:",
    sentence="Size and form of the contour; voxels of a slice's outline count half.",
    filtered=False,
    region="morphology",
    pyradiomics=False,
    source=IBEX,
    features=(
        Feature("Compactness1", words="compactness 1",
                definition="Volume / (sqrt(pi) surface^(2/3)), from cm3 and cm2; it depends on the unit."),
        Feature("Compactness2", words="compactness 2", definition="36 pi volume^2 / surface^3."),
        Feature("Convex", high=1.0, words="convexity",
                definition="Mean over slices of the outline's area over that of its convex hull."),
        Feature("ConvexHullVolume", unit="cm3", definition="Volume of the slices' convex hulls, voxels of their "
                                                           "outlines counted half."),
        Feature("ConvexHullVolume3D", unit="cm3", words="convex hull volume 3-D",
                definition="Volume of the convex hull of the voxels' centres."),
        Feature("Mass", unit="g",
                definition="Sum over voxels of their volume times the density that a table gives for their CT number, "
                           "from 0 at -1000 HU over 1 g/cm3 at 0 HU to 1.75 g/cm3 at 1470 HU and above."),
        Feature("Max3DDiameter", unit="cm", words="max. 3-D diameter",
                definition="Largest distance of two voxels' centres."),
        Feature("MeanBreadth", unit="cm",
                definition="Mean over the image's axes of the contour's breadth, by Crofton's formula."),
        Feature("NumberOfObjects", low=1.0, definition="Pieces of the contour that share neither face, edge nor "
                                                       "corner."),
        Feature("NumberOfVoxel", words="number of voxels", definition="Number of voxels, those of a slice's outline "
                                                                      "counted half."),
        Feature("Orientation", unit="deg", low=-90.0, high=90.0,
                definition="Mean over slices of the angle between the rows and the major axis of the ellipse with the "
                           "slice's second moments, anticlockwise."),
        Feature("Roundness", high=1.0, definition="Mean over slices of 1 less the eccentricity of the ellipse with the "
                                                  "slice's second moments."),
        Feature("SphericalDisproportion", definition="Surface over that of a sphere of the same volume."),
        Feature("Sphericity", definition="Surface of a sphere of the same volume over the surface."),
        Feature("SurfaceArea", unit="cm2",
                definition="Surface by Crofton's formula in 13 directions; of a single slice its perimeter in 4 "
                           "directions, in cm."),
        Feature("SurfaceAreaDensity", unit="1/cm", definition="Surface over volume."),
        Feature("Volume", unit="cm3", definition="Number of voxels, those of a slice's outline counted half, times "
                                                 "their volume."),
    ),
)
