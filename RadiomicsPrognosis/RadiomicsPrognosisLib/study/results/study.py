"""Everything a study or a validation found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...characteristics import CharacteristicsTable
from ...reading.rule import Reproducibility
from ...result import Result
from .cohorts import CohortSummary, EndpointSummary
from .models import CutoffSearch, ModelComparison, ModelResult
from .performance import ModelCohort, UnivariableTable
from .signatures import NestedResampling, PermutationControl, SignatureResult

STUDY_SCHEMA, VALIDATION_SCHEMA = "radiomics-prognosis/study/1", "radiomics-prognosis/validation/1"


@dataclass(frozen=True, eq=False, kw_only=True)
class StudyResult(Result):
    """Everything a study found.

    ``recipe`` identifies the recipe (id, title, version, hash, citation, doi, population), ``data`` the cohort table
    (file name, rows, SHA-256), ``software`` the versions. ``characteristics`` compare the cohorts, ``by_outcome`` the
    rows without and with each binary outcome; ``univariable`` has a table per endpoint and cohort. ``findings`` are
    sentences a reader must know.
    """

    recipe: dict[str, Any]
    data: dict[str, Any]
    seed: int
    software: dict[str, str]
    cohorts: tuple[CohortSummary, ...]
    characteristics: CharacteristicsTable | None
    by_outcome: tuple[CharacteristicsTable, ...]
    univariable: tuple[UnivariableTable, ...]
    endpoints: tuple[EndpointSummary, ...]
    reproducibility: Reproducibility | None
    signatures: tuple[SignatureResult, ...]
    models: tuple[ModelResult, ...]
    comparisons: tuple[ModelComparison, ...]
    nested: tuple[NestedResampling, ...]
    permutations: tuple[PermutationControl, ...]
    findings: tuple[str, ...]
    schema: str = STUDY_SCHEMA


@dataclass(frozen=True, eq=False, kw_only=True)
class ValidationResult(Result):
    """A stored model on new data: ``model`` identifies it; the cohorts, characteristics and measures as in a study.

    ``performance`` has one record per cohort, ``whole`` is that of all their rows together (None for a single cohort).
    """

    model: dict[str, Any]
    data: dict[str, Any]
    software: dict[str, str]
    endpoint: EndpointSummary
    cutoff: CutoffSearch | None
    cohorts: tuple[CohortSummary, ...]
    characteristics: CharacteristicsTable | None
    by_outcome: tuple[CharacteristicsTable, ...]
    univariable: tuple[UnivariableTable, ...]
    performance: tuple[ModelCohort, ...]
    whole: ModelCohort | None
    findings: tuple[str, ...]
    schema: str = VALIDATION_SCHEMA
