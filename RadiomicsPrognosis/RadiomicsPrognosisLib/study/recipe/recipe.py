"""What a recipe is: how a cohort becomes signatures, models and their validation, as the classes of its TOML file.

:mod:`...contract` reads each class from its table; :mod:`.parsing` reads the whole and checks that its tables fit each
other. Every step but the reproducibility filter learns from training rows only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...checked import Table
from ...contract import entry
from ...models.covariates import Covariate
from ...models.cutoff import CUTOFF_SCALES, GroupLabels
from ...models.model import Input
from ...models.patient_rule import PatientRule
from ...models.predictors import SCORE
from ...models.signature import ENTER_GROUP, ENTER_SCORE
from ...protocol import Protocol
from ...reading.rule import ReproducibilityFilter
from ...statistics.multiplicity import METHODS
from ...statistics.penalised import MEASURES, RULES
from ...statistics.penalised.likelihoods import TIES
from ...statistics.splines import KNOT_QUANTILES
from ..endpoints import KINDS, SurvivalEndpoint
from ..endpoints.interface import StudyEndpoint

#: How rows are split.
COLUMN, RANDOM = "column", "random"

#: What a missing value of a feature in a training row does.
REFUSE, LEAVE_OUT = "refuse", "leave out"

#: Which of two redundant features stays.
LOWEST_P, FIRST_COLUMN = "lowest p", "first column"

#: Whose coefficients a signature has, and how a signature enters a model.
PENALISED, REFITTED = "penalised", "refitted"
ENTER_FEATURES = "features"

#: Rules that search a cut-off in the data, each for one kind of endpoint, and the others.
DATA_DRIVEN_RULES = tuple(kind.cutoff_rule for kind in KINDS.values())
MEDIAN, FIXED, OF_MODEL = "median", "fixed", "model"


@dataclass(frozen=True)
class Split:
    """Which rows train: those whose ``column`` says ``training``, or a random ``fraction`` of the patients.

    A random split keeps the mix of the columns ``stratify`` and all rows of a patient together.
    """

    kind: str = entry(choices=(COLUMN, RANDOM))
    column: str = entry(default="cohort", when=("kind", COLUMN))
    training: str = entry(default="training", when=("kind", COLUMN))
    fraction: float = entry(default=0.0, key="training_fraction", required=True, low=0.1, high=0.95,
                            when=("kind", RANDOM))
    stratify: tuple[str, ...] = entry(default=(), when=("kind", RANDOM))


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
    missing: str = entry(default=REFUSE, choices=(REFUSE, LEAVE_OUT))

    def check(self, table: Table) -> None:
        """Raise SchemaError unless one way of naming columns is taken, and the pattern is a regular expression."""
        if sum(map(bool, (self.protocol, self.pattern, self.names, self.signature))) != 1:
            table.fail("", "must hold exactly one of protocol = true, pattern, names and signature")
        try:
            re.compile(self.pattern)
        except re.error as error:
            table.fail("pattern", f"is not a regular expression ({error})")


@dataclass(frozen=True)
class UnivariateFilter:
    """Keep features with p <= ``p_at_most`` after ``adjustment``: t or Mann-Whitney test, or Cox, by the endpoint."""

    p_at_most: float = entry(low=0, high=1)
    adjustment: str = entry(default="none", choices=METHODS)


@dataclass(frozen=True)
class RedundancyFilter:
    """Of features with |Spearman's rho| >= ``threshold`` keep the one ``prefer`` names: lowest p, or first column."""

    threshold: float = entry(key="spearman_at_least", low=0, high=1, above=0)
    prefer: str = entry(choices=(LOWEST_P, FIRST_COLUMN))


@dataclass(frozen=True, kw_only=True)
class PenalisedRule:
    """LASSO with k-fold cross-validation; ``rule`` is min or 1se.

    ``fold_column`` holds fold ids (else drawn from the seed, stratified by event). When nothing is selected at 1se,
    ``if_nothing`` says whether to ``stop`` or to take ``min``.
    """

    measure: str = entry(default="deviance", choices=sorted({name for names in MEASURES.values() for name in names}))
    folds: int = entry(default=10, low=3, high=1000)
    rule: str = entry(choices=RULES)
    ties: str = entry(default="breslow", choices=TIES)
    fold_column: str = ""
    if_nothing: str = entry(key="if_nothing_selected", default="stop", choices=("stop", "min"))


@dataclass(frozen=True, kw_only=True)
class ForestRule:
    """Keep the ``select`` features of highest mean impurity decrease in a random forest of ``trees`` (binary only)."""

    trees: int = entry(default=500, low=10, high=10000)
    select: int = entry(low=1)


@dataclass(frozen=True, kw_only=True)
class SignatureSpec:
    """How one signature is made. ``score`` is ``penalised`` (the LASSO's own coefficients) or ``refitted`` (a Cox or
    logistic regression of the selected features); ``scaling`` is ``z-score`` (training means and SDs) or ``none``."""

    id: str
    title: str
    endpoint: str
    input: str = ""
    features: Features
    scaling: str = entry(choices=("z-score", "none"))
    univariate: UnivariateFilter | None = None
    redundancy: RedundancyFilter | None = None
    penalised: PenalisedRule | None = None
    forest: ForestRule | None = None
    score: str = entry(choices=(PENALISED, REFITTED))

    def check(self, table: Table) -> None:
        """Raise SchemaError where the steps do not fit each other."""
        if self.score == PENALISED and not self.penalised:
            table.fail("score", "is 'penalised', which needs the table 'penalised'; allowed without it: refitted")
        if self.penalised and self.forest:
            table.fail("forest", "and 'penalised' exclude each other; make two signatures")


@dataclass(frozen=True, kw_only=True)
class CutoffSpec:
    """Where the training cohort is split: ``rule`` maxstat, youden, median, fixed (``value``) or model (that of the
    earlier model ``model``, on the same score), on the signatures' ``score`` or the ``linear predictor``.

    A row that equals the cut-off is above when ``inclusive``, by default of a fixed one only.
    """

    rule: str = entry(choices=(*DATA_DRIVEN_RULES, MEDIAN, FIXED, OF_MODEL))
    on: str = entry(default=SCORE, choices=CUTOFF_SCALES)
    labels: GroupLabels
    inclusive: bool | None = None
    value: float = entry(default=0.0, required=True, when=("rule", FIXED))
    model: str = entry(default="", required=True, when=("rule", OF_MODEL))
    minimum_share: float = entry(default=0.1, above=0, high=0.49, when=("rule", SurvivalEndpoint.cutoff_rule))

    @property
    def is_searched(self) -> bool:
        """Whether the cut-off is searched in the data."""
        return self.rule in DATA_DRIVEN_RULES

    @property
    def is_inclusive(self) -> bool:
        """Whether a row that equals the cut-off is above it."""
        return self.rule == FIXED if self.inclusive is None else self.inclusive


@dataclass(frozen=True)
class TermSelection:
    """Which candidate terms stay, in this order: those whose effect does not change with time
    (``proportional_hazards_above``), univariable p below, multivariable p below, backward steps by AIC.

    A categorical term is judged alone by its likelihood-ratio test, among others by its smallest level's p.
    """

    proportional_hazards_above: float | None = entry(default=None, low=0, high=1)
    univariable_below: float | None = entry(default=None, above=0, high=1)
    multivariable_below: float | None = entry(default=None, above=0, high=1)
    backward_aic: bool = False


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """A Cox or logistic model (by its endpoint) of ``signatures`` and ``covariates``.

    ``enter`` is ``score`` (each signature as one term), ``features`` (each selected feature as a term) or ``group`` (the
    one signature as 0 or 1, by the cut-off of the earlier model ``group_of`` on its score). Covariates of the earlier
    model ``covariates_of``, as selected there, are added. ``fit`` is ``regression``, or ``none`` where the
    one signature's score is itself the log-odds.
    """

    id: str
    title: str
    endpoint: str
    signatures: tuple[str, ...] = ()
    enter: str = entry(default=ENTER_SCORE, choices=(ENTER_SCORE, ENTER_FEATURES, ENTER_GROUP))
    group_of: str = entry(default="", required=True, when=("enter", ENTER_GROUP))
    covariates: tuple[str, ...] = ()
    covariates_of: str = ""
    fit: str = entry(default="regression", choices=("regression", "none"))
    selection: TermSelection = TermSelection()
    cutoff: CutoffSpec | None = None

    @property
    def has_one_score(self) -> bool:
        """Whether exactly one signature enters, by its score or its group."""
        return len(self.signatures) == 1 and self.enter != ENTER_FEATURES


@dataclass(frozen=True)
class ValidationSpec:
    """How models are measured: calibration ``groups`` and spline ``knots``, ``bootstrap`` repetitions (0: none)."""

    groups: int = entry(key="calibration_groups", default=3, low=2, high=20)
    knots: int = entry(key="calibration_knots", default=3, low=min(KNOT_QUANTILES), high=max(KNOT_QUANTILES))
    bootstrap: int = entry(default=0, high=100000)
    nested_folds: int = entry(default=5, low=3, high=50)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A whole study. ``protocol`` is None where features are columns that other software made.

    ``protocol_name`` is how the file names it.
    """

    id: str
    version: str
    title: str
    disease: str
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
    patients: PatientRule | None
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
