"""The class ``shape``: size and form of the contour, from its voxels and the mesh around them."""

from __future__ import annotations

from .entry import Feature, FeatureClass

CLASS = FeatureClass(
    name="shape",
    title="Shape",
    prefix="Shape:",
    sentence="Size and form of the contour, from its voxels and the mesh around them.",
    filtered=False,
    region="morphology",
    features=(
        Feature("Elongation", high=1.0, ibsi="Q3CK", ibsi_meaning="Elongation", definition=(
            "Ratio of the second to the longest axis of the ellipsoid with the voxels' covariance: 1 for a round "
            "section, near 0 for a line.")),
        Feature("Flatness", high=1.0, ibsi="N17B", ibsi_meaning="Flatness", definition=(
            "Ratio of the shortest to the longest axis of the ellipsoid with the voxels' covariance: 1 for a sphere, "
            "0 for a plane.")),
        Feature("LeastAxisLength", unit="mm", ibsi="7J51", ibsi_meaning="Least Axis in 3D Length", definition=(
            "Length of the shortest axis of the ellipsoid with the voxels' covariance: four standard deviations.")),
        Feature("MajorAxisLength", unit="mm", ibsi="TDIC", ibsi_meaning="Major Axis in 3D Length", definition=(
            "Length of the longest axis of the ellipsoid with the voxels' covariance: four standard deviations.")),
        Feature("Maximum2DDiameterColumn", unit="mm", words="max. 2-D diameter, column", definition=(
            "Largest distance between two points of the mesh in a plane of rows and slices, the coronal one of an "
            "axial image.")),
        Feature("Maximum2DDiameterRow", unit="mm", words="max. 2-D diameter, row", definition=(
            "Largest distance between two points of the mesh in a plane of columns and slices, the sagittal one of an "
            "axial image.")),
        Feature("Maximum2DDiameterSlice", unit="mm", words="max. 2-D diameter, slice", definition=(
            "Largest distance between two points of the mesh in a plane of rows and columns, the axial one of an "
            "axial image.")),
        Feature("Maximum3DDiameter", unit="mm", ibsi="L0JK", ibsi_meaning="Maximum 3D Diameter of a Mesh",
                words="max. 3-D diameter", definition=(
            "Largest distance between two points of the mesh.")),
        Feature("MeshVolume", unit="mm3", ibsi="RNU0", ibsi_meaning="Volume of Mesh", definition=(
            "Volume inside the mesh of triangles that joins the midpoints between the contour's voxels and their "
            "neighbours.")),
        Feature("MinorAxisLength", unit="mm", ibsi="P9VJ", ibsi_meaning="Minor Axis in 3D Length", definition=(
            "Length of the second axis of the ellipsoid with the voxels' covariance: four standard deviations.")),
        Feature("Sphericity", high=1.0, ibsi="QCFX", ibsi_meaning="Sphericity", definition=(
            "Area of a sphere of the same volume divided by the area of the mesh: 1 for a sphere.")),
        Feature("SurfaceArea", unit="mm2", ibsi="C0JK", ibsi_meaning="Surface Area of Mesh", definition=(
            "Area of the mesh.")),
        Feature("SurfaceVolumeRatio", unit="1/mm", ibsi="2PR5", ibsi_meaning="Surface to Volume Ratio", definition=(
            "Area of the mesh divided by its volume; lower for a compact form.")),
        Feature("VoxelVolume", unit="mm3", ibsi="YEKZ", ibsi_meaning="Volume from Voxel Summation", definition=(
            "Number of voxels times the volume of one.")),
    ),
)
