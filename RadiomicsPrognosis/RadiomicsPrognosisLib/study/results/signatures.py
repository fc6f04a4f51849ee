"""How features became signatures: reproducibility, selection, terms, and controls of the selection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from ...models.signature import Signature, WeightedFeature
from ...result import Result, only_where_known
from .cohorts import PatientCount


@dataclass(frozen=True)
class SelectionStep(Result):
    """One step of a feature selection: ``name``, numbers of features ``before`` and ``after``, and a sentence."""

    name: str
    before: int
    after: int
    text: str


@dataclass(frozen=True, eq=False, kw_only=True)
class PenalisedSelection(Result):
    """A LASSO path with cross-validation, as figures draw it.

    Arrays (L,) follow ``lambdas``; ``coefficients`` (f, L), on the scale the features were given in (z-scores when
    scaled), holds the ``features`` that are ever selected. ``rule`` was asked for, ``used_rule`` is what was taken:
    another only where the recipe allows it because the asked one selects nothing. Indices count from 0.
    """

    family: str
    measure: str
    folds: int
    ties: str | None
    lambdas: np.ndarray
    cvm: np.ndarray
    cvsd: np.ndarray
    df: np.ndarray
    dev_ratio: np.ndarray
    features: tuple[str, ...]
    coefficients: np.ndarray
    index_min: int
    index_1se: int
    rule: str
    used_rule: str
    text: str


@dataclass(frozen=True, eq=False)
class ForestSelection(Result):
    """A random forest's importances (features,), falling, and how many of the first are ``selected``."""

    trees: int
    features: tuple[str, ...]
    importances: np.ndarray
    selected: int
    text: str


@dataclass(frozen=True)
class SelectedFeature(Result):
    """``coefficient`` times the feature, z-scored with the training ``mean`` and ``sd`` where these are given."""

    feature: str
    input: str
    coefficient: float
    mean: float | None
    sd: float | None


@dataclass(frozen=True, eq=False, kw_only=True)
class SignatureResult(Result):
    """A signature: how its features were selected and score = ``intercept`` + sum of coefficient x value.

    It was learned from ``n`` training rows with ``events``.
    ``terms`` are empty, and ``reason`` says why, when nothing was selected; models that need it do not exist then.
    ``note`` says what stands in for an asked-for refit that the data do not allow, empty else.
    """

    id: str
    title: str
    endpoint: str
    steps: tuple[SelectionStep, ...] = ()
    penalised: PenalisedSelection | None = None
    forest: ForestSelection | None = None
    intercept: float = 0.0
    terms: tuple[SelectedFeature, ...] = ()
    reason: str = ""
    note: str = ""
    n: int = 0
    events: int = 0
    counted: PatientCount | None = only_where_known()

    @property
    def signature(self) -> Signature:
        """The signature as a stored model has it."""
        return stored_signature(self.title, self.intercept, self.terms, self.is_standardised)

    @property
    def is_standardised(self) -> bool:
        """Whether values are z-scored with the training cohort's moments."""
        return any(term.mean is not None for term in self.terms)

    @property
    def moments(self) -> tuple[np.ndarray, np.ndarray]:
        """Means and SDs (terms,) of the training cohort; 0 and 1 where values are raw."""
        return (np.array([0.0 if term.mean is None else term.mean for term in self.terms]),
                np.array([1.0 if term.sd is None else term.sd for term in self.terms]))


def stored_signature(name: str, intercept: float, terms: Iterable[SelectedFeature], standardised: bool) -> Signature:
    """Return the signature of ``terms`` as a stored model has it; means and SDs belong to its scaling."""
    weighted = (WeightedFeature(feature=item.feature, coefficient=float(item.coefficient), input=item.input)
                for item in terms)
    return Signature(name=name, intercept=float(intercept), standardised=standardised, terms=tuple(weighted))


@dataclass(frozen=True, eq=False, kw_only=True)
class NestedResampling(Result):
    """Performance of a whole signature pipeline on rows it did not see, over all training rows in outer ``folds``.

    ``values`` (folds,) of ``measure`` (C-index or AUC) by fold, their ``mean`` and ``sd``; ``selected`` counts how
    often each feature was chosen. ``failed`` folds gave no signature, for the ``reasons`` listed.
    """

    signature: str
    measure: str
    folds: int
    values: np.ndarray
    mean: float | None
    sd: float | None
    selected: Mapping[str, int]
    failed: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class PermutationControl(Result):
    """What the pipeline reaches in validation when the training outcomes are shuffled.

    ``values`` (m,) of ``measure`` (C-index or AUC) of the permutations that selected something, with ``mean``,
    ``lower`` and ``upper`` (2.5 and 97.5 %; they should cover 0.5); ``empty`` counts those that selected nothing.
    ``observed`` is the study's own value.
    """

    signature: str
    cohort: str
    measure: str
    permutations: int
    values: np.ndarray
    empty: int
    mean: float | None
    lower: float | None
    upper: float | None
    observed: float | None
