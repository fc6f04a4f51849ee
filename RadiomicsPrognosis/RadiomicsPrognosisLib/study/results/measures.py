"""A measure: one number of a model's performance with its interval and p, in the form every table and page lists it."""

from __future__ import annotations

from dataclasses import dataclass

#: What a measure is beyond a line in a list: it describes the score, compares models, or is the risk groups' effect.
DESCRIPTION, DISCRIMINATION, EFFECT = "description", "discrimination", "effect"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One measure of a model in a cohort; ``value`` is None where it does not exist.

    ``lower`` and ``upper`` bound the 95 % confidence interval, None where unbounded or not known. ``unit`` is
    ``ratio``, ``months``, ``share`` (0 - 1), ``chi-squared`` or empty; ``digits`` are the decimals worth showing.
    ``detail`` says the rest in words. ``role`` is one of the module's constants or empty. ``heading`` is what pages
    call it where that is not the ``name`` that tables have.
    """

    name: str
    value: float | None
    lower: float | None = None
    upper: float | None = None
    p: float | None = None
    unit: str = ""
    digits: int = 3
    detail: str = ""
    role: str = ""
    heading: str = ""

    @property
    def title(self) -> str:
        """What pages call the measure."""
        return self.heading or self.name[0].upper() + self.name[1:]
