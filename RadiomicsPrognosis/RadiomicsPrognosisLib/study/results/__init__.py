"""What a study results in: frozen records of every number it reports."""

from .cohorts import (
    TRAINING,
    VALIDATION,
    Characteristic,
    CharacteristicLevel,
    CharacteristicsTable,
    CohortSummary,
    EndpointCohort,
    EndpointSummary,
)
from .measures import Measure
from .models import BootstrapOptimism, CutoffSearch, ModelComparison, ModelResult
from .performance import (
    BinaryPerformance,
    Effect,
    GroupCurve,
    HorizonPerformance,
    ModelCohort,
    ScoreSummary,
    SurvivalPerformance,
    Unavailable,
)
from .signatures import (
    Agreement,
    ForestSelection,
    NestedResampling,
    PenalisedSelection,
    PermutationControl,
    Reproducibility,
    SelectedFeature,
    SelectionStep,
    SignatureResult,
)
from .study import StudyResult, ValidationResult

__all__ = ["TRAINING", "VALIDATION", "Agreement", "BinaryPerformance", "BootstrapOptimism", "Characteristic",
           "CharacteristicLevel", "CharacteristicsTable", "CohortSummary", "CutoffSearch", "Effect", "EndpointCohort",
           "EndpointSummary", "ForestSelection", "GroupCurve", "HorizonPerformance", "Measure", "ModelCohort",
           "ModelComparison", "ModelResult", "NestedResampling", "PenalisedSelection", "PermutationControl",
           "Reproducibility", "ScoreSummary", "SelectedFeature", "SelectionStep", "SignatureResult", "StudyResult",
           "SurvivalPerformance", "Unavailable", "ValidationResult"]
