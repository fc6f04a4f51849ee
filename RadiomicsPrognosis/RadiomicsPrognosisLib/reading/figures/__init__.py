"""The figures of a readers' study, drawn with matplotlib from its result; nothing is computed here.

All fit a printed width of 8 to 16 cm, in light and dark; ``figures.theme`` saves them as SVG or PNG.
"""

from .contour_plots import draw_contour_agreement
from .icc import IccPanel, draw_icc_groups, draw_icc_histograms
from .overlay import OverlayPanel, draw_overlays, slice_of_most_disagreement
from .score_plots import ScorePair, draw_bland_altman, draw_outcome_changes, draw_score_pairs

__all__ = ["IccPanel", "OverlayPanel", "ScorePair", "draw_bland_altman", "draw_contour_agreement", "draw_icc_groups",
           "draw_icc_histograms", "draw_outcome_changes", "draw_overlays", "draw_score_pairs",
           "slice_of_most_disagreement"]
