"""The scores of a whole cohort on one page: a table to sort, pictures of the contours, and where the scores lie."""

from .cohort_page import write_cohort_page

__all__ = ["write_cohort_page"]
