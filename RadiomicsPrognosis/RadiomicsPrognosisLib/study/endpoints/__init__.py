"""The two kinds of endpoint behind one interface: which columns hold it, and which statistics belong to it."""

from .binary import BinaryEndpoint, BinaryObservations
from .interface import Observations, StudyEndpoint
from .scored_rows import Attempts, ScoredRows
from .survival import SurvivalEndpoint, SurvivalObservations

__all__ = ["Attempts", "BinaryEndpoint", "BinaryObservations", "Observations", "ScoredRows", "StudyEndpoint",
           "SurvivalEndpoint", "SurvivalObservations"]
