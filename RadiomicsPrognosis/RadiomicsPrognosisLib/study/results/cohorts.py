"""Who was studied and what was observed: cohorts and endpoints."""

from __future__ import annotations

from dataclasses import dataclass

from ...result import Result, only_where_known
from ...statistics.contingency import ContingencyTest
from ...statistics.kaplan_meier import Estimate, KaplanMeier, LogRank

#: Roles of a cohort: everything is learned in the training cohort, the others only measure.
TRAINING, VALIDATION = "training", "validation"

#: What the rows of all cohorts together are called.
WHOLE = "all cohorts"


#: How cohorts' outcomes are compared.
Between = LogRank | ContingencyTest


@dataclass(frozen=True)
class PatientCount(Result):
    """Of how many ``patients`` rows are, and how many ``vois`` stand behind them, where these are more."""

    vois: int
    patients: int

    def text(self, n: int) -> str:
        """Return ``n`` rows in words: '120 VOIs of 80 patients', or '80 patients (120 VOIs)' of a row each."""
        return f"{n} patients ({self.vois} VOIs)" if n == self.patients else f"{n} VOIs of {self.patients} patients"


def rows_text(n: int, counted: PatientCount | None) -> str:
    """Return ``n`` rows in words, which are VOIs or patients where that is known."""
    return f"{n}" if counted is None else counted.text(n)


@dataclass(frozen=True)
class CohortSummary(Result):
    """A cohort: its ``name``, ``role`` (training or validation), numbers of VOI ``rows`` and of ``patients``."""

    name: str
    role: str
    rows: int
    patients: int


@dataclass(frozen=True, eq=False, kw_only=True)
class EndpointCohort(Result):
    """An endpoint in a cohort: ``n`` rows with it known, ``events`` (positive outcomes), ``missing`` rows left out.

    Time-to-event only: the Kaplan-Meier ``curve`` of all rows, its ``estimates`` at the horizons, and
    ``median_follow_up`` by the reverse Kaplan-Meier method (None where it is not reached). ``counted`` stands where
    patients have several VOIs.
    """

    cohort: str
    n: int
    events: int
    missing: int
    curve: KaplanMeier | None = None
    estimates: tuple[Estimate, ...] = ()
    median_follow_up: float | None = None
    counted: PatientCount | None = only_where_known()


@dataclass(frozen=True, eq=False, kw_only=True)
class EndpointSummary(Result):
    """What is predicted. ``kind`` is time-to-event or binary; ``horizons`` (months) are empty for a binary one.

    ``favourable`` tells that the event is a good outcome. Of several cohorts, ``whole`` are all their rows together and
    ``between`` compares them: times by the log-rank test, a binary outcome by its counts (None where impossible).
    """

    id: str
    name: str
    abbreviation: str
    kind: str
    event: str
    horizons: tuple[float, ...]
    favourable: bool
    cohorts: tuple[EndpointCohort, ...]
    whole: EndpointCohort | None = None
    between: Between | None = None
