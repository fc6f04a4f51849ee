"""What a model's file says about the uncertainty of its own numbers, from which a prediction's interval is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..checked import Table
from ..contract import entry
from ..statistics.arrays import Floats

#: The name under which an intercept stands in a stored covariance.
INTERCEPT = "intercept"

#: Leads the name of a term of the score whose own coefficient was fitted with the others'.
TERM = "score:"


@dataclass(frozen=True, kw_only=True)
class RatioInterval:
    """The published interval of a hazard or odds ratio, per unit of its factor."""

    lower: float = entry(above=0)
    upper: float = entry(above=0)

    def check(self, table: Table) -> None:
        """Raise SchemaError for bounds in the wrong order."""
        if self.lower >= self.upper:
            table.fail("upper", f"must be above lower ({self.lower:g})")


@dataclass(frozen=True, kw_only=True)
class PatientsBehind:
    """The patients whose observed survival the baseline reproduces: how many, how many events, and how many were still
    at risk at months (as text) where that was published; without, nobody is taken to have left before a horizon."""

    patients: int = entry(low=2)
    events: int = entry(low=1)
    at_risk: dict[str, float] = entry(default={}, low=1)

    def check(self, table: Table) -> None:
        """Raise SchemaError for more events than patients, or more at risk than there were."""
        if self.events > self.patients:
            table.fail("events", f"must not exceed the {self.patients} patients")
        for month, count in self.at_risk.items():
            if not month.replace(".", "", 1).isdigit() or count > self.patients:
                table.fail("at_risk", f"must give by month at most the {self.patients} patients")


@dataclass(frozen=True, kw_only=True)
class BaselinePoint:
    """The baseline cumulative hazard's uncertainty at ``months``.

    ``variance`` is that of the log of the hazard at fixed coefficients; ``centre`` (p,), in the order of the names, is
    minus its derivative by the coefficients: the mean covariates of those at risk, weighted by their hazards.
    """

    months: float = entry(above=0)
    variance: float = entry(low=0)
    centre: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class StoredCovariance:
    """The covariance of a fitted linear predictor's coefficients.

  ``names`` (p,) are 'intercept', 'score', a covariate, or 'covariate=level'; ``rows`` its lower triangle row by row,
    p (p + 1) / 2 numbers; ``baseline`` belongs to survival, by rising months.
    """

    cases: int = entry(low=1)
    events: int = entry(low=1)
    names: tuple[str, ...]
    rows: tuple[float, ...]
    baseline: tuple[BaselinePoint, ...] = ()

    def check(self, table: Table) -> None:
        """Raise SchemaError unless the numbers are as many as the names ask for."""
        size = len(self.names)
        if not size or len(set(self.names)) < size:
            table.fail("names", "must be distinct names, at least one")
        if len(self.rows) != size * (size + 1) // 2:
            table.fail("rows", f"must be the {size * (size + 1) // 2} numbers of a lower triangle of {size} rows")
        if any(len(point.centre) != size for point in self.baseline):
            table.fail("baseline", f"must have {size} numbers in every centre")
        months = [point.months for point in self.baseline]
        if months != sorted(set(months)):
            table.fail("baseline", "must have rising months")

    @property
    def matrix(self) -> Floats:
        """The covariance (p, p)."""
        size = len(self.names)
        lower = np.zeros((size, size))
        lower[np.tril_indices(size)] = self.rows
        return lower + np.tril(lower, -1).T


@dataclass(frozen=True, kw_only=True)
class CoefficientUncertainty:
    """Where the uncertainty of survival or probability comes from: what was published, or what a study stored.

    ``ratios`` are published intervals of hazard or odds ratios at ``confidence`` by the coefficients' names, and
    ``survival_of`` the patients behind a published survival; ``covariance`` is a study's. ``left_out`` names what is
    uncertain and not in the numbers; ``reason`` says why there is nothing, where there is nothing.
    """

    confidence: float = entry(default=0.95, above=0, high=0.999)
    ratios: dict[str, RatioInterval] = entry(default={})
    survival_of: PatientsBehind | None = None
    covariance: StoredCovariance | None = None
    left_out: tuple[str, ...] = ()
    reason: str = ""

    def check(self, table: Table) -> None:
        """Raise SchemaError unless it holds exactly one of: published ratios, a covariance, a reason."""
        if sum((bool(self.ratios), self.covariance is not None, bool(self.reason))) != 1:
            table.fail("ratios", "must be there, or covariance, or reason, and not two of them")
        if self.survival_of is not None and not self.ratios:
            table.fail("survival_of", "belongs to published ratios")

    def check_names(self, names: Sequence[str], terms: Sequence[str], table: Table) -> None:
        """Raise SchemaError unless ratios are given for exactly the coefficients ``names``, and a covariance for
        nothing but these, the intercept and the score's own ``terms``."""
        if self.ratios and set(self.ratios) != set(names):
            table.fail("uncertainty.ratios", f"must give an interval for each coefficient: {', '.join(names)}")
        allowed = {INTERCEPT, *names, *(f"{TERM}{key}" for key in terms)}
        strangers = [name for name in self.covariance.names if name not in allowed] if self.covariance else []
        if strangers:
            table.fail("uncertainty.covariance.names", f"holds '{strangers[0]}', which is no coefficient of the model")
