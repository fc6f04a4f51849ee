"""The feature classes that exist: an entry each, in the order in which a protocol's features are listed."""

from __future__ import annotations

from . import (
    firstorder,
    glcm,
    gldm,
    gldzm,
    glrlm,
    glszm,
    histogram,
    ibexglcm,
    ibexglrlm,
    ibexhistogram,
    ibexshape,
    intensity,
    ivh,
    localintensity,
    morphology,
    ngldm,
    ngtdm,
    shape,
    shape2d,
)
from .entry import FeatureClass

CLASSES: dict[str, FeatureClass] = {module.CLASS.name: module.CLASS for module in (
    shape, shape2d, firstorder, glcm, gldm, glrlm, glszm, ngtdm, morphology, localintensity, intensity, histogram, ivh,
    gldzm, ngldm, ibexshape, ibexhistogram, ibexglcm, ibexglrlm,
)}

#: Names of the features by class.
FEATURES: dict[str, tuple[str, ...]] = {name: tuple(entry.by_name) for name, entry in CLASSES.items()}
