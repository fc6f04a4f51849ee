"""What a study results in: frozen records of every number it reports."""

from .models import ModelResult
from .study import StudyResult, ValidationResult

__all__ = ["ModelResult", "StudyResult", "ValidationResult"]
