"""The two kinds of endpoint behind one interface: which columns hold it, and which statistics belong to it."""

from .binary import BinaryEndpoint, BinaryObservations
from .interface import Observations, StudyEndpoint
from .scored_rows import Attempts, ScoredRows
from .survival import SurvivalEndpoint, SurvivalObservations

#: The class of each kind of endpoint.
KINDS: dict[str, type[StudyEndpoint]] = {item.kind: item for item in (SurvivalEndpoint, BinaryEndpoint)}

__all__ = ["KINDS", "Attempts", "BinaryEndpoint", "BinaryObservations", "Observations", "ScoredRows", "StudyEndpoint",
           "SurvivalEndpoint", "SurvivalObservations"]
