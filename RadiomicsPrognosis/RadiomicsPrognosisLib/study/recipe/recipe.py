"""What a recipe is: how a cohort becomes signatures, models and their validation, as the classes of its TOML file.

:mod:`.parsing` makes and checks them. Every step but the reproducibility filter learns from training rows only.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...models.covariates import Covariate
from ...models.model import Input
from ...protocol import Protocol
from ..endpoints.interface import StudyEndpoint

#: Comparisons of repeated readings.
INTRA, INTER = "intra-reader", "inter-reader"
COMPARISONS = (INTRA, INTER)

#: Rules that search a cut-off in the data, each for one kind of endpoint.
DATA_DRIVEN_RULES = ("maxstat", "youden")


@dataclass(frozen=True)
class Split:
    """Which rows train: those whose ``column`` says ``training``, or a random ``fraction`` of the patients.

    A random split keeps the mix of the columns ``stratify`` and all rows of a patient together.
    """

    kind: str
    column: str = "cohort"
    training: str = "training"
    fraction: float = 0.0
    stratify: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReproducibilityFilter:
    """Keep features whose ICC of ``form`` has its ``bound`` (estimate or lower) at or above ``threshold`` in every one
    of ``comparisons`` (intra-reader, inter-reader) that the readings allow."""

    form: str
    threshold: float
    bound: str
    comparisons: tuple[str, ...]


@dataclass(frozen=True)
class Features:
    """Which columns are candidates; exactly one of ``protocol``, ``pattern``, ``names``, ``signature`` is set.

    All features of the recipe's protocol; the columns that match the regular expression ``pattern`` wholly; those
    listed; or those an earlier signature selected. ``missing`` says what a missing value in a training row does:
    ``refuse`` stops the study, ``leave out`` drops the feature.
    """

    protocol: bool = False
    pattern: str = ""
    names: tuple[str, ...] = ()
    signature: str = ""
    missing: str = "refuse"


@dataclass(frozen=True)
class UnivariateFilter:
    """Keep features with p <= ``p_at_most`` after ``adjustment``: t or Mann-Whitney test, or Cox, by the endpoint."""

    p_at_most: float
    adjustment: str


@dataclass(frozen=True)
class RedundancyFilter:
    """Of features with |Spearman's rho| >= ``threshold`` keep the one ``prefer`` names: lowest p, or first column."""

    threshold: float
    prefer: str


@dataclass(frozen=True, kw_only=True)
class PenalisedRule:
    """LASSO with k-fold cross-validation; ``rule`` is min or 1se.

    ``fold_column`` holds fold ids (else drawn from the seed, stratified by event). When nothing is selected at 1se,
    ``if_nothing`` says whether to ``stop`` or to take ``min``.
    """

    measure: str
    folds: int
    rule: str
    ties: str
    fold_column: str
    if_nothing: str


@dataclass(frozen=True)
class ForestRule:
    """Keep the ``select`` features of highest mean impurity decrease in a random forest of ``trees`` (binary only)."""

    trees: int
    select: int


@dataclass(frozen=True, kw_only=True)
class SignatureSpec:
    """How one signature is made. ``score`` is ``penalised`` (the LASSO's own coefficients) or ``refitted`` (a Cox or
    logistic regression of the selected features); ``scaling`` is ``z-score`` (training means and SDs) or ``none``."""

    id: str
    title: str
    endpoint: str
    input: str
    features: Features
    scaling: str
    univariate: UnivariateFilter | None
    redundancy: RedundancyFilter | None
    penalised: PenalisedRule | None
    forest: ForestRule | None
    score: str


@dataclass(frozen=True, kw_only=True)
class CutoffSpec:
    """Where the training cohort is split: ``rule`` maxstat, youden, median, fixed (``value``) or model (that of the
    earlier model ``model``, on the same score), on the signatures' ``score`` or the ``linear predictor``; ``labels``
    are (below, above).
    """

    rule: str
    on: str
    labels: tuple[str, str]
    inclusive: bool
    value: float | None
    model: str
    minimum_share: float


@dataclass(frozen=True)
class TermSelection:
    """Which candidate terms stay, in this order: those whose effect does not change with time
    (``proportional_hazards_above``), univariable p below, multivariable p below, backward steps by AIC.

    A categorical term is judged alone by its likelihood-ratio test, among others by its smallest level's p.
    """

    proportional_hazards_above: float | None = None
    univariable_below: float | None = None
    multivariable_below: float | None = None
    backward_aic: bool = False


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """A Cox or logistic model (by its endpoint) of ``signatures`` and ``covariates``.

    ``enter`` is ``score`` (each signature as one term) or ``features`` (each selected feature as a term). Covariates of
    the earlier model ``covariates_of``, as selected there, are added. ``fit`` is ``regression``, or ``none`` where the
    one signature's score is itself the log-odds.
    """

    id: str
    title: str
    endpoint: str
    signatures: tuple[str, ...]
    enter: str
    covariates: tuple[str, ...]
    covariates_of: str
    fit: str
    selection: TermSelection
    cutoff: CutoffSpec | None


@dataclass(frozen=True)
class ValidationSpec:
    """How models are measured: calibration ``groups`` and spline ``knots``, ``bootstrap`` repetitions (0: none)."""

    groups: int
    knots: int
    bootstrap: int
    nested_folds: int


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A whole study. ``protocol`` is None where features are columns that other software made.

    ``protocol_name`` is how the file names it.
    """

    id: str
    version: str
    title: str
    population: str
    citation: str
    doi: str
    protocol_name: str
    protocol: Protocol | None
    seed: int
    inputs: tuple[Input, ...]
    split: Split
    endpoints: tuple[StudyEndpoint, ...]
    covariates: tuple[Covariate, ...]
    reproducibility: ReproducibilityFilter | None
    signatures: tuple[SignatureSpec, ...]
    models: tuple[ModelSpec, ...]
    validation: ValidationSpec
    hash: str

    def endpoint(self, identifier: str) -> StudyEndpoint:
        """Return the endpoint with this id."""
        return next(item for item in self.endpoints if item.id == identifier)

    def covariate(self, name: str) -> Covariate:
        """Return the covariate with this name."""
        return next(item for item in self.covariates if item.name == name)

    def signature(self, identifier: str) -> SignatureSpec:
        """Return the signature with this id."""
        return next(item for item in self.signatures if item.id == identifier)

    def input_of(self, signature: SignatureSpec) -> str:
        """Return the name of the input that a signature's features are of: the first where it does not say."""
        return signature.input or self.inputs[0].name

    def column_of(self, signature: SignatureSpec, feature: str) -> str:
        """Return the table's column of a feature: preceded by ``input:`` when the recipe has several inputs."""
        return feature if len(self.inputs) == 1 else f"{self.input_of(signature)}:{feature}"
