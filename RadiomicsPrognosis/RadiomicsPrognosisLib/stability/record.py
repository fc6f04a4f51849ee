"""What is known of an answer's stability: every perturbed answer, their spread, and what is to blame for it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import ModelMismatch
from ..features.engine import same_values
from ..prediction import Prediction
from ..records import from_plain
from ..warning import ResultWarning

SCHEMA = "radiomics-prognosis/stability/1"

#: The kinds of perturbation, in the order in which they are applied (Zwanenburg et al. 2019, Scientific Reports 9:614).
NOISE, VOLUME, CONTOUR, ROTATION, TRANSLATION = KINDS = ("noise", "volume", "contour", "rotation", "translation")

#: Two computations of one score by one engine differ by less than this share of it.
SAME_SCORE = 1e-9

#: Engines with the same values agree to 1e-9 of a feature. A z-scored feature's mean takes most of it away, where it is
#: many SDs from zero, so their scores agree to this share of what is added up.
_SAME_SUM = 1e-6

#: What the spread is not; shown wherever it is.
CAVEAT = (
    "This is the spread of the answer under small changes of contour, position and noise of this one image. It is not "
    "a confidence interval of the outcome: how well the model itself predicts, and how far another scan or another "
    "scanner would differ, it does not say.")


@dataclass(frozen=True, kw_only=True)
class SettingsIdentity:
    """The settings of the perturbations: identifier, title, content ``hash``, source, and the ``kinds`` that are on."""

    id: str
    title: str
    hash: str
    source: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Perturbation:
    """One perturbed answer, number ``number`` (from 1).

    ``parameters[input][kind]`` holds the numbers drawn and reached, by name: rotation ``degrees``; translation ``x``,
    ``y``, ``z`` (shares of the voxel spacing that features are computed on); noise ``sd`` (HU); volume ``change`` asked
    for and ``reached`` (shares of the contour's volume); contour ``dice`` with the contour that was randomised.
    ``score`` is None where ``withheld`` says why; ``outcome`` holds the survival (0 - 1) at the model's horizons or the
    probability as its one item, empty where the model predicts none or a covariate is missing; ``contributions`` are
    those of the signature's terms in their order. ``above`` tells on which side of the cut-off it falls.
    """

    number: int
    parameters: dict[str, dict[str, dict[str, float]]]
    score: float | None
    withheld: str | None
    distance: float | None
    group: str | None
    above: bool | None
    outcome: tuple[float, ...]
    contributions: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Spread:
    """A number without perturbation, and the spread of the perturbed ones.

    ``lower`` and ``upper`` hold the central 95 % of them (2.5th and 97.5th percentile, linear between order
    statistics), ``sd`` is their sample standard deviation.
    """

    unperturbed: float
    median: float
    lower: float
    upper: float
    minimum: float
    maximum: float
    sd: float


@dataclass(frozen=True, kw_only=True)
class GroupStability:
    """How often the group stayed: ``label`` without perturbation, ``same`` of ``count`` answers in it, the ``others``.

    ``share_other`` (0 - 1) fell into the other group, ``other``; ``sentence`` says it in words ('high risk in 46 of
    50').
    """

    label: str
    other: str
    count: int
    same: int
    others: int
    share_other: float
    sentence: str


@dataclass(frozen=True)
class OutcomeSpread:
    """The spread of the predicted survival at ``months``, or of the probability (``months`` None); shares 0 - 1."""

    months: float | None
    spread: Spread


@dataclass(frozen=True, kw_only=True)
class FeatureBlame:
    """What a term of the signature has to do with the score's spread.

    ``share`` is cov(contribution, score) / var(score): the shares of all terms add up to 1, and one that works against
    the others is negative. None when the score does not vary at all. ``contribution`` is the unperturbed one, ``sd``
    that of the perturbed contributions, in units of the score.
    """

    feature: str
    input: str
    contribution: float
    sd: float
    share: float | None


@dataclass(frozen=True, kw_only=True)
class KindBlame:
    """What one kind of perturbation does alone: ``scores`` (None: withheld) of ``count`` perturbations of only it.

    ``shift`` is their mean minus the unperturbed score, ``sd`` their sample standard deviation, ``share`` (0 - 1) their
    mean squared distance from the unperturbed score, as a share of the sum over the kinds: a first-order
    decomposition, which knows no interaction between kinds. ``share`` is None when no kind moves the score or when this
    one gave fewer than two scores, ``shift`` and ``sd`` in the latter case.
    """

    kind: str
    count: int
    scores: tuple[float | None, ...]
    shift: float | None
    sd: float | None
    share: float | None


@dataclass(frozen=True)
class Failure:
    """``count`` perturbations gave no score for this ``reason``."""

    reason: str
    count: int


@dataclass(frozen=True, kw_only=True)
class ReadersAgreement:
    """Bland-Altman limits of agreement of the same model's score in a reading study.

    ``comparison`` names the readings compared, ``source`` the study's file; ``bias``, ``sd``, ``lower`` and ``upper``
    are of the differences between two readings of a lesion, in units of the score, from ``pairs`` pairs.
    """

    comparison: str
    source: str
    pairs: int
    bias: float
    sd: float
    lower: float
    upper: float


@dataclass(frozen=True, kw_only=True)
class Stability:
    """How stable one answer is, with everything needed to show or repeat it.

    ``unperturbed`` is the prediction itself, which carries the hashes of model, scaling, protocol and VOI, the cut-off
    and the versions. ``count`` perturbations were asked for, ``scored`` of them gave a score; ``failures`` says why the
    others did not. ``features`` and ``kinds`` are sorted by their share, the largest first. ``score_spread`` is in
    units of the score; ``distances`` that of what the cut-off is on from the cut-off, None without one.
    """

    unperturbed: Prediction
    settings: SettingsIdentity
    seed: int
    count: int
    scored: int
    perturbations: tuple[Perturbation, ...]
    score_spread: Spread
    distances: Spread | None
    group: GroupStability | None
    outcomes: tuple[OutcomeSpread, ...]
    features: tuple[FeatureBlame, ...]
    kinds: tuple[KindBlame, ...]
    failures: tuple[Failure, ...]
    method: str
    warnings: tuple[ResultWarning, ...]
    agreement: ReadersAgreement | None = None
    caveat: str = CAVEAT
    schema: str = SCHEMA

    def check_origin(self, prediction: Prediction) -> None:
        """Raise ModelMismatch unless this is the stability of ``prediction``: same model, contour, scaling, score."""
        own = self.unperturbed
        facts, others = ((item.model.hash, item.scaling and item.scaling.hash, item.covariates,
                          {name: voi.hash for name, voi in item.vois.items()}) for item in (own, prediction))
        if facts != others or not _same_score(own, prediction):
            raise ModelMismatch("The stability given is not that of this prediction: contour, model, scaling, clinical "
                                "factors or feature engine differ; perturb this case again.")

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain data for JSON (no NaN, no infinity)."""
        return {**asdict(self), "unperturbed": self.unperturbed.to_dict()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Stability:
        """Return the result that :meth:`to_dict`, or its JSON, holds.

        Raises ValueError for another schema or other keys, KeyError for an absent one, TypeError for a value of
        another type.
        """
        if isinstance(values, Mapping) and values.get("schema") != SCHEMA:
            raise ValueError(f"its schema is {values.get('schema')!r}, not {SCHEMA!r}")
        # The prediction's file has a word of its own for a withheld component, which only it reads.
        unperturbed = asdict(Prediction.from_dict(values["unperturbed"]))
        return from_plain(cls, {**values, "unperturbed": unperturbed})


def _same_score(one: Prediction, other: Prediction) -> bool:
    """Tell whether two predictions have a score and the same, made by one engine or by two with the same values."""
    if one.score is None or other.score is None or one.engine is None or other.engine is None:
        return False
    if not same_values(one.engine.name, other.engine.name):
        return False
    if one.engine == other.engine:
        return math.isclose(one.score, other.score, rel_tol=SAME_SCORE, abs_tol=1e-12)
    terms = math.fsum(abs(item.contribution) for item in one.contributions)
    return abs(one.score - other.score) <= _SAME_SUM * (terms + abs(one.intercept))
