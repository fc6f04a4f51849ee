"""The class ``shape2D``: size and form of the contour in one slice, from its pixels and the outline around them."""

from __future__ import annotations

from .entry import Feature, FeatureClass

CLASS = FeatureClass(
    name="shape2D",
    title="2-D shape",
    prefix="2-D shape:",
    sentence="Size and form of the contour in one slice, from its pixels and the outline around them; for protocols of "
             "one slice.",
    filtered=False,
    region="morphology",
    features=(
        Feature("Elongation", high=1.0, definition=(
            "Ratio of the shorter to the longer axis of the ellipse with the pixels' covariance: 1 for a circle, near "
            "0 for a line.")),
        Feature("MajorAxisLength", unit="mm", definition=(
            "Length of the longer axis of the ellipse with the pixels' covariance: four standard deviations.")),
        Feature("MaximumDiameter", unit="mm", words="max. diameter", definition=(
            "Largest distance between two points of the outline.")),
        Feature("MeshSurface", unit="mm2", words="area", definition=(
            "Area inside the outline that joins the midpoints between the contour's pixels and their neighbours.")),
        Feature("MinorAxisLength", unit="mm", definition=(
            "Length of the shorter axis of the ellipse with the pixels' covariance: four standard deviations.")),
        Feature("Perimeter", unit="mm", definition="Length of the outline."),
        Feature("PerimeterSurfaceRatio", unit="1/mm", words="perimeter to area ratio", definition=(
            "Perimeter divided by the area inside the outline; lower for a compact form.")),
        Feature("PixelSurface", unit="mm2", words="area of pixels", definition=(
            "Number of pixels times the area of one.")),
        Feature("Sphericity", high=1.0, definition=(
            "Circumference of a circle of the same area divided by the perimeter: 1 for a circle.")),
    ),
)
