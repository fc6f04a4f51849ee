"""The patient report: one self-contained HTML page and a PDF of the same, from a prediction, its model and its VOI."""

from .writing import ReportPaths, write_report

__all__ = ["ReportPaths", "write_report"]
