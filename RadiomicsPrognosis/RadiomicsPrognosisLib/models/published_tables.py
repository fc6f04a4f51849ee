"""Published tables from which a model is reconstructed: hazard ratios, covariate mix and survival of all patients for a
Cox model, patients with and without the outcome for a logistic one."""

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


@dataclass(frozen=True, kw_only=True)
class LevelCount:
    """Patients of one level of a factor with the outcome and without it; without either its odds would not be finite.
    """

    with_outcome: int = entry(low=1)
    without_outcome: int = entry(low=1)


@dataclass(frozen=True, kw_only=True)
class CountReconstruction:
    """A published table of patients with and without the outcome by level of ``covariate``, the reference first.

    ``auc`` (0 - 1) is the area under the ROC curve that the reconstructed probabilities have in these patients.
    """

    method: str
    covariate: str
    counts: dict[str, LevelCount] = entry(default={}, least="level")
    auc: float = entry(low=0, high=1)

    def check(self, table: Table) -> None:
        """Raise SchemaError for fewer than two levels."""
        if len(self.counts) < 2:
            table.fail("counts", "must give the patients of at least two levels")

    @property
    def patients(self) -> int:
        """The number of patients in the table."""
        return self.events + sum(item.without_outcome for item in self.counts.values())

    @property
    def events(self) -> int:
        """How many of them had the outcome."""
        return sum(item.with_outcome for item in self.counts.values())


def _check_numbers(table: Table, key: str, names: dict[str, float]) -> None:
    for name in names:
        try:
            float(name)
        except ValueError:
            table.fail(key, f"has the key '{name}', which must be a number")
