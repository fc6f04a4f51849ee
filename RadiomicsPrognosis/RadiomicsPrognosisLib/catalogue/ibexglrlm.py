"""The class ``ibexglrlm``: runs along one direction of the axial plane, as IBEX defines their features.

Definitions: the category GrayLevelRunLengthMatrix25 of IBEX (Zhang et al., Med Phys 2015;42:1341), whose texts cite
Galloway (1975) and Tang (IEEE Trans Image Process 1998;7:1602). Runs of all slices are counted together.
"""

from __future__ import annotations

from .entry import Feature, FeatureClass
from .ibexshape import IBEX

CLASS = FeatureClass(
    name="ibexglrlm",
    title="IBEX-like grey level run length matrix along a direction",
    prefix="IBEX-like GLRLM",
    sentence="Lengths of runs of one grey level along one direction of the axial plane; without a direction, the "
             "mean over both.",
    directions=r"(?P<degrees>0|90)",
    filtered=False,
    pyradiomics=False,
    source=IBEX,
    features=(
        Feature("GrayLevelNonuniformity", words="grey non-uniformity",
                definition="Sum over grey levels of their squared number of runs, over the number of runs."),
        Feature("HighGrayLevelRunEmphasis", definition="Mean over runs of the squared grey level."),
        Feature("LongRunEmphasis", low=1.0, definition="Mean over runs of the squared length."),
        Feature("LongRunHighGrayLevelEmphasis", definition="Mean over runs of the squared grey level and length."),
        Feature("LongRunLowGrayLevelEmphasis",
                definition="Mean over runs of the squared length over the squared grey level."),
        Feature("LowGrayLevelRunEmphasis", high=1.0, definition="Mean over runs of 1 over the squared grey level."),
        Feature("RunLengthNonuniformity", words="run-length non-uniformity",
                definition="Sum over lengths of their squared number of runs, over the number of runs."),
        Feature("RunPercentage", high=1.0, definition="Number of runs over the number of voxels."),
        Feature("ShortRunEmphasis", high=1.0, definition="Mean over runs of 1 over the squared length."),
        Feature("ShortRunHighGrayLevelEmphasis",
                definition="Mean over runs of the squared grey level over the squared length."),
        Feature("ShortRunLowGrayLevelEmphasis", high=1.0,
                definition="Mean over runs of 1 over the squared grey level and length."),
    ),
)
