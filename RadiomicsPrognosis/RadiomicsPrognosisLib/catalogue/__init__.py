"""The features that exist: their classes, units, ranges, IBSI codes and definitions, and the names they go by.

References: van Griethuysen et al., Cancer Research 2017 (pyradiomics); Zwanenburg et al., Radiology 2020 (IBSI).
"""

from .classes import CLASSES, FEATURES
from .entry import Direction, Feature, FeatureClass
from .image_types import SUBBANDS, SUBBANDS_2D, WAVELETS, image_type_words, log_image_type
from .names import FeatureName, deep_name, find_class, parse_name

__all__ = ["CLASSES", "FEATURES", "SUBBANDS", "SUBBANDS_2D", "WAVELETS", "Direction", "Feature", "FeatureClass",
           "FeatureName", "deep_name", "find_class", "image_type_words", "log_image_type", "parse_name"]
