"""What a prediction is: every number that is shown, what made them, what is withheld and why, and the warnings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import ModelMismatch
from ..models.covariates import Value
from ..models.model import Model
from ..records import from_plain
from ..voi.voi import Voi, VoiStatistics
from ..warning import ResultWarning
from .evidence import AcquisitionRow, AlternativeCurve, AveragedCovariate, ObservedNear, ScorePosition, Uncertainty

SCHEMA = "radiomics-prognosis/prediction/2"

#: What a file of a prediction holds beside it: its words, and whose image it was.
BESIDE = ("answer", "identity")

#: Components of a result that can be withheld, beside what the model's predictor is called.
SCORE, GROUP = "score", "group"

#: Why what follows from the score is withheld with it.
NEEDS_SCORE = "It needs the score, which is withheld."


@dataclass(frozen=True, kw_only=True)
class ModelIdentity:
    """The model that made a prediction, by content ``hash``; ``provenance`` is the origin of each component."""

    id: str
    version: str
    title: str
    hash: str
    endpoint: str
    kind: str
    provenance: dict[str, str]
    score_name: str
    citation: str
    doi: str
    intended_use: str


@dataclass(frozen=True, kw_only=True)
class ScalingIdentity:
    """The scaling behind the z-scores: its number of ``cases``, their disease, origin and ``scanners`` (cases by each).

    ``demonstration`` tells whether it is for demonstration only, ``other_disease`` whether its disease is another than
    the model's; either way a score means nothing for a patient.
    """

    name: str
    cases: int
    disease: str
    origin: str
    scanners: dict[str, int]
    other_disease: bool
    demonstration: bool
    hash: str
    protocol_hash: str


@dataclass(frozen=True)
class ProtocolIdentity:
    """The protocol under which the features were made."""

    id: str
    title: str
    hash: str


@dataclass(frozen=True)
class EngineIdentity:
    """The software that computed the features."""

    name: str
    version: str


@dataclass(frozen=True)
class VoiIdentity:
    """The VOI that features were extracted from: its name and the hash of its content."""

    segment: str
    hash: str


@dataclass(frozen=True, kw_only=True)
class VoiDescription(VoiStatistics, VoiIdentity):
    """What a VOI is called and holds, and how many voxels its features are of.

    ``resampled_removed_share`` (0 - 1) is what a HU range on the resampled grid removed of its voxels, leaving
    ``feature_voxels``.
    """

    feature_voxels: int
    resampled_removed_share: float


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """A term of the score: the feature's value (``unit``), its z-score if standardised, and coefficient x that.

    Of a model with several signatures, ``signature`` is the id of its own, and the coefficient that in the score: the
    signature's in the linear predictor times the term's in the signature. Else ``signature`` is empty.
    """

    feature: str
    input: str
    value: float
    unit: str
    mean: float | None
    sd: float | None
    z: float | None
    coefficient: float
    contribution: float
    signature: str = ""

    def owner(self, inputs: int) -> str:
        """Return what tells the term from one of the same feature of a model with so many ``inputs``: its input, its
        signature, or both; empty where there is one of either."""
        return ", ".join(dict.fromkeys(filter(None, (self.input if inputs > 1 else "", self.signature))))


@dataclass(frozen=True, kw_only=True)
class SignatureScore:
    """The score of one of the model's signatures; ``group`` is that of its own cut-off where it enters as a group."""

    id: str
    name: str
    score: float
    group: str = ""


@dataclass(frozen=True)
class Group:
    """The risk group: its ``label``, whether the score is ``above`` the cut-off, whether that is the ``worse`` side."""

    label: str
    above: bool
    worse: bool


@dataclass(frozen=True, kw_only=True)
class SurvivalPrediction:
    """Survival (0 - 1) at the model's horizons and along a curve from 1 at time 0; times in months.

    ``horizon_intervals`` and ``curve_intervals`` are (lower, upper), empty where there is no interval;
    ``alternatives`` are the curves that were averaged, empty where no covariate was.
    """

    horizons_months: tuple[float, ...]
    at_horizons: tuple[float, ...]
    curve_months: tuple[float, ...]
    curve: tuple[float, ...]
    horizon_intervals: tuple[tuple[float, float], ...] = ()
    curve_intervals: tuple[tuple[float, float], ...] = ()
    alternatives: tuple[AlternativeCurve, ...] = ()

    def by_horizon(self) -> list[tuple[float, float]]:
        """Return (months, survival) of every horizon."""
        return list(zip(self.horizons_months, self.at_horizons, strict=True))


@dataclass(frozen=True)
class Withheld:
    """A component of the result that cannot be computed validly (score, survival, probability, group), and why.

    ``value`` is a number that was computed and is not shown, kept for programs: of survival that at the last horizon;
    None where there is none.
    """

    component: str
    reason: str
    value: float | None = None


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """Everything needed to show or repeat a prediction; None stands only where ``withheld`` gives the reason.

    ``model``, ``scaling``, ``protocol``, ``engine`` and ``software`` identify what made it, ``vois`` the contours by
    input. A model of covariates alone has neither score nor image: ``score`` is then None and not withheld, as are
    ``scaling``, ``protocol`` and ``engine``, and there are no ``vois``. ``score`` is on the model's scale, ``scores``
    are those of its signatures, ``linear_predictor`` is uncentred; ``distance`` is that of what the cut-off is on
    (``cutoff_on``: score or linear predictor) from the cut-off. ``questioned`` are the components that are shown but
    greyed, because a warning speaks against them.
    """

    model: ModelIdentity
    scaling: ScalingIdentity | None
    protocol: ProtocolIdentity | None
    engine: EngineIdentity | None
    vois: dict[str, VoiDescription]
    contributions: tuple[Contribution, ...]
    intercept: float
    score: float | None
    cutoff: float | None
    cutoff_on: str | None
    distance: float | None
    group: Group | None
    covariates: dict[str, Value]
    linear_predictor: float | None
    survival: SurvivalPrediction | None
    probability: float | None
    outcome: str
    withheld: tuple[Withheld, ...]
    warnings: tuple[ResultWarning, ...]
    software: dict[str, str]
    probability_interval: tuple[float, float] | None = None
    uncertainty: Uncertainty | None = None
    averaged: tuple[AveragedCovariate, ...] = ()
    position: ScorePosition | None = None
    near: ObservedNear | None = None
    acquisition: tuple[AcquisitionRow, ...] = ()
    questioned: tuple[str, ...] = ()
    scores: tuple[SignatureScore, ...] = ()
    schema: str = SCHEMA

    @property
    def is_clinical(self) -> bool:
        """Whether a model of covariates alone made it, which reads no image."""
        return self.protocol is None

    def to_dict(self) -> dict[str, Any]:
        """Return the prediction as plain data for JSON (no NaN, no infinity)."""
        # The file's word for a component is 'part'.
        return {**asdict(self), "withheld": [{"part": item.component, "reason": item.reason, "value": item.value}
                                             for item in self.withheld]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Prediction:
        """Return the prediction that :meth:`to_dict`, or its JSON, holds; :data:`BESIDE` is passed over.

        Raises ValueError for another schema or other keys, KeyError for an absent one, TypeError for a value of
        another type.
        """
        if isinstance(values, Mapping) and values.get("schema") != SCHEMA:
            raise ValueError(f"its schema is {values.get('schema')!r}, not {SCHEMA!r}")
        withheld = [{"component": item["part"], "reason": item["reason"], "value": item["value"]}
                    for item in values["withheld"]]
        # Files written before models had several signatures name none.
        contributions = [{"signature": "", **item} for item in values["contributions"]]
        own = {name: value for name, value in {"scores": [], **values}.items() if name not in BESIDE}
        return from_plain(cls, {**own, "contributions": contributions, "withheld": withheld})

    def why_withheld(self, component: str) -> str | None:
        """Return why ``component`` (score, survival, probability, group) is withheld, None if it is not."""
        return next((item.reason for item in self.withheld if item.component == component), None)

    def check_origin(self, model: Model, vois: Mapping[str, Voi]) -> None:
        """Raise ModelMismatch unless ``model`` and ``vois`` (by input) are those that the prediction comes from."""
        if self.model.hash != model.hash:
            raise ModelMismatch(f"The prediction was made with model '{self.model.id}' ({self.model.hash[:12]}), not "
                                f"with this '{model.id}' ({model.hash[:12]}); load the model it names, or score the "
                                "case again.")
        self.check_contours(vois)

    def check_contours(self, vois: Mapping[str, Voi]) -> None:
        """Raise ModelMismatch unless ``vois`` (by input) are those that the prediction comes from."""
        for name, voi in vois.items():
            described = self.vois.get(name)
            if described is None or described.hash != voi.content_hash():
                raise ModelMismatch(f"The contour given for input '{name}' is not the one the prediction was made "
                                    "from; score the case again.")
