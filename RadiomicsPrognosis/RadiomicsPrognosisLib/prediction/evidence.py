"""What stands beside a predicted number: its uncertainty, its place among the training patients, its acquisition."""

from __future__ import annotations

from dataclasses import dataclass

#: How a case lies to the patients that the model was made from: like them, unlike (beyond 3 SD), or beyond them (5 SD).
USUAL, UNUSUAL, BEYOND = "usual", "unusual", "beyond"


@dataclass(frozen=True, kw_only=True)
class Uncertainty:
    """How the intervals of a prediction were made, or why there are none.

    ``confidence`` (0 - 1); ``method`` in words; ``draws`` and ``seed`` of the Monte Carlo; ``sources`` are what varies,
    ``left_out`` what does not though it is uncertain. ``reason`` is why there is no interval, empty where there is.
    """

    confidence: float
    method: str
    draws: int
    seed: int
    sources: tuple[str, ...]
    left_out: tuple[str, ...]
    reason: str


@dataclass(frozen=True, kw_only=True)
class AveragedCovariate:
    """A covariate that is not known yet and was averaged over: ``shares`` (0 - 1) of its levels among ``patients``."""

    name: str
    title: str
    shares: dict[str, float]
    patients: int


@dataclass(frozen=True, kw_only=True)
class AlternativeCurve:
    """The survival for one level of what is averaged over, at the horizons and along the curve of the prediction."""

    label: str
    share: float
    at_horizons: tuple[float, ...]
    curve: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class JointDistance:
    """How far all ``features`` together lie from the training patients: a Mahalanobis ``distance`` and its ``limit``.

    ``share_beyond`` (0 - 1) is that of the training patients who lie further out.
    """

    distance: float
    limit: float
    features: int
    share_beyond: float


@dataclass(frozen=True, kw_only=True)
class ScorePosition:
    """Where a score lies among the training patients'.

    ``distance_sd`` is the distance (in SD, not negative) to the nearest group of the ``cohort`` with ``mean`` and
    ``sd``; ``verdict`` is usual, unusual or beyond; ``percentile`` (0 - 1) the share of training patients below it,
    None where their distribution is not known, and ``percentile_from`` what it comes from in words ('the published
    mean and SD', 'their own scores'; empty without one); ``joint`` that of all features, None where the model does not
    tell.
    """

    cohort: str
    cases: int
    mean: float
    sd: float
    distance_sd: float
    verdict: str
    percentile: float | None
    percentile_from: str
    joint: JointDistance | None


@dataclass(frozen=True, kw_only=True)
class ObservedNear:
    """What was observed in the training patients with scores from ``low`` to ``high``, around this case's.

    ``survival`` (0 - 1, Kaplan-Meier) and ``at_risk`` at ``months``; for a binary endpoint both are empty and
    ``events`` of ``patients`` had the outcome.
    """

    low: float
    high: float
    patients: int
    events: int
    months: tuple[float, ...]
    survival: tuple[float, ...]
    at_risk: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class AcquisitionRow:
    """A property of the acquisition: what the model was made on (``required``) and what this image has (``acquired``).

    ``agrees`` is None where either is not known; texts carry their units.
    """

    input: str
    title: str
    required: str
    acquired: str
    agrees: bool | None
