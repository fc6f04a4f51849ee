"""A readers' study's report: one self-contained HTML page with every number and figure, and the GRRAS checklist."""

from .circumstances import UNKNOWN, Circumstances, SessionInterval, circumstances_of
from .report_file import write_report
from .report_sections import reproducibility_content

__all__ = ["UNKNOWN", "Circumstances", "SessionInterval", "circumstances_of", "reproducibility_content",
           "write_report"]
