"""Who was studied and what was observed: cohorts, endpoints, and characteristics compared between groups of rows."""

from __future__ import annotations

from dataclasses import dataclass

from ...result import Result
from ...statistics.contingency import ContingencyTest
from ...statistics.kaplan_meier import Estimate, KaplanMeier, LogRank

#: Roles of a cohort: everything is learned in the training cohort, the others only measure.
TRAINING, VALIDATION = "training", "validation"

#: What the rows of all cohorts together are called.
WHOLE = "all cohorts"


#: How cohorts' outcomes are compared.
Between = LogRank | ContingencyTest


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
    ``median_follow_up`` by the reverse Kaplan-Meier method (None where it is not reached).
    """

    cohort: str
    n: int
    events: int
    missing: int
    curve: KaplanMeier | None = None
    estimates: tuple[Estimate, ...] = ()
    median_follow_up: float | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class EndpointSummary(Result):
    """What is predicted. ``kind`` is time-to-event or binary; ``horizons`` (months) are empty for a binary one.

    ``favourable`` tells that the event is a good outcome. Of several cohorts, ``whole`` are all their rows together, and
    ``between`` compares the cohorts: times by the log-rank test, a binary outcome by its counts (None where that is
    impossible).
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


@dataclass(frozen=True)
class CharacteristicLevel(Result):
    """One printed line of a characteristic: for a group of rows its ``text`` such as '63.1 +- 9.7' or '41 (54.0 %)'.

    ``label`` is the level, or what a continuous characteristic is summarised by. ``texts`` are in the order of the
    table's ``groups``, ``whole`` is that of all their rows.
    """

    label: str
    texts: tuple[str, ...]
    whole: str


@dataclass(frozen=True, kw_only=True)
class Characteristic(Result):
    """A row of table 1: ``name``, ``title`` with unit, its levels, and the test between the groups.

    ``test`` is the test's name, ``statistic`` its value (None where it has none), ``p`` None where the groups cannot be compared (one group, all values equal);
    ``missing`` counts rows without value by group.
    """

    name: str
    title: str
    kind: str
    levels: tuple[CharacteristicLevel, ...]
    missing: tuple[int, ...]
    test: str
    statistic: float | None
    p: float | None


@dataclass(frozen=True)
class CharacteristicsTable(Result):
    """Characteristics compared between ``groups`` (cohorts, outcomes, or low and high risk) of ``sizes`` rows; ``of``
    says in words what the groups are and, where these are not all, of which rows."""

    groups: tuple[str, ...]
    sizes: tuple[int, ...]
    rows: tuple[Characteristic, ...]
    of: str
