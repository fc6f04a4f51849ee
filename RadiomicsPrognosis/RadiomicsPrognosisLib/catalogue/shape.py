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
        Feature("Elongation", high=1.0, ibsi="Q3CK", ibsi_meaning="Elongation"),
        Feature("Flatness", high=1.0, ibsi="N17B", ibsi_meaning="Flatness"),
        Feature("LeastAxisLength", unit="mm", ibsi="7J51", ibsi_meaning="Least Axis in 3D Length"),
        Feature("MajorAxisLength", unit="mm", ibsi="TDIC", ibsi_meaning="Major Axis in 3D Length"),
        Feature("Maximum2DDiameterColumn", unit="mm", words="max. 2-D diameter, column"),
        Feature("Maximum2DDiameterRow", unit="mm", words="max. 2-D diameter, row"),
        Feature("Maximum2DDiameterSlice", unit="mm", words="max. 2-D diameter, slice"),
        Feature("Maximum3DDiameter", unit="mm", ibsi="L0JK", ibsi_meaning="Maximum 3D Diameter of a Mesh",
                words="max. 3-D diameter"),
        Feature("MeshVolume", unit="mm3", ibsi="RNU0", ibsi_meaning="Volume of Mesh"),
        Feature("MinorAxisLength", unit="mm", ibsi="P9VJ", ibsi_meaning="Minor Axis in 3D Length"),
        Feature("Sphericity", high=1.0, ibsi="QCFX", ibsi_meaning="Sphericity"),
        Feature("SurfaceArea", unit="mm2", ibsi="C0JK", ibsi_meaning="Surface Area of Mesh"),
        Feature("SurfaceVolumeRatio", unit="1/mm", ibsi="2PR5", ibsi_meaning="Surface to Volume Ratio"),
        Feature("VoxelVolume", unit="mm3", ibsi="YEKZ", ibsi_meaning="Volume from Voxel Summation"),
    ),
)
