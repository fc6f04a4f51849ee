"""The figures of a study, drawn with matplotlib from its records; nothing is computed here.

All fit a printed width of 8 to 16 cm, in light and dark; ``figures.theme`` saves them as SVG or PNG.
"""

from .calibration import CalibrationPanel, draw_calibration
from .decision import DecisionLine, draw_decision_curves
from .forest import draw_forest, effect_label
from .kaplan_meier import CurveLine, draw_kaplan_meier
from .penalised import draw_coefficient_paths, draw_cross_validation
from .roc import RocLine, draw_roc
from .scores import ScoreBox, draw_score_boxes
from .selection import draw_agreement, draw_cutoff_search, draw_importances

__all__ = ["CalibrationPanel", "CurveLine", "DecisionLine", "RocLine", "ScoreBox", "draw_agreement",
           "draw_calibration", "draw_coefficient_paths", "draw_cross_validation", "draw_cutoff_search",
           "draw_decision_curves", "draw_forest", "draw_importances", "draw_kaplan_meier", "draw_roc",
           "draw_score_boxes", "effect_label"]
