"""A study's report: one self-contained HTML page with every number and figure, ending with reporting checklists."""

from .content import study_content, validation_content
from .writing import write_study_report, write_validation_report

__all__ = ["study_content", "validation_content", "write_study_report", "write_validation_report"]
