"""Published tables from which a Cox model is reconstructed: hazard ratios, covariate mix, survival of all patients."""

from __future__ import annotations

from dataclasses import dataclass

from ..checked import Table
from ..contract import entry


@dataclass(frozen=True)
class Normal:
    """A normal distribution."""

    mean: float
    sd: float = entry(above=0)


@dataclass(frozen=True, kw_only=True)
class CohortMix:
    """A cohort as its tables print it: patients by level (a number, as text) of each discrete factor, and each normal
    one."""

    cohort: str
    patients: float = entry(above=0)
    counts: dict[str, dict[str, float]] = entry(default={}, low=0)
    normals: dict[str, Normal] = entry(default={})


@dataclass(frozen=True, kw_only=True)
class Reconstruction:
    """Published tables: hazard ratios by factor (per unit), cohorts, and the survival (0 - 1) of all patients by month
    (as text)."""

    method: str
    hazard_ratios: dict[str, float] = entry(above=0)
    cohorts: tuple[CohortMix, ...] = entry(least="cohort")
    survival_at_months: dict[str, float] = entry(above=0)

    def check(self, table: Table) -> None:
        """Raise SchemaError unless every cohort tells the mix of every factor."""
        for cohort in self.cohorts:
            if set(cohort.counts) | set(cohort.normals) != set(self.hazard_ratios):
                table.fail("cohorts", "must each give counts or a normal for exactly the factors with a hazard ratio")
        _check_numbers(table, "survival_at_months", self.survival_at_months)
        for cohort in self.cohorts:
            for levels in cohort.counts.values():
                _check_numbers(table, "cohorts", levels)


def _check_numbers(table: Table, key: str, names: dict[str, float]) -> None:
    for name in names:
        try:
            float(name)
        except ValueError:
            table.fail(key, f"has the key '{name}', which must be a number")
