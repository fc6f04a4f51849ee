"""Codes for a DICOM SR: the IBSI's identifier where a feature has one, our private scheme ``99RADPROG`` elsewhere.

IBSI identifiers: Zwanenburg et al., Image Biomarker Standardisation Initiative, reference manual (arXiv:1612.07003),
and DICOM PS3.16 CID 7467 - 7501. A feature whose pyradiomics definition differs from the IBSI's (kurtosis without -3)
or that the IBSI lacks gets a private code, so that no code promises another number. Private codes:

* ``<class>_<Feature>`` with pyradiomics' names, e.g. ``firstorder_Kurtosis``: that feature as pyradiomics defines it;
* ``wavelet-XYZ``, ``log-sigma-S-mm-3D`` as Measurement Method: the filtered image measured;
* ``SCORE``, ``SURVIVAL_<months>M`` (0 - 1), ``PROBABILITY`` (0 - 1), ``KEPT_VOLUME`` (mm3): the prediction;
* ``GROUP`` with the values ``GROUP_ABOVE`` and ``GROUP_BELOW``: the side of the model's cut-off, its label as meaning.
"""

from __future__ import annotations

from highdicom.sr import CodedConcept
from pydicom import Dataset

from ..catalogue import parse_name
from ..texts import clean

IBSI, PRIVATE = "IBSI", "99RADPROG"

#: pyradiomics' name without its image type: (IBSI identifier, meaning).
IBSI_CODES: dict[str, tuple[str, str]] = {
    "shape_MeshVolume": ("RNU0", "Volume of Mesh"),
    "shape_VoxelVolume": ("YEKZ", "Volume from Voxel Summation"),
    "shape_SurfaceArea": ("C0JK", "Surface Area of Mesh"),
    "shape_SurfaceVolumeRatio": ("2PR5", "Surface to Volume Ratio"),
    "shape_Sphericity": ("QCFX", "Sphericity"),
    "shape_Maximum3DDiameter": ("L0JK", "Maximum 3D Diameter of a Mesh"),
    "shape_MajorAxisLength": ("TDIC", "Major Axis in 3D Length"),
    "shape_MinorAxisLength": ("P9VJ", "Minor Axis in 3D Length"),
    "shape_LeastAxisLength": ("7J51", "Least Axis in 3D Length"),
    "shape_Elongation": ("Q3CK", "Elongation"),
    "shape_Flatness": ("N17B", "Flatness"),
    "firstorder_Mean": ("Q4LE", "Mean intensity"),
    "firstorder_Variance": ("ECT3", "Intensity variance"),
    "firstorder_Skewness": ("KE2A", "Intensity skewness"),
    "firstorder_Median": ("Y12H", "Median intensity"),
    "firstorder_Minimum": ("1GSF", "Minimum intensity"),
    "firstorder_10Percentile": ("QG58", "10th intensity percentile"),
    "firstorder_90Percentile": ("8DWT", "90th intensity percentile"),
    "firstorder_Maximum": ("84IY", "Maximum intensity"),
    "firstorder_InterquartileRange": ("SALO", "Intensity interquartile range"),
    "firstorder_Range": ("2OJQ", "Intensity range"),
    "firstorder_MeanAbsoluteDeviation": ("4FUA", "Intensity-based mean absolute deviation"),
    "firstorder_RobustMeanAbsoluteDeviation": ("1128", "Intensity-based robust mean absolute deviation"),
    "firstorder_Energy": ("N8CA", "Intensity-based energy"),
    "firstorder_RootMeanSquared": ("5ZWQ", "Root mean square intensity"),
    "firstorder_Entropy": ("TLU2", "Intensity Histogram Entropy"),
    "firstorder_Uniformity": ("BJ5W", "Intensity Histogram Uniformity"),
    "glcm_MaximumProbability": ("GYBY", "Joint Maximum of GLCM"),
    "glcm_JointAverage": ("60VM", "Joint Average of GLCM"),
    "glcm_SumSquares": ("UR99", "Joint Variance of GLCM"),
    "glcm_JointEntropy": ("TU9B", "Joint Entropy of GLCM"),
    "glcm_DifferenceAverage": ("TF7R", "Difference Average of GLCM"),
    "glcm_DifferenceVariance": ("D3YU", "Difference Variance of GLCM"),
    "glcm_DifferenceEntropy": ("NTRS", "Difference Entropy of GLCM"),
    "glcm_SumAverage": ("ZGXS", "Sum Average of GLCM"),
    "glcm_SumEntropy": ("P6QZ", "Sum Entropy of GLCM"),
    "glcm_JointEnergy": ("8ZQL", "Angular Second Moment of GLCM"),
    "glcm_Contrast": ("ACUI", "Contrast of GLCM"),
    "glcm_Id": ("IB1Z", "Inverse Difference of GLCM"),
    "glcm_Idn": ("NDRX", "Normalized Inverse Difference of GLCM"),
    "glcm_Idm": ("WF0Z", "Inverse Difference Moment of GLCM"),
    "glcm_Idmn": ("1QCO", "Normalized Inverse Difference Moment of GLCM"),
    "glcm_InverseVariance": ("E8JP", "Inverse Variance of GLCM"),
    "glcm_Correlation": ("NI2N", "Correlation of GLCM"),
    "glcm_Autocorrelation": ("QWB0", "Autocorrelation of GLCM"),
    "glcm_ClusterTendency": ("DG8W", "Cluster Tendency of GLCM"),
    "glcm_ClusterShade": ("7NFM", "Cluster Shade of GLCM"),
    "glcm_ClusterProminence": ("AE86", "Cluster Prominence of GLCM"),
    "glcm_Imc1": ("R8DG", "First Measure of Information Correlation of GLCM"),
    "glcm_Imc2": ("JN9H", "Second Measure of Information Correlation of GLCM"),
    "glrlm_ShortRunEmphasis": ("22OV", "Short Runs Emphasis"),
    "glrlm_LongRunEmphasis": ("W4KF", "Long Runs Emphasis"),
    "glrlm_LowGrayLevelRunEmphasis": ("V3SW", "Low Gray Level Run Emphasis"),
    "glrlm_HighGrayLevelRunEmphasis": ("G3QZ", "High Gray Level Run Emphasis"),
    "glrlm_ShortRunLowGrayLevelEmphasis": ("HTZT", "Short Run Low Gray Level Emphasis"),
    "glrlm_ShortRunHighGrayLevelEmphasis": ("GD3A", "Short Run High Gray Level Emphasis"),
    "glrlm_LongRunLowGrayLevelEmphasis": ("IVPO", "Long Run Low Gray Level Emphasis"),
    "glrlm_LongRunHighGrayLevelEmphasis": ("3KUM", "Long Run High Gray Level Emphasis"),
    "glrlm_GrayLevelNonUniformity": ("R5YN", "Gray Level Nonuniformity in Runs"),
    "glrlm_GrayLevelNonUniformityNormalized": ("OVBL", "Normalized Gray Level Nonuniformity in Runs"),
    "glrlm_RunLengthNonUniformity": ("W92Y", "Run Length Nonuniformity"),
    "glrlm_RunLengthNonUniformityNormalized": ("IC23", "Normalized Run Length Nonuniformity"),
    "glrlm_RunPercentage": ("9ZK5", "Run Percentage"),
    "glrlm_GrayLevelVariance": ("8CE5", "Gray Level Variance in Runs"),
    "glrlm_RunVariance": ("SXLW", "Run Length Variance"),
    "glrlm_RunEntropy": ("HJ9O", "Run Entropy"),
    "glszm_SmallAreaEmphasis": ("5QRC", "Small Zone Emphasis"),
    "glszm_LargeAreaEmphasis": ("48P8", "Large Zone Emphasis"),
    "glszm_LowGrayLevelZoneEmphasis": ("XMSY", "Low Gray Level Zone Emphasis"),
    "glszm_HighGrayLevelZoneEmphasis": ("5GN9", "High Gray Level Zone Emphasis"),
    "glszm_SmallAreaLowGrayLevelEmphasis": ("5RAI", "Small Zone Low Gray Level Emphasis"),
    "glszm_SmallAreaHighGrayLevelEmphasis": ("HW1V", "Small Zone High Gray Level Emphasis"),
    "glszm_LargeAreaLowGrayLevelEmphasis": ("YH51", "Large Zone Low Gray Level Emphasis"),
    "glszm_LargeAreaHighGrayLevelEmphasis": ("J17V", "Large Zone High Gray Level Emphasis"),
    "glszm_GrayLevelNonUniformity": ("JNSA", "Gray Level Nonuniformity of Size Zone Counts"),
    "glszm_GrayLevelNonUniformityNormalized": ("Y1RO", "Normalized Gray Level Nonuniformity of Size Zone Counts"),
    "glszm_SizeZoneNonUniformity": ("4JP3", "Zone Size Nonuniformity"),
    "glszm_SizeZoneNonUniformityNormalized": ("VB3A", "Normalized Zone Size Nonuniformity"),
    "glszm_ZonePercentage": ("P30P", "Size Zone Percentage"),
    "glszm_GrayLevelVariance": ("BYLV", "Gray Level Variance in Size Zones"),
    "glszm_ZoneVariance": ("3NSA", "Zone Size Variance"),
    "glszm_ZoneEntropy": ("GU8N", "Zone Size Entropy"),
    "ngtdm_Coarseness": ("QCDE", "Coarseness of NGTDM"),
    "ngtdm_Contrast": ("65HE", "Contrast of NGTDM"),
    "ngtdm_Busyness": ("NQ30", "Busyness of NGTDM"),
    "ngtdm_Complexity": ("HDEZ", "Complexity of NGTDM"),
    "ngtdm_Strength": ("1X9X", "Strength of NGTDM"),
    "gldm_SmallDependenceEmphasis": ("SODN", "Low dependence emphasis"),
    "gldm_LargeDependenceEmphasis": ("IMOQ", "High dependence emphasis"),
    "gldm_LowGrayLevelEmphasis": ("TL9H", "Low grey level count emphasis"),
    "gldm_HighGrayLevelEmphasis": ("OAE7", "High grey level count emphasis"),
    "gldm_SmallDependenceLowGrayLevelEmphasis": ("EQ3F", "Low dependence low grey level emphasis"),
    "gldm_SmallDependenceHighGrayLevelEmphasis": ("JA6D", "Low dependence high grey level emphasis"),
    "gldm_LargeDependenceLowGrayLevelEmphasis": ("NBZI", "High dependence low grey level emphasis"),
    "gldm_LargeDependenceHighGrayLevelEmphasis": ("9QMG", "High dependence high grey level emphasis"),
    "gldm_GrayLevelNonUniformity": ("FP8K", "Grey level non-uniformity of NGLDM"),
    "gldm_DependenceNonUniformity": ("Z87G", "Dependence count non-uniformity"),
    "gldm_DependenceNonUniformityNormalized": ("OKJI", "Dependence count non-uniformity normalized"),
    "gldm_GrayLevelVariance": ("1PFV", "Grey level variance of NGLDM"),
    "gldm_DependenceVariance": ("DNX2", "Dependence count variance"),
    "gldm_DependenceEntropy": ("FCBV", "Dependence count entropy"),
}

#: UCUM units of the features' units.
_UCUM = {"": ("1", "no units"), "mm": ("mm", "millimeter"), "mm2": ("mm2", "square millimeter"),
         "mm3": ("mm3", "cubic millimeter"), "1/mm": ("/mm", "per millimeter"), "HU": ("[hnsf'U]", "Hounsfield unit"),
         "HU2": ("[hnsf'U]2", "square Hounsfield unit"),
         "HU2 mm3": ("[hnsf'U]2.mm3", "square Hounsfield unit times cubic millimeter")}


def short_text(text: object, limit: int = 64) -> str:
    """Return text for an attribute of ``limit`` characters, without the backslash, which separates values.

    DICOM counts characters, some readers bytes; so no more than ``limit`` bytes of UTF-8.
    """
    shown = clean(text, limit).replace("\\", "/")
    while len(shown.encode()) > limit:
        shown = shown.removesuffix("…")[:-1] + "…"
    return shown


def private_code(value: str, meaning: str) -> CodedConcept:
    """Return a concept of the scheme ``99RADPROG``; DICOM allows 64 characters in its meaning."""
    return CodedConcept(value, PRIVATE, short_text(meaning))


def private_scheme() -> list[Dataset]:
    """Return what tells a reader whose scheme ``99RADPROG`` is (Coding Scheme Identification Sequence)."""
    scheme = Dataset()
    scheme.CodingSchemeDesignator = PRIVATE
    scheme.CodingSchemeName = "RadiomicsPrognosis"
    scheme.CodingSchemeVersion = "1"
    scheme.CodingSchemeResponsibleOrganization = "RadiomicsPrognosis, extension of 3D Slicer"
    return [scheme]


def feature_code(name: str) -> CodedConcept:
    """Return the concept of a feature, whatever image it was computed on."""
    _, feature_class, feature = parse_name(name)
    key = f"{feature_class}_{feature}"
    if key in IBSI_CODES:
        value, meaning = IBSI_CODES[key]
        return CodedConcept(value, IBSI, meaning)
    return private_code(key, f"pyradiomics {key}")


def image_code(name: str) -> CodedConcept | None:
    """Return the concept of the filtered image a feature was computed on, None for the original image."""
    image_type = parse_name(name).image_type
    return None if image_type == "original" else private_code(image_type, f"pyradiomics image type {image_type}")


def unit_code(unit: str) -> CodedConcept:
    """Return the UCUM concept of a feature's unit."""
    value, meaning = _UCUM[unit]
    return CodedConcept(value, "UCUM", meaning)
