"""The patients a model was made from, as far as a case can be set beside them: scores, features, outcomes.

A file holds no row of a patient: scores and distances are stored as percentiles, outcomes by bands of at least
:data:`BAND_PATIENTS` patients with neighbouring scores, features as means, SDs and correlations.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from ..checked import Table
from ..contract import entry

#: Percentiles 0, 1, ... 100 of the training patients' scores and distances are stored.
PERCENTILES = 101

#: Fewest patients of a band of scores whose outcomes are stored: a person cannot be told from so many, and a
#: proportion of 20 has a standard error of at most 11 %.
BAND_PATIENTS = 20


@dataclass(frozen=True, kw_only=True)
class ScoreDistribution:
    """Mean and SD of the score in a cohort, or an outcome group of it, of ``cases``.

    ``cohort`` begins with 'training' where the model was made from it.
    """

    cohort: str
    cases: int = entry(low=1)
    mean: float
    sd: float = entry(above=0)


@dataclass(frozen=True, kw_only=True)
class SignatureDistribution(ScoreDistribution):
    """Mean and SD of the score of one of several signatures, which is named by its id."""

    signature: str


@dataclass(frozen=True)
class OutcomeCount:
    """How many of the ``cases`` of the training cohort had the outcome of a binary endpoint."""

    cases: int = entry(low=1)
    events: int = entry(low=0)

    def check(self, table: Table) -> None:
        """Raise SchemaError for more with the outcome than there were."""
        if self.events > self.cases:
            table.fail("events", f"must not exceed the {self.cases} cases")


@dataclass(frozen=True, kw_only=True)
class FeatureMoments:
    """Mean and SD of a feature (by its name in tables) as it enters the signature: z-scored where that is."""

    feature: str
    mean: float
    sd: float = entry(above=0)


@dataclass(frozen=True, kw_only=True)
class FeatureReference:
    """What a Mahalanobis distance from the training patients needs.

    ``correlation`` is the lower triangle, row by row and without the diagonal, of the features' correlation matrix,
    shrunk towards the identity by ``shrinkage`` (0 - 1), Schaefer and Strimmer 2005. ``distances`` are percentiles 0 to
    100 of the patients' own distances, each from the patients of the other nine tenths, so that a patient's place is
    that of a new case.
    """

    cases: int = entry(low=2)
    features: tuple[FeatureMoments, ...] = entry(least="feature")
    shrinkage: float = entry(low=0, high=1)
    correlation: tuple[float, ...] = entry(default=(), low=-1)
    distances: tuple[float, ...] = entry(low=0, least="number",
                                         description="percentiles 0, 1, ... 100 of the training patients' distances")

    def check(self, table: Table) -> None:
        """Raise SchemaError unless the correlations are those of the features and the distances percentiles."""
        count = len(self.features)
        if len(self.correlation) != count * (count - 1) // 2:
            table.fail("correlation", f"must be a list of {count * (count - 1) // 2} numbers, one for each pair")
        _check_percentiles(table, "distances", self.distances)


@dataclass(frozen=True, kw_only=True)
class ScoreBand:
    """What was observed in the training patients with scores from ``low`` to ``high``.

    ``events`` of ``patients`` had the event or the outcome. ``survival`` (0 - 1, Kaplan-Meier) and ``at_risk`` are
    those at ``months``, as far as the band was followed; empty for a binary endpoint.
    """

    low: float
    high: float
    patients: int = entry(low=1)
    events: int = entry(low=0)
    months: tuple[float, ...] = entry(default=(), above=0)
    survival: tuple[float, ...] = entry(default=(), low=0)
    at_risk: tuple[float, ...] = entry(default=(), low=0)

    def check(self, table: Table) -> None:
        """Raise SchemaError unless the band's numbers fit each other."""
        if not self.low <= self.high:
            table.fail("high", "must not lie below 'low'")
        if self.events > self.patients:
            table.fail("events", "must not be more than the patients")
        if not len(self.months) == len(self.survival) == len(self.at_risk):
            table.fail("survival", "must hold, as 'at_risk', a number for each of 'months'")


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The patients that a case's score and features are set beside.

    ``scores`` are means and SDs by cohort or outcome group, ``signatures`` the same of the single scores of a model
    with several signatures; ``percentiles`` (0, 1, ... 100) are those of the training patients' scores, ``features`` their features together, ``bands`` their outcomes by neighbouring scores, rising, and
    ``outcome`` how many of them had that of a binary endpoint. Empty or None is what neither publication nor study
    tells. Where some patients have several rows (VOIs), ``patients`` counts them and the other numbers count rows.
    """

    scores: tuple[ScoreDistribution, ...] = entry(default=(), always=True)
    signatures: tuple[SignatureDistribution, ...] = entry(
        default=(), description="means and SDs of the single scores of a model with several signatures")
    percentiles: tuple[float, ...] = entry(
        default=(), description="percentiles 0, 1, ... 100 of the score among the training patients")
    features: FeatureReference | None = None
    bands: tuple[ScoreBand, ...] = ()
    outcome: OutcomeCount | None = entry(default=None, description="how many training cases had the outcome")
    patients: int | None = entry(default=None, low=1,
                                 description="of how many patients the training rows are, where some have several "
                                             "VOIs; the other numbers then count VOIs")

    def check(self, table: Table) -> None:
        """Raise SchemaError for percentiles that are none or bands that do not rise."""
        if self.percentiles:
            _check_percentiles(table, "percentiles", self.percentiles)
        if any(low.high > high.low for low, high in pairwise(self.bands)):
            table.fail("bands", "must rise without overlapping")

    @property
    def training(self) -> tuple[ScoreDistribution, ...]:
        """The distributions of the training cohort (its outcome groups, where published so); all if none is."""
        return _training(self.scores)

    def training_of(self, signature: str) -> tuple[ScoreDistribution, ...]:
        """Return the same of one of several signatures, by its id."""
        return _training(tuple(item for item in self.signatures if item.signature == signature))

    @property
    def outcome_count(self) -> OutcomeCount | None:
        """How many training cases had the outcome, of a binary endpoint; the sum over all bands where only they tell
        it, None where nothing does."""
        if self.outcome is not None or not self.bands or any(band.months for band in self.bands):
            return self.outcome
        return OutcomeCount(sum(band.patients for band in self.bands), sum(band.events for band in self.bands))


def _training(rows: tuple[ScoreDistribution, ...]) -> tuple[ScoreDistribution, ...]:
    return tuple(item for item in rows if item.cohort.lower().startswith("training")) or rows


def _check_percentiles(table: Table, key: str, values: tuple[float, ...]) -> None:
    if len(values) != PERCENTILES or any(low > high for low, high in pairwise(values)):
        table.fail(key, f"must be {PERCENTILES} numbers that do not fall")
