"""What a reading study has measured, as records that reproducibility.json holds: see :class:`ReproducibilityResult`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import SchemaError
from ..files import read_json
from ..prediction.record import EngineIdentity, ModelIdentity, ProtocolIdentity, ScalingIdentity
from ..records import from_plain
from ..result import Result
from ..statistics.bland_altman import LimitsOfAgreement, Repeatability
from ..statistics.icc import IccTable
from ..statistics.kappa import Kappa
from ..warning import ResultWarning
from .overlap import Overlap
from .rule import COMPARISONS, SourceTable

SCHEMA = "radiomics-prognosis/reproducibility/1"

#: What a comparison sets side by side: one reader's sessions, readers, all readings, or two readings.
INTRA, INTER = COMPARISONS
OVERALL, PAIR = "overall", "pair"
KINDS = (INTRA, INTER, OVERALL, PAIR)

#: What a group of features is grouped by.
ALL, IMAGE_TYPE, FEATURE_CLASS = "all", "image type", "class"

SURVIVAL, PROBABILITY = "survival", "probability"

#: Files of a result's folder.
RESULT_FILE = "reproducibility.json"
ICC_FILE, FILTER_FILE, SCORES_FILE = "icc.csv", "filter.csv", "scores.csv"
AGREEMENT_FILE, CONTOURS_FILE, FEATURES_FILE = "agreement.csv", "contours.csv", "features.csv"
REPORT_FILE, FIGURES_FOLDER = "reproducibility.html", "figures"


@dataclass(frozen=True, kw_only=True)
class ReadingSession(Result):
    """A reader's session: its ``label`` ('reader · session') names the reading everywhere; ``cases`` read in it."""

    label: str
    reader: str
    session: str
    cases: int


@dataclass(frozen=True)
class LeftOutRow(Result):
    """A row of the table that was not used, and why."""

    case: str
    reading: str
    reason: str


@dataclass(frozen=True)
class MissingReading(Result):
    """A case that a reading of the study does not hold; comparisons with that reading go without the case."""

    case: str
    reading: str


@dataclass(frozen=True, kw_only=True)
class ReadingPlan(Result):
    """Who read what: ``rows`` usable readings of ``cases`` (with the label where a case has several).

    Without a column ``reader`` or ``session`` there is one, called '1'. ``sessions`` are names, which readers share.
    """

    rows: int
    cases: tuple[str, ...]
    readers: tuple[str, ...]
    sessions: tuple[str, ...]
    readings: tuple[ReadingSession, ...]
    left_out: tuple[LeftOutRow, ...]
    missing: tuple[MissingReading, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every reading holds every case."""
        return not self.missing


@dataclass(frozen=True, kw_only=True)
class FeatureSummary(Result):
    """ICCs, in the form used, of the ``features`` of a group: ``by`` (all, image type, class) and its ``name``.

    ``defined`` of them have an ICC, with ``median`` and quartiles; ``kept`` reach the threshold in this comparison.
    """

    by: str
    name: str
    features: int
    defined: int
    kept: int
    median: float | None
    lower_quartile: float | None
    upper_quartile: float | None


@dataclass(frozen=True)
class GroupFlip(Result):
    """A case whose risk ``groups``, by reading in the comparison's order, are not all the same."""

    case: str
    groups: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class OutcomeChange(Result):
    """How a predicted share (0 - 1) changes between readings: ``what`` is survival at ``months``, or probability.

    ``mean_range`` and ``largest_range`` are of largest - smallest within a case, the largest being that of
    ``largest_case``; ``limits`` are those of second - first, None for another number of readings than two.
    """

    what: str
    months: float | None
    n: int
    mean_range: float
    largest_range: float
    largest_case: str
    limits: LimitsOfAgreement | None


@dataclass(frozen=True, eq=False, kw_only=True)
class ScoreAgreement(Result):
    """How a model's score repeats in ``n`` cases that have one in every reading of the comparison.

    ``left_out`` are cases of the comparison without. ``icc`` holds one feature, the score; ``limits`` are of second -
    first reading, None for more than two; ``kappa`` is of the risk group. What has no value is None, and ``reasons``
    says why in sentences.
    """

    n: int
    left_out: tuple[str, ...]
    icc: IccTable | None
    limits: LimitsOfAgreement | None
    repeatability: Repeatability | None
    kappa: Kappa | None
    flips: tuple[GroupFlip, ...]
    changes: tuple[OutcomeChange, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class ReadingComparison(Result):
    """Readings set side by side: ``id`` names the comparison in tables, ``title`` says it to people.

    ``kind`` is intra-reader (the sessions of ``who``, a reader), inter-reader (readers; ``who`` is the session, empty
    for every reader's first reading), overall (every reading) or pair (two readings). ``readings`` are labels,
    ``cases`` those that all of them hold, ``left_out`` those that some do not. ``icc`` has every feature in all six
    forms, ``groups`` sum up the form used; ``icc`` is None, and ``reason`` says why, where there are no numbers.
    ``score`` is None without a model or without scores.
    """

    id: str
    kind: str
    title: str
    who: str
    readings: tuple[str, ...]
    cases: tuple[str, ...]
    left_out: tuple[str, ...]
    icc: IccTable | None
    groups: tuple[FeatureSummary, ...]
    score: ScoreAgreement | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class ContourAgreement(Result):
    """Agreement of two readings' contours of a case (``overlap.a`` is of ``first``), or None and the ``reason``.

    ``is_copy`` tells that they have the same voxels, as a copied file has.
    """

    case: str
    first: str
    second: str
    overlap: Overlap | None
    is_copy: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class CaseScore(Result):
    """What the model says of a reading of a case; None where it is ``withheld``, which says why.

    ``survival`` (0 - 1) is at the model's horizons.
    """

    case: str
    reading: str
    score: float | None
    group: str | None
    survival: tuple[float | None, ...]
    probability: float | None
    withheld: str


@dataclass(frozen=True, kw_only=True)
class ScoredModel(ModelIdentity):
    """The model whose score was compared; ``groups`` are the labels below and above the cut-off.

    ``features`` are the signature's terms as the table names them. ``scaling`` is None of a model with raw features,
    and of one whose scores are withheld for want of it: ``no_score`` then says so.
    """

    cutoff: float | None
    cutoff_on: str | None
    groups: tuple[str, ...]
    worse_is_above: bool | None
    horizons_months: tuple[float, ...]
    features: tuple[str, ...]
    scaling: ScalingIdentity | None
    no_score: str


@dataclass(frozen=True, kw_only=True)
class FailedFeature(Result):
    """A feature of the model that does not pass: its ``value`` in a comparison (None: none), and the ICC's status."""

    feature: str
    comparison: str
    value: float | None
    status: str


@dataclass(frozen=True, kw_only=True)
class FeatureFilter(Result):
    """The filter: ``form`` of the ICC whose estimate or ``lower`` bound (``on``) must reach ``threshold``.

    It must do so in each of ``comparisons`` (ids). ``features`` were judged, ``kept`` pass; ``failed`` are the
    model's features that do not, once per comparison that they fail in.
    """

    form: str
    threshold: float
    on: str
    comparisons: tuple[str, ...]
    features: tuple[str, ...]
    kept: tuple[str, ...]
    failed: tuple[FailedFeature, ...]


@dataclass(frozen=True, kw_only=True)
class ContourSource:
    """Where a reading's contour is: paths of image and mask, label and DICOM series (None: the only). Never stored."""

    case: str
    reading: str
    image: str
    mask: str
    label: str | None
    series: str | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class ReproducibilityResult(Result):
    """A reading study's result: who read what, how features, scores, groups and contours repeat, what the filter keeps.

    ``form_sentence`` explains the ``form`` used in one sentence; intervals are at ``confidence`` (0 - 1). ``protocol``
    and ``engine`` made the features, None where the table does not say. ``notes`` are sentences a reader must know,
    ``warnings`` what may be wrong with the readings. ``contours`` are empty when no masks were given.
    """

    schema: str = SCHEMA
    source: tuple[SourceTable, ...]
    protocol: ProtocolIdentity | None
    engine: EngineIdentity | None
    plan: ReadingPlan
    form: str
    form_sentence: str
    confidence: float
    comparisons: tuple[ReadingComparison, ...]
    filter: FeatureFilter
    model: ScoredModel | None
    scores: tuple[CaseScore, ...]
    contours: tuple[ContourAgreement, ...]
    notes: tuple[str, ...]
    warnings: tuple[ResultWarning, ...]
    software: dict[str, str]

    def of_kind(self, *kinds: str) -> tuple[ReadingComparison, ...]:
        """Return the comparisons of these kinds, in their order."""
        return tuple(item for item in self.comparisons if item.kind in kinds)

    def comparison(self, identifier: str) -> ReadingComparison:
        """Return the comparison of that id. Raises KeyError for an unknown one."""
        return {item.id: item for item in self.comparisons}[identifier]

    def pairs(self) -> tuple[ReadingComparison, ...]:
        """Return the comparisons of exactly two readings, whatever their kind."""
        return tuple(item for item in self.comparisons if len(item.readings) == 2)

    def widest_limits(self) -> tuple[ReadingComparison, LimitsOfAgreement] | None:
        """Return the pair of readings whose scores differ most, with its limits of agreement; None without scores.

        It is the one with the widest limits: what a reader may expect at worst of the study's readers and sessions.
        """
        limits = [(item, item.score.limits) for item in self.pairs() if item.score and item.score.limits]
        return max(limits, key=lambda pair: pair[1].upper - pair[1].lower, default=None)


def parse_result(values: dict[str, Any], source: str) -> ReproducibilityResult:
    """Return the result in ``values``, what ``to_dict`` made. Raises SchemaError naming ``source``."""
    if values.get("schema") != SCHEMA:
        raise SchemaError(f"{source}: schema is '{values.get('schema')}'; it must be '{SCHEMA}'. Give the "
                          "reproducibility.json that the command 'reproducibility' wrote.")
    try:
        return from_plain(ReproducibilityResult, values)
    except (ValueError, TypeError) as error:
        raise SchemaError(f"{source} is no result of a reading study ({error}); run 'reproducibility' again.") from None


def read_result(path: str | Path) -> ReproducibilityResult:
    """Return the result in ``path``: reproducibility.json, or the folder that holds it.

    Raises FileError for a file that cannot be read, SchemaError for another content.
    """
    path = Path(path)
    file = path / RESULT_FILE if path.is_dir() else path
    return parse_result(read_json(file, "Reproducibility result"), file.name)

