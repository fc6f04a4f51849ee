"""The one way from a VOI's features to score, group, survival or probability, with everything needed to repeat it."""

from .predict import check_inputs, predict, score_vois
from .record import Prediction

__all__ = ["Prediction", "check_inputs", "predict", "score_vois"]
