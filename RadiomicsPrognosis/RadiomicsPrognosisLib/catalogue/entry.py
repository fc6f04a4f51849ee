"""What the catalogue says of a feature class and of its features."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple


class Feature(NamedTuple):
    """A feature: pyradiomics' name, or its source's where pyradiomics has none, and what its values mean.

    ``unit`` is empty for a dimensionless value; ``low`` and ``high`` are the closed range outside which the definition
    allows no value. ``ibsi`` is the identifier of the Image Biomarker Standardisation Initiative where the definition
    is the same, with ``ibsi_meaning`` as DICOM PS3.16 has it. ``words`` are what a reader calls it, where its name does
    not split into words; ``definition`` says in a sentence what it measures.
    """

    name: str
    unit: str = ""
    low: float = 0.0
    high: float = math.inf
    ibsi: str = ""
    ibsi_meaning: str = ""
    words: str = ""
    definition: str = ""


@dataclass(frozen=True, kw_only=True)
class FeatureClass:
    """A class of features, computed by the module of its name in ``features/classes``.

    ``title`` and ``sentence`` say what it is, ``prefix`` leads its features' readable names. It sees the voxels of
    ``region``: those whose intensities count (``intensity``) or the whole contour (``morphology``, as the IBSI calls
    it). ``filtered`` tells whether it exists on filtered images, ``textural`` whether it compares voxels with their
    neighbours, so that slices can be textures of their own. ``directions`` is the pattern of what may follow the name
    and a hyphen where the class is computed along one direction (groups ``degrees`` and, optionally, ``offset``).
    ``surroundings_mm`` is how far around the contour it looks at the image. ``pyradiomics`` tells whether pyradiomics
    has the class under the same name, with the same values. ``source`` names the software that defines the class, said
    wherever its features are shown, where that is not pyradiomics.
    """

    name: str
    title: str
    prefix: str
    sentence: str
    features: tuple[Feature, ...]
    region: str = "intensity"
    filtered: bool = True
    textural: bool = False
    directions: str = ""
    surroundings_mm: float = 0.0
    pyradiomics: bool = True
    source: str = ""

    @cached_property
    def by_name(self) -> dict[str, Feature]:
        """The features by name."""
        return {feature.name: feature for feature in self.features}


class Direction(NamedTuple):
    """A direction in the axial plane: ``degrees`` anticlockwise from the rows (0, 45, 90, 135) as the image is seen,
    and the distance ``offset`` in voxels."""

    degrees: int
    offset: int = 1

    @classmethod
    def of(cls, entry: FeatureClass, suffix: str) -> Direction | None:
        """Return what ``suffix`` names, e.g. ``45-7``; None when the class knows no such direction."""
        match = re.fullmatch(entry.directions, suffix) if entry.directions else None
        if match is None:
            return None
        return cls(**{key: int(value) for key, value in match.groupdict().items() if value is not None})
