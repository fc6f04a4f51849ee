"""A readers' study's report: one self-contained HTML page with every number and figure, and the GRRAS checklist."""

from .circumstances import UNKNOWN, Circumstances, SessionInterval, circumstances_of
from .content import reproducibility_content
from .writing import write_report

__all__ = ["UNKNOWN", "Circumstances", "SessionInterval", "circumstances_of", "reproducibility_content",
           "write_report"]
