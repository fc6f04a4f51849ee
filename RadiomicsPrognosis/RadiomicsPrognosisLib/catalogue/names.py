"""A feature's name, ``<image type>_<class>_<Feature>``, taken to pieces and checked."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from ..errors import SchemaError
from .classes import CLASSES, FEATURES
from .entry import Direction, Feature, FeatureClass
from .image_types import ALLOWED, is_image_type

#: What a deep feature is: a value of a network, without a definition of its own. No protocol computes it as a class.
DEEP = FeatureClass(name="dl", title="Deep features", prefix="Deep feature",
                    sentence="values of a network that reads a patch around the contour", features=(), filtered=False,
                    pyradiomics=False, source="the protocol's network")

_DEEP_NAME = re.compile(r"dl_(\d{4})")


class FeatureName(NamedTuple):
    """A feature's name in its three pieces, e.g. ``wavelet-HLL``, ``glcm``, ``Idn``.

    A deep feature, ``dl_0012``, is the feature ``0012`` of the class ``dl`` on the original image.
    """

    image_type: str
    feature_class: str
    feature: str

    def __str__(self) -> str:
        return f"{DEEP.name}_{self.feature}" if self.is_deep else "_".join(self)

    @property
    def is_deep(self) -> bool:
        """Whether a network gives the value."""
        return self.feature_class == DEEP.name

    @property
    def entry(self) -> FeatureClass:
        """The catalogue's entry of the class."""
        return DEEP if self.is_deep else find_class(self.feature_class)[0]

    @property
    def described(self) -> Feature:
        """The catalogue's entry of the feature."""
        if self.is_deep:
            return Feature(self.feature, low=-math.inf, words=self.feature)
        return self.entry.by_name[self.feature]

    @property
    def unit(self) -> str:
        """The unit of the value, empty for a dimensionless one; sub-band intensities keep the image's HU scale."""
        return self.described.unit

    @property
    def bounds(self) -> tuple[float, float]:
        """The closed range outside which the feature's definition allows no value."""
        return self.described.low, self.described.high


def find_class(name: str, source: str = "feature list") -> tuple[FeatureClass, Direction | None]:
    """Return the entry of the class ``name`` and, for one such as ``glcm-45-7``, its direction. Raises SchemaError."""
    head, _, suffix = name.partition("-")
    entry = CLASSES.get(head)
    direction = Direction.of(entry, suffix) if entry is not None and suffix else None
    if entry is None or (suffix and direction is None) or name.endswith("-"):
        raise SchemaError(f"{source}: unknown feature class '{name}'; allowed: {', '.join(FEATURES)}.")
    return entry, direction


def deep_name(number: int) -> str:
    """Return the name of the deep feature ``number`` (0 - 9999), e.g. ``dl_0012``."""
    return f"{DEEP.name}_{number:04d}"


def parse_name(name: str, source: str = "feature list") -> FeatureName:
    """Split ``<image type>_<class>_<feature>``, or a deep feature's name ``dl_0000``.

    Raises SchemaError for a name that the catalogue does not have.
    """
    if match := _DEEP_NAME.fullmatch(name):
        return FeatureName("original", DEEP.name, match[1])
    words = name.split("_")
    if len(words) != 3:
        raise SchemaError(f"{source}: '{name}' is not a feature name of the form imagetype_class_Feature "
                          "or dl_0000.")
    parsed = FeatureName(*words)
    if not is_image_type(parsed.image_type):
        raise SchemaError(f"{source}: '{name}' has the unknown image type '{parsed.image_type}'; allowed: {ALLOWED}.")
    try:
        entry = parsed.entry
    except SchemaError:
        raise SchemaError(f"{source}: '{name}' has the unknown class '{parsed.feature_class}'; "
                          f"allowed: {', '.join(FEATURES)}.") from None
    if parsed.feature not in entry.by_name:
        raise SchemaError(f"{source}: '{name}' is not a feature of class {parsed.feature_class}; "
                          f"allowed: {', '.join(entry.by_name)}.")
    if not entry.filtered and parsed.image_type != "original":
        raise SchemaError(f"{source}: '{name}' is a {entry.name} feature of a filtered image; {entry.name} exists as "
                          "original_ only.")
    return parsed
